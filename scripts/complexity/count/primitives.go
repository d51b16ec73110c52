package count

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// primitives is how often the declarations use what concurrency is made of. Counted are
//
//   - of the language: go, select, sending, receiving, ranging over a channel, close, and make of a channel;
//   - calls of functions and methods that the table lists, with package and name: locks, atomics, timers, threads, processes,
//     wake-ups. Of a method it is the package that declares it that counts, also where it is called through an embedding struct;
//     of an interface's it is the interface's.
func (p part) primitives(listed []Primitive) (n int) {
	info := p.pkg.TypesInfo
	for _, d := range p.decls {
		ast.Inspect(d, func(node ast.Node) bool {
			switch x := node.(type) {
			case *ast.GoStmt, *ast.SelectStmt, *ast.SendStmt:
				n++
			case *ast.UnaryExpr:
				if x.Op == token.ARROW {
					n++
				}
			case *ast.RangeStmt:
				if isChan(info.TypeOf(x.X)) {
					n++
				}
			case *ast.CallExpr:
				if isBuiltin(info, x, "close") || isBuiltin(info, x, "make") && isChan(info.TypeOf(x)) || isListed(callee(info, x), listed) {
					n++
				}
			}
			return true
		})
	}
	return n
}

func isChan(t types.Type) bool {
	if t == nil {
		return false
	}
	_, is := t.Underlying().(*types.Chan)
	return is
}

func isBuiltin(info *types.Info, call *ast.CallExpr, name string) bool {
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok {
		return false
	}
	b, ok := info.Uses[id].(*types.Builtin)
	return ok && b.Name() == name
}

// callee is the function or method that is called by its name; nil for the others, literals and values of a function type.
func callee(info *types.Info, call *ast.CallExpr) *types.Func {
	var id *ast.Ident
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		id = f
	case *ast.SelectorExpr:
		id = f.Sel
	default:
		return nil
	}
	fn, _ := info.Uses[id].(*types.Func)
	return fn
}

func isListed(fn *types.Func, listed []Primitive) bool {
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	return slices.ContainsFunc(listed, func(p Primitive) bool {
		return p.Package == fn.Pkg().Path() && (len(p.Names) == 0 || slices.Contains(p.Names, fn.Name()))
	})
}
