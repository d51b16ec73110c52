package count

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modelbench/results/claims/complexity"
)

const root = "../../.."

func defaults(t *testing.T) Table {
	t.Helper()
	table, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// Whoever adds a file to a model has to say whether it belongs to the driver.
func TestEveryFileHasItsPlace(t *testing.T) {
	t.Parallel()
	table := defaults(t)
	placed := map[string]bool{}
	for _, e := range table.LeftOut {
		placed[e.File] = true
	}
	for _, m := range table.Models {
		for _, e := range m.Counted {
			if slices.ContainsFunc(table.LeftOut, func(out Entry) bool { return out.File == e.File }) {
				t.Errorf("%s is counted and left out", e.File)
			}
			placed[e.File] = true
		}
	}
	var there []string
	for _, dir := range table.folders() {
		files, err := os.ReadDir(filepath.Join(root, dir))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if strings.HasSuffix(f.Name(), ".go") && !strings.HasSuffix(f.Name(), "_test.go") {
				there = append(there, path.Join(dir, f.Name()))
			}
		}
	}
	for _, file := range there {
		if !placed[file] {
			t.Errorf("%s is neither counted nor left out in models.yaml", file)
		}
		delete(placed, file)
	}
	for file := range placed {
		t.Errorf("models.yaml names %s, which does not exist", file)
	}
}

// A copy of a driver to which one thing was added differs by just that.
func TestOneThingMore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, file, before, add string
		want                    complexity.Row // that is added
	}{
		{"branch", "servers/eventloop/loop.go", "	l.yield()\n", "if l.steps == 0 { return false, gnet.None };",
			complexity.Row{Branches: 1, Cognitive: 1}},
		{"lock", "servers/blocking/drive.go", "	if len(out) == 0 {\n", "locking.Lock();", complexity.Row{Primitives: 1}},
		{"state", "servers/prefork/worker.go", "	runtime.GOMAXPROCS(1)\n", "parent.tries++;", complexity.Row{States: 1}},
		{"line", "servers/eventloop/room.go", "	v.waits = forRoom\n", "\n	_ = v\n\n	// no code\n", complexity.Row{Lines: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			overlay := map[string][]byte{}
			edit(t, overlay, c.file, c.before, c.add+c.before)
			switch c.name { // what the addition needs, in files or declarations that do not count
			case "lock":
				overlay[abs(t, "servers/blocking/locking.go")] = []byte("package blocking\n\nimport \"sync\"\n\nvar locking sync.Mutex\n")
			case "state":
				edit(t, overlay, "servers/prefork/inherit.go", "	will\n	files map", "	will; tries int\n	files map")
			}
			plain, more := counted(t, path.Dir(c.file), nil), counted(t, path.Dir(c.file), overlay)
			for i := range plain {
				if got, want := more[i].Add(complexity.Row{}), plain[i].Add(c.want); got != want {
					t.Errorf("counted %+v\nwant    %+v", got, want)
				}
			}
		})
	}
}

// counted are the rows of the three models that have something in a folder, of the module's source with some files changed.
func counted(t *testing.T, folder string, overlay map[string][]byte) []complexity.Row {
	t.Helper()
	table := defaults(t)
	var models []Model
	for _, m := range table.Models[:3] {
		m.Counted = slices.DeleteFunc(m.Counted, func(e Entry) bool { return e.folder() != folder })
		if len(m.Counted) > 0 {
			models = append(models, m)
		}
	}
	table.Models = models
	rows, err := table.Count(Source{Root: root, Overlay: overlay})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func abs(t *testing.T, file string) string {
	t.Helper()
	name, err := filepath.Abs(filepath.Join(root, filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// edit replaces the first old of a file by new.
func edit(t *testing.T, overlay map[string][]byte, file, old, new string) {
	t.Helper()
	name := abs(t, file)
	text, ok := overlay[name]
	if !ok {
		var err error
		if text, err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("%s has no %q any more: choose another place for the test", file, old)
	}
	overlay[name] = []byte(strings.Replace(string(text), old, new, 1))
}

func TestTableRefused(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"models:\n  - {name: a, counted: [{file: a/b.go}]}":              "a/b.go: it needs a reason",
		"models:\n  - {name: a}":                                         "needs a name and what is counted",
		"models:\n  - {name: a, files: []}":                              "t.yaml: [2:",
		"models:\n  - {name: a, counted: [{file: ../b.go, because: x}]}": `file "../b.go"`,
		"models:\n  - {name: a, counted: [{file: a/b.go, because: x}, {file: c/b.go, because: x}, {file: a/d.go, because: x}]}": "a/d.go: the files of a folder",
		"left_out: [{file: b.txt, because: x}]": "left_out: file",
		"primitives: [{package: sync}]":         "reason",
	} {
		if _, err := Parse("t.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v; want an error with %q", text, err, says)
		}
	}
}
