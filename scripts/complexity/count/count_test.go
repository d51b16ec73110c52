package count

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"modelbench/results/claims/complexity"
)

// small are the sources of a module, a package in each folder, and what is counted of each.
func small(t *testing.T) (Source, map[string]complexity.Row) {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("testdata", "small.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	s := Source{Root: t.TempDir()}
	want := map[string]complexity.Row{}
	for _, f := range archive.Files {
		if path.Base(f.Name) == "want.csv" {
			rows, err := complexity.Read(strings.NewReader(string(f.Data)))
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range rows {
				want[r.Model] = r
			}
			continue
		}
		name := filepath.Join(s.Root, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return s, want
}

// Each package of the small module is counted as its author has counted it by hand.
func TestSmall(t *testing.T) {
	t.Parallel()
	s, want := small(t)
	table, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	table.Models = nil
	for model := range want {
		table.Models = append(table.Models, Model{model, []Entry{{File: model + "/code.go", Because: "it is all"}}})
	}
	rows, err := table.Count(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range rows {
		if got != want[got.Model] {
			t.Errorf("counted %+v\n   want %+v", got, want[got.Model])
		}
	}
}

// What counts is what an entry names, and no more.
func TestOnly(t *testing.T) {
	t.Parallel()
	s, _ := small(t)
	for _, c := range []struct {
		file string
		only []string
		want complexity.Row
		says string
	}{
		{"states/code.go", []string{"keeper.set"}, complexity.Row{Files: 1, Lines: 6, Functions: 1}, ""}, // keeper is not of it, so nothing is kept
		{"states/code.go", []string{"keeper", "keeper.set"}, complexity.Row{Files: 1, Lines: 14, Functions: 1, States: 4}, ""},
		{"states/code.go", []string{"keeper.gone"}, complexity.Row{}, "states/code.go declares no keeper.gone"},
		{"states/none.go", nil, complexity.Row{}, "states/none.go is not among the files"},
		{"nowhere/code.go", nil, complexity.Row{}, "nowhere"},
	} {
		rows, err := (Table{Models: []Model{{"m", []Entry{{File: c.file, Only: c.only, Because: "x"}}}}}).Count(s)
		switch {
		case c.says != "":
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s %v: %v; want an error with %q", c.file, c.only, err, c.says)
			}
		case err != nil:
			t.Error(err)
		default:
			c.want.Model, c.want.Folder = "m", "states"
			if rows[0] != c.want {
				t.Errorf("%s %v: %+v\nwant %+v", c.file, c.only, rows[0], c.want)
			}
		}
	}
}

// A source that does not compile is refused with its place.
func TestBroken(t *testing.T) {
	t.Parallel()
	s, _ := small(t)
	name := filepath.Join(s.Root, "states", "code.go")
	s.Overlay = map[string][]byte{name: []byte("package states\n\nfunc f() int { return g() }\n")}
	_, err := (Table{Models: []Model{{"m", []Entry{{File: "states/code.go", Because: "x"}}}}}).Count(s)
	if err == nil || !strings.Contains(err.Error(), "code.go:3:23") {
		t.Error(err)
	}
}
