package main

import (
	"bytes"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"modelbench/results/claims"
	"modelbench/results/claims/complexity"
	"modelbench/scripts/complexity/count"
)

// Every claim comes out otherwise once its stand-ins are not what they are said to be: servers take their places in its experiments, trials
// are made as theory has them, and the claim's own rules judge them. Some answer turns over, and with it the verdict; of a proxy, a
// figure changes.
func TestWrongFooted(t *testing.T) {
	t.Parallel()
	set, err := claims.Parse("claims.yaml", claims.Default)
	must(t, err)
	feet, err := wrongFeet(nil)
	must(t, err)
	for _, c := range set.Claims {
		i := slices.IndexFunc(feet, func(w wrongFoot) bool { return w.Claim == c.ID })
		if i < 0 {
			t.Errorf("claim %d is wrong-footed by nothing", c.ID)
			continue
		}
		w := feet[i]
		t.Run(c.Claim, func(t *testing.T) {
			t.Parallel()
			as, other, err := w.judge(set, claims.Measured{Experiments: carriedOut(t, set, w), Code: code(t)}, "../..")
			must(t, err)
			if kept := turned(as, other); kept != "" {
				t.Errorf("%s, and then %s: %s", as.Verdict, other.Verdict, kept)
				for i, o := range as.Outcomes {
					b := other.Outcomes[i]
					t.Logf("%s: %s %.3g [%.3g, %.3g], and then %s %.3g [%.3g, %.3g] %s", o.Test.Name, o.Answer, o.Estimate, o.Lo, o.Hi, b.Answer, b.Estimate, b.Lo, b.Hi, b.Why)
				}
			}
			if kept := turned(as, as); kept == "" {
				t.Error("it turns without being wrong-footed")
			}
		})
	}
	for _, w := range feet {
		if !slices.ContainsFunc(set.Claims, func(c claims.Claim) bool { return c.ID == w.Claim }) {
			t.Errorf("there is no claim %d", w.Claim)
		}
	}
}

// The same with servers: where nothing is shared between processes, updates are lost, whatever else the machine does.
func TestWrongFootedServers(t *testing.T) {
	t.Parallel()
	var out, diag bytes.Buffer
	for range 3 {
		out.Reset()
		diag.Reset()
		c := command{args: []string{"--wrong-foot", "--claim", "11", "--out", filepath.Join(t.TempDir(), "run")}, stdout: &out, stderr: &diag, cpus: twoCPUs}
		err := c.run(t.Context())
		if err == nil && strings.HasPrefix(out.String(), "11  ") && strings.HasSuffix(out.String(), "once nothing is shared\n") {
			return
		}
		t.Logf("%v\n%s\n%s", err, out.String(), diag.String())
		if err != nil && !errors.Is(err, errFooted) {
			break
		}
	}
	t.Error("the verdict does not turn")
}

// carriedOut are the experiments that a claim needs, in theory, with what takes stand-ins' places beside them.
func carriedOut(t *testing.T, set claims.Set, w wrongFoot) map[string]claims.Campaign {
	t.Helper()
	needs, err := needsOf(set, []int{w.Claim}, false)
	must(t, err)
	done := map[string]claims.Campaign{}
	for name, need := range needs {
		if name == "" { // what is counted
			continue
		}
		e, err := readExperiment(name)
		must(t, err)
		for target, s := range w.In[name] {
			at := slices.IndexFunc(e.Targets, func(s server) bool { return s.Name == target })
			if at < 0 || !slices.ContainsFunc(e.Workloads, func(w load) bool { return need.has(target, w.Name) }) {
				t.Errorf("claim %d does not need %s in %s", w.Claim, target, name)
			}
			s.Name = w.stead(target)
			e.Targets = append(e.Targets, s)
			for i, l := range e.Workloads {
				if l.Only == nil { // all that there are
					for _, other := range e.Targets {
						l.Only = append(l.Only, other.Name)
					}
				}
				l.Only = slices.DeleteFunc(slices.Clone(l.Only), func(name string) bool { return name == s.Name })
				if slices.Contains(l.Only, target) && s.in(l.Name) {
					l.Only = append(l.Only, s.Name)
				}
				e.Workloads[i].Only = l.Only
			}
		}
		done[name] = e.measure(name)
	}
	for name := range w.In {
		if _, needed := needs[name]; !needed {
			t.Errorf("claim %d does not need %s", w.Claim, name)
		}
	}
	return done
}

var (
	counting sync.Mutex
	counted  []complexity.Row
)

// code is the drivers' source, counted once.
func code(t *testing.T) []complexity.Row {
	t.Helper()
	counting.Lock()
	defer counting.Unlock()
	if counted == nil {
		table, err := count.Default()
		must(t, err)
		counted, err = table.Count(count.Source{Root: "../.."})
		must(t, err)
	}
	return counted
}
