package campaign

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// unpack puts the files of a revision into a new folder. An archive leaves nothing behind
// in the repository, as a worktree would.
func (s Source) unpack(ctx context.Context, rev, folder string) (err error) {
	archive := folder + ".tar"
	if _, err := output(ctx, s.Root, "git", "archive", "--format=tar", "--output="+archive, rev); err != nil {
		return err
	}
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := os.Mkdir(folder, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(folder) // whatever names are in the archive: nothing gets out of it
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	for in := tar.NewReader(f); ; {
		h, err := in.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read git's archive: %w", err)
		}
		if h.Typeflag != tar.TypeReg {
			continue // folders are made for their files; links are no Go source
		}
		if err := unpackFile(root, filepath.FromSlash(h.Name), in); err != nil {
			return err
		}
	}
}

func unpackFile(root *os.Root, name string, content io.Reader) (err error) {
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := root.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	return errors.Join(err, f.Close())
}
