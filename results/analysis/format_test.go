package analysis

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"
)

// The page describes every key, and no other.
func TestFormatPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{"key": true, "column": true, "name": true, "better": true} // of MarshalJSON
	collectKeys(reflect.TypeFor[Analysis](), keys)
	for key := range keys {
		if !strings.Contains(string(page), "`"+key+"`") {
			t.Errorf("FORMAT.md says nothing of %q", key)
		}
	}
	text, err := json.Marshal(Measures[0])
	if err != nil || !strings.HasPrefix(string(text), `{"key":"throughput","column":"throughput_rps","name":"throughput","better":"higher"`) {
		t.Errorf("%s, %v", text, err)
	}
}

func collectKeys(t reflect.Type, keys map[string]bool) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		collectKeys(t.Elem(), keys)
	case reflect.Struct:
		if t == reflect.TypeFor[Measure]() {
			return
		}
		for f := range t.NumField() {
			if key, _, _ := strings.Cut(t.Field(f).Tag.Get("json"), ","); key != "" {
				keys[key] = true
				collectKeys(t.Field(f).Type, keys)
			}
		}
	}
}
