package rig

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Bare is the name of the server that BuildBare makes: the floor, see epoll.c.
const Bare = "c-epoll"

// ErrMissing marks what is not installed; the error that wraps it says how to get it.
var ErrMissing = errors.New("not installed")

//go:embed epoll.c
var epollC []byte

// BuildBare compiles epoll.c into folder. Without gcc the error is ErrMissing.
func BuildBare(ctx context.Context, folder string) (Server, error) {
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		return Server{}, fmt.Errorf("gcc is %w (apt-get install gcc libc6-dev)", ErrMissing)
	}
	source, program := filepath.Join(folder, "epoll.c"), filepath.Join(folder, Bare)
	if err := os.WriteFile(source, epollC, 0o644); err != nil {
		return Server{}, fmt.Errorf("write the source of %s: %w", Bare, err)
	}
	cmd := exec.CommandContext(ctx, gcc, "-O2", "-o", program, source)
	cmd.Env = append(cmd.Environ(), "TMPDIR="+folder)
	if text, err := cmd.CombinedOutput(); err != nil {
		return Server{}, fmt.Errorf("compile %s: %w (is libc6-dev installed?)\n%s", Bare, err, text)
	}
	return Server{Name: Bare, Args: []string{program, "{http-port}", "{echo-port}"}, HTTP: true, Echo: true}, nil
}
