package folder

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modelbench/results/trial"
)

// tree makes files below a folder; what ends with .csv holds a trial of the target it is told.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, ".csv") {
			if err := trial.Append(path, trial.Trial{CampaignID: name, Target: text, Verdict: trial.VerdictOK}); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func targets(trials []trial.Trial) (names []string) {
	for _, t := range trials {
		names = append(names, t.Target)
	}
	return names
}

// A folder of claims is its experiments; CPython's are apart.
func TestClaims(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{
		"run.json": "{}", "claims.yaml": "", "wait/trials.csv": "w", "cpu/trials.csv": "c", "empty/manifest.json": `{"status":"failed"}`, "notes/text": "",
		"python/cpu/trials.csv": "py",
	})
	python := filepath.Join(dir, "python")
	for _, c := range []struct {
		paths, targets, within []string
		doubts                 int
	}{
		{[]string{dir}, []string{"c", "w"}, []string{dir, dir}, 1},
		{[]string{python}, []string{"py"}, []string{python}, 0},
		{[]string{dir, python}, []string{"c", "w", "py"}, []string{dir, dir, python}, 1},
		{[]string{filepath.Join(dir, "wait")}, []string{"w"}, []string{""}, 0},
	} {
		folders, trials, doubts, err := OpenAll(c.paths)
		var within []string
		for _, f := range folders {
			within = append(within, f.Claims)
		}
		if err != nil || !slices.Equal(targets(trials), c.targets) || !slices.Equal(within, c.within) || len(doubts) != c.doubts {
			t.Errorf("%v: %v of %v, %q, %v", c.paths, targets(trials), within, doubts, err)
		}
	}
}

func TestNoClaims(t *testing.T) {
	t.Parallel()
	for want, files := range map[string]map[string]string{
		"no experiment has run":                     {"run.json": "{}"},
		"none of its experiments has written":       {"run.json": "{}", "cpu/manifest.json": `{"status":"running"}`},
		"is it the folder of a campaign":            {"cpu/trials.csv": "c"}, // what has no run.json is no folder of claims
		"is it the folder of a campaign or of clai": {"python/cpu/trials.csv": "c"},
	} {
		if _, _, _, err := OpenAll([]string{tree(t, files)}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, _, _, err := OpenAll([]string{filepath.Join(t.TempDir(), "missing")}); err == nil {
		t.Error("a path that is not there opens")
	}
}

// In a folder of claims, a program may be called as a server of another experiment is; one server in two builds is doubted there, too.
func TestNamesakesOfClaims(t *testing.T) {
	t.Parallel()
	manifest := func(binary, sum string) string {
		return `{"targets":[{"name":"T","binary":"` + binary + `"}],"binaries":{"` + binary + `":{"sha256":"` + sum + `"}}}`
	}
	for other, doubts := range map[string]int{manifest("probe", "2"): 0, manifest("goroutine", "2"): 1, manifest("goroutine", "1"): 0} {
		dir := tree(t, map[string]string{"run.json": "{}", "a/trials.csv": "T", "a/manifest.json": manifest("goroutine", "1"), "b/trials.csv": "T", "b/manifest.json": other})
		if _, _, got, err := OpenAll([]string{dir}); err != nil || len(got) != doubts {
			t.Errorf("%s: %q, %v", other, got, err)
		}
	}
}
