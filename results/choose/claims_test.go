package choose

import (
	"slices"
	"strings"
	"testing"

	"modelbench/results/folder"
	"modelbench/results/trial"
)

// claimsWorld are two experiments of the claims in one folder, and a program that measures itself under a target's name.
func claimsWorld(lost map[string]int) []folder.Folder {
	args := map[string][]string{"S": {"--procs", "2", "--serial"}, "T-racy": {"--procs", "2", "--counter", "racy"}, "A-block": {"--procs", "1", "--block-loop"}}
	experiment := func(id, workload string, truths map[string]truth) folder.Folder {
		w := world{id: id, blocks: 12, noise: 0.01, cells: []cell{{workload: workload, conns: 16, truth: truths}}}
		w.edit = func(t *trial.Trial) {
			t.Model = map[byte]string{'S': "goroutine", 'T': "goroutine", 'P': "prefork", 'A': "eventloop"}[t.Target[0]]
			if workload == "count" {
				t.LostUpdates = trial.I(lost[t.Target])
			}
		}
		f := w.folder()
		f.Claims, f.Path = "OUT", "OUT/"+id
		for i, target := range f.Manifest.Targets {
			f.Manifest.Targets[i].Binary = map[byte]string{'S': "goroutine", 'T': "goroutine", 'P': "prefork", 'A': "eventloop"}[target.Name[0]]
			if a := args[target.Name]; a != nil {
				f.Manifest.Targets[i].Args = a
			}
		}
		return f
	}
	probe := trial.Trial{CampaignID: "probe", TrialID: "probe/1", Block: trial.I(1), Target: "T", Model: "own", Workload: "start", StartToReadyUs: trial.F(1), Verdict: trial.VerdictOK}
	probe.HostID, probe.Kernel, probe.CPUModel, probe.CPUs, probe.GoVersion, probe.GitRev = "host1", "6.18", "cpu", trial.I(2), "go1.26", "abc"
	return []folder.Folder{
		experiment("wait", "wait", map[string]truth{"S": base.times(0.1, 1, 1), "T": base, "P": base.times(1.3, 1, 1), "A": base.times(0.8, 1, 1), "A-block": base.times(0.2, 1, 1)}),
		experiment("count", "count", map[string]truth{"T-racy": base.times(0.5, 1, 1), "T-mutex": base, "P-shm": base.times(1.2, 1, 1)}),
		{Claims: "OUT", Path: "OUT/start", Trials: []trial.Trial{probe}, Manifest: &folder.Manifest{CampaignID: "probe",
			Targets: []folder.Target{{Name: "T", Binary: "probe"}}, Binaries: map[string]folder.Binary{"probe": {SHA256: "9"}}}},
	}
}

func ofClaims(t *testing.T, folders []folder.Folder, n Need) *Advice {
	t.Helper()
	a, err := Of(folders, n)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Controls are measured to compare with: the best of them is not recommended, unless it is named.
func TestControls(t *testing.T) {
	t.Parallel()
	folders := claimsWorld(nil)
	a := ofClaims(t, folders, need("wait"))
	expect(t, a, Recommendation, "A")
	if names := candidateNames(a); !slices.Equal(names, []string{"A", "P", "T"}) {
		t.Errorf("%v", names)
	}
	if !slices.ContainsFunc(a.Caveats, func(s string) bool {
		return strings.Contains(s, "other experiments alone have them: P-shm and T-mutex ")
	}) {
		t.Errorf("%q", a.Caveats)
	}
	named := func(names ...string) Need { return need("wait", func(n *Need) { n.Targets = names }) }
	expect(t, ofClaims(t, folders, named("S", "A", "T")), Recommendation, "S")
	expect(t, ofClaims(t, folders, named("T", "A-block")), Recommendation, "A-block")
	expect(t, ofClaims(t, folders, named("P", "T")), Recommendation, "T")
	expect(t, ofClaims(t, folders, need("wait", func(n *Need) { n.Blocking = true })), Recommendation, "A-block")
	if _, err := Of(folders, named("X")); err == nil || !strings.HasPrefix(err.Error(), `--target: "X" is not in these trials, which have A, A-block, P,`) {
		t.Error(err)
	}
}

func candidateNames(a *Advice) (names []string) {
	for _, k := range a.Candidates {
		names = append(names, k.Target)
	}
	return names
}

// A counter that nobody guards is rejected by the row in which it lost an update, and is no choice where it happened to lose none.
func TestRacyCounters(t *testing.T) {
	t.Parallel()
	shared := need("count", func(n *Need) { n.SharedState = true })
	a := ofClaims(t, claimsWorld(map[string]int{"T-racy": 3}), shared)
	expect(t, a, Recommendation, "T-mutex")
	if k := a.candidate("T-racy"); !k.fails("shared state") || len(k.Checks[0].Evidence.Trials) != 12 {
		t.Errorf("%+v", k)
	}
	a = ofClaims(t, claimsWorld(nil), shared)
	expect(t, a, Recommendation, "T-mutex")
	if k := a.candidate("T-racy"); k.Status != Uncertain {
		t.Errorf("%+v", k)
	}
	shared.Targets = []string{"T-racy", "T-mutex"}
	expect(t, ofClaims(t, claimsWorld(nil), shared), Recommendation, "T-racy")
	shared.Targets = nil
	expect(t, ofClaims(t, claimsWorld(map[string]int{"T-mutex": 1, "P-shm": 1, "T-racy": 1}), shared), None)
	expect(t, ofClaims(t, claimsWorld(nil), need("count")), Recommendation, "T-mutex") // without the question it is a control
}

// The folder that was given is what asks again, not each experiment in it; nobody's counter but those was measured.
func TestAskTheClaimsAgain(t *testing.T) {
	t.Parallel()
	a := ofClaims(t, claimsWorld(nil), need("wait", func(n *Need) { n.SharedState, n.Targets = true, []string{"T", "A"} }))
	expect(t, a, Undecided, "A")
	if len(a.Missing) != 1 || a.Missing[0].Then != "go run ./results choose --workload wait --target T,A --shared-state OUT NEW" {
		t.Errorf("%+v", a.Missing)
	}
}
