package claims

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Fault is what is wrong at one place of a file.
type Fault struct {
	File         string
	Line, Column int    // from 1; 0: not known
	Source       string // the line
	Problem      string
}

// Error is the place, the problem and, below, the line with a mark under the place.
func (f Fault) Error() string {
	if f.Line == 0 {
		return f.File + ": " + f.Problem
	}
	lead := fmt.Sprintf("%5d | ", f.Line)
	indent := strings.Repeat(" ", len(lead)-2) + "| "
	for i, r := range []rune(f.Source) {
		if i == f.Column-1 {
			break
		}
		if r != '\t' { // a tab stays one, so that the mark stands where the line does
			r = ' '
		}
		indent += string(r)
	}
	return fmt.Sprintf("%s:%d:%d: %s\n%s%s\n%s^", f.File, f.Line, f.Column, f.Problem, lead, f.Source, indent)
}

// mostFaults are shown of one file: further ones are often echoes of the first.
const mostFaults = 8

// Faults is everything that is wrong with a file, in the order of its lines.
type Faults []Fault

// Error shows the first eight of them.
func (fs Faults) Error() string {
	var texts []string
	for i, f := range fs {
		if i == mostFaults {
			texts = append(texts, fmt.Sprintf("and %d more", len(fs)-i))
			break
		}
		texts = append(texts, f.Error())
	}
	return strings.Join(texts, "\n")
}

// reader collects the faults of a file.
type reader struct {
	file   string
	lines  []string
	faults Faults
}

func (r *reader) fault(at *token.Token, format string, args ...any) {
	f := Fault{File: r.file, Problem: fmt.Sprintf(format, args...)}
	if at != nil && at.Position != nil {
		f.Line, f.Column = at.Position.Line, at.Position.Column
		if f.Line >= 1 && f.Line <= len(r.lines) {
			f.Source = strings.TrimRight(r.lines[f.Line-1], "\r")
		}
	}
	r.faults = append(r.faults, f)
}

// failed is what the library found.
func (r *reader) failed(err error) {
	var at yaml.Error
	if errors.As(err, &at) {
		r.fault(at.GetToken(), "%s", at.GetMessage())
		return
	}
	var own *placeError
	if errors.As(err, &own) {
		r.fault(own.at, "%s", own.problem)
		return
	}
	r.fault(nil, "%v", err)
}

// err is nil if there is no fault.
func (r *reader) err() error {
	if len(r.faults) == 0 {
		return nil
	}
	slices.SortStableFunc(r.faults, func(a, b Fault) int { return a.Line - b.Line })
	return r.faults
}

// placeError is a fault on its way through the library's decoder.
type placeError struct {
	at      *token.Token
	problem string
}

func (e *placeError) Error() string { return e.problem }

// text is one value of a file, as it was written, and where. Its zero value is a key that is not there.
type text struct {
	s  string
	at *token.Token
}

func (t text) given() bool { return t.at != nil }

// UnmarshalYAML implements yaml.NodeUnmarshaler. The library's own decoding is obliging: 1.5 would do for a whole number.
func (t *text) UnmarshalYAML(n ast.Node) error {
	switch v := n.(type) {
	case *ast.StringNode:
		t.s = v.Value
	case *ast.LiteralNode:
		t.s = v.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		t.s = n.GetToken().Value
	default:
		return &placeError{n.GetToken(), "one value is expected here, not a list or keys with values"}
	}
	t.at = n.GetToken()
	return nil
}

// oddities finds keys and items without a value, which the library takes for ones that are not there, and what such a file has no need of.
type oddities struct{ r *reader }

func (o oddities) Visit(n ast.Node) ast.Visitor {
	switch n.(type) {
	case *ast.NullNode:
		o.r.fault(n.GetToken(), "there is no value here: leave the key out, or give it one")
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		o.r.fault(n.GetToken(), "claims have no anchors, aliases, merges or tags")
	}
	return o
}
