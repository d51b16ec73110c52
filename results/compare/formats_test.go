package compare

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"

	"modelbench/results/analysis"
)

// Every form holds the same ratios, and fails on a full disk.
func TestFormatsAgree(t *testing.T) {
	t.Parallel()
	a, err := analysis.Of(again(), analysis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for name, write := range Formats {
		var b bytes.Buffer
		if err := write(&b, a); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = b.String()
		if err := write(full{}, a); err == nil || errors.Is(err, analysis.ErrNothing) {
			t.Errorf("%s on a full disk: %v", name, err)
		}
	}
	raw := map[string]any{}
	if err := json.Unmarshal([]byte(out["json"]), &raw); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(out["csv"])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, wl := range a.Workloads {
		for _, s := range wl.Sections {
			for _, r := range s.Rows[1:] {
				compared++
				ratio, interval := r.Versus.RatioText()
				for _, name := range []string{"text", "markdown"} {
					if !strings.Contains(out[name], ratio) || !strings.Contains(out[name], interval) {
						t.Errorf("%s has no %s %s", name, ratio, interval)
					}
				}
				found := false
				for _, row := range rows[1:] {
					v, _ := strconv.ParseFloat(row[9], 64)
					found = found || row[0] == wl.Name && row[2] == s.Measure.Column && row[3] == r.Target &&
						v > 0 && v/r.Versus.Estimate < 1.00001 && r.Versus.Estimate/v < 1.00001 && row[18] == string(r.Versus.Verdict)
				}
				if !found {
					t.Errorf("csv has no row for %s, %s, %s with %v", wl.Name, s.Measure.Key, r.Target, r.Versus.Estimate)
				}
			}
		}
	}
	if compared != 8 {
		t.Errorf("%d comparisons, want 8", compared)
	}
	for i, row := range rows {
		if len(row) != len(columns) {
			t.Errorf("row %d has %d fields", i, len(row))
		}
	}
}
