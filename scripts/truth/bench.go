package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"modelbench/scripts/campaign"
	"modelbench/scripts/rig"
)

// bench is one run of the command: what it builds, starts and has to take away again.
type bench struct {
	*flags
	diag io.Writer // what the compiler says

	dir    string // executables, logs, captures
	remove func()
	launch *rig.Launcher
}

// open builds loadgen and a server. close is due even if it fails.
func (b *bench) open(ctx context.Context) (err error) {
	for _, core := range []struct {
		flag string
		cpu  int
	}{{"--client-cpu", b.ClientCPU}, {"--server-cpu", b.ServerCPU}} {
		if err := rig.CheckCore(core.cpu); err != nil {
			return usage(core.flag, "%v", err)
		}
	}
	source, err := campaign.FindSource(ctx, "modelbench")
	if err != nil {
		return err
	}
	if b.dir, b.remove, err = campaign.WorkFolder(""); err != nil {
		return err
	}
	b.launch = rig.NewLauncher(b.dir)
	return source.Build(ctx, b.dir, []campaign.Target{{Name: "eventloop", Binary: "eventloop"}}, func(line string) { fmt.Fprintln(b.diag, line) })
}

func (b *bench) close() error {
	var err error
	if b.launch != nil {
		err = b.launch.Close()
	}
	if b.remove != nil {
		b.remove()
	}
	return err
}

// serve starts the server.
func (b *bench) serve(ctx context.Context) (*rig.Running, error) {
	return b.launch.Up(ctx, rig.Server{Name: "eventloop", HTTP: true, Args: []string{
		filepath.Join(b.dir, "eventloop"), "--loops", "1", "--procs", "1", "--http", "{http}", "--echo", "", "--admin", "{admin}",
		"--idle-timeout", "1h", "--log-level", "warn",
	}}, b.ServerCPU)
}

// plaintext is the page that is loaded.
func plaintext(r *rig.Running) string { return "http://" + r.Addr["http"].String() + "/plaintext" }

// A load is a run of loadgen under way.
type load struct {
	*rig.Process
	file string // that its report goes to
	urls int
}

// start starts loadgen with these flags and those of the command line, which go last, on
// one or more targets.
func (b *bench) start(urls []string, args ...string) (*load, error) {
	file := filepath.Join(b.dir, "report.json")
	if err := os.RemoveAll(file); err != nil {
		return nil, fmt.Errorf("take away the last report: %w", err)
	}
	all := slices.Concat([]string{filepath.Join(b.dir, "loadgen"), "-t", "1", "--json", file}, args, b.loadgen, urls)
	p, err := b.launch.Start(rig.Command{Name: "loadgen", Args: all, CPU: b.ClientCPU})
	if err != nil {
		return nil, err
	}
	return &load{Process: p, file: file, urls: len(urls)}, nil
}

// exitInvalid is loadgen's code for "measured, but not to be believed". It is for the
// findings to say what of it matters here.
const exitInvalid = 4

// finish waits for a load and returns its report.
func (b *bench) finish(ctx context.Context, l *load) (*report, error) {
	if err := b.launch.Finish(ctx, l.Process); err != nil {
		return nil, err
	}
	var exit *exec.ExitError
	if l.Err() != nil && !(errors.As(l.Err(), &exit) && exit.ExitCode() == exitInvalid) {
		return nil, fmt.Errorf("run loadgen: %s", l.Diagnosis())
	}
	return readReport(l.file, l.urls)
}

// load runs loadgen on one server from its start to its end.
func (b *bench) load(ctx context.Context, server *rig.Running, args ...string) (*outcome, error) {
	l, err := b.start([]string{plaintext(server)}, args...)
	if err != nil {
		return nil, err
	}
	r, err := b.finish(ctx, l)
	if err = errors.Join(err, server.Alive()); err != nil {
		return nil, err
	}
	return &r.Targets[0], nil
}
