package claims

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "rewrite testdata from what the formats say now")

func report(t *testing.T) Report {
	t.Helper()
	rules, m := campaigns()
	set, err := Parse("x.yaml", []byte(rules))
	if err != nil {
		t.Fatal(err)
	}
	return Judge(set, m)
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "markdown", "csv"} {
		var got bytes.Buffer
		if err := Formats[format](&got, report(t)); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", "whole."+format)
		if *update {
			if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("got\n%s\nwant\n%s", got.Bytes(), want)
		}
		for _, line := range strings.Split(got.String(), "\n") {
			if format == "text" && utf8.RuneCountInString(line) > lineWidth {
				t.Errorf("a line of %d: %s", len(line), line)
			}
		}
	}
}

// What is written as JSON reads as the same, lists are lists and never null, and the CSV has the same figures.
func TestFormatsAgree(t *testing.T) {
	t.Parallel()
	r := report(t)
	var text bytes.Buffer
	if err := JSON(&text, r); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text.String(), "null") {
		t.Errorf("a list is null:\n%s", text.String())
	}
	var back Report
	if err := json.Unmarshal(text.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	for i := range r.Findings {
		r.Findings[i].Claim.Tests = nil
		for k := range r.Findings[i].Outcomes {
			o := &r.Findings[i].Outcomes[k]
			if o.Test.Workload = ""; o.Python != nil {
				o.Python.Test.Workload = ""
			}
		}
	}
	if !reflect.DeepEqual(back, r) {
		t.Errorf("got\n%+v\nwant\n%+v", back, r)
	}
	text.Reset()
	if err := CSV(&text, r); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&text).ReadAll()
	if err != nil || !reflect.DeepEqual(rows[0], columns) {
		t.Fatalf("%v, %v", rows, err)
	}
	at := 1
	for _, f := range r.Findings {
		for _, o := range f.Outcomes {
			if row := rows[at]; row[6] != string(f.Verdict) || row[13] != string(o.Answer) || o.Answer != Unasked && row[14] != number(o.Estimate) {
				t.Errorf("%v of %+v", row, o)
			}
			at++
		}
	}
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	r := report(t)
	for name, write := range Formats {
		if err := write(full{}, r); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// The page describes every key of the JSON and every column of the CSV.
func TestFormatPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	collectKeys(reflect.TypeFor[Report](), keys)
	if len(keys) < 60 {
		t.Fatalf("%d keys", len(keys))
	}
	for _, c := range columns {
		keys[c] = true
	}
	for key := range keys {
		if !strings.Contains(string(page), "`"+key+"`") {
			t.Errorf("FORMAT.md says nothing of %q", key)
		}
	}
}

func collectKeys(t reflect.Type, keys map[string]bool) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		collectKeys(t.Elem(), keys)
	case reflect.Struct:
		for f := range t.NumField() {
			key, _, _ := strings.Cut(t.Field(f).Tag.Get("json"), ",")
			if key == "" || key == "-" || keys[key] && t.Field(f).Type == t {
				continue
			}
			if keys[key] && key == "python" {
				continue // an outcome holds one of its own kind
			}
			keys[key] = true
			collectKeys(t.Field(f).Type, keys)
		}
	}
}
