// Package outfile is how results reach files: whether they can is found out before load
// begins, and a run that fails destroys nothing that was there.
//
// A Whole is a file that appears at once, complete, when all is over. A Stream grows while
// load is running. Devices and pipes are opened at the beginning and written to as they
// are; a link stays a link. Neither type is safe for concurrent use. Errors say what was
// attempted and name the path.
package outfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A Whole is a file that is to be replaced as a whole.
type Whole struct {
	path   string
	device *os.File // what is no regular file stays what it is; nil otherwise
}

// NewWhole makes sure that path can be replaced or, if there is nothing yet, made.
func NewWhole(path string) (*Whole, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &Whole{path: path}, tryToCreate(path)
	case err != nil:
		return nil, err
	case info.Mode().IsRegular():
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return nil, err
		}
		if err := tryToOpen(path); err != nil {
			return nil, err
		}
		return &Whole{path: path}, tryToCreate(path)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	return &Whole{path: path, device: f}, err
}

// tryToOpen says whether an existing file may be written.
func tryToOpen(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

// tryToCreate says whether a file can be made beside path: path itself must not appear
// before there is something in it.
func tryToCreate(path string) error {
	f, err := beside(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

func beside(path string) (*os.File, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".loadgen-*")
	if why := (*fs.PathError)(nil); errors.As(err, &why) {
		return nil, fmt.Errorf("create %s: %w", path, why.Err)
	}
	return f, err
}

// Replace gives the file its content, all of it or, with an error, none of it. It may be
// called once.
func (w *Whole) Replace(content []byte) error {
	if w.device != nil {
		_, err := w.device.Write(content)
		return errors.Join(err, w.device.Close())
	}
	f, err := beside(w.path)
	if err != nil {
		return err
	}
	if err := fill(f, content); err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("write %s: %w", w.path, err)
	}
	if err := os.Rename(f.Name(), w.path); err != nil {
		os.Remove(f.Name())
		return err
	}
	return nil
}

// fill writes a new file, and gives it the mode that any other would have: CreateTemp's
// is for secrets.
func fill(f *os.File, content []byte) error {
	_, err := f.Write(content)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = f.Sync()
	}
	if why := (*fs.PathError)(nil); errors.As(err, &why) {
		err = why.Err // the name of the temporary file tells nobody anything
	}
	return errors.Join(err, f.Close())
}

// A Stream is a file that grows.
type Stream struct {
	f     *os.File
	fresh bool // made by NewStream
	begun bool
}

// NewStream opens path for writing, and makes it if there is nothing yet. What is in it
// stays there until the first Write.
func NewStream(path string) (*Stream, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err == nil {
		return &Stream{f: f, fresh: true}, nil
	}
	if !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	// Also a link to nothing, which O_EXCL takes for something that exists.
	f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644)
	return &Stream{f: f}, err
}

// Write appends to the file, which the first call empties.
func (s *Stream) Write(p []byte) (int, error) {
	if !s.begun {
		s.begun = true
		if info, err := s.f.Stat(); err == nil && info.Mode().IsRegular() {
			if err := s.f.Truncate(0); err != nil {
				return 0, err
			}
		}
	}
	return s.f.Write(p)
}

// Close closes the file. One that NewStream has made and nobody has written to is removed.
func (s *Stream) Close() error {
	if s.fresh && !s.begun {
		return errors.Join(s.f.Close(), os.Remove(s.f.Name()))
	}
	return s.f.Close()
}
