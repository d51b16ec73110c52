package count

import (
	"go/ast"
	"go/token"
	"go/types"
)

// states is how much the code of some parts has to remember from one event to the next, as far as it is written down as such. One
// rule for all models:
//
//   - each field, of a struct that the parts declare, that some function changes after the struct was made: a place where
//     something is kept until the next call;
//   - each value of an enumeration that the parts declare (constants of a type of their own): a point at which something can stand.
//
// A change is an assignment to the field or to an element of it, ++ and --, taking its address unless it is a struct (whose fields
// count themselves), and Store, Swap, Add, CompareAndSwap, And and Or of an atomic. What a function does to a struct that it has
// just made with a literal belongs to the making.
//
// Variables of functions are in no count, though a goroutine that blocks has what it remembers in just these: the compiler keeps
// them, and nobody has to write down that they are to be kept.
func states(parts []part) int {
	kept := map[*types.Var]bool{}
	values := 0
	for _, p := range parts {
		w := &writes{part: p, kept: kept, ours: func(v *types.Var) bool { return declaredIn(parts, v.Pos()) }}
		for _, d := range p.decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				w.made = p.made(d)
				ast.Inspect(d, w.look)
			case *ast.GenDecl:
				w.made = nil
				ast.Inspect(d, w.look) // a variable that holds a function
				if d.Tok == token.CONST {
					values += p.enumerated(d, parts)
				}
			}
		}
	}
	return len(kept) + values
}

func declaredIn(parts []part, at token.Pos) bool {
	for _, p := range parts {
		if p.holds(at) {
			return true
		}
	}
	return false
}

// enumerated is how many constants of a declaration are of a type that the parts declare.
func (p part) enumerated(d *ast.GenDecl, parts []part) (n int) {
	for _, spec := range d.Specs {
		for _, id := range spec.(*ast.ValueSpec).Names {
			c, ok := p.pkg.TypesInfo.Defs[id].(*types.Const)
			if !ok {
				continue // _
			}
			if named, ok := c.Type().(*types.Named); ok && declaredIn(parts, named.Obj().Pos()) {
				n++
			}
		}
	}
	return n
}

// made are the variables of a function that begin as a struct's literal, or a pointer to one.
func (p part) made(fn *ast.FuncDecl) map[types.Object]bool {
	made := map[types.Object]bool{}
	ast.Inspect(fn, func(node ast.Node) bool {
		a, ok := node.(*ast.AssignStmt)
		if !ok || a.Tok != token.DEFINE || len(a.Lhs) != len(a.Rhs) {
			return true
		}
		for i, right := range a.Rhs {
			if u, ok := right.(*ast.UnaryExpr); ok && u.Op == token.AND {
				right = u.X
			}
			id, named := a.Lhs[i].(*ast.Ident)
			if _, ok := right.(*ast.CompositeLit); ok && named && p.pkg.TypesInfo.Defs[id] != nil {
				made[p.pkg.TypesInfo.Defs[id]] = true
			}
		}
		return true
	})
	return made
}

// writes finds the fields that are changed.
type writes struct {
	part
	ours func(*types.Var) bool
	made map[types.Object]bool // in the function that is looked at
	kept map[*types.Var]bool
}

func (w *writes) look(node ast.Node) bool {
	switch x := node.(type) {
	case *ast.FuncLit: // it may run at any time: nothing is being made any more
		made := w.made
		w.made = nil
		ast.Inspect(x.Body, w.look)
		w.made = made
		return false
	case *ast.AssignStmt:
		for _, left := range x.Lhs {
			w.change(left)
		}
	case *ast.IncDecStmt:
		w.change(x.X)
	case *ast.RangeStmt:
		if x.Tok == token.ASSIGN {
			w.change(x.Key)
			w.change(x.Value)
		}
	case *ast.UnaryExpr:
		if t := w.pkg.TypesInfo.TypeOf(x.X); x.Op == token.AND && t != nil {
			if _, is := t.Underlying().(*types.Struct); !is {
				w.change(x.X)
			}
		}
	case *ast.CallExpr:
		fn := callee(w.pkg.TypesInfo, x)
		if sel, ok := ast.Unparen(x.Fun).(*ast.SelectorExpr); ok && fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "sync/atomic" && changes[fn.Name()] {
			w.change(sel.X)
		}
	}
	return true
}

var changes = map[string]bool{"Store": true, "Swap": true, "Add": true, "CompareAndSwap": true, "And": true, "Or": true}

// change notes the field that an expression stands for, if it is one of ours.
func (w *writes) change(x ast.Expr) {
	for {
		switch e := x.(type) {
		case *ast.ParenExpr:
			x = e.X
			continue
		case *ast.StarExpr:
			x = e.X
			continue
		case *ast.IndexExpr:
			x = e.X
			continue
		case *ast.SliceExpr:
			x = e.X
			continue
		case *ast.SelectorExpr:
			s := w.pkg.TypesInfo.Selections[e]
			if s == nil || s.Kind() != types.FieldVal {
				return
			}
			if field := s.Obj().(*types.Var).Origin(); w.ours(field) && !w.made[w.root(e)] {
				w.kept[field] = true
			}
		}
		return
	}
}

// root is the variable at the beginning of a.b.c; nil if it begins otherwise.
func (w *writes) root(x ast.Expr) types.Object {
	for {
		switch e := x.(type) {
		case *ast.SelectorExpr:
			x = e.X
		case *ast.ParenExpr:
			x = e.X
		case *ast.Ident:
			return w.pkg.TypesInfo.Uses[e]
		default:
			return nil
		}
	}
}
