package campaign

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Source is a checkout of the module whose executables a campaign runs.
type Source struct {
	Root string // folder of go.mod
	Git  Git
}

// buildGrace is how long the go command may take to end when told to.
const buildGrace = 5 * time.Second

// FindSource finds the module of this name around the folder we are in.
func FindSource(ctx context.Context, module string) (Source, error) {
	root, err := output(ctx, "", "go", "list", "-m", "-f", "{{.Dir}}", module)
	if errors.Is(err, exec.ErrNotFound) {
		return Source{}, fmt.Errorf("find the go command: %w (install Go, or put it on the PATH)", err)
	}
	if err != nil {
		return Source{}, fmt.Errorf("find the source of module %s: %w (run this inside a checkout of it)", module, err)
	}
	s := Source{Root: root}
	// Without git, or in an exported tree, the revision is unknown, which is no obstacle.
	if rev, err := output(ctx, root, "git", "rev-parse", "HEAD"); err == nil {
		s.Git.Revision = rev
		changed, err := output(ctx, root, "git", "status", "--porcelain", "--untracked-files=no")
		s.Git.Dirty = err != nil || changed != ""
	}
	return s, nil
}

// output runs a short command and returns what it printed, without the last newline.
func output(ctx context.Context, dir string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, strings.TrimSpace(string(exit.Stderr)))
	}
	return strings.TrimSpace(string(out)), err
}

// Resolve returns the full name of the commit that a revision names.
func (s Source) Resolve(ctx context.Context, rev string) (string, error) {
	commit, err := output(ctx, s.Root, "git", "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return "", &UsageError{Problem: fmt.Sprintf("git knows no revision %q in %s", rev, s.Root)}
	case err != nil:
		return "", fmt.Errorf("find the revision %s: %w", rev, err)
	}
	return commit, nil
}

// Build compiles loadgen and what targets run of ours into the folder, where each server has
// an executable of its own that is named after its target. Targets with a revision are compiled
// from that, which is unpacked below the folder meanwhile. say is given each line the
// compiler prints; nil drops them. Temporary files go there as well: the go command leaves
// them behind when it is stopped.
//
// Equal sources give equal executables, wherever they lie (-trimpath): that is how one
// campaign's server is known to be another's.
func (s Source) Build(ctx context.Context, folder string, targets []Target, say func(string)) error {
	revs := map[string][]Target{"": nil} // loadgen is built in any case
	for _, t := range targets {
		if t.Binary != "" || t.ownProbe() {
			revs[t.Rev] = append(revs[t.Rev], t)
		}
	}
	for _, rev := range slices.Sorted(maps.Keys(revs)) {
		if err := s.buildRev(ctx, folder, rev, revs[rev], say); err != nil {
			return err
		}
	}
	return nil
}

// flagsOfBuild are those of every build. No version control stamp: the manifest has the revision, and git may be missing.
var flagsOfBuild = []string{"build", "-buildvcs=false", "-trimpath", "-o"}

// BuildPackages compiles packages of the module, such as ./loadgen, into the folder, where each executable is named after its
// package's. It is for who runs several campaigns and gives each its copies; else see Build, which this is like.
func (s Source) BuildPackages(ctx context.Context, folder string, packages []string, say func(string)) (err error) {
	work, err := os.MkdirTemp(folder, "build-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	return goBuild(ctx, s.Root, work, slices.Concat(flagsOfBuild, []string{folder + string(filepath.Separator)}, packages), say)
}

// buildRev builds what is to be built from one revision.
func (s Source) buildRev(ctx context.Context, folder, rev string, targets []Target, say func(string)) (err error) {
	work, err := os.MkdirTemp(folder, "build-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	root, built := s.Root, filepath.Join(work, "bin")
	args := append(slices.Clone(flagsOfBuild), built+string(filepath.Separator))
	if rev == "" {
		args = append(args, "./loadgen")
	} else {
		root = filepath.Join(work, "src")
		if err := s.unpack(ctx, rev, root); err != nil {
			return fmt.Errorf("unpack revision %s: %w", rev, err)
		}
	}
	seen := map[string]bool{}
	for _, t := range targets {
		if from := t.source(); !seen[from] {
			seen[from] = true
			args = append(args, from)
		}
	}
	if err := goBuild(ctx, root, work, args, say); err != nil {
		if rev != "" {
			err = fmt.Errorf("build revision %s: %w", rev, err)
		}
		return err
	}
	if rev == "" {
		if err := os.Rename(filepath.Join(built, loadgenName), filepath.Join(folder, loadgenName)); err != nil {
			return err
		}
	}
	return copyExecutables(folder, built, targets)
}

// goBuild runs the go command and stops it in order when ctx ends.
func goBuild(ctx context.Context, root, work string, args []string, say func(string)) error {
	path, err := exec.LookPath("go")
	if err != nil {
		return fmt.Errorf("find the go command: %w", err)
	}
	l := newLauncher()
	proc, err := l.start(child{name: "go build", path: path, args: args, dir: root, env: []string{"GOTMPDIR=" + work}, stderr: say})
	if err != nil {
		return errors.Join(err, l.close())
	}
	select {
	case <-proc.done:
	case <-ctx.Done():
	}
	_, err = proc.stop(context.Background(), syscall.SIGINT, buildGrace)
	if err = errors.Join(err, l.close()); err != nil || ctx.Err() != nil {
		return errors.Join(context.Cause(ctx), err)
	}
	if proc.err != nil {
		return fmt.Errorf("go %s: %w", strings.Join(args, " "), proc.err)
	}
	return nil
}

// copyExecutables gives each target the file that it is to run.
func copyExecutables(folder, built string, targets []Target) error {
	for _, t := range targets {
		program, err := os.ReadFile(filepath.Join(built, filepath.Base(t.source())))
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, t.executable()), program, 0o755)
		}
		if err != nil {
			return fmt.Errorf("copy the executable of %s: %w", t.Name, err)
		}
	}
	return nil
}
