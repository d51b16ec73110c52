package engine

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Every round visits every target once, windows add up to the duration exactly, and
// the same seed gives the same order.
func TestSchedule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Plan{
			Targets:  make([]Target, rapid.IntRange(1, 7).Draw(t, "targets")),
			Duration: time.Duration(rapid.Int64Range(int64(time.Millisecond), int64(20*time.Second)).Draw(t, "duration")),
			Warmup:   time.Duration(rapid.Int64Range(0, int64(2*time.Second)).Draw(t, "warmup")),
			Slice:    time.Duration(rapid.Int64Range(int64(MinSlice), int64(time.Second)).Draw(t, "slice")),
			Seed:     rapid.Uint64().Draw(t, "seed"),
		}.withDefaults()
		visits := p.schedule()
		n := len(p.Targets)
		if len(visits)%n != 0 {
			t.Fatalf("%d visits to %d targets", len(visits), n)
		}
		measured := make([]time.Duration, n)
		for i, v := range visits {
			if i%n == 0 {
				seen := make(map[int]bool)
				for _, w := range visits[i : i+n] {
					seen[w.target] = true
				}
				if len(seen) != n {
					t.Fatalf("a round visits %d of %d targets", len(seen), n)
				}
			}
			if v.window <= 0 || v.lead < 0 {
				t.Fatalf("visit %+v", v)
			}
			if v.recorded {
				measured[v.target] += v.window
			}
		}
		for target, d := range measured {
			if d != p.Duration/time.Duration(n) {
				t.Fatalf("target %d is measured for %v of %v / %d", target, d, p.Duration, n)
			}
		}
		if !reflect.DeepEqual(visits, p.schedule()) {
			t.Fatal("the same plan gives another schedule")
		}
	})
}

func TestScheduleSlices(t *testing.T) {
	p := Plan{Targets: make([]Target, 2), Duration: 9 * time.Second, Warmup: time.Second}.withDefaults()
	visits := p.schedule()
	if len(visits) != 2*(10+100) {
		t.Errorf("%d visits, want 10 rounds of warm-up and 100 of 45 ms windows", len(visits))
	}
	if v := visits[len(visits)-1]; v.lead != 5*time.Millisecond || v.window != 45*time.Millisecond || !v.recorded {
		t.Errorf("last visit %+v", v)
	}
}

func TestValidateNamesTheFlag(t *testing.T) {
	two := make([]Target, 2)
	for want, p := range map[string]Plan{
		"url":         {},
		"connections": {Targets: two, Connections: -1},
		"threads":     {Targets: two, Threads: -1},
		"pipeline":    {Targets: two, Pipeline: MaxPipeline + 1},
		"duration":    {Targets: two, Duration: -1},
		"warmup":      {Targets: two, Warmup: -1},
		"timeout":     {Targets: two, Timeout: time.Microsecond},
		"slice":       {Targets: two, Slice: time.Millisecond},
		"rate":        {Targets: two, Rate: -5},
		"requests":    {Targets: two, Requests: 5},
	} {
		err := p.Validate()
		if err == nil || len(err.Error()) < len(want) || err.Error()[:len(want)+1] != want+":" {
			t.Errorf("%+v: error %v, want one about %s", p, err, want)
		}
	}
	if err := (Plan{Targets: two}).Validate(); err != nil {
		t.Errorf("the zero plan with targets: %v", err)
	}
}

func TestAutoThreads(t *testing.T) {
	for cpus, want := range map[int]int{1: 1, 2: 1, 3: 1, 4: 2, 8: 4, 64: 8} {
		if got := AutoThreads(cpus); got != want {
			t.Errorf("%d CPUs: %d threads, want %d", cpus, got, want)
		}
	}
}
