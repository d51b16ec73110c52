package count

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/tools/go/packages"
)

// Source is where the code is.
type Source struct {
	Root    string            // of the module
	Overlay map[string][]byte // contents to take instead of those of files, by absolute path; nil: none
}

// folder is a package of the source.
type folder struct {
	dir  string // from the root, with slashes
	root string
	pkg  *packages.Package
	text map[string][]byte // of all files read, by absolute path
}

// load reads the packages in some folders as they are built for Linux, where the benchmarks run.
func (s Source) load(dirs []string) (map[string]*folder, error) {
	root, err := filepath.Abs(s.Root)
	if err != nil {
		return nil, err
	}
	patterns := make([]string, len(dirs))
	for i, dir := range dirs {
		if _, err := os.Stat(filepath.Join(root, dir)); err != nil {
			return nil, fmt.Errorf("is %s the module's root? %w", root, err)
		}
		patterns[i] = "./" + dir
	}
	text := map[string][]byte{}
	var mu sync.Mutex // files are parsed side by side
	cfg := &packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo,
		Dir:  root, Overlay: s.Overlay,
		ParseFile: func(fset *token.FileSet, name string, src []byte) (*ast.File, error) {
			mu.Lock()
			text[name] = src
			mu.Unlock()
			return parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
		},
	}
	if runtime.GOOS != "linux" {
		cfg.Env = append(os.Environ(), "GOOS=linux")
	}
	pkgs, err := packages.Load(cfg, patterns...)
	if err != nil {
		return nil, fmt.Errorf("read the source: %w", err)
	}
	found := map[string]*folder{}
	for _, p := range pkgs {
		if len(p.Errors) > 0 {
			return nil, fmt.Errorf("read the source: %w", errors.Join(wrapped(p.Errors)...))
		}
		for _, dir := range dirs {
			if slices.ContainsFunc(p.GoFiles, func(name string) bool { return filepath.Dir(name) == filepath.Join(root, filepath.FromSlash(dir)) }) {
				found[dir] = &folder{dir, root, p, text}
			}
		}
	}
	for _, dir := range dirs {
		if found[dir] == nil {
			return nil, fmt.Errorf("read the source: there is no package in %s", dir)
		}
	}
	return found, nil
}

func wrapped(all []packages.Error) (errs []error) {
	for _, e := range all {
		errs = append(errs, e)
	}
	return errs
}
