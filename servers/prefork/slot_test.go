package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"modelbench/servers/daemon"
)

func testSupervisor(t *testing.T, workers int) *supervisor {
	t.Helper()
	f := &flags{Flags: daemon.Flags{HTTP: "127.0.0.1:0"}, Workers: workers}
	s, err := newSupervisor(f, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	return s
}

// An onlooker sees a slot's state and both of its tallies.
func TestStatus(t *testing.T) {
	s := testSupervisor(t, 2)
	s.page.slot(1)[1].Requests.Store(3)
	s.slots[1].died(nil, errors.New("no such program"), 0)
	for n, want := range []status{{State: "starting"}, {Worker: 1, State: "down", Restarts: 1, LastDeath: "no such program"}} {
		got := s.status()[n]
		if requests := got.Tallies[0].Requests.Load() + got.Tallies[1].Requests.Load(); requests != int64(3*n) {
			t.Errorf("slot %d: %d requests", n, requests)
		}
		if got.Tallies = want.Tallies; got != want {
			t.Errorf("slot %d: %+v, want %+v", n, got, want)
		}
	}
}

// A roll that has to wait for a slot without a worker ends with the server.
func TestRollStops(t *testing.T) {
	s := testSupervisor(t, 1)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := s.slots[0].roll(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("roll: %v", err)
	}
}

func TestBackoff(t *testing.T) {
	const ms = time.Millisecond
	long, short := &child{lived: shortLife}, &child{lived: shortLife - 1}
	var b backoff
	for i, c := range []struct {
		w    *child
		want time.Duration
	}{
		{long, 0}, {long, 0},
		{short, 25 * ms}, {short, 50 * ms}, {short, 100 * ms}, {short, 200 * ms}, {short, 200 * ms}, // served: soon back, always
		{nil, 400 * ms}, {nil, 800 * ms}, {nil, 1600 * ms}, {nil, 3200 * ms}, {nil, 5000 * ms}, {nil, 5000 * ms}, // never does
		{short, 200 * ms},
		{long, 0},
		{nil, 25 * ms},
	} {
		if got := b.after(c.w); got != c.want {
			t.Errorf("death %d: %v, want %v", i, got, c.want)
		}
	}
}
