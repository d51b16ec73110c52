package engine

import (
	"fmt"
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
		longEnough(t, 50*time.Millisecond, func(d time.Duration) string {
			stuck := serve(t, each(func(*fake, net.Conn) bool { return true }))
			p.Targets, p.Connections, p.Warmup, p.Duration, p.Timeout = []Target{httpTarget(t, "a", stuck)}, 4, 3*d, d, bound
			want := uint64(4 * max(1, p.Pipeline))
			s := &mustRun(t, p).Targets[0]
			if s.Due+s.Waiting > want {
				t.Errorf("%+v: %d due, %d waiting, want %d together", p, s.Due, s.Waiting, want)
			}
			if v, why := s.Judge(record.Evidence{}); s.Due == 0 && (v != record.TooFew || why == "") {
				t.Errorf("%s: %s", v, why)
			}
			if s.Waiting < want { // on a machine that is busy some may leave in the window, or never
				return fmt.Sprintf("%d due, %d waiting, want 0 and %d", s.Due, s.Waiting, want)
			}
			return ""
		})
	}
	rep := mustRun(t, Plan{Targets: []Target{httpTarget(t, "a", good)}, Connections: 4, Warmup: 20 * time.Millisecond, Requests: 100, Duration: bound, Timeout: bound})
	if s := &rep.Targets[0]; s.Waiting > 0 || s.Due != 100 {
		t.Errorf("%d due, %d waiting of a server that answers", s.Due, s.Waiting)
	}
}
