package choose

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
)

// The page describes every key.
func TestFormatPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	collectKeys(reflect.TypeFor[Advice](), keys)
	if len(keys) < 60 {
		t.Fatalf("%d keys", len(keys))
	}
	for key := range keys {
		if !strings.Contains(string(page), "`"+key+"`") {
			t.Errorf("FORMAT.md says nothing of %q", key)
		}
	}
}

func collectKeys(t reflect.Type, keys map[string]bool) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		collectKeys(t.Elem(), keys)
	case reflect.Struct:
		for f := range t.NumField() {
			field := t.Field(f)
			if key, _, _ := strings.Cut(field.Tag.Get("json"), ","); key != "" {
				keys[key] = true
			}
			if field.IsExported() {
				collectKeys(field.Type, keys)
			}
		}
	}
}

// What is written reads as the same, lists are lists and never null, and every sentence has its trials.
func TestJSON(t *testing.T) {
	t.Parallel()
	for name, make := range golden() {
		a := make(t)
		var b bytes.Buffer
		if err := JSON(&b, a); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.ReplaceAll(b.String(), `"stability": null`, ""), "[\n    null") || strings.Contains(b.String(), `s": null`) {
			t.Errorf("%s: a list is null:\n%s", name, b.String())
		}
		var back Advice
		if err := json.Unmarshal(b.Bytes(), &back); err != nil {
			t.Fatal(err)
		}
		var again bytes.Buffer
		if err := JSON(&again, &back); err != nil || again.String() != b.String() {
			t.Errorf("%s: %v\n%s\n%s", name, err, b.String(), again.String())
		}
		for _, s := range a.Because {
			if len(s.Evidence.Trials) == 0 || len(s.Evidence.Commands) == 0 || s.Evidence.Estimate == nil {
				t.Errorf("%s: %+v", name, s)
			}
		}
	}
}
