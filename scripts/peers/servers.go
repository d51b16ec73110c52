package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"modelbench/scripts/campaign"
	"modelbench/scripts/rig"
)

// allNames are the servers that --servers knows, in the order of the tables' ties.
var allNames = []string{"goroutine", "prefork", "eventloop", "stock-fasthttp", "stock-nethttp", "nginx", rig.Bare}

// ours are the targets that campaigns measure, on one core.
func ours() []campaign.Target {
	return slices.Concat(campaign.Targets(1), campaign.Stock(1))
}

// ourServer is the command line of one of ours.
func ourServer(bin string, t campaign.Target) rig.Server {
	args := []string{filepath.Join(bin, t.Name), "--http", "{http}"}
	if !t.NoEcho {
		// Idle connections of ours would otherwise be closed after a minute, as they should be.
		args = append(args, "--echo", "{echo}", "--admin", "", "--idle-timeout", "1h")
	}
	return rig.Server{Name: t.Name, Args: append(append(args, "--log-level", "warn"), t.Args...), HTTP: true, Echo: !t.NoEcho}
}

// parseServer reads NAME=COMMAND.
func parseServer(text string) (rig.Server, error) {
	name, command, _ := strings.Cut(text, "=")
	if name == "" || strings.TrimSpace(command) == "" || strings.ContainsAny(name, " \t\n/,") {
		return rig.Server{}, usage("--server", "%q is not NAME=COMMAND", text)
	}
	s := rig.Server{
		Name: name,
		Args: []string{"/bin/sh", "-c", "exec " + command}, // exec: the process is the server itself
		HTTP: strings.Contains(command, "{http}") || strings.Contains(command, "{http-port}"),
		Echo: strings.Contains(command, "{echo}") || strings.Contains(command, "{echo-port}"),
	}
	if !s.HTTP && !s.Echo {
		return rig.Server{}, usage("--server", "the command of %s holds neither {http} nor {echo}: where does it listen?", name)
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
		if slices.ContainsFunc(f.extra, func(s rig.Server) bool { return runs(s, t.Binary) }) {
			add(campaign.Target{Name: t.Binary, Binary: t.Binary})
		}
	}
	return targets
}

// runs tells whether the command of --server begins with that name.
func runs(s rig.Server, binary string) bool {
	words := strings.Fields(strings.TrimPrefix(s.Args[len(s.Args)-1], "exec "))
	return len(words) > 0 && words[0] == binary
}

// list makes the servers that are to be measured, of executables in bin. What is not
// installed is left out, and missing says so.
func (f *flags) list(ctx context.Context, bin string) (all []rig.Server, missing []string, err error) {
	for _, name := range f.Servers {
		s, err := f.make(ctx, name, bin)
		if errors.Is(err, rig.ErrMissing) {
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

func (f *flags) make(ctx context.Context, name, bin string) (rig.Server, error) {
	switch name {
	case "nginx":
		path, err := findNginx()
		return nginx(path, f.Connections+f.Active+spareDescriptors), err
	case rig.Bare:
		return rig.BuildBare(ctx, bin)
	}
	rows := ours()
	return ourServer(bin, rows[slices.IndexFunc(rows, func(t campaign.Target) bool { return t.Name == name })]), nil
}
