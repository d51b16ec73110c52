package report

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"modelbench/loadgen/record"
)

// durations are what a run might have seen, out of range included.
var durations = rapid.SliceOf(rapid.Custom(func(t *rapid.T) time.Duration {
	return time.Duration(rapid.Int64Range(0, int64(2*time.Hour)).Draw(t, "ns") >> rapid.IntRange(0, 40).Draw(t, "shift"))
}))

func hist(all ...[]time.Duration) *record.Hist {
	h := &record.Hist{}
	h.Init()
	for _, ds := range all {
		for _, d := range ds {
			h.Add(d)
		}
	}
	return h
}

func distribution(t interface{ Fatal(...any) }, h *record.Hist) *Distribution {
	d, err := NewDistribution(h)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Two documents merged say what one would say of all samples, to the bucket. The mean is
// known to the nanosecond in each.
func TestDistributionsMergeExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := durations.Draw(t, "x"), durations.Draw(t, "y")
		got, err := mergeDistributions(distribution(t, hist(x)), distribution(t, hist(y)))
		if err != nil {
			t.Fatal(err)
		}
		want := distribution(t, hist(x, y))
		if got.Count > 0 {
			if d := *got.MeanUs - *want.MeanUs; d > 0.002 || d < -0.002 {
				t.Errorf("mean %v, want %v", *got.MeanUs, *want.MeanUs)
			}
			got.MeanUs = want.MeanUs
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}

func TestFewSamplesHaveNoQuantile(t *testing.T) {
	d := distribution(t, hist(make([]time.Duration, 100)))
	if d.P90Us == nil || d.P95Us != nil || d.P99Us != nil || d.MaxUs == nil || *d.MaxUs != 0 {
		t.Errorf("%+v", d)
	}
	if d := distribution(t, hist()); *d != (Distribution{}) {
		t.Errorf("%+v of nothing", d)
	}
}

func number(v float64) *float64 { return &v }

// sample is a report in which everything adds up.
func sample(t interface{ Fatal(...any) }, n int) *Report {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var took []time.Duration
	for i := range n {
		took = append(took, time.Duration(i+1)*time.Microsecond)
	}
	count := uint64(n)
	r := &Report{SchemaVersion: SchemaVersion, Tool: Tool{Name: "loadgen"}, StartedAt: &at,
		Plan: Plan{Connections: 8, Threads: 1, Arrivals: "constant", OfferedRPS: number(100)}}
	r.Targets = []Target{{Name: "a", MeasuredS: 2, Due: count + 3, Sent: count + 2, Completed: count, Unfinished: 1,
		Errors: Errors{Timeout: 2}, Replies: count, Left: count + 2, ThroughputRPS: number(float64(n) / 2),
		Latency: distribution(t, hist(took)), Failures: distribution(t, hist([]time.Duration{time.Second, 2 * time.Second})),
		Client: Client{CPUS: 0.5, ThreadCPUS: []float64{0.5}}, Verdict: "ok"}}
	r.Slices = []Slice{{Target: "a", MeasuredS: 1.5, Replies: count - 1, Left: count}, {Target: "a", MeasuredS: 0.5, Replies: 1, Left: 2}}
	return r
}

func TestDocument(t *testing.T) {
	r := sample(t, 50)
	var text bytes.Buffer
	if err := r.Encode(&text); err != nil {
		t.Fatal(err)
	}
	back, err := Decode(bytes.NewReader(text.Bytes()))
	if err != nil || !reflect.DeepEqual(back, r) {
		t.Errorf("%v: %+v, want %+v", err, back, r)
	}
	if bytes.Contains(text.Bytes(), []byte("p99_us")) || !bytes.Contains(text.Bytes(), []byte(`"unfinished": 1`)) {
		t.Errorf("what was not measured is there, or what was is not:\n%s", text.Bytes())
	}
	for i := range text.Len() - 1 {
		if _, err := Decode(bytes.NewReader(text.Bytes()[:i])); err == nil {
			t.Fatalf("cut at byte %d it is accepted", i)
		}
	}
}

func TestWhatDoesNotAddUpIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*Report){
		"identity":   func(r *Report) { r.Targets[0].Due++ },
		"latencies":  func(r *Report) { r.Targets[0].Completed--; r.Targets[0].Unfinished++ },
		"failures":   func(r *Report) { r.Targets[0].Errors.EOF++; r.Targets[0].Due++ },
		"buckets":    func(r *Report) { r.Targets[0].Connect = &Distribution{Count: 5, HdrV2: "HISTF"} },
		"count":      func(r *Report) { d := *r.Targets[0].Latency; d.Count = 7; r.Targets[0].Service = &d },
		"no maximum": func(r *Report) { d := *r.Targets[0].Latency; d.MaxUs = nil; r.Targets[0].Service = &d },
		"mean":       func(r *Report) { d := *r.Targets[0].Latency; d.MeanUs = number(1e6); r.Targets[0].Service = &d },
		"slices":     func(r *Report) { r.Slices[0].Replies++ },
		"left":       func(r *Report) { r.Slices[1].Left++ },
		"time":       func(r *Report) { r.Slices[1].MeasuredS += 0.1 },
		"stranger":   func(r *Report) { r.Slices[1].Target = "b" },
		"version":    func(r *Report) { r.SchemaVersion++ },
	} {
		r := sample(t, 50)
		spoil(r)
		var text bytes.Buffer
		if err := r.Encode(&text); err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(&text); err == nil || errors.Is(err, ErrSchema) != (name == "version") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	for _, text := range []string{`{"schema_version":1,"more":1}`, `{"schema_version":1} {}`, `[]`, ``} {
		if _, err := Decode(strings.NewReader(text)); err == nil {
			t.Errorf("%s was accepted", text)
		}
	}
}

func TestMerge(t *testing.T) {
	a, b := sample(t, 50), sample(t, 70)
	b.Targets[0].Verdict, b.Targets[0].VerdictReason = "lagging", "late"
	b.Targets[0].Server = &Server{CPUS: number(1)}
	m, err := Merge(a, b)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Check(); err != nil {
		t.Error(err)
	}
	got := m.Targets[0]
	if got.Due != 126 || got.Completed != 120 || got.Errors.Timeout != 4 || got.Latency.Count != 120 || *got.Latency.MaxUs != 70 ||
		got.MeasuredS != 2 || *got.ThroughputRPS != 60 || got.Client.CPUS != 1 || len(got.Client.ThreadCPUS) != 2 ||
		got.Verdict != "lagging" || *got.Server.CPUS != 1 || m.Plan.Connections != 16 || *m.Plan.OfferedRPS != 200 || m.Slices != nil {
		t.Errorf("%+v", got)
	}
	if a.Targets[0].Due != 53 || a.Plan.Connections != 8 || len(a.Slices) != 2 {
		t.Errorf("merging has changed %+v", a)
	}
	b.Targets[0].Name = "b"
	if _, err := Merge(a, b); err == nil {
		t.Error("targets with other names were merged")
	}
	if _, err := Merge(a, &Report{SchemaVersion: SchemaVersion}); err == nil {
		t.Error("one target was merged with none")
	}
}

// A document from anywhere is read or refused.
func FuzzDecode(f *testing.F) {
	var text bytes.Buffer
	if err := sample(f, 30).Encode(&text); err != nil {
		f.Fatal(err)
	}
	f.Add(text.Bytes())
	f.Add([]byte(`{"schema_version":1,"targets":[{"latency":{"count":1,"hdr_v2":"HISTFAAAAA"}}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := Decode(bytes.NewReader(text))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := r.Encode(&again); err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(&again); err != nil {
			t.Errorf("written again it is refused: %v", err)
		}
	})
}
