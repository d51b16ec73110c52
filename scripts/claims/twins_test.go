package main

import (
	"bufio"
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"modelbench/results/claims"
	"modelbench/scripts/campaign"
)

// twins are CPython's experiments by the name of the one whose twin each is.
func twins(t *testing.T) map[string]campaign.Config {
	t.Helper()
	files, err := experiments.ReadDir("experiments")
	must(t, err)
	all := map[string]campaign.Config{}
	for _, f := range files {
		name, is := strings.CutPrefix(strings.TrimSuffix(f.Name(), ".yaml"), twinPrefix)
		if !is {
			continue
		}
		text, err := experiments.ReadFile("experiments/" + f.Name())
		must(t, err)
		if all[name], err = campaign.Parse(f.Name(), text); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// A twin has what its experiment has, by the names that the claims have for it: whatever a test decides by targets that have a
// counterpart is measured of these as well.
func TestTwins(t *testing.T) {
	t.Parallel()
	set, err := claims.Parse("claims.yaml", claims.Default)
	must(t, err)
	all := twins(t)
	for name, cfg := range all {
		text, err := experiments.ReadFile("experiments/" + name + ".yaml")
		must(t, err)
		own, err := campaign.Parse(name, text)
		must(t, err)
		for _, target := range cfg.Targets {
			if !slices.ContainsFunc(set.StandIns, func(s claims.StandIn) bool {
				return s.Python == target.Name && takesPart(own, s.Name, "")
			}) {
				t.Errorf("python-%s: %s is no counterpart of a target of %s", name, target.Name, name)
			}
		}
		for _, w := range cfg.Workloads {
			if !slices.ContainsFunc(own.Workloads, func(have campaign.Workload) bool { return have.Name == w.Name }) {
				t.Errorf("python-%s: %s has no workload %s", name, name, w.Name)
			}
		}
	}
	asked := 0
	for _, c := range set.Claims {
		for _, test := range c.Tests {
			of := operands(test)
			cfg, there := all[test.Experiment]
			if !there || test.Context || len(of) == 0 {
				continue
			}
			whole := true
			for i, o := range of {
				at := slices.IndexFunc(set.StandIns, func(s claims.StandIn) bool { return s.Name == o.Target })
				if whole = whole && set.StandIns[at].Python != ""; whole {
					of[i].Target = set.StandIns[at].Python
				}
				if o.Workload == "" {
					of[i].Workload = test.Workload
				}
			}
			for _, o := range of {
				if asked++; whole && !takesPart(cfg, o.Target, o.Workload) {
					t.Errorf("claim %d, %s: python-%s does not have %s in %q", c.ID, test.Name, test.Experiment, o.Target, o.Workload)
				}
			}
		}
	}
	if asked == 0 {
		t.Error("no test asks anything of a twin")
	}
}

// What a twin starts exists, takes the flags that it is given, and says a line of JSON: that it is ready, or what it has measured.
func TestTwinsCommands(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("there is no python3")
	}
	commands := map[string]bool{}
	for _, cfg := range twins(t) {
		for _, target := range cfg.Targets {
			commands[strings.NewReplacer("{http}", "127.0.0.1:0", "{echo}", "127.0.0.1:0", "{n}", "1").Replace(strings.Join(target.Command, " "))] = true
		}
	}
	for command := range commands {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			args := strings.Fields(command)
			cmd := exec.Command(args[0], args[1:]...)
			cmd.Dir = "../.."
			var stderr strings.Builder
			cmd.Stderr = &stderr
			out, err := cmd.StdoutPipe()
			must(t, err)
			must(t, cmd.Start())
			line, err := bufio.NewReader(out).ReadBytes('\n')
			cmd.Process.Signal(syscall.SIGTERM)
			if cmd.Wait(); err != nil || !json.Valid(line) {
				t.Errorf("it says %q: %v: %s", line, err, &stderr)
			}
		})
	}
}
