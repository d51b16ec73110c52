package campaign

import (
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"modelbench/results/trial"
)

// watched are intervals of 20 ms with so many completed requests of 40 that are due in each: 10 before a fault in the middle of the
// next, and what is answered when the load is over.
func watched(late int, after ...int) (all []interval, fault time.Duration) {
	for i, completed := range append(slices.Repeat([]int{40}, 10), after...) {
		start := time.Duration(i) * watchEvery
		all = append(all, interval{start: start, end: start + watchEvery, measured: watchEvery, due: 40, completed: completed})
	}
	end := all[len(all)-1].end
	return append(all, interval{start: end, end: end + watchEvery, completed: late}), 210 * time.Millisecond
}

func TestRecovery(t *testing.T) {
	t.Parallel()
	good := slices.Repeat([]int{40}, 20)
	for _, c := range []struct {
		name  string
		late  int
		after []int
		want  trial.Float
	}{
		{"nothing happens", 0, good, trial.F(0)},
		{"one request is lost", 0, append([]int{39}, good...), trial.F(0)},
		{"never", 0, make([]int, 20), trial.Float{}},
		{"never, but answered when all is over", 1200, make([]int, 20), trial.Float{}},
		{"three intervals without, of which the first had begun", 0, append([]int{20, 0, 0}, good...), trial.F(50)},
		{"the same, caught up at once", 0, append([]int{20, 0, 0, 140}, good...), trial.F(50)},
		{"half of the rate", 0, slices.Repeat([]int{20}, 20), trial.Float{}},
		{"half of the rate, caught up when all is over", 400, slices.Repeat([]int{20}, 20), trial.Float{}},
		{"back, and away again", 0, slices.Concat([]int{0}, good[:10], make([]int, 10)), trial.Float{}},
		{"back for less than 100 ms before the end", 0, append(make([]int, 16), 40, 40, 40, 40), trial.Float{}},
		{"the generator is late once", 0, slices.Concat([]int{0}, good[:10], []int{0, 80}, good[:7]), trial.F(10)},
		{"the generator is late at the end", 40, slices.Concat([]int{0}, good[:10], []int{0}), trial.F(10)},
		{"98% of the rate", 0, append([]int{0}, slices.Repeat([]int{40, 39, 39}, 20)...), trial.Float{}},
	} {
		all, fault := watched(c.late, c.after...)
		if got := recovery(all, fault); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	all, _ := watched(0, good...)
	if got := recovery(all, 0); got != (trial.Float{}) {
		t.Errorf("with nothing before it: %v", got)
	}
}

func TestLateBeforeAFault(t *testing.T) {
	t.Parallel()
	all, fault := watched(0, 0, 0, 0)
	all[11].lag = time.Second // afterwards: that of requests which wait for a connection
	if err := late(all, fault); err != nil {
		t.Error(err)
	}
	all[5].lag = 21 * time.Millisecond
	if err := late(all, fault); err == nil || !strings.Contains(err.Error(), "21ms late") {
		t.Errorf("a request that left late: %v", err)
	}
	all[5].lag, all[5].completed = 0, 30
	if err := late(all, fault); err == nil || !strings.Contains(err.Error(), "390 of 400") {
		t.Errorf("requests that were not answered: %v", err)
	}
}

func TestReadIntervals(t *testing.T) {
	t.Parallel()
	const header = "end_s,start_s,phase,measured_s,due,completed,lag_max_us\n"
	r := newRows(strings.NewReader(header + "0.02,0.000000,warmup,0.000000,0,0,\n0.04,0.02,measure,0.015,40,39,12.5\n"))
	want := []interval{{end: 20 * time.Millisecond},
		{start: 20 * time.Millisecond, end: 40 * time.Millisecond, measured: 15 * time.Millisecond, due: 40, completed: 39, lag: 12500}}
	for _, want := range want {
		if got, err := r.next(); err != nil || got != want {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
	}
	if _, err := r.next(); err != io.EOF {
		t.Errorf("after the last row: %v", err)
	}
	for text, want := range map[string]string{
		"start_s,end_s\n":                  "no column measured_s",
		header + "0.02,x,measure,0,0,0,\n": "start_s",
		header + "0.02\n":                  "fields",
	} {
		if _, err := newRows(strings.NewReader(text)).next(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
