package compare

import (
	"bytes"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"modelbench/results/analysis"
	"modelbench/results/trial"
)

var update = flag.Bool("update", false, "rewrite testdata from the scenarios and from what Write says now")

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, make := range scenarios {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			csv, golden := filepath.Join("testdata", name+".csv"), filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.Remove(csv); err != nil && !errors.Is(err, os.ErrNotExist) {
					t.Fatal(err)
				}
				if err := trial.Append(csv, make()...); err != nil {
					t.Fatal(err)
				}
			}
			trials := read(t, csv)
			for i, want := range make() {
				want.SchemaVersion = trial.I(trial.SchemaVersion)
				if i >= len(trials) || trials[i] != want {
					t.Fatalf("row %d of %s is not its scenario's: run the test with -update and look at what changes", i, csv)
				}
			}
			var got bytes.Buffer
			if err := Write(&got, trials, analysis.Options{}); errors.Is(err, analysis.ErrNothing) != (name == "nothing") || (err != nil && name != "nothing") {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("got\n%s\nwant\n%s", got.Bytes(), want)
			}
		})
	}
}

func read(t *testing.T, path string) []trial.Trial {
	t.Helper()
	trials, torn, err := trial.ReadFile(path)
	if err != nil || torn {
		t.Fatalf("torn %v, %v", torn, err)
	}
	return trials
}

// The answer is a matter of the trials, not of the order in which they stand.
func TestOrderOfTrialsIsNoMatter(t *testing.T) {
	t.Parallel()
	trials := campaign()
	var want, got bytes.Buffer
	if err := Write(&want, trials, analysis.Options{}); err != nil {
		t.Fatal(err)
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(trials), func(i, j int) { trials[i], trials[j] = trials[j], trials[i] })
	if err := Write(&got, trials, analysis.Options{}); err != nil {
		t.Fatal(err)
	}
	if got.String() != want.String() {
		t.Errorf("shuffled trials give\n%s\nnot\n%s", got.String(), want.String())
	}
}
