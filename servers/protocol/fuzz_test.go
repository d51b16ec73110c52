package protocol

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"testing"
)

// replies offers input byte by byte, so that no Step answers more than one
// request, and takes each reply for a client's eyes: net/http must be able to read
// it, and nothing may be left over. It returns all that was said.
func replies(t *testing.T, input []byte) (out []byte, closed bool) {
	t.Helper()
	h := NewHTTP(testRules())
	var held, said []byte
	need := 0
	for i := 0; i < len(input) && !closed; i++ {
		held = append(held, input[i])
		for again := true; again && !closed; {
			used, grown, next := h.Step(held, said)
			if early := len(held) < need; early && (used > 0 || len(grown) > len(said) || next != (Next{Do: Read, Need: need})) {
				t.Fatalf("with %d bytes where %d were needed: %d used, %s said, %+v", len(held), need, used, clip(grown), next)
			}
			held, said, need = held[used:], grown, next.Need
			if most := h.rules.Unused(); next.Do == Read && len(held) > most {
				t.Fatalf("%d bytes are left unused, over %d", len(held), most)
			}
			if next.Answered > 0 {
				out = append(out, said...)
				read(t, said, h.head)
				said = said[:0]
			}
			again, closed = next.Do == Pause || next.Do == Compute, next.Do == Close
		}
	}
	return append(out, said...), closed
}

// read reads one final reply and the interim ones before it.
func read(t *testing.T, said []byte, head bool) {
	t.Helper()
	request := &http.Request{Method: "GET"}
	if head {
		request.Method = "HEAD"
	}
	r := bufio.NewReader(bytes.NewReader(said))
	for {
		reply, err := http.ReadResponse(r, request)
		if err != nil {
			t.Fatalf("%v: %s", err, clip(said))
		}
		if _, err := io.ReadAll(reply.Body); err != nil {
			t.Fatalf("body: %v: %s", err, clip(said))
		}
		if reply.StatusCode < 200 {
			continue
		}
		if left, _ := io.ReadAll(r); len(left) > 0 {
			t.Fatalf("%s is left over of %s", clip(left), clip(said))
		}
		return
	}
}

// FuzzHTTP offers any bytes, whole, cut at any two places and one by one. What is
// said must be the same each time and be HTTP in a client's eyes, and a session
// must never hold back more than it may.
func FuzzHTTP(f *testing.F) {
	for _, c := range allCases(f) {
		f.Add(c.In, uint16(len(c.In)/3), uint16(len(c.In)/2))
	}
	f.Fuzz(func(t *testing.T, in []byte, a, b uint16) {
		if len(in) > 8<<10 || bytes.Contains(in, []byte("spin=")) || bytes.Contains(in, []byte("bytes=")) {
			return // work that a fuzzer would only wait for
		}
		interim := []byte("HTTP/1.1 100 Continue\r\n\r\n")
		want, wantClosed, _ := talk(t, NewHTTP(testRules()), in)
		want = bytes.ReplaceAll(want, interim, nil)
		same := func(how string, got []byte, closed bool) {
			t.Helper()
			if got = bytes.ReplaceAll(got, interim, nil); !bytes.Equal(got, want) || closed != wantClosed {
				t.Fatalf("%q %s: closed %v, said %s, want %s", in, how, closed, clip(got), clip(want))
			}
		}
		x, y := int(a)%(len(in)+1), int(b)%(len(in)+1)
		got, closed, _ := talk(t, NewHTTP(testRules()), in, min(x, y), max(x, y))
		same("in three parts", got, closed)
		got, closed = replies(t, in)
		same("byte by byte", got, closed)
	})
}
