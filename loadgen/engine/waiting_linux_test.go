package engine

import (
	"context"
	"net"
	"testing"
	"time"

	"modelbench/loadgen/record"
)

// What a stuck server owes since the warm-up is known, and only that.
func TestWaiting(t *testing.T) {
	t.Parallel()
	good := serve(t, always(okReply))
	for _, p := range []Plan{{}, {Threads: 2}, {Pipeline: 3}, {NoKeepalive: true}} {
		stuck := serve(t, each(func(*fake, net.Conn) bool { return true }))
		p.Targets, p.Connections, p.Warmup, p.Duration = []Target{httpTarget(t, "a", stuck)}, 4, 150*time.Millisecond, 50*time.Millisecond
		want := uint64(4 * max(1, p.Pipeline))
		s := &mustRun(t, p).Targets[0]
		stuck.end()
		// On a machine that is busy the first requests may leave in the window, or never.
		if got := uint64(stuck.requests.Load()); s.Due+s.Waiting < got || s.Due+s.Waiting > want {
			t.Errorf("%+v: %d due, %d waiting, want %d to %d together", p, s.Due, s.Waiting, got, want)
		}
		if v, why := s.Judge(record.Evidence{}); s.Due == 0 && (v != record.TooFew || why == "") {
			t.Errorf("%s: %s", v, why)
		}
	}
	rep, err := carryOut(context.Background(), Plan{Targets: []Target{httpTarget(t, "a", good)}, Connections: 4, Warmup: 20 * time.Millisecond, Requests: 100})
	if err != nil {
		t.Fatal(err)
	}
	if s := &rep.Targets[0]; s.Waiting > 0 || s.Due != 100 {
		t.Errorf("%d due, %d waiting of a server that answers", s.Due, s.Waiting)
	}
}
