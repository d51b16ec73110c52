package engine

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// waits counts the rounds of a thread's loop.
type waits struct {
	transport
	n int
}

func (w *waits) wait(timeout int64) {
	w.n++
	w.transport.wait(timeout)
}

// A thread that has nothing to do sleeps, whatever the server does: a round of its loop
// either finds an event or has slept until something is due. 300 requests are some 1000
// rounds; a loop that does not sleep makes a hundred thousand.
func TestThreadsSleep(t *testing.T) {
	t.Parallel()
	for name, handle := range map[string]func(*fake, net.Conn){
		"answers": always(okReply),
		"stuck":   each(func(*fake, net.Conn) bool { return true }),
		"closes":  each(func(_ *fake, c net.Conn) bool { io.WriteString(c, okReply); return false }),
		"resets":  each(func(_ *fake, c net.Conn) bool { return reset(c) }),
		"dies":    each(func(f *fake, _ net.Conn) bool { f.die(); return false }),
	} {
		for _, p := range []Plan{{Rate: 1000}, {Rate: 1000, NoKeepalive: true}, {Rate: 1000, Threads: 2, Warmup: 30 * time.Millisecond}} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				longEnough(t, 200*time.Millisecond, func(timeout time.Duration) string {
					p.Targets, p.Connections, p.Duration, p.Idle = []Target{httpTarget(t, "a", serve(t, handle))}, 4, 300*time.Millisecond, 2
					p.Timeout, p.Engine = timeout, underTest
					var all []*waits
					sys := thisSystem
					sys.wrap = func(net transport) transport {
						all = append(all, &waits{transport: net})
						return all[len(all)-1]
					}
					if _, err := start(context.Background(), p, sys); errors.Is(err, unix.ETIMEDOUT) {
						return err.Error()
					} else if err != nil {
						t.Fatal(err)
					}
					for i, w := range all {
						if w.n > 10000 {
							t.Errorf("%+v: thread %d went round %d times", p, i, w.n)
						}
					}
					return ""
				})
			})
		}
	}
}
