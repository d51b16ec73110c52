package claims

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// mostBytes bounds a file: the parser recurses with the depth of what it reads.
const mostBytes = 256 << 10

// The form of the file. What its values mean is found out in check.go.
type (
	file struct {
		Source      text           `yaml:"source"`
		StandIns    []standInForm  `yaml:"stand_ins"`
		Experiments []experimentIn `yaml:"experiments"`
		Claims      []claimForm    `yaml:"claims"`
	}
	standInForm struct {
		Name      text `yaml:"name"`
		Is        text `yaml:"is"`
		StandsFor text `yaml:"stands_for"`
		Python    text `yaml:"python"`
	}
	experimentIn struct {
		Name        text `yaml:"name"`
		Asks        text `yaml:"asks"`
		Descriptive text `yaml:"descriptive"`
	}
	claimForm struct {
		ID        text       `yaml:"id"`
		Claim     text       `yaml:"claim"`
		Place     text       `yaml:"place"`
		Technique text       `yaml:"technique"`
		Side      text       `yaml:"side"`
		Kind      text       `yaml:"kind"`
		Tests     []testForm `yaml:"tests"`
		Python    text       `yaml:"python"`
		Go        text       `yaml:"go"`
		Factor    text       `yaml:"factor"`
	}
	testForm struct {
		Name       text   `yaml:"name"`
		Experiment text   `yaml:"experiment"`
		Workload   text   `yaml:"workload"`
		Measure    text   `yaml:"measure"`
		Ratio      text   `yaml:"ratio"`
		Value      text   `yaml:"value"`
		Frequency  text   `yaml:"frequency"`
		Winners    []text `yaml:"winners"`
		Cells      []text `yaml:"cells"`
		Count      text   `yaml:"count"`
		Figure     text   `yaml:"figure"`
		Above      text   `yaml:"above"`
		Below      text   `yaml:"below"`
		Within     text   `yaml:"within"`
		Beaten     text   `yaml:"beaten"`
		Context    text   `yaml:"context"`
	}
)

// Parse reads claims strictly: unknown keys, keys twice, keys without a value and everything that a test could not be judged by are
// refused, with line and column. name is the file's, for messages. The error is a Faults.
func Parse(name string, text []byte) (set Set, err error) {
	r := &reader{file: name, lines: strings.Split(string(text), "\n")}
	defer func() {
		// The library is given whatever a person wrote; should it trip over it, that is still the file's fault as far as that
		// person is concerned.
		if trip := recover(); trip != nil {
			set, err = Set{}, Faults{{File: name, Problem: fmt.Sprintf("this is no YAML that can be read: %v", trip)}}
		}
	}()
	if len(text) > mostBytes {
		r.fault(nil, "%d bytes are more than the %d that claims may have", len(text), mostBytes)
		return Set{}, r.err()
	}
	f, ok := r.decode(text)
	if ok {
		set = r.set(f)
	}
	if err := r.err(); err != nil {
		return Set{}, err
	}
	return set, nil
}

func (r *reader) decode(text []byte) (f file, ok bool) {
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		r.failed(err)
		return f, false
	}
	var body ast.Node
	for _, d := range tree.Docs {
		switch {
		case d.Body == nil:
		case body == nil:
			body = d.Body
		default:
			r.fault(d.Body.GetToken(), "a file holds one set of claims, and here a second document begins")
		}
	}
	if body == nil {
		r.fault(nil, "there is nothing in it")
	} else {
		ast.Walk(oddities{r}, body)
	}
	if len(r.faults) > 0 {
		return f, false
	}
	if err := yaml.NewDecoder(strings.NewReader(""), yaml.Strict()).DecodeFromNode(body, &f); err != nil {
		r.failed(err)
		return f, false
	}
	return f, true
}

// where is the place of the first of these that is there.
func where(all ...text) *token.Token {
	for _, t := range all {
		if t.given() {
			return t.at
		}
	}
	return nil
}
