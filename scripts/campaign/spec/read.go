package spec

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// mostBytes bounds a file: the parser recurses with the depth of what it reads.
const mostBytes = 64 << 10

// Parse reads a campaign. name is the file's, for messages. The error is a Faults.
func Parse(name string, text []byte) (c Campaign, err error) {
	r := &reader{file: name, lines: strings.Split(string(text), "\n"), places: map[string]*token.Token{}}
	defer func() {
		// The library is given whatever a person wrote; should it trip over it, that is
		// still the file's fault as far as that person is concerned.
		if trip := recover(); trip != nil {
			c, err = Campaign{}, Faults{{File: name, Problem: fmt.Sprintf("this is no YAML that can be read: %v", trip)}}
		}
	}()
	if len(text) > mostBytes {
		return c, Faults{{File: name, Problem: fmt.Sprintf("%d bytes are more than the %d that a campaign may have", len(text), mostBytes)}}
	}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		var at yaml.Error
		if errors.As(err, &at) {
			r.fault(at.GetToken(), "%s", at.GetMessage())
		} else {
			r.fault(nil, "%v", err)
		}
		return Campaign{}, r.faults
	}
	var docs []ast.Node
	for _, d := range file.Docs {
		if d.Body != nil {
			docs = append(docs, d.Body)
		}
	}
	switch len(docs) {
	case 0:
		return c, Faults{{File: name, Problem: "there is nothing in it; compare --print-campaign shows a whole one"}}
	case 1:
		r.campaign(docs[0], &c)
	default:
		r.fault(start(docs[1]), "a file holds one campaign, and here a second document begins")
	}
	if len(r.faults) == 0 {
		for _, p := range Check(c) {
			r.fault(r.place(p.Path), "%s", p.Text)
		}
	}
	if len(r.faults) > 0 {
		slices.SortStableFunc(r.faults, func(a, b Fault) int { return a.Line - b.Line })
		return Campaign{}, r.faults
	}
	return c, nil
}

// reader takes values out of the tree and remembers where each was.
type reader struct {
	file   string
	lines  []string
	places map[string]*token.Token // by path, as in targets[1].name
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

// place is where a path is, or else what it would be in.
func (r *reader) place(path string) *token.Token {
	for {
		if at, ok := r.places[path]; ok {
			return at
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			return r.places[""]
		}
		path = path[:cut]
	}
}

// A field takes a value from its node. path is where it stands.
type field func(n ast.Node, path string)

// mapping reads a mapping whose keys are those of fields, each at most once.
func (r *reader) mapping(n ast.Node, path string, fields map[string]field) {
	pairs, ok := pairsOf(n)
	if !ok {
		r.fault(start(n), "%s is expected to be keys with values, not %s", orWhole(path), kindOf(n))
		return
	}
	r.places[path] = start(n)
	for _, kv := range pairs {
		key := kv.Key.GetToken()
		read, known := fields[key.Value]
		if !known {
			r.fault(key, "unknown key %q: %s has %s", key.Value, orWhole(path), list(fields))
			continue
		}
		at := join(path, key.Value)
		if _, null := kv.Value.(*ast.NullNode); null {
			r.fault(key, "%s has no value: leave the key out, or give it one", key.Value)
			continue
		}
		r.places[at] = start(kv.Value)
		read(kv.Value, at)
	}
}

// pairsOf are the keys and values of a mapping.
func pairsOf(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}, true
	}
	return nil, false
}

func (r *reader) sequence(n ast.Node, path string, each field) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		r.fault(start(n), "%s is expected to be a list, not %s", path, kindOf(n))
		return
	}
	for i, v := range s.Values {
		at := fmt.Sprintf("%s[%d]", path, i)
		r.places[at] = start(v)
		each(v, at)
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func orWhole(path string) string {
	if path == "" {
		return "a campaign"
	}
	return path
}

func list(fields map[string]field) string {
	var keys []string
	for k := range fields {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return strings.Join(keys, ", ")
}

// kindOf names what a node is, for a person.
func kindOf(n ast.Node) string {
	switch v := n.(type) {
	case *ast.StringNode, *ast.LiteralNode:
		return fmt.Sprintf("the text %q", n.GetToken().Value)
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "the number " + n.GetToken().Value
	case *ast.BoolNode:
		return v.GetToken().Value
	case *ast.NullNode:
		return "nothing"
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "keys with values"
	}
	return "an anchor, alias or tag, which campaigns do not have"
}

// start is where a node begins. A mapping's own token is the colon of its first key.
func start(n ast.Node) *token.Token {
	if pairs, ok := pairsOf(n); ok && len(pairs) > 0 {
		return pairs[0].Key.GetToken()
	}
	return n.GetToken()
}
