package trial

import "testing"

func TestAgain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		target, variant, of string
	}{
		{"goroutine-again", "again", "goroutine"},
		{"eventloop-1-again", "one-loop again", "eventloop-1"},
		{"goroutine", "", ""},
		{"goroutine-again", "", ""}, // somebody's own server may be called that
		{"goroutine-again", "never-again", ""},
		{"goroutine", "again", ""},
		{"-again", "again", ""},
	} {
		of, ok := Trial{Target: tt.target, Variant: tt.variant}.Again()
		if of != tt.of || ok != (tt.of != "") {
			t.Errorf("%s, variant %q: %q, %v; want %q", tt.target, tt.variant, of, ok, tt.of)
		}
	}
}
