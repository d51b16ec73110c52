package campaign

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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

// Build compiles the targets' servers and loadgen into the folder, each named as its
// folder in the source, and copies them for those targets that are named otherwise.
// say is given each line the compiler prints; nil drops them. Temporary files go there
// as well: the go command leaves them behind when it is stopped.
func (s Source) Build(ctx context.Context, folder string, targets []Target, say func(string)) error {
	// No version control stamp: the manifest has the revision, and git may be missing.
	args := []string{"build", "-buildvcs=false", "-o", folder + string(filepath.Separator), "./loadgen"}
	seen := map[string]bool{}
	for _, t := range targets {
		if !seen[t.Binary] {
			seen[t.Binary] = true
			args = append(args, "./servers/"+t.Binary)
		}
	}
	path, err := exec.LookPath("go")
	if err != nil {
		return fmt.Errorf("find the go command: %w", err)
	}
	l := newLauncher()
	proc, err := l.start(child{name: "go build", path: path, args: args, dir: s.Root, env: []string{"GOTMPDIR=" + folder}, stderr: say})
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
	return copyExecutables(folder, targets)
}

// copyExecutables gives each target the file that it is to run.
func copyExecutables(folder string, targets []Target) error {
	for _, t := range targets {
		if t.executable() == t.Binary {
			continue
		}
		program, err := os.ReadFile(filepath.Join(folder, t.Binary))
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, t.executable()), program, 0o755)
		}
		if err != nil {
			return fmt.Errorf("copy the executable of %s: %w", t.Name, err)
		}
	}
	return nil
}
