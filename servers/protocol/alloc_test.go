package protocol

import (
	"fmt"
	"strings"
	"testing"
)

// requests that a server answers all day, and that must leave no garbage.
var hot = map[string]string{
	"plaintext":  get("/plaintext", "User-Agent: test", "Accept: */*"),
	"json":       get("/json"),
	"task":       get("/task?spin=10&wait=1ms&bytes=100"),
	"task, spin": get("/task?spin=10&bytes=0"),
	"task, wait": get("/task?wait=1us"),
	"count":      get("/count"),
	"echo":       post("0123456789", "Content-Length: 10"),
}

// serveAll puts requests through a session, their waits included.
func serveAll(s Session, in, out []byte) []byte {
	for {
		used, grown, next := s.Step(in, out)
		in, out = in[used:], grown
		if next.Do == Read {
			return out
		}
	}
}

func TestNoAllocation(t *testing.T) {
	for name, text := range hot {
		for _, pipelined := range []int{1, 16} {
			s := NewHTTP(testRules())
			noAllocation(t, fmt.Sprintf("%s, %d at once", name, pipelined), s, strings.Repeat(text, pipelined))
		}
	}
	noAllocation(t, "TCP echo", NewEcho(testRules()), "64 bytes, more or less")
}

func noAllocation(t *testing.T, name string, s Session, text string) {
	t.Helper()
	in, out := []byte(text), make([]byte, 0, 64<<10)
	if serveAll(s, in, out); raceEnabled {
		return // sync.Pool drops items at random under the race detector
	}
	if n := testing.AllocsPerRun(1000, func() { serveAll(s, in, out) }); n != 0 {
		t.Errorf("%s: %v allocations", name, n)
	}
}

func BenchmarkStep(b *testing.B) {
	for name, text := range hot {
		b.Run(name, func(b *testing.B) {
			s, in, out := NewHTTP(testRules()), []byte(text), make([]byte, 0, 4096)
			b.ReportAllocs()
			for b.Loop() {
				serveAll(s, in, out)
			}
		})
	}
}
