package folder

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"modelbench/results/trial"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	row := trial.Trial{CampaignID: "c", Target: "a", Verdict: trial.VerdictOK}
	make := func(t *testing.T, csv string, manifest string) string {
		dir := t.TempDir()
		if csv != "" {
			if err := trial.Append(filepath.Join(dir, csv), row); err != nil {
				t.Fatal(err)
			}
		}
		if manifest != "" {
			if err := os.WriteFile(filepath.Join(dir, ManifestName), []byte(manifest), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	t.Run("folder", func(t *testing.T) {
		t.Parallel()
		dir := make(t, TrialsName, `{"campaign_id":"c","status":"complete","later":1}`)
		for _, path := range []string{dir, filepath.Join(dir, TrialsName)} {
			f, err := Open(path)
			if err != nil || len(f.Trials) != 1 || f.Torn || f.Manifest == nil || f.Manifest.Status != "complete" || f.Histograms != "" {
				t.Errorf("%s: %+v, %v", path, f, err)
			}
		}
	})
	t.Run("campaign", func(t *testing.T) {
		t.Parallel()
		dir := make(t, TrialsName, "")
		if f, err := Open(dir); err != nil || f.Campaign != nil {
			t.Errorf("%+v, %v", f, err)
		}
		if err := os.WriteFile(filepath.Join(dir, CampaignName), []byte("seed: 1\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if f, err := Open(dir); err != nil || string(f.Campaign) != "seed: 1\n" {
			t.Errorf("%+v, %v", f, err)
		}
	})
	t.Run("lone file", func(t *testing.T) {
		t.Parallel()
		dir := make(t, "mine.csv", `broken, and no business of mine.csv`)
		f, err := Open(filepath.Join(dir, "mine.csv"))
		if err != nil || len(f.Trials) != 1 || f.Manifest != nil {
			t.Errorf("%+v, %v", f, err)
		}
	})
	t.Run("torn", func(t *testing.T) {
		t.Parallel()
		dir := make(t, TrialsName, "")
		csv := filepath.Join(dir, TrialsName)
		whole, err := os.ReadFile(csv)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(csv, append(whole, "2,c,"...), 0o644); err != nil {
			t.Fatal(err)
		}
		_, trials, doubts, err := OpenAll([]string{dir})
		if err != nil || len(trials) != 1 || len(doubts) != 1 || !strings.Contains(doubts[0], csv) {
			t.Errorf("%d trials, %q, %v", len(trials), doubts, err)
		}
	})
	t.Run("blocks that were not finished", func(t *testing.T) {
		t.Parallel()
		dir := make(t, TrialsName, `{"status":"interrupted","whole_blocks":[1,3]}`)
		for block := 1; block <= 4; block++ {
			if err := trial.Append(filepath.Join(dir, TrialsName), trial.Trial{Target: "a", Block: trial.I(block)}); err != nil {
				t.Fatal(err)
			}
		}
		f, err := Open(dir)
		if err != nil || len(f.Trials) != 2 || f.Loose != 3 { // the first row of all names no block
			t.Errorf("%d trials, %d loose, %v", len(f.Trials), f.Loose, err)
		}
		_, _, doubts, err := OpenAll([]string{dir})
		if err != nil || len(doubts) != 1 || !strings.Contains(doubts[0], "3 trials are of blocks that were not finished") {
			t.Errorf("%q, %v", doubts, err)
		}
	})
	for name, c := range map[string]struct{ csv, manifest, want string }{
		"empty folder":    {"", "", "is it the folder of a campaign"},
		"no trial":        {"", `{"status":"failed"}`, "has written no trial (it is failed)"},
		"broken manifest": {TrialsName, `{"status":`, ManifestName},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := Open(make(t, c.csv, c.manifest)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
	if _, err := Open(filepath.Join(t.TempDir(), "missing")); err == nil {
		t.Error("a path that is not there opens")
	}
}

// Two builds of a target are counted together, and that is said.
func TestBuildsDiffer(t *testing.T) {
	t.Parallel()
	var dirs []string
	for i, sum := range []string{"1", "2", "1"} {
		dir := t.TempDir()
		dirs = append(dirs, dir)
		if err := trial.Append(filepath.Join(dir, TrialsName), trial.Trial{CampaignID: "c", Target: "a", Block: trial.I(i), Verdict: trial.VerdictOK}); err != nil {
			t.Fatal(err)
		}
		manifest := `{"targets":[{"name":"a","binary":"x"},{"name":"b","binary":"y"}],"binaries":{"x":{"sha256":"` + sum + `"},"y":{"sha256":"7"}}}`
		if err := os.WriteFile(filepath.Join(dir, ManifestName), []byte(manifest), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, _, doubts, err := OpenAll(dirs)
	if err != nil || len(doubts) != 1 || !strings.HasPrefix(doubts[0], "a is another executable in each of ") || strings.Contains(doubts[0], dirs[2]) {
		t.Errorf("%q, %v", doubts, err)
	}
	if _, _, doubts, err := OpenAll(dirs[1:2]); err != nil || len(doubts) != 0 {
		t.Errorf("one: %q, %v", doubts, err)
	}
}
