package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"modelbench/scripts/campaign"
)

// A server is a command that can be started, any number of times. In its arguments and
// files {http} and {echo} stand for the addresses that it is to listen at, {http-port} and
// {echo-port} for their ports alone, {dir} for an empty folder of its own.
type server struct {
	name  string
	args  []string
	files map[string]string // to be written to {dir}, by name
	http  bool              // it serves HTTP
	echo  bool              // it serves TCP echo
}

// bareC is the floor: see epoll.c.
const bareC = "c-epoll"

// allNames are the servers that --servers knows, in the order of the tables' ties.
var allNames = []string{"goroutine", "prefork", "eventloop", "stock-fasthttp", "stock-nethttp", "nginx", bareC}

//go:embed epoll.c
var epollC []byte

// ours are the targets that campaigns measure, on one core.
func ours() []campaign.Target {
	return slices.Concat(campaign.Targets(1), campaign.Stock(1))
}

// ourServer is the command line of one of ours.
func ourServer(bin string, t campaign.Target) server {
	args := []string{filepath.Join(bin, t.Name), "--http", "{http}"}
	if !t.NoEcho {
		// Idle connections of ours would otherwise be closed after a minute, as they should be.
		args = append(args, "--echo", "{echo}", "--admin", "", "--idle-timeout", "1h")
	}
	return server{name: t.Name, args: append(append(args, "--log-level", "warn"), t.Args...), http: true, echo: !t.NoEcho}
}

// parseServer reads NAME=COMMAND.
func parseServer(text string) (server, error) {
	name, command, _ := strings.Cut(text, "=")
	if name == "" || strings.TrimSpace(command) == "" || strings.ContainsAny(name, " \t\n/,") {
		return server{}, usage("--server", "%q is not NAME=COMMAND", text)
	}
	s := server{
		name: name,
		args: []string{"/bin/sh", "-c", "exec " + command}, // exec: the process is the server itself
		http: strings.Contains(command, "{http}") || strings.Contains(command, "{http-port}"),
		echo: strings.Contains(command, "{echo}") || strings.Contains(command, "{echo-port}"),
	}
	if !s.http && !s.echo {
		return server{}, usage("--server", "the command of %s holds neither {http} nor {echo}: where does it listen?", name)
	}
	return s, nil
}

// ourTargets are those of ours that have to be built: those named in --servers and
// those that a --server runs by name.
func (f *flags) ourTargets() []campaign.Target {
	var targets []campaign.Target
	add := func(t campaign.Target) {
		if !slices.ContainsFunc(targets, func(has campaign.Target) bool { return has.Name == t.Name }) {
			targets = append(targets, t)
		}
	}
	for _, t := range ours() {
		if slices.Contains(f.Servers, t.Name) {
			add(t)
		}
		if slices.ContainsFunc(f.extra, func(s server) bool { return runs(s, t.Binary) }) {
			add(campaign.Target{Name: t.Binary, Binary: t.Binary})
		}
	}
	return targets
}

// runs tells whether the command of --server begins with that name.
func runs(s server, binary string) bool {
	words := strings.Fields(strings.TrimPrefix(s.args[len(s.args)-1], "exec "))
	return len(words) > 0 && words[0] == binary
}

// list makes the servers that are to be measured, of executables in bin. What is not
// installed is left out, and missing says so.
func (f *flags) list(ctx context.Context, bin string) (all []server, missing []string, err error) {
	for _, name := range f.Servers {
		s, err := f.make(ctx, name, bin)
		if errors.Is(err, errMissing) {
			missing = append(missing, fmt.Sprintf("%s is left out: %v", name, err))
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		all = append(all, s)
	}
	return append(all, f.extra...), missing, nil
}

// errMissing marks what is not installed.
var errMissing = errors.New("not installed")

func (f *flags) make(ctx context.Context, name, bin string) (server, error) {
	switch name {
	case "nginx":
		path, err := findNginx()
		return nginx(path, f.Connections+f.Active+spareDescriptors), err
	case bareC:
		return buildBare(ctx, bin)
	}
	rows := ours()
	return ourServer(bin, rows[slices.IndexFunc(rows, func(t campaign.Target) bool { return t.Name == name })]), nil
}

// buildBare compiles epoll.c.
func buildBare(ctx context.Context, bin string) (server, error) {
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		return server{}, fmt.Errorf("gcc is %w (apt-get install gcc libc6-dev)", errMissing)
	}
	source, program := filepath.Join(bin, "epoll.c"), filepath.Join(bin, bareC)
	if err := os.WriteFile(source, epollC, 0o644); err != nil {
		return server{}, fmt.Errorf("write the source of %s: %w", bareC, err)
	}
	cmd := exec.CommandContext(ctx, gcc, "-O2", "-o", program, source)
	cmd.Env = append(cmd.Environ(), "TMPDIR="+bin)
	if text, err := cmd.CombinedOutput(); err != nil {
		return server{}, fmt.Errorf("compile %s: %w (is libc6-dev installed?)\n%s", bareC, err, text)
	}
	return server{name: bareC, args: []string{program, "{http-port}", "{echo-port}"}, http: true, echo: true}, nil
}
