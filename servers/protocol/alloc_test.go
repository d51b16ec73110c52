package protocol

import (
	"testing"
)

// requests that a server answers all day, and that must leave no garbage.
var hot = map[string]string{
	"plaintext": get("/plaintext", "User-Agent: test", "Accept: */*"),
	"json":      get("/json"),
	"task":      get("/task?spin=10&wait=1ms&bytes=100"),
	"echo":      post("0123456789", "Content-Length: 10"),
}

// serveOnce puts one request through a session, the wait included.
func serveOnce(s Session, in, out []byte) []byte {
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
		s, in, out := NewHTTP(testRules()), []byte(text), make([]byte, 0, 4096)
		serveOnce(s, in, out)
		if raceEnabled {
			continue // sync.Pool drops items at random under the race detector
		}
		if n := testing.AllocsPerRun(1000, func() { serveOnce(s, in, out) }); n != 0 {
			t.Errorf("%s: %v allocations a request", name, n)
		}
	}
}

func BenchmarkStep(b *testing.B) {
	for name, text := range hot {
		b.Run(name, func(b *testing.B) {
			s, in, out := NewHTTP(testRules()), []byte(text), make([]byte, 0, 4096)
			b.ReportAllocs()
			for b.Loop() {
				serveOnce(s, in, out)
			}
		})
	}
}
