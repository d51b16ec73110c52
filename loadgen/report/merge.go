package report

import "fmt"

// Merge returns what generators that put load on the same targets at the same time have
// found out together, as several machines do that run one plan. Neither report is changed.
//
// Counts, connections, rates and CPU times of generators add up, histograms merge exactly,
// and measured_s is the longer one. Left out is what is about one generator alone or would
// have to be judged anew: slices, ratios, a search, the fit of arrivals, objectives. What the server's
// process tree used is seen by both if by any, so the greater figure stands. A verdict is
// that of the first report whose verdict on the target is not ok.
//
// The targets have to be the same by name, in the same order, and the arrivals alike.
func Merge(a, b *Report) (*Report, error) {
	if a.SchemaVersion != b.SchemaVersion {
		return nil, fmt.Errorf("merge reports: %w: %d and %d", ErrSchema, a.SchemaVersion, b.SchemaVersion)
	}
	if len(a.Targets) != len(b.Targets) || a.Plan.Arrivals != b.Plan.Arrivals {
		return nil, fmt.Errorf("merge reports: %d targets at %s arrivals and %d at %s are not one load",
			len(a.Targets), a.Plan.Arrivals, len(b.Targets), b.Plan.Arrivals)
	}
	m := *a
	m.Slices, m.Ratios, m.Search = nil, nil, nil
	m.Interrupted = a.Interrupted || b.Interrupted
	if b.StartedAt != nil && (a.StartedAt == nil || b.StartedAt.Before(*a.StartedAt)) {
		m.StartedAt = b.StartedAt
	}
	m.Plan.Connections += b.Plan.Connections
	m.Plan.IdleConnections += b.Plan.IdleConnections
	m.Plan.Threads += b.Plan.Threads
	m.Plan.OfferedRPS = plus(a.Plan.OfferedRPS, b.Plan.OfferedRPS)
	m.Plan.RampRPS = together(a.Plan.RampRPS, b.Plan.RampRPS)
	m.Plan.StepsRPS = together(a.Plan.StepsRPS, b.Plan.StepsRPS)
	m.Targets = make([]Target, len(a.Targets))
	for i := range a.Targets {
		t, err := mergeTargets(&a.Targets[i], &b.Targets[i])
		if err != nil {
			return nil, fmt.Errorf("merge reports: target %s: %w", a.Targets[i].Name, err)
		}
		m.Targets[i] = t
	}
	return &m, nil
}

func mergeTargets(a, b *Target) (Target, error) {
	if a.Name != b.Name {
		return Target{}, fmt.Errorf("the other report has %s in its place", b.Name)
	}
	m := *a
	m.MeasuredS = max(a.MeasuredS, b.MeasuredS)
	m.Windows = max(a.Windows, b.Windows)
	m.Due += b.Due
	m.Sent += b.Sent
	m.Completed += b.Completed
	m.Unfinished += b.Unfinished
	m.Errors.add(&b.Errors)
	m.Statuses = mergeStatuses(a.Statuses, b.Statuses)
	m.Connects.add(&b.Connects)
	m.Replies += b.Replies
	m.Left += b.Left
	m.ReadBytes += b.ReadBytes
	m.ThroughputRPS = plus(a.ThroughputRPS, b.ThroughputRPS)
	m.SentRPS = plus(a.SentRPS, b.SentRPS)
	m.ReadBytesPerS = plus(a.ReadBytesPerS, b.ReadBytesPerS)
	ours, theirs := a.distributions(), b.distributions()
	for name, at := range m.distributions() {
		d, err := mergeDistributions(*ours[name], *theirs[name])
		if err != nil {
			return Target{}, fmt.Errorf("%s: %w", name, err)
		}
		*at = d
	}
	m.Arrivals, m.Objective = nil, nil
	m.Client = mergeClients(a, b)
	m.Server = mergeServers(a.Server, b.Server, m.Replies)
	m.StealPct = most(a.StealPct, b.StealPct)
	if a.Verdict == "ok" {
		m.Verdict, m.VerdictReason = b.Verdict, b.VerdictReason
	}
	return m, nil
}

func (e *Errors) add(o *Errors) {
	e.Connect += o.Connect
	e.Reset += o.Reset
	e.EOF += o.EOF
	e.Timeout += o.Timeout
	e.Status += o.Status
	e.Malformed += o.Malformed
	e.Mismatch += o.Mismatch
}

func mergeStatuses(a, b map[string]uint64) map[string]uint64 {
	if len(a)+len(b) == 0 {
		return nil
	}
	m := make(map[string]uint64)
	for _, counts := range []map[string]uint64{a, b} {
		for code, n := range counts {
			m[code] += n
		}
	}
	return m
}

func (c *Connections) add(o *Connections) {
	c.Up += o.Up
	if c.IdleUp != nil && o.IdleUp != nil {
		sum := *c.IdleUp + *o.IdleUp
		c.IdleUp = &sum
	}
	c.Failed += o.Failed
	c.IdleClosed += o.IdleClosed
	c.Lost += o.Lost
	c.Unasked += o.Unasked
	if c.LastError == "" {
		c.LastError = o.LastError
	}
}

func mergeClients(a, b *Target) Client {
	m := a.Client
	m.CPUS += b.Client.CPUS
	m.CPUUsPerReq = each(m.CPUS, a.Replies+b.Replies)
	m.BusiestShare = most(a.Client.BusiestShare, b.Client.BusiestShare)
	m.AbsentS = max(a.Client.AbsentS, b.Client.AbsentS)
	m.RunDelayS = max(a.Client.RunDelayS, b.Client.RunDelayS)
	m.ThreadCPUS = append(append([]float64{}, a.Client.ThreadCPUS...), b.Client.ThreadCPUS...)
	return m
}

// mergeServers keeps the account of the one who saw more.
func mergeServers(a, b *Server, replies uint64) *Server {
	if a == nil || b != nil && b.CPUS != nil && (a.CPUS == nil || *b.CPUS > *a.CPUS) {
		a = b
	}
	if a == nil || a.CPUS == nil {
		return a
	}
	m := *a
	m.CPUUsPerReq = each(*m.CPUS, replies)
	return &m
}

// each shares seconds among replies, in microseconds.
func each(seconds float64, replies uint64) *float64 {
	if replies == 0 {
		return nil
	}
	us := seconds * 1e6 / float64(replies)
	return &us
}

// plus adds two figures; what either has not measured is not known of both.
func plus(a, b *float64) *float64 {
	if a == nil || b == nil {
		return nil
	}
	sum := *a + *b
	return &sum
}

// most is the greater of two figures, or the one that was measured.
func most(a, b *float64) *float64 {
	if a == nil || b != nil && *b > *a {
		return b
	}
	return a
}

// together adds rates that follow each other at the same times.
func together(a, b []float64) []float64 {
	if len(a) != len(b) {
		return nil
	}
	var sums []float64
	for i := range a {
		sums = append(sums, a[i]+b[i])
	}
	return sums
}
