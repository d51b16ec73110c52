package main

import (
	_ "embed"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"modelbench/results/claims"
	"modelbench/results/claims/complexity"
	"modelbench/results/trial"
	"modelbench/scripts/campaign"
	"modelbench/scripts/campaign/spec"
	"modelbench/scripts/complexity/count"
)

const (
	footBudget = 15 * time.Minute
	footBlocks = enoughBlocks + 2 // few, as what is replaced makes all the difference; two may fail
)

//go:embed wrongfoot.yaml
var wrongFootText []byte

// wrongFoot is how a claim's experiment is wrong-footed: see wrongfoot.yaml.
type wrongFoot struct {
	Claim   int
	Because string
	In      map[string]map[string]server // experiment -> stand-in -> what takes its place
	Source  string
}

// server is what takes a stand-in's place.
type server struct {
	Name                  string   `yaml:"name"`
	Model                 string   `yaml:"model"`
	Procs, Workers, Loops int      `yaml:",omitempty"`
	Flags                 []string `yaml:"flags"`
	Command               string   `yaml:"command"`   // of a probe
	Workloads             []string `yaml:"workloads"` // in which it takes the place; nil: in all
}

// in tells whether the server takes the place in a workload.
func (s server) in(workload string) bool {
	return s.Workloads == nil || slices.Contains(s.Workloads, workload)
}

// wrongFeet are those of the claims; of all, if none is named.
func wrongFeet(ids []int) (all []wrongFoot, err error) {
	if err := yaml.UnmarshalWithOptions(wrongFootText, &all, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("wrongfoot.yaml: %w", err)
	}
	for _, id := range ids {
		if !slices.ContainsFunc(all, func(w wrongFoot) bool { return w.Claim == id }) {
			return nil, &campaign.UsageError{Flag: "--wrong-foot", Problem: fmt.Sprintf("nothing wrong-foots claim %d", id)}
		}
	}
	return slices.DeleteFunc(all, func(w wrongFoot) bool { return len(ids) > 0 && !slices.Contains(ids, w.Claim) }), nil
}

// footing is a pick of the claims' experiments with what wrong-foots them.
func footing(p pick) (pick, error) {
	var err error
	if p.feet, err = wrongFeet(p.claims); err != nil {
		return p, err
	}
	p.claims = nil
	for _, w := range p.feet {
		p.claims = append(p.claims, w.Claim)
	}
	if p.blocks == 0 {
		p.blocks = footBlocks
	}
	return p, nil
}

// stead is the name of the target that a claim has in a stand-in's place.
func (w wrongFoot) stead(standIn string) string { return fmt.Sprintf("%s.claim%d", standIn, w.Claim) }

// add has the servers that take stand-ins' places measured beside these, in the same blocks.
func (w wrongFoot) add(t *task) {
	for standIn, s := range w.In[t.name] {
		name := w.stead(standIn)
		t.cfg.Targets = append(t.cfg.Targets, campaign.NewTarget(spec.Target{Name: name, Variant: "wrong-footed", Model: s.Model, Procs: s.Procs,
			Workers: s.Workers, Loops: s.Loops, Flags: s.Flags, Command: strings.Fields(s.Command), Probe: s.Command != ""}))
		for i, load := range t.cfg.Workloads {
			if slices.Contains(load.Only, standIn) && s.in(load.Name) {
				t.cfg.Workloads[i].Only = append(slices.Clone(load.Only), name)
			}
		}
	}
	slices.SortFunc(t.cfg.Targets, func(a, b campaign.Target) int { return strings.Compare(a.Name, b.Name) }) // whatever the order of maps
}

// measured is what was measured once stand-ins are replaced: trials of a replacement bear the stand-in's name, whose own are left out.
func (w wrongFoot) measured(m claims.Measured) claims.Measured {
	other := m
	other.Experiments = map[string]claims.Campaign{}
	for name, c := range m.Experiments {
		names := map[string]string{}
		for standIn := range w.In[name] {
			names[w.stead(standIn)] = standIn
		}
		var trials []trial.Trial
		for _, t := range c.Trials {
			if s, replaced := w.In[name][t.Target]; replaced && s.in(t.Workload) {
				continue
			}
			if as, is := names[t.Target]; is {
				t.Target = as
			}
			trials = append(trials, t)
		}
		other.Experiments[name] = claims.Campaign{Folder: c.Folder, Trials: trials}
	}
	return other
}

// believed takes trials as they are in which the machine was busy with something else. What takes a stand-in's place makes so much of a
// difference that a client which was late, or a machine that grew slower, hides none of it; and what is found here is no figure of anything.
func believed(m claims.Measured) claims.Measured {
	busy := []string{trial.VerdictLagging, trial.VerdictDrift, trial.VerdictSteal, trial.VerdictNonstationary, trial.VerdictClientBound}
	all := m
	all.Experiments = map[string]claims.Campaign{}
	for name, c := range m.Experiments {
		c.Trials = slices.Clone(c.Trials)
		for i, t := range c.Trials {
			if slices.Contains(busy, t.Verdict) {
				c.Trials[i].Verdict = trial.VerdictOK
			}
		}
		all.Experiments[name] = c
	}
	return all
}

// more counts the code with something added to a file.
func more(root, file string) ([]complexity.Row, error) {
	path, err := filepath.Abs(filepath.Join(root, file))
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	table, err := count.Default()
	if err != nil {
		return nil, err
	}
	const added = "\nfunc added(n int) int {\n\tif n > 0 {\n\t\treturn 1\n\t}\n\treturn 0\n}\n"
	return table.Count(count.Source{Root: root, Overlay: map[string][]byte{path: append(text, added...)}})
}

// judge judges the claim as it is and wrong-footed.
func (w wrongFoot) judge(set claims.Set, m claims.Measured, root string) (as, other claims.Finding, err error) {
	one, err := set.Only(w.Claim)
	if err != nil {
		return as, other, err
	}
	footed := w.measured(m)
	if w.Source != "" {
		if footed.Code, err = more(root, w.Source); err != nil {
			return as, other, err
		}
	}
	return claims.Judge(one, m).Findings[0], claims.Judge(one, footed).Findings[0], nil
}

// turned says what keeps two findings from differing as they must: an answer turns over and with it the verdict, or, of a proxy, a figure
// changes. Empty: nothing.
func turned(as, other claims.Finding) string {
	answers, figures := 0, 0
	for i, o := range as.Outcomes {
		a, b := o.Answer, other.Outcomes[i].Answer
		if o.Test.Decides() && (a == claims.Unasked || b == claims.Unasked) {
			return fmt.Sprintf("%s was not measured: %s %s", o.Test.Name, o.Why, other.Outcomes[i].Why)
		}
		if a == claims.Yes && b == claims.No || a == claims.No && b == claims.Yes {
			answers++
		}
		if math.Abs(other.Outcomes[i].Estimate-o.Estimate) > 1e-9 {
			figures++
		}
	}
	decided := func(v claims.Verdict) bool { return v == claims.Holds || v == claims.Refuted || v == claims.Depends }
	switch {
	case as.Claim.Kind == claims.Proxy && figures == 0:
		return "no figure changed"
	case as.Claim.Kind == claims.Proxy:
		return ""
	case !decided(as.Verdict) || !decided(other.Verdict):
		return "one of them is no answer"
	case answers == 0 || as.Verdict == other.Verdict:
		return "the verdict did not turn"
	}
	return ""
}

// errFooted says that wrong-footing a claim did not turn its verdict.
var errFooted = errors.New("not turned")

// footed judges what is in the folder twice, and prints what turned.
func (r *runner) footed() error {
	set, measured, _, err := claims.Open(r.dir)
	if err != nil {
		return err
	}
	measured = believed(measured)
	var failed []string
	for _, w := range r.pick.feet {
		as, other, err := w.judge(set, measured, r.source.Root)
		if err != nil {
			return err
		}
		kept := turned(as, other)
		fmt.Fprintf(r.stdout, "%2d  %s: %s; %s once %s%s\n", w.Claim, as.Claim.Claim, as.Verdict, other.Verdict, w.Because, suffix(kept))
		if kept == "" {
			continue
		}
		failed = append(failed, fmt.Sprint(w.Claim))
		for i, o := range as.Outcomes {
			b := other.Outcomes[i]
			fmt.Fprintf(r.stdout, "      %s: %s %.3g [%.3g, %.3g], then %s %.3g [%.3g, %.3g]\n", o.Test.Name, o.Answer, o.Estimate, o.Lo, o.Hi, b.Answer, b.Estimate, b.Lo, b.Hi)
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("%w: the verdicts of %s", errFooted, strings.Join(failed, ", "))
	}
	return nil
}

// suffix is of a line that tells what did not turn.
func suffix(kept string) string {
	if kept == "" {
		return ""
	}
	return ": " + kept
}
