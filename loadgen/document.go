package main

import (
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"modelbench/loadgen/engine"
	"modelbench/loadgen/pace"
	"modelbench/loadgen/procstat"
	"modelbench/loadgen/record"
	"modelbench/loadgen/report"
	"modelbench/loadgen/slo"
	"modelbench/results/trial"
)

// document is the complete result, for --json.
func (j *job) document(f *findings) (*report.Report, error) {
	started := f.rep.Started.UTC()
	doc := &report.Report{
		SchemaVersion: report.SchemaVersion, Tool: thisTool(), Machine: thisMachine(),
		StartedAt: &started, Interrupted: f.rep.Interrupted, Plan: j.planned(f.rep),
	}
	if started.IsZero() {
		doc.StartedAt = nil // interrupted while it connected
	}
	for i := range f.results {
		t, err := f.target(&f.results[i])
		if err != nil {
			return nil, err
		}
		doc.Targets = append(doc.Targets, t)
	}
	for i, s := range f.rep.Slices {
		slice := report.Slice{Target: j.targets[s.Target].name, StartS: s.Start.Seconds(), MeasuredS: s.Measured.Seconds(),
			Replies: s.Replies, Left: s.Left, Failed: s.Failed, ClientCPUS: s.ClientCPU.Seconds()}
		if f.slices != nil && f.slices[i].known {
			slice.ServerCPUS = seconds(f.slices[i].cpu)
		}
		doc.Slices = append(doc.Slices, slice)
	}
	if f.found != nil {
		doc.Search = f.found.document()
	}
	for _, c := range f.ratios {
		doc.Ratios = append(doc.Ratios, c.document(j.targets))
	}
	return doc, nil
}

func thisTool() report.Tool {
	tool := report.Tool{Name: "loadgen", GoVersion: runtime.Version(), Revision: trial.ThisMachine().GitRev}
	if info, ok := debug.ReadBuildInfo(); ok {
		tool.Version = info.Main.Version
	}
	return tool
}

func thisMachine() report.Machine {
	m := trial.ThisMachine()
	return report.Machine{HostID: m.HostID, OS: runtime.GOOS, Arch: runtime.GOARCH, Kernel: m.Kernel, CPUModel: m.CPUModel, CPUs: runtime.NumCPU()}
}

// planned is the plan as it was carried out.
func (j *job) planned(rep *engine.Report) report.Plan {
	p, f := &rep.Plan, j.flags
	out := report.Plan{
		Connections: p.Connections, Threads: p.Threads, Pipeline: p.Pipeline, IdleConnections: p.Idle, Keepalive: !p.NoKeepalive && !asksToClose(f.Header),
		DurationS: p.Duration.Seconds(), WarmupS: p.Warmup.Seconds(), Requests: p.Requests, Arrivals: trial.ArrivalsClosed,
		TimeoutS: p.Timeout.Seconds(), Seed: p.Seed, Engine: string(p.Engine), EngineReason: rep.EngineReason, KernelTimestamps: p.KernelTimestamps,
		Method: f.Method, Objective: j.goal.String(),
	}
	if p.Open() {
		offered := p.Offered()
		out.Arrivals, out.OfferedRPS, out.StepsRPS = f.Arrivals, &offered, p.Steps
		if p.Ramp != [2]float64{} {
			out.RampRPS = p.Ramp[:]
		}
	}
	if len(p.Targets) > 1 {
		out.SliceS = seconds(p.Slice)
	}
	if p.Spin > 0 {
		out.SpinUs = micro(p.Spin)
	}
	for _, addr := range p.Sources {
		out.Sources = append(out.Sources, addr.String())
	}
	for _, h := range f.Header {
		name, _, _ := strings.Cut(h, ":")
		out.HeaderNames = append(out.HeaderNames, strings.TrimSpace(name))
	}
	for _, label := range f.Label {
		if out.Labels == nil {
			out.Labels = make(map[string]string)
		}
		key, value, _ := strings.Cut(label, "=")
		out.Labels[key] = value
	}
	return out
}

// target is all that was measured of one target.
func (f *findings) target(r *result) (report.Target, error) {
	s := r.samples
	t := report.Target{
		Name: r.target.name, URL: r.target.url.String(), Address: r.target.engine.Addr.String(),
		MeasuredS: s.Measured.Seconds(), Windows: s.Windows,
		Due: s.Due, Sent: s.Sent, Completed: s.Completed, Unfinished: s.Unfinished,
		Errors: report.Errors{Connect: s.Errors[record.Connect], Reset: s.Errors[record.Reset], EOF: s.Errors[record.EOF],
			Timeout: s.Errors[record.Timeout], Status: s.Errors[record.Status], Malformed: s.Errors[record.Malformed], Mismatch: s.Errors[record.Mismatch]},
		Connects: report.Connections{Up: s.Up, Failed: s.ConnectFailed, LastError: s.ConnectError, IdleClosed: s.IdleClosed, Unasked: s.Unasked, Lost: s.Lost},
		Replies:  s.Replies, Left: s.Left, ReadBytes: s.Bytes,
		Client: client(s), Server: server(r), Arrivals: arrivals(r.arrivals),
		Verdict: string(r.verdict), VerdictReason: r.reason, Objective: objective(r.goal),
	}
	for _, c := range s.StatusCounts() {
		if t.Statuses == nil {
			t.Statuses = make(map[string]uint64)
		}
		t.Statuses[strconv.Itoa(c.Code)] = c.N
	}
	if share, known := f.steal.Get(); known {
		share *= 100
		t.StealPct = &share
	}
	if f.rep.Plan.Idle > 0 {
		t.Connects.IdleUp = &s.IdleUp
	}
	if r.target.payload > 0 {
		t.PayloadBytes = &r.target.payload
	}
	if s.Measured > 0 {
		t.ThroughputRPS = perSecond(s.Replies, s)
		t.SentRPS = perSecond(s.Left, s)
		t.ReadBytesPerS = perSecond(s.Bytes, s)
	}
	return t, f.distributions(&t, s)
}

// distributions writes down the histograms that the run has filled.
func (f *findings) distributions(t *report.Target, s *record.Samples) (err error) {
	open := f.rep.Plan.Open()
	for _, d := range []struct {
		to       **report.Distribution
		from     *record.Hist
		measured bool
	}{
		{&t.Latency, &s.Latency, true}, {&t.Service, &s.Service, open || f.rep.Plan.NoKeepalive}, {&t.Lag, &s.Lag, open}, {&t.Late, &s.Late, open},
		{&t.Wake, &s.Wake, f.rep.Plan.KernelTimestamps}, {&t.Connect, &s.Connect, true}, {&t.Failures, &s.Failures, true},
	} {
		if !d.measured {
			continue
		}
		if *d.to, err = report.NewDistribution(d.from); err != nil {
			return err
		}
	}
	return nil
}

func client(s *record.Samples) report.Client {
	c := report.Client{CPUS: s.ClientCPU().Seconds(), CPUUsPerReq: optional(perReply(s.ClientCPU(), s)), ThreadCPUS: []float64{},
		AbsentS: s.Absent.Seconds(), RunDelayS: s.RunDelay.Seconds()}
	for _, d := range s.ThreadCPU {
		c.ThreadCPUS = append(c.ThreadCPUS, d.Seconds())
	}
	if s.Measured > 0 {
		share := s.ClientShare()
		c.BusiestShare = &share
	}
	return c
}

func server(r *result) *report.Server {
	u := r.usage
	if u == nil {
		return nil
	}
	out := &report.Server{Lost: u.Lost, Vanished: u.Vanished}
	if u.Lost {
		return out
	}
	out.CPUS, out.UserS, out.SysS = seconds(u.CPU), seconds(u.User), seconds(u.Sys)
	out.CPUUsPerReq = optional(perReply(u.CPU, r.samples))
	if u.Threads > 0 {
		out.PSSBytes, out.Threads, out.CtxVol, out.CtxInvol = memory(*u)
	}
	return out
}

// memory copies what points into a report.
func memory(u procstat.Usage) (pss *uint64, threads *int, vol, invol *uint64) {
	return &u.PSSBytes, &u.Threads, &u.Voluntary, &u.Involuntary
}

func arrivals(g *pace.Goodness) *report.Arrivals {
	if g == nil {
		return nil
	}
	a := &report.Arrivals{Intervals: g.Intervals, Distance: g.Distance, Critical: g.Critical, P: g.P, Mean: g.Mean, Variation: g.Variation, Lag1: g.Lag1}
	if g.Intervals >= pace.FitIntervals {
		poisson := g.Poisson()
		a.Poisson = &poisson
	}
	return a
}

func objective(r *slo.Result) *report.Objective {
	if r == nil {
		return nil
	}
	o := &report.Objective{Outcome: r.Outcome.String()}
	for _, c := range r.Checks {
		o.Checks = append(o.Checks, report.Check{Bound: c.Bound, Outcome: c.Outcome.String(), Figure: c.Figure})
	}
	return o
}

func (f *finding) document() *report.Search {
	r := &f.result
	out := &report.Search{Objective: f.objective.String(), Confirmed: r.Confirmed, LowerBound: r.LowerBound, Doubts: r.Doubts, Runs: []report.SearchRun{}}
	if r.Rate > 0 {
		out.RateRPS = &r.Rate
	}
	if r.Above > 0 {
		out.AboveRPS = &r.Above
	}
	for _, run := range r.Runs {
		out.Runs = append(out.Runs, report.SearchRun{RateRPS: run.Step.Rate, DurationS: run.Duration.Seconds(), Confirming: run.Confirming,
			Met: run.Outcome.Met, Limited: run.Outcome.Limited, SentRPS: run.Outcome.Rate})
	}
	return out
}

func (c comparison) document(targets []target) report.Ratio {
	return report.Ratio{Measure: c.measure, Target: targets[c.target].name, Base: targets[c.base].name, Ratio: c.ratio.Estimate,
		Lo: c.ratio.Interval.Lo, Hi: c.ratio.Interval.Hi, Level: c.ratio.Interval.Level, Rounds: c.ratio.Pairs, Doubts: slices.Clone(c.ratio.Doubts)}
}

// optional is a number or nothing.
func optional(f trial.Float) *float64 {
	v, measured := f.Get()
	if !measured {
		return nil
	}
	return &v
}

func perSecond(n uint64, s *record.Samples) *float64 {
	v := float64(n) / s.Measured.Seconds()
	return &v
}

func seconds(d time.Duration) *float64 {
	v := d.Seconds()
	return &v
}

func micro(d time.Duration) *float64 {
	v := float64(d) / float64(time.Microsecond)
	return &v
}
