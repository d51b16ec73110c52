package protocol

import (
	"bytes"
	"testing"
)

// FuzzHTTP checks, for any bytes cut at any two places, that the outcome is the
// uncut one's, that a session never holds back more than it may, and that after
// a request too broken to answer nothing more is said.
func FuzzHTTP(f *testing.F) {
	for _, c := range allCases(f) {
		f.Add(c.In, uint16(len(c.In)/3), uint16(len(c.In)/2))
	}
	f.Fuzz(func(t *testing.T, in []byte, a, b uint16) {
		if len(in) > 8<<10 || bytes.Contains(in, []byte("spin=")) || bytes.Contains(in, []byte("bytes=")) {
			return // work that a fuzzer would only wait for
		}
		x, y := int(a)%(len(in)+1), int(b)%(len(in)+1)
		interim := []byte("HTTP/1.1 100 Continue\r\n\r\n")
		want, wantClosed, _ := talk(t, NewHTTP(testRules()), in)
		got, closed, _ := talk(t, NewHTTP(testRules()), in, min(x, y), max(x, y))
		want = bytes.ReplaceAll(want, interim, nil)
		got = bytes.ReplaceAll(got, interim, nil)
		if !bytes.Equal(got, want) || closed != wantClosed {
			t.Fatalf("%q cut at %d and %d: closed %v, said %q, want %q", in, min(x, y), max(x, y), closed, clip(got), clip(want))
		}
	})
}
