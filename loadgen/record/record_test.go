package record

import (
	"math/rand/v2"
	"sort"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func newHist(samples ...time.Duration) *Hist {
	h := &Hist{}
	h.Init()
	for _, d := range samples {
		h.Add(d)
	}
	return h
}

func TestQuantileNeedsTenBeyond(t *testing.T) {
	tests := []struct {
		n    int
		q    float64
		want bool
	}{
		{0, 0.5, false}, {19, 0.5, false}, {20, 0.5, true}, {99, 0.9, false}, {100, 0.9, true},
		{999, 0.99, false}, {1000, 0.99, true}, {9999, 0.999, false}, {10000, 0.999, true},
	}
	for _, tt := range tests {
		h := newHist()
		for i := range tt.n {
			h.Add(time.Duration(i) * time.Microsecond)
		}
		if _, enough := h.Quantile(tt.q); enough != tt.want {
			t.Errorf("%d samples, q %g: enough is %v, want %v", tt.n, tt.q, enough, tt.want)
		}
	}
}

func TestHistLosesNothing(t *testing.T) {
	h := newHist(-1, 0, 1, histMax, histMax+1, 100*histMax)
	if h.Count() != 6 || h.Clamped() != 3 || h.h.TotalCount() != 6 {
		t.Errorf("count %d, clamped %d, in buckets %d; want 6, 3, 6", h.Count(), h.Clamped(), h.h.TotalCount())
	}
	if h.Min() != -1 || h.Max() != 100*histMax {
		t.Errorf("min %v, max %v", h.Min(), h.Max())
	}
}

// Any histogram agrees with the sorted samples to three digits, and merging parts
// is the same as adding everything to one.
func TestHistQuantiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		n := rapid.IntRange(20, 3000).Draw(t, "n")
		r := rand.New(rand.NewPCG(seed, 1))
		whole, a, b := newHist(), newHist(), newHist()
		var all []time.Duration
		for i := range n {
			d := time.Duration(r.ExpFloat64() * float64(time.Millisecond))
			all = append(all, d)
			whole.Add(d)
			if i%3 == 0 {
				a.Add(d)
			} else {
				b.Add(d)
			}
		}
		sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
		var merged Hist
		merged.Merge(a)
		merged.Merge(b)
		merged.Merge(newHist())
		for _, q := range []float64{0.1, 0.5, 0.9} {
			got, _ := whole.Quantile(q)
			want := all[max(0, int(q*float64(n)+0.5)-1)]
			near := all[min(n-1, int(q*float64(n)+0.5))]
			if float64(got) < 0.998*float64(want) || float64(got) > 1.002*float64(near) {
				t.Fatalf("q %g of %d: got %v, want %v..%v", q, n, got, want, near)
			}
			if m, _ := merged.Quantile(q); m != got {
				t.Fatalf("q %g: merged %v, whole %v", q, m, got)
			}
		}
		if merged.Count() != whole.Count() || merged.Min() != all[0] || merged.Max() != all[n-1] {
			t.Fatalf("merged: count %d, min %v, max %v", merged.Count(), merged.Min(), merged.Max())
		}
	})
}

// good is a trial that nothing speaks against: 1000/s for 10 s.
func good() *Samples {
	s := &Samples{Due: 10000, Sent: 10000, Completed: 10000, Replies: 10000, Left: 10000,
		Measured: 10 * time.Second, Windows: 1, ThreadCPU: []time.Duration{time.Second}}
	s.Latency.Init()
	s.Late.Init()
	for range 10000 {
		s.Latency.Add(time.Millisecond)
		s.Late.Add(5 * time.Microsecond)
	}
	return s
}

func TestJudge(t *testing.T) {
	tests := []struct {
		name    string
		offered float64
		change  func(*Samples)
		want    Verdict
		says    string
	}{
		{"nothing wrong, open", 1000, func(s *Samples) {}, OK, ""},
		{"nothing wrong, closed", 0, func(s *Samples) {}, OK, ""},
		{"nothing due", 0, func(s *Samples) { *s = Samples{} }, TooFew, "no request"},
		{"few", 0, func(s *Samples) { s.Due, s.Completed = 19, 19 }, TooFew, "19 requests completed"},
		{"busy, closed", 0, func(s *Samples) { s.ThreadCPU = []time.Duration{0, 9600 * time.Millisecond} }, ClientBound, "96%"},
		{"busy but on time", 1000, func(s *Samples) { s.ThreadCPU[0] = 10 * time.Second }, OK, ""},
		{"busy and late", 1000, func(s *Samples) { s.ThreadCPU[0] = 10 * time.Second; s.Left = 9000 }, ClientBound, "100%"},
		{"rate missed", 1000, func(s *Samples) { s.Left = 9800 }, RateMissed, "980 requests/s were sent where 1000 were offered"},
		{"rate just met", 1000, func(s *Samples) { s.Left = 9900 }, OK, ""},
		{"failed", 1000, func(s *Samples) { s.Completed -= 11; s.Errors[EOF] = 10; s.Errors[Reset] = 1 }, Errors, "err_eof (10)"},
		{"few failed", 1000, func(s *Samples) { s.Completed -= 10; s.Errors[EOF] = 10 }, OK, ""},
		{"unfinished", 1000, func(s *Samples) { s.Completed -= 11; s.Unfinished = 11 }, Errors, "unfinished"},
		{"never answered", 1000, func(s *Samples) { s.Completed, s.Replies, s.Left = 0, 0, 5000; s.Unfinished = 10000 }, Errors, "none of 10000"},
		{"busy with the warm-up", 1000, func(s *Samples) { s.Completed, s.Sent, s.Left, s.Replies = 0, 0, 500, 480; s.Unfinished = 10000 }, RateMissed,
			"50 requests/s were sent where 1000 were offered; the requests of the warm-up were still waiting"},
		{"busy with the lead-in, closed", 0, func(s *Samples) { s.Completed, s.Replies, s.Unfinished = 0, 5, 10000 }, Errors, "100% of 10000 requests were unfinished"},
		{"stuck before", 0, func(s *Samples) { *s = Samples{Waiting: 8} }, TooFew, "no reply to any of the 8 requests sent before the window"},
		{"attempts to connect failed, closed", 0, func(s *Samples) { s.ConnectFailed = 11 }, Errors, "11 attempts to connect failed beside 10000 requests: the load was lighter"},
		{"attempts to connect failed, open", 1000, func(s *Samples) { s.ConnectFailed = 11 }, OK, ""},
		{"attempts and requests failed, open", 1000, func(s *Samples) { s.ConnectFailed, s.Completed = 11, s.Completed-1; s.Errors[Timeout] = 1 }, Errors,
			"11 attempts to connect and 1 of 10000 requests failed"},
		{"unfinished by overload", 1000, func(s *Samples) { s.Completed, s.Left = 5000, 5000; s.Unfinished = 5000 }, RateMissed, "500 requests/s"},
		{"late", 1000, func(s *Samples) {
			for range 200 {
				s.Late.Add(150 * time.Microsecond)
			}
		}, Lagging, "150"},
		{"late, but nothing beside the latency", 1000, func(s *Samples) {
			for range 200 {
				s.Late.Add(150 * time.Microsecond)
				s.Latency.Add(time.Second)
			}
		}, OK, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := good()
			tt.change(s)
			got, why := s.Judge(Evidence{Offered: tt.offered})
			if got != tt.want || !strings.Contains(why, tt.says) || (got == OK) != (why == "") {
				t.Errorf("got %s %q, want %s with %q", got, why, tt.want, tt.says)
			}
			if !s.Balanced() && tt.name != "few" {
				t.Errorf("the case itself is out of balance: %+v", s)
			}
		})
	}
}

func TestMerge(t *testing.T) {
	a, b := good(), good()
	b.Errors[Timeout], b.Completed = 5, b.Completed-5
	b.ThreadCPU = append(b.ThreadCPU[:0], 0, time.Second) // another thread's
	a.Absent, b.Absent, a.RunDelay, b.RunDelay = 3, 5, 7, 2
	a.Merge(b)
	if a.Absent != 5 || a.RunDelay != 7 {
		t.Errorf("merged: absent for %d and waiting for %d, want the longest of either, 5 and 7", a.Absent, a.RunDelay)
	}
	if a.Due != 20000 || a.Errors[Timeout] != 5 || !a.Balanced() || len(a.ThreadCPU) != 2 || a.Measured != 10*time.Second ||
		a.Latency.Count() != 20000 || a.Throughput() != 2000 || a.ClientCPU() != 2*time.Second || a.ClientShare() != 0.1 {
		t.Errorf("merged: %+v", a)
	}
}

// What the same thread does later takes longer, and is still the same thread.
func TestExtend(t *testing.T) {
	a, b := good(), good()
	a.Up, b.Up = 7, 5
	a.Absent, b.Absent, a.RunDelay, b.RunDelay = 3, 5, 7, 2
	a.Extend(b)
	if a.Absent != 8 || a.RunDelay != 9 {
		t.Errorf("extended: absent for %d and waiting for %d, want 8 and 9", a.Absent, a.RunDelay)
	}
	if a.Due != 20000 || !a.Balanced() || len(a.ThreadCPU) != 1 || a.Measured != 20*time.Second || a.Windows != 2 || a.Up != 5 ||
		a.Latency.Count() != 20000 || a.Throughput() != 1000 || a.ClientCPU() != 2*time.Second || a.ClientShare() != 0.1 {
		t.Errorf("extended: %+v", a)
	}
	a.Reset()
	fresh := Samples{}
	fresh.Init(1)
	if a.Latency.Histogram().TotalCount() != 0 || a.Latency.Count() != 0 || len(a.ThreadCPU) != 1 || a.ThreadCPU[0] != 0 || a.Due != 0 || a.Up != 0 {
		t.Errorf("after Reset: %+v", a)
	}
	if n := testing.AllocsPerRun(10, func() { a.Reset(); a.Latency.Add(1) }); n != 0 {
		t.Errorf("%g allocations to use samples again", n)
	}
}

func TestKindsAreNamed(t *testing.T) {
	for k := range Kinds {
		if k.String() == "" || k.Hint() == "" {
			t.Errorf("kind %d has no name or hint", k)
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	h := newHist()
	i := 0
	for b.Loop() {
		h.Add(time.Duration(400_000 + i&0xffff))
		i += 4099
	}
	if n := testing.AllocsPerRun(100, func() { h.Add(1) }); n != 0 {
		b.Errorf("%v allocations", n)
	}
}
