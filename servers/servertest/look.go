package servertest

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

// Counts are what the tests read of a server's /stats, in total or of a part.
type Counts struct {
	Open, Waiting, Computing   int
	Accepted, Requests, Pauses int
	Spins                      int
	BytesIn                    int `json:"bytes_in"`
	BytesOut                   int `json:"bytes_out"`
	Timeouts                   struct{ Idle, Request, Write int }
	Refused                    struct{ Full, Descriptors, Draining int }
}

// Stats are the server's own, as far as the tests read them.
type Stats struct {
	Model    string
	Draining bool
	Total    Counts
	Process  struct{ Goroutines, Mallocs int }
	Parts    []struct {
		Name   string
		Number int
		Counts
		Worker struct {
			PID, Restarts int
			State         string
			LastDeath     string `json:"last_death"`
			Process       struct {
				Goroutines, Mallocs int
				HeapBytes           int `json:"heap_bytes"`
			}
		}
	}
}

// Look gets one of the server's admin pages. Each is asked for on a connection of
// its own, so that none is left behind.
func (s *Server) Look(path string) (code int, body string) {
	s.t.Helper()
	client := http.Client{Timeout: limit, Transport: &http.Transport{DisableKeepAlives: true}}
	reply, err := client.Get("http://" + s.Admin + path)
	if err != nil {
		s.t.Errorf("%s: %v", path, err) // not Fatal: any goroutine may look
		return 0, ""
	}
	defer reply.Body.Close()
	b, err := io.ReadAll(reply.Body)
	if err != nil {
		s.t.Errorf("%s: %v", path, err)
	}
	return reply.StatusCode, string(b)
}

// Stats gets /stats.
func (s *Server) Stats() (st Stats) {
	s.t.Helper()
	code, body := s.Look("/stats")
	if err := json.Unmarshal([]byte(body), &st); code != 200 || err != nil {
		s.t.Errorf("/stats: %d %q: %v", code, body, err)
	}
	return st
}

// AwaitStats gets /stats until it is as it should be: what a server does next shows
// when it does it.
func (s *Server) AwaitStats(what string, is func(Stats) bool) Stats {
	s.t.Helper()
	for deadline := time.Now().Add(limit); ; time.Sleep(5 * time.Millisecond) {
		st := s.Stats()
		if is(st) {
			return st
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("stats never show %s: %+v", what, st)
		}
	}
}

// ask sends a request for /plaintext and reads its reply, n times over.
func ask(t testing.TB, c net.Conn, n int) (replies int) {
	t.Helper()
	want, _ := reference([]byte(get("/plaintext")))
	size := len(want) + len("Sun, 06 Nov 1994 08:49:37 GMT") - len("now")
	for range n {
		send(t, c, get("/plaintext"))
		receive(t, c, size)
	}
	return n * size
}

// looked has a known conversation, and looks at it.
func looked(t *testing.T, start start) {
	t.Parallel()
	s := start(t, "--procs=2", "--max-conns=4", "--drain=10m")
	if code, body := s.Look("/healthz"); code != 200 || body != "ok\n" {
		t.Errorf("/healthz: %d %q", code, body)
	}
	a, b := Dial(t, s.HTTP), Dial(t, s.Echo)
	said := s.Log()
	out := ask(t, a, 300)
	send(t, b, "hello")
	receive(t, b, 5)
	if more := strings.TrimPrefix(s.Log(), said); more != "" {
		t.Errorf("requests are logged: %q", more)
	}
	st := s.Stats()
	want := Counts{Open: 2, Accepted: 2, Requests: 300, BytesIn: 300*len(get("/plaintext")) + 5, BytesOut: out + 5}
	if st.Total != want || st.Model != s.Model || st.Draining || st.Process.Goroutines == 0 {
		t.Errorf("stats are %+v, want %+v", st, want)
	}
	var sum Counts
	for _, p := range st.Parts {
		sum.Open += p.Open
		sum.Requests += p.Requests
	}
	if sum.Open != 2 || sum.Requests != 300 {
		t.Errorf("the parts are %+v", st.Parts)
	}

	c := Dial(t, s.HTTP)
	send(t, c, get("/task?wait=10m"))
	s.AwaitStats("a wait", func(st Stats) bool { return st.Total.Waiting == 1 && st.Total.Pauses == 1 && st.Total.Open == 3 })
	Dial(t, s.Echo)
	s.AwaitStats("a full server", func(st Stats) bool { return st.Total.Open == 4 })
	io.ReadAll(Dial(t, s.HTTP)) // a reset or an end
	if st = s.Stats(); st.Total.Refused.Full != 1 || st.Total.Accepted != 4 {
		t.Errorf("after a refusal: %+v", st.Total)
	}
	code, text := s.Look("/metrics")
	if problems, err := promlint.New(strings.NewReader(text)).Lint(); code != 200 || err != nil || len(problems) > 0 {
		t.Errorf("/metrics: %d, %v, %v", code, err, problems)
	}
	for _, has := range []string{"modelbench_connections_refused_total{cause=\"full\"", "modelbench_draining 0", "process_open_fds", "go_goroutines"} {
		if !strings.Contains(text, has) {
			t.Errorf("/metrics has no %s:\n%s", has, text)
		}
	}
	for path, has := range map[string]string{"/": "/healthz", "/debug/pprof/": "goroutine", "/debug/pprof/goroutine?debug=1": "goroutine profile:"} {
		if code, body := s.Look(path); code != 200 || !strings.Contains(body, has) {
			t.Errorf("%s: %d %q", path, code, body)
		}
	}
	if code, _ := s.Look("/no-such-page"); code != 404 {
		t.Errorf("a page that does not exist: %d", code)
	}

	s.Signal(syscall.SIGTERM)
	s.AwaitStats("a drain", func(st Stats) bool { return st.Draining })
	if code, body := s.Look("/healthz"); code != 503 || body != "draining\n" {
		t.Errorf("/healthz: %d %q", code, body)
	}
}

// lookedAtSlow has clients that are too slow in each way, then one that computes.
func lookedAtSlow(t *testing.T, start start) {
	t.Parallel()
	s := start(t, "--procs=2", "--header-timeout=500ms", "--idle-timeout=2s", "--write-timeout=500ms")
	Dial(t, s.HTTP)
	send(t, Dial(t, s.HTTP), "GET / HT")
	send(t, Dial(t, s.HTTP), get("/task?bytes=100000000"))
	st := s.AwaitStats("timeouts", func(st Stats) bool {
		x := st.Total.Timeouts
		return x.Idle > 0 && x.Request > 0 && x.Write > 0
	})
	if x := st.Total.Timeouts; x.Idle != 1 || x.Request != 1 || x.Write != 1 {
		t.Errorf("timeouts: %+v", x)
	}
	send(t, Dial(t, s.HTTP), get("/task?spin=10000000000"))
	s.AwaitStats("a spin", func(st Stats) bool { return st.Total.Computing == 1 && st.Total.Spins == 1 })
}

// lookedAtBusy looks at a server under load, from many places at once.
func lookedAtBusy(t *testing.T, start start) {
	t.Parallel()
	s := start(t)
	const clients, requests = 8, 100
	var load, looks sync.WaitGroup
	done := make(chan struct{})
	for _, path := range []string{"/stats", "/metrics", "/stats"} {
		looks.Go(func() {
			for {
				if code, body := s.Look(path); code != 200 {
					t.Errorf("%s: %d %q", path, code, body)
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for range clients {
		c := Dial(t, s.HTTP)
		load.Go(func() {
			for range requests {
				if _, err := io.WriteString(c, get("/plaintext")); err != nil {
					t.Errorf("send: %v", err)
				}
				if _, err := c.Read(make([]byte, 4096)); err != nil { // it comes whole, as it is small
					t.Errorf("receive: %v", err)
				}
			}
		})
	}
	load.Wait()
	close(done)
	looks.Wait()
	if st := s.Stats(); st.Total.Requests != clients*requests || st.Total.Accepted != clients {
		t.Errorf("stats are %+v", st.Total)
	}
}
