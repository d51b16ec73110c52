package report

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite FORMAT.md from the comments")

// TestFormatDocument keeps FORMAT.md the list of all fields, and every field documented.
func TestFormatDocument(t *testing.T) {
	docs := comments(t)
	var want bytes.Buffer
	want.WriteString(`# What --json writes

One JSON document with the complete result of a run. The unit is the suffix of a name: ` + "`_us`" + ` microseconds, ` + "`_s`" + ` seconds,
` + "`_bytes`" + ` bytes, ` + "`_rps`" + ` per second, ` + "`_pct`" + ` percent (0 to 100), ` + "`_share`" + ` a fraction (0 to 1). What was not measured is absent, never 0:
a field marked *optional* may be. ` + "`schema_version`" + ` grows whenever a field is removed, renamed or changes its meaning; others may be added.

What always holds: ` + "`due = completed + unfinished +`" + ` all ` + "`errors`" + `; ` + "`latency.count = completed`" + `; the slices of a target add up to its ` + "`measured_s`" + `,
` + "`replies`" + ` and ` + "`left`" + `. Histograms (` + "`hdr_v2`" + `) are in HdrHistogram's V2 encoding, in nanoseconds, and can be read and merged by any of its
libraries. The Go package [` + "`loadgen/report`" + `](report.go) reads, checks and merges these documents.

This page is made from the comments of that package (` + "`go test ./loadgen/report -update`" + `).
`)
	done := map[reflect.Type]bool{}
	section(t, &want, docs, reflect.TypeFor[Report](), done)
	if *update {
		if err := os.WriteFile("FORMAT.md", want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("FORMAT.md")
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("FORMAT.md does not say what the comments say (error %v): run go test ./loadgen/report -update", err)
	}
}

// section writes the table of one type, then those of the types it leads to.
func section(t *testing.T, w *bytes.Buffer, docs map[string]string, of reflect.Type, done map[reflect.Type]bool) {
	if done[of] {
		return
	}
	done[of] = true
	fmt.Fprintf(w, "\n## %s\n\n%s\n\n| field | type | |\n|---|---|---|\n", of.Name(), docs[of.Name()])
	if docs[of.Name()] == "" {
		t.Errorf("%s has no comment", of.Name())
	}
	var next []reflect.Type
	for i := range of.NumField() {
		f := of.Field(i)
		doc := docs[of.Name()+"."+f.Name]
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if doc == "" || name == "" {
			t.Errorf("%s.%s has no comment or no name in the document", of.Name(), f.Name)
		}
		kind, leads := described(f.Type)
		if leads != nil {
			next = append(next, leads)
		}
		if options == "omitempty" {
			kind += ", optional"
		}
		fmt.Fprintf(w, "| `%s` | %s | %s |\n", name, kind, strings.ReplaceAll(doc, "|", `\|`))
	}
	for _, n := range next {
		section(t, w, docs, n, done)
	}
}

// described names a type as JSON has it, and returns the struct that it holds, if any.
func described(of reflect.Type) (name string, leads reflect.Type) {
	switch {
	case of == reflect.TypeFor[*time.Time]():
		return "time or null", nil
	case of.Kind() == reflect.Pointer:
		return described(of.Elem())
	case of.Kind() == reflect.Slice:
		name, leads = described(of.Elem())
		return "array of " + name, leads
	case of.Kind() == reflect.Map:
		return "object of strings", nil
	case of.Kind() == reflect.Struct:
		return "[" + of.Name() + "](#" + strings.ToLower(of.Name()) + ")", of
	case of.Kind() == reflect.Bool:
		return "boolean", nil
	case of.Kind() == reflect.String:
		return "string", nil
	case of.Kind() == reflect.Float64:
		return "number", nil
	}
	return "whole number", nil
}

// comments reads what the source says of types and fields: "Type" and "Type.Field".
func comments(t *testing.T) map[string]string {
	docs := map[string]string{}
	for _, name := range []string{"report.go", "distribution.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			types, ok := decl.(*ast.GenDecl)
			if !ok || types.Tok != token.TYPE {
				continue
			}
			spec := types.Specs[0].(*ast.TypeSpec)
			docs[spec.Name.Name] = line(types.Doc)
			if s, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range s.Fields.List {
					docs[spec.Name.Name+"."+f.Names[0].Name] = line(f.Comment)
				}
			}
		}
	}
	return docs
}

func line(c *ast.CommentGroup) string { return strings.Join(strings.Fields(c.Text()), " ") }
