// Package count counts how complex the code of each concurrency model's driver is, from its source.
//
//	models.yaml: what of the source is which model's driver, and why --> Table
//	Table.Count(source) --> a row for each model and folder (results/claims/complexity)
//
// What is counted:
//
//	files       that hold something of the driver
//	lines       with code on them, within declarations: no comments, no blank lines, no package clause and no imports
//	functions   declared, methods among them; literals are part of the function around them
//	branches    if, for, case (not default), && and ||: McCabe's cyclomatic complexity less one for each function
//	            (github.com/fzipp/gocyclo)
//	cognitive   cognitive complexity, in which what is nested counts more (G. Ann Campbell, SonarSource; github.com/uudashr/gocognit)
//	states      what the code has to remember from one event to the next and therefore writes down: see states.go
//	primitives  uses of what concurrency is made of: see primitives.go
//
// It is a proxy. A figure says how much there is to read and to keep in mind, and nothing of how hard that is. The states show what
// it can do and what not: what a goroutine remembers on its stack is in no figure, as nobody had to write it down.
//
// Names are resolved by the compiler's own rules (golang.org/x/tools/go/packages), so a Lock is one of package sync and a Load
// one of sync/atomic, whoever else has methods of that name. This needs the go command.
package count

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fzipp/gocyclo"
	"github.com/uudashr/gocognit"

	"modelbench/results/claims/complexity"
)

// Count counts the drivers of a table: a row for each model and folder, in the table's order. It fails, and says which file it is
// about, if the source does not compile or does not have what the table names.
func (t Table) Count(s Source) ([]complexity.Row, error) {
	folders, err := s.load(t.folders())
	if err != nil {
		return nil, err
	}
	var rows []complexity.Row
	for _, m := range t.Models {
		var parts []part
		for _, entry := range m.Counted {
			p, err := folders[entry.folder()].part(entry)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", m.Name, err)
			}
			parts = append(parts, p)
		}
		rows = append(rows, t.rows(m.Name, parts)...)
	}
	return rows, nil
}

// folders are those of all that is counted.
func (t Table) folders() (all []string) {
	for _, m := range t.Models {
		for _, e := range m.Counted {
			if !slices.Contains(all, e.folder()) {
				all = append(all, e.folder())
			}
		}
	}
	return all
}

// rows counts the parts of one model, folder by folder.
func (t Table) rows(model string, parts []part) []complexity.Row {
	var rows []complexity.Row
	for from := 0; from < len(parts); {
		to := from + 1
		for to < len(parts) && parts[to].folder == parts[from].folder {
			to++
		}
		row := complexity.Row{Model: model, Folder: parts[from].folder.dir}
		for _, p := range parts[from:to] {
			row.Files++
			row.Lines += p.lines()
			row.Primitives += p.primitives(t.Primitives)
			for _, d := range p.decls {
				row.Branches += branches(d)
				if fn, ok := d.(*ast.FuncDecl); ok {
					row.Functions++
					row.Cognitive += gocognit.Complexity(fn)
				}
			}
		}
		row.States = states(parts[from:to])
		rows = append(rows, row)
		from = to
	}
	return rows
}

// branches is the cyclomatic complexity of a declaration without the one way that there always is.
func branches(d ast.Decl) int { return gocyclo.Complexity(d) - 1 }

// part is what counts of a file.
type part struct {
	*folder
	name  string    // of the file: its absolute path
	start token.Pos // of the file
	decls []ast.Decl
}

// part finds what an entry of the table names.
func (f *folder) part(e Entry) (part, error) {
	p := part{folder: f, name: filepath.Join(f.root, filepath.FromSlash(e.File))}
	for _, file := range f.pkg.Syntax {
		if f.pkg.Fset.Position(file.Package).Filename != p.name {
			continue
		}
		p.start = file.FileStart
		missing := map[string]bool{}
		for _, name := range e.Only {
			missing[name] = true
		}
		for _, d := range file.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
				continue
			}
			wanted := len(e.Only) == 0
			for _, name := range declared(d) {
				wanted = wanted || missing[name]
				delete(missing, name)
			}
			if wanted {
				p.decls = append(p.decls, d)
			}
		}
		for _, name := range e.Only {
			if missing[name] {
				return p, fmt.Errorf("%s declares no %s", e.File, name)
			}
		}
		return p, nil
	}
	return p, fmt.Errorf("%s is not among the files of its package, as built for Linux", e.File)
}

// declared are the names that a declaration introduces; of a method, Type.Method.
func declared(d ast.Decl) (names []string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv != nil && len(d.Recv.List) == 1 {
			name = strings.TrimPrefix(types.ExprString(d.Recv.List[0].Type), "*") + "." + name
		}
		return []string{name}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, s.Name.Name)
			case *ast.ValueSpec:
				for _, id := range s.Names {
					names = append(names, id.Name)
				}
			}
		}
	}
	return names
}

// holds reports whether a position lies in a declaration that counts.
func (p part) holds(at token.Pos) bool {
	for _, d := range p.decls {
		if d.Pos() <= at && at < d.End() {
			return true
		}
	}
	return false
}
