package claims

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"modelbench/results/trial"
)

// lay writes the files of a folder of claims; those that end in .csv below an experiment get a trial.
func lay(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "trials.csv") {
			if err := trial.Append(path, trial.Trial{Target: text, Block: trial.I(1)}); err != nil {
				t.Fatal(err)
			}
		} else if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestOpen(t *testing.T) {
	t.Parallel()
	const code = "model,folder,files,lines,functions,branches,cognitive,states,primitives\ngoroutine,servers/goroutine,1,2,3,4,5,6,7\n"
	set, m, doubts, err := Open(lay(t, map[string]string{
		"claims.yaml": small, "cpu/trials.csv": "T", "python/cpu/trials.csv": "py-threads", "idle/manifest.json": `{"status":"running"}`,
		"complexity.csv": code, "run.json": `{"asked":{"claims":[2]},"dropped":[{"experiment":"more","why":"no time"}]}`, "elsewhere/trials.csv": "x"}))
	if err != nil || len(set.Claims) != 1 || set.Claims[0].ID != 2 || len(m.Experiments) != 1 || m.Experiments["cpu"].Trials[0].Target != "T" ||
		m.Python["cpu"].Trials[0].Target != "py-threads" || len(m.Code) != 1 || m.Run.Dropped[0].Why != "no time" {
		t.Errorf("%+v, %+v, %v", set, m, err)
	}
	if len(doubts) != 1 || !strings.Contains(doubts[0], "has written no trial") {
		t.Errorf("%q", doubts)
	}
	if set, _, _, err := Open(lay(t, map[string]string{"cpu/trials.csv": "T"})); err != nil || len(set.Claims) != 28 {
		t.Errorf("without rules: %d claims, %v", len(set.Claims), err)
	}
}

func TestOpenFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files map[string]string
		says  string
	}{
		"nothing":      {nil, "is it a folder of scripts/claims?"},
		"rules":        {map[string]string{"claims.yaml": "source: x\n", "cpu/trials.csv": "T"}, "claims.yaml: there is no claim in it"},
		"run":          {map[string]string{"run.json": "{", "cpu/trials.csv": "T"}, "run.json"},
		"other claims": {map[string]string{"run.json": `{"asked":{"claims":[77]}}`, "cpu/trials.csv": "T"}, "run.json: there is no claim 77"},
		"complexity":   {map[string]string{"complexity.csv": "x\n", "cpu/trials.csv": "T"}, "complexity.csv: its header"},
		"manifest":     {map[string]string{"cpu/manifest.json": "{", "cpu/trials.csv": "T"}, "manifest.json"},
		"no campaign":  {map[string]string{"cpu/notes.txt": ""}, "cpu: neither trials.csv nor manifest.json"},
	} {
		if _, _, _, err := Open(lay(t, c.files)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
	if _, _, _, err := Open(filepath.Join(t.TempDir(), "nowhere")); err == nil {
		t.Error("a folder that is not there opens")
	}
}
