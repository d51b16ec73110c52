package admin

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"modelbench/servers/daemon"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tallies has a different number in each field of interest.
func tallies() []*daemon.Tally {
	all := daemon.NewTallies(2)
	t := all[1]
	t.Open.Store(1)
	t.Waiting.Store(2)
	t.Computing.Store(3)
	t.Accepted.Store(4)
	t.Requests.Store(5)
	t.BytesIn.Store(6)
	t.BytesOut.Store(7)
	t.Pauses.Store(8)
	t.Spins.Store(9)
	t.IdleTimeouts.Store(10)
	t.RequestTimeouts.Store(11)
	t.WriteTimeouts.Store(12)
	t.RefusedFull.Store(13)
	t.RefusedDescriptors.Store(14)
	t.RefusedDraining.Store(15)
	t.AcceptErrors.Store(16)
	all[0].Accepted.Store(100)
	return all
}

const countsJSON = `"open":1,"waiting":2,"computing":3,"accepted":104,"requests":5,"bytes_in":6,"bytes_out":7,"pauses":8,"spins":9,` +
	`"timeouts":{"idle":10,"request":11,"write":12},"refused":{"full":13,"descriptors":14,"draining":15},"accept_errors":16`

// The fields of /stats are a contract.
func TestStats(t *testing.T) {
	t.Parallel()
	s := Server{
		Model: "m", Draining: func() bool { return true }, Parts: Whole(tallies()),
		Flags: &daemon.Flags{Procs: 2, MaxConns: 9, MaxHeader: 1, MaxBody: 2, IdleTimeout: 1500 * time.Millisecond},
	}
	text, err := json.Marshal(s.Stats(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	got := regexp.MustCompile(`"(pid|uptime_s|goroutines|threads|heap_bytes|mallocs|go_bytes|rss_bytes|descriptors)":[0-9.]*[1-9][0-9.e+-]*,?`).ReplaceAllString(string(text), `"$1":N,`)
	got = strings.ReplaceAll(got, ",}", "}")
	want := `{"model":"m","pid":N,"uptime_s":N,"draining":true,` +
		`"limits":{"procs":2,"max_conns":9,"descriptors":N,"max_header_bytes":1,"max_body_bytes":2,` +
		`"header_timeout_s":0,"request_timeout_s":0,"idle_timeout_s":1.5,"write_timeout_s":0,"drain_s":0},` +
		`"process":{"goroutines":N,"threads":N,"heap_bytes":N,"mallocs":N,"go_bytes":N,"rss_bytes":N,"descriptors":N},` +
		`"total":{` + countsJSON + `},"parts":[{"name":"process","number":0,` + countsJSON + `}]}`
	want = strings.Replace(want, `"descriptors":14`, `"descriptors":N`, -1) // of the refused
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A worker that does not answer costs no more than the time that there is, and is
// shown without what it would have said.
func TestStatsOfMuteWorker(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := Server{Flags: &daemon.Flags{}, Draining: func() bool { return false }, Parts: func() []Part {
		return []Part{{Name: "worker", Worker: &Worker{PID: 7}, Ask: func(ctx context.Context) *Process { <-ctx.Done(); return nil }}}
	}}
	if st := s.Stats(ctx); st.Parts[0].Worker.PID != 7 || st.Parts[0].Worker.Process != nil {
		t.Errorf("the worker is %+v", st.Parts[0].Worker)
	}
}

func TestEach(t *testing.T) {
	t.Parallel()
	parts := Each("loop", tallies())()
	if len(parts) != 2 || parts[1].Number != 1 || parts[0].counts().Accepted != 100 || parts[1].counts().Open != 1 {
		t.Errorf("parts are %+v", parts)
	}
}

// The pages end with the server, also with a client that still holds a connection.
func TestStop(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := Server{Model: "m", Flags: &daemon.Flags{}, Draining: func() bool { return false }, Parts: Whole(nil),
		Pages: []Page{{Pattern: "/more", Path: "/more", Says: "more", Handler: http.NotFoundHandler()}}}
	stop := s.Start(l.(*net.TCPListener))
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	reply, err := (&http.Client{Transport: transport}).Get("http://" + l.Addr().String() + "/")
	if err != nil || reply.StatusCode != 200 {
		t.Fatalf("%v, %v", reply, err)
	}
	reply.Body.Close()
	stop()
	if c, err := net.Dial("tcp", l.Addr().String()); err == nil {
		c.Close()
		t.Error("something still listens")
	}
	(&Server{}).Start(nil)() // turned off
}
