package servertest

import (
	"strings"
	"sync"
	"testing"
)

// noGarbage has the server serve each of the requests that are measured many times
// over: whatever the model adds to the session, it allocates nothing for it.
func noGarbage(t *testing.T, start start) {
	t.Parallel()
	s := start(t, "--procs=1")
	for _, c := range []struct{ name, addr, text string }{
		{"plaintext", s.HTTP, get("/plaintext")},
		{"echo", s.HTTP, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 64\r\n\r\n" + strings.Repeat("x", 64)},
		{"TCP echo", s.Echo, strings.Repeat("x", 64)},
		{"spin", s.HTTP, get("/task?spin=1")},
		{"wait", s.HTTP, get("/task?wait=1us&bytes=100")},
	} {
		const clients = 16
		requests := 400
		if raceEnabled {
			requests = 40 // nothing is asserted of what is allocated then
		}
		var ready, again, over sync.WaitGroup
		ready.Add(clients)
		again.Add(1)
		for range clients {
			conn := Dial(t, c.addr)
			over.Go(func() {
				repeat(t, conn, c.text, 50) // pools fill, buffers grow
				ready.Done()
				again.Wait()
				repeat(t, conn, c.text, requests)
			})
			defer conn.Close()
		}
		ready.Wait()
		s.mallocs()
		look := s.mallocs()
		before := s.mallocs()
		look = before - look // what it costs to look
		again.Done()
		over.Wait()
		each := float64(s.mallocs()-before-look) / float64(clients*requests)
		t.Logf("%s, %s: %.3f allocations a request", s.Model, c.name, each)
		// One that is made each time would show as 1, or as a third with three workers. The
		// runtime has business of its own, which shows as up to 0.1.
		if each > 0.3 && !raceEnabled {
			t.Errorf("%s, %s: %.3f allocations a request", s.Model, c.name, each)
		}
	}
}

// repeat sends a request so often, each when the reply to the last is there. All
// replies have the size of the first.
func repeat(t *testing.T, conn interface {
	Read([]byte) (int, error)
	Write([]byte) (int, error)
}, text string, times int) {
	in, out := make([]byte, 4<<10), []byte(text)
	size := 0
	for range times {
		if _, err := conn.Write(out); err != nil {
			t.Error(err)
			return
		}
		for got := 0; got == 0 || got < size; {
			n, err := conn.Read(in[got:])
			if err != nil {
				t.Error(err)
				return
			}
			got += n
			size = max(size, got)
		}
	}
}

// mallocs is how many objects the process that serves has allocated; with prefork
// that is its one worker.
func (s *Server) mallocs() int {
	s.t.Helper()
	st := s.Stats()
	if s.Model == "prefork" {
		return st.Parts[0].Worker.Process.Mallocs
	}
	return st.Process.Mallocs
}
