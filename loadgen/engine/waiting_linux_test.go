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
	stuck, good := serve(t, each(func(*fake, net.Conn) bool { return true })), serve(t, always(okReply))
	for _, p := range []Plan{{}, {Threads: 2}, {Pipeline: 3}, {NoKeepalive: true}} {
		p.Targets, p.Connections, p.Warmup, p.Duration = []Target{httpTarget(t, "a", stuck)}, 4, 150*time.Millisecond, 50*time.Millisecond
		want := uint64(4 * max(1, p.Pipeline))
		s := &mustRun(t, p).Targets[0]
		if s.Due > 0 || s.Waiting != want {
			t.Errorf("%+v: %d due, %d waiting, want none and %d", p, s.Due, s.Waiting, want)
		}
		if v, why := s.Judge(record.Evidence{}); v != record.TooFew || why == "" {
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
