package house

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// The README's table of claims is that of the recorded run.
func TestREADMETellsTheRecordedVerdicts(t *testing.T) {
	t.Parallel()
	file, err := os.Open(filepath.FromSlash("../../results/reference/claims/claims.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	const id, verdict = 0, 6
	if rows[0][id] != "claim" || rows[0][verdict] != "verdict" {
		t.Fatalf("the columns are %q", rows[0])
	}
	recorded := map[string]string{}
	for _, row := range rows[1:] {
		recorded[row[id]] = row[verdict]
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^\| (\d+) \| [^|]+ \| \*\*([^*|]+)\*\* \|`).FindAllStringSubmatch(string(readme), -1) {
		told[m[1]] = m[2]
	}
	if len(recorded) == 0 || len(told) != len(recorded) {
		t.Fatalf("%d claims in the README's table, %d recorded", len(told), len(recorded))
	}
	for id, verdict := range recorded {
		if told[id] != verdict {
			t.Errorf("claim %s: the README says %q, the recorded run %q", id, told[id], verdict)
		}
	}
}
