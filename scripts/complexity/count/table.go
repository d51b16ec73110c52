package count

import (
	_ "embed"
	"fmt"
	"path"
	"strings"

	"github.com/goccy/go-yaml"
)

// Table says what of the source is which model's driver, with reasons that a reader may disagree with.
type Table struct {
	Models     []Model     `yaml:"models"`
	LeftOut    []Entry     `yaml:"left_out"` // files of the models' folders that count for no model
	Primitives []Primitive `yaml:"primitives"`
}

// Model is a model's driver, or a variant: what that adds to the driver of its model.
type Model struct {
	Name    string  `yaml:"name"`
	Counted []Entry `yaml:"counted"` // files of one folder stand together
}

// Entry is a file, and why it is where it is.
type Entry struct {
	File    string   `yaml:"file"`    // from the module's root, with slashes
	Only    []string `yaml:"only"`    // of its declarations count (methods as Type.Method); empty: all
	Because string   `yaml:"because"` // also says what the rest of the file is, with Only
}

func (e Entry) folder() string { return path.Dir(e.File) }

// Primitive is a package's functions and methods of which each use counts as one of a concurrency primitive.
type Primitive struct {
	Package string   `yaml:"package"` // import path
	Names   []string `yaml:"names"`   // of functions and methods; empty: all
	Because string   `yaml:"because"`
}

//go:embed models.yaml
var models []byte

// Default is the table of this module's models: models.yaml, beside this file.
func Default() (Table, error) { return Parse("models.yaml", models) }

// Parse reads a table. name is the file's, for messages.
func Parse(name string, text []byte) (Table, error) {
	var t Table
	if err := yaml.UnmarshalWithOptions(text, &t, yaml.DisallowUnknownField()); err != nil {
		return t, fmt.Errorf("%s: %s", name, strings.TrimSpace(yaml.FormatError(err, false, false)))
	}
	if err := t.check(); err != nil {
		return t, fmt.Errorf("%s: %w", name, err)
	}
	return t, nil
}

func (t Table) check() error {
	for _, m := range t.Models {
		if m.Name == "" || len(m.Counted) == 0 {
			return fmt.Errorf("model %q: it needs a name and what is counted", m.Name)
		}
		left, last := map[string]bool{}, ""
		for _, e := range m.Counted {
			if err := e.check(); err != nil {
				return fmt.Errorf("model %s: %w", m.Name, err)
			}
			if now := e.folder(); now != last {
				if left[last] = true; left[now] {
					return fmt.Errorf("model %s: %s: the files of a folder must stand together", m.Name, e.File)
				}
				last = now
			}
		}
	}
	for _, e := range t.LeftOut {
		if err := e.check(); err != nil {
			return fmt.Errorf("left_out: %w", err)
		}
	}
	for _, p := range t.Primitives {
		if p.Package == "" || p.Because == "" {
			return fmt.Errorf("primitive %q: it needs a package and a reason (because)", p.Package)
		}
	}
	return nil
}

func (e Entry) check() error {
	switch {
	case path.Clean(e.File) != e.File || path.IsAbs(e.File) || path.Ext(e.File) != ".go" || strings.HasPrefix(e.File, ".."):
		return fmt.Errorf("file %q: it must be a Go file, by its path from the module's root", e.File)
	case e.Because == "":
		return fmt.Errorf("%s: it needs a reason (because)", e.File)
	}
	return nil
}
