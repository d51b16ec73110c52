package spec

import (
	"strconv"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// text takes a string. A number or a boolean in its place is an error: who writes
// `name: 1e3` would be surprised at what the name is.
func (r *reader) text(to *string) field {
	return func(n ast.Node, path string) {
		switch v := n.(type) {
		case *ast.StringNode:
			*to = v.Value
		case *ast.LiteralNode:
			*to = v.Value.Value
		default:
			r.fault(start(n), "%s is expected to be text, not %s%s", path, kindOf(n), quoteIt(n))
		}
	}
}

func quoteIt(n ast.Node) string {
	if _, ok := scalar(n); ok {
		return `: put it in quotes if it is meant`
	}
	return ""
}

// scalar is the text of a string, number or boolean as it was written.
func scalar(n ast.Node) (string, bool) {
	switch v := n.(type) {
	case *ast.StringNode:
		return v.Value, true
	case *ast.LiteralNode:
		return v.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

// word takes whatever one value is, as text.
func (r *reader) word(to *string) field {
	return func(n ast.Node, path string) {
		s, ok := scalar(n)
		if !ok {
			r.fault(start(n), "%s is expected to be one value, not %s", path, kindOf(n))
			return
		}
		*to = s
	}
}

func (r *reader) number(to *int64) field {
	return func(n ast.Node, path string) {
		if _, ok := n.(*ast.IntegerNode); ok {
			v, err := strconv.ParseInt(n.GetToken().Value, 10, 64)
			if err == nil {
				*to = v
				return
			}
		}
		r.fault(start(n), "%s is expected to be a whole number, not %s", path, kindOf(n))
	}
}

func (r *reader) count(to *int) field {
	return func(n ast.Node, path string) {
		var v int64
		r.number(&v)(n, path)
		if v < 0 || v > 1<<31-1 {
			r.fault(start(n), "%s: %d is not from 0 to %d", path, v, 1<<31-1)
			return
		}
		*to = int(v)
	}
}

func (r *reader) truth(to *bool) field {
	return func(n ast.Node, path string) {
		b, ok := n.(*ast.BoolNode)
		if !ok {
			r.fault(start(n), "%s is expected to be true or false, not %s", path, kindOf(n))
			return
		}
		*to = b.Value
	}
}

// parsed takes a value of one word and a form of its own.
func parsed[T any](r *reader, parse func(string) (T, error), to *T) field {
	return func(n ast.Node, path string) {
		var s string
		before := len(r.faults)
		r.word(&s)(n, path)
		if len(r.faults) > before {
			return
		}
		v, err := parse(s)
		if err != nil {
			r.fault(start(n), "%s: %v", path, err)
			return
		}
		*to = v
	}
}

func (r *reader) duration(to *time.Duration) field { return parsed(r, parseDuration, to) }

// words takes a list of words, or a line that is split as a shell would.
func (r *reader) words(to *[]string) field {
	return func(n ast.Node, path string) {
		if _, ok := n.(*ast.SequenceNode); !ok {
			parsed(r, Split, to)(n, path)
			return
		}
		words := []string{}
		r.sequence(n, path, func(n ast.Node, path string) {
			var s string
			r.word(&s)(n, path)
			words = append(words, s)
		})
		*to = words
	}
}

// names takes a list of words.
func (r *reader) names(to *[]string) field {
	return func(n ast.Node, path string) {
		names := []string{}
		r.sequence(n, path, func(n ast.Node, path string) {
			var s string
			r.text(&s)(n, path)
			names = append(names, s)
		})
		*to = names
	}
}

// texts takes a mapping of names to words.
func (r *reader) texts(to *map[string]string) field {
	return func(n ast.Node, path string) {
		pairs, ok := pairsOf(n)
		if !ok {
			r.fault(start(n), "%s is expected to be keys with values, not %s", path, kindOf(n))
			return
		}
		*to = map[string]string{}
		for _, kv := range pairs {
			key := kv.Key.GetToken().Value
			at := join(path, key)
			r.places[at] = start(kv.Value)
			var s string
			r.word(&s)(kv.Value, at)
			(*to)[key] = s
		}
	}
}
