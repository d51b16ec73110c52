package main

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/goccy/go-yaml"

	"modelbench/results/claims"
	"modelbench/results/claims/complexity"
	"modelbench/scripts/complexity/count"
)

// wrongFoot is an entry of testdata/wrongfoot.yaml.
type wrongFoot struct {
	Claim   int
	Because string
	In      map[string]map[string]server
	Source  string
}

func wrongFeet(t *testing.T) []wrongFoot {
	t.Helper()
	text, err := os.ReadFile("testdata/wrongfoot.yaml")
	must(t, err)
	var all []wrongFoot
	must(t, yaml.UnmarshalWithOptions(text, &all, yaml.Strict()))
	return all
}

func theClaims(t *testing.T) claims.Set {
	t.Helper()
	set, err := claims.Parse("claims.yaml", claims.Default)
	must(t, err)
	return set
}

// Every claim comes out otherwise once its stand-ins are not what they are said to be: servers are replaced in its experiments, trials are made
// as theory has them, and the claim's own rules judge them. Some answer turns over, and with it the verdict; of a proxy, a figure changes.
func TestWrongFooted(t *testing.T) {
	t.Parallel()
	set, feet := theClaims(t), wrongFeet(t)
	for _, c := range set.Claims {
		i := slices.IndexFunc(feet, func(w wrongFoot) bool { return w.Claim == c.ID })
		if i < 0 {
			t.Errorf("claim %d is wrong-footed by nothing", c.ID)
			continue
		}
		w := feet[i]
		t.Run(c.Claim, func(t *testing.T) {
			t.Parallel()
			one, err := set.Only(c.ID)
			must(t, err)
			as := claims.Measured{Experiments: carriedOut(t, one, nil), Code: plain(t)}
			other := claims.Measured{Experiments: carriedOut(t, one, w.In), Code: as.Code}
			if w.Source != "" {
				other.Code = added(t)
			}
			turned(t, claims.Judge(one, as).Findings[0], claims.Judge(one, other).Findings[0])
		})
	}
	for _, w := range feet {
		if !slices.ContainsFunc(set.Claims, func(c claims.Claim) bool { return c.ID == w.Claim }) {
			t.Errorf("there is no claim %d", w.Claim)
		}
	}
}

// carriedOut are the experiments that the claims need, in theory.
func carriedOut(t *testing.T, set claims.Set, in map[string]map[string]server) map[string]claims.Campaign {
	t.Helper()
	needs, err := needsOf(set, []int{set.Claims[0].ID})
	must(t, err)
	done := map[string]claims.Campaign{}
	for name, need := range needs {
		if name == "" { // what is counted
			continue
		}
		e, err := readExperiment(name)
		must(t, err)
		for target := range in[name] {
			if !slices.ContainsFunc(e.Workloads, func(w load) bool { return need.has(target, w.Name) }) {
				t.Errorf("claim %d does not need %s in %s", set.Claims[0].ID, target, name)
			}
			if !slices.ContainsFunc(e.Targets, func(s server) bool { return s.Name == target }) {
				t.Errorf("%s has no %s", name, target)
			}
		}
		done[name] = e.measure(name, in[name])
	}
	for name := range in {
		if _, needed := needs[name]; !needed {
			t.Errorf("claim %d does not need %s", set.Claims[0].ID, name)
		}
	}
	return done
}

// turned fails unless the two findings differ as they must.
func turned(t *testing.T, as, other claims.Finding) {
	t.Helper()
	answers, figures := 0, 0
	for i, o := range as.Outcomes {
		a, b := o.Answer, other.Outcomes[i].Answer
		if a == claims.Unasked || b == claims.Unasked {
			t.Errorf("%s: %s, and then %s: %s %s", o.Test.Name, a, b, o.Why, other.Outcomes[i].Why)
		}
		if a == claims.Yes && b == claims.No || a == claims.No && b == claims.Yes {
			answers++
		}
		if math.Abs(other.Outcomes[i].Estimate-o.Estimate) > 1e-9 {
			figures++
		}
	}
	if as.Claim.Kind == claims.Proxy {
		if figures == 0 {
			t.Errorf("no figure changed: %+v", as.Outcomes)
		}
		return
	}
	decided := []claims.Verdict{claims.Holds, claims.Refuted, claims.Depends}
	if answers == 0 || as.Verdict == other.Verdict || !slices.Contains(decided, as.Verdict) || !slices.Contains(decided, other.Verdict) {
		t.Errorf("%s, and then %s, by %d answers that turned", as.Verdict, other.Verdict, answers)
		for i, o := range as.Outcomes {
			t.Logf("%s: %s %.3g [%.3g, %.3g] and %s %.3g [%.3g, %.3g] %s", o.Test.Name, o.Answer, o.Estimate, o.Lo, o.Hi,
				other.Outcomes[i].Answer, other.Outcomes[i].Estimate, other.Outcomes[i].Lo, other.Outcomes[i].Hi, other.Outcomes[i].Why)
		}
	}
}

// The figures of the drivers' source are counted twice: as it is, and with something added to each file that is named.
var (
	counting   sync.Mutex
	plainCode  []complexity.Row
	addedCode  []complexity.Row
	sourceRoot = filepath.Join("..", "..")
)

func plain(t *testing.T) []complexity.Row {
	t.Helper()
	counting.Lock()
	defer counting.Unlock()
	if plainCode == nil {
		plainCode = counted(t, nil)
	}
	return plainCode
}

func added(t *testing.T) []complexity.Row {
	t.Helper()
	counting.Lock()
	defer counting.Unlock()
	if addedCode == nil {
		overlay := map[string][]byte{}
		for _, w := range wrongFeet(t) {
			if w.Source == "" {
				continue
			}
			path, err := filepath.Abs(filepath.Join(sourceRoot, w.Source))
			must(t, err)
			text, err := os.ReadFile(path)
			must(t, err)
			overlay[path] = append(text, "\nfunc added(n int) int {\n\tif n > 0 {\n\t\treturn 1\n\t}\n\treturn 0\n}\n"...)
		}
		addedCode = counted(t, overlay)
	}
	return addedCode
}

func counted(t *testing.T, overlay map[string][]byte) []complexity.Row {
	t.Helper()
	table, err := count.Default()
	must(t, err)
	rows, err := table.Count(count.Source{Root: sourceRoot, Overlay: overlay})
	must(t, err)
	return rows
}
