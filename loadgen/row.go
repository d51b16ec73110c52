package main

import (
	"crypto/rand"
	"net/url"
	"strconv"
	"strings"
	"time"

	"modelbench/loadgen/engine"
	"modelbench/loadgen/record"
	"modelbench/results/trial"
)

// append writes one trial per target to the CSV file, if there is to be one. A target
// whose turn never came before an interruption has none. It comes before the report:
// a pipe that nobody reads any more ends the program at the first byte of that.
func (j *job) append(rep *engine.Report, results []result) error {
	if j.flags.CSV == "" {
		return nil
	}
	machine := trial.ThisMachine()
	var rows []trial.Trial
	for i := range results {
		if results[i].samples.Measured == 0 {
			continue
		}
		row := j.row(rep, &results[i])
		row.Machine = machine
		rows = append(rows, row)
	}
	return trial.Append(j.flags.CSV, rows...)
}

// row turns a result into a trial. What the labels say goes before what is known here.
func (j *job) row(rep *engine.Report, r *result) trial.Trial {
	row := trial.Trial{
		TrialID:       rand.Text(),
		StartedAt:     trial.T(rep.Started),
		Seed:          trial.I(int64(rep.Plan.Seed)),
		WarmupS:       trial.F(rep.Plan.Warmup.Seconds() / float64(len(rep.Plan.Targets))),
		MeasureS:      trial.F(r.samples.Measured.Seconds()),
		Verdict:       string(r.verdict),
		VerdictReason: r.reason,
	}
	j.fillFactors(&row, rep, r.target)
	if engine.Engine(j.flags.Engine) != engine.Auto { // a choice is a factor
		trial.SetLabel(&row, "engine", j.flags.Engine)
	}
	for _, label := range j.flags.Label {
		key, value, _ := strings.Cut(label, "=")
		trial.SetLabel(&row, key, value) // newJob has tried each of them
	}
	if row.CellID == "" {
		row.CellID = trial.CellID(row)
	}
	fillSamples(&row, r.samples, &rep.Plan)
	fillCost(&row, r)
	if share, known := j.servers.steal.Get(); known {
		row.StealPct = trial.F(100 * share)
	}
	if n := j.servers.trouble; n.Known {
		row.ListenOverflows, row.TCPRetransmits = trial.I(n.Overflows), trial.I(n.Retransmits)
	}
	return row
}

func (j *job) fillFactors(row *trial.Trial, rep *engine.Report, t *target) {
	row.Target, row.URL = t.name, t.url.String()
	row.Connections = trial.I(rep.Plan.Connections)
	row.Pipeline = trial.I(rep.Plan.Pipeline)
	row.Keepalive = trial.B(!rep.Plan.NoKeepalive && (!asksToClose(j.flags.Header) || t.payload > 0))
	if rep.Plan.Idle > 0 {
		row.IdleConnections = trial.I(rep.Plan.Idle)
	}
	row.Arrivals = trial.ArrivalsClosed
	if rep.Plan.Open() {
		row.Arrivals = j.flags.Arrivals
		row.OfferedRPS = trial.F(rep.Plan.Offered())
		// A rate that changes is another factor than its mean.
		if f := j.flags; f.Ramp != (ramp{}) {
			trial.SetLabel(row, "ramp", f.Ramp.String())
		} else if len(f.Steps) > 0 {
			trial.SetLabel(row, "steps", f.Steps.String())
		}
	}
	if t.payload > 0 {
		row.PayloadBytes = trial.I(t.payload)
	}
	fillTask(row, t.url)
}

// fillTask reads what a /task URL of this project's servers asks for.
func fillTask(row *trial.Trial, u *url.URL) {
	if u.Path != "/task" {
		return
	}
	query := u.Query()
	if n, err := strconv.ParseInt(query.Get("spin"), 10, 64); err == nil {
		row.SpinIters = trial.I(n)
	}
	if d, err := time.ParseDuration(query.Get("wait")); err == nil {
		row.WaitUs = micros(d)
	}
}

func asksToClose(headers []string) bool {
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ":")
		if strings.EqualFold(name, "connection") && strings.Contains(strings.ToLower(value), "close") {
			return true
		}
	}
	return false
}

func fillSamples(row *trial.Trial, s *record.Samples, p *engine.Plan) {
	count := func(n uint64) trial.Int { return trial.I(int64(n)) }
	row.Due, row.Sent, row.Completed, row.Unfinished = count(s.Due), count(s.Sent), count(s.Completed), count(s.Unfinished)
	row.ErrConnect, row.ErrReset = count(s.Errors[record.Connect]), count(s.Errors[record.Reset])
	row.ErrEOF, row.ErrTimeout = count(s.Errors[record.EOF]), count(s.Errors[record.Timeout])
	row.ErrStatus, row.ErrMalformed = count(s.Errors[record.Status]), count(s.Errors[record.Malformed])
	row.ErrMismatch = count(s.Errors[record.Mismatch])
	row.ConnectP99Us = quantile(&s.Connect, 0.99)
	row.ThroughputRPS = trial.F(s.Throughput())
	if s.Latency.Count() > 0 {
		row.LatMinUs, row.LatMaxUs, row.LatMeanUs = micros(s.Latency.Min()), micros(s.Latency.Max()), micros(s.Latency.Mean())
	}
	row.LatP50Us, row.LatP90Us = quantile(&s.Latency, 0.5), quantile(&s.Latency, 0.9)
	row.LatP99Us, row.LatP999Us = quantile(&s.Latency, 0.99), quantile(&s.Latency, 0.999)
	if p.Open() || p.NoKeepalive {
		row.ServiceP50Us, row.ServiceP99Us = quantile(&s.Service, 0.5), quantile(&s.Service, 0.99)
	}
	if p.Open() {
		row.LagP99Us = quantile(&s.Lag, 0.99)
		if s.Lag.Count() > 0 {
			row.LagMaxUs = micros(s.Lag.Max())
		}
	}
}

func fillCost(row *trial.Trial, r *result) {
	s := r.samples
	row.ClientCPUS = trial.F(s.ClientCPU().Seconds())
	row.ClientCPUShare = trial.F(s.ClientShare())
	row.ClientCPUUsPerReq = perReply(s.ClientCPU(), s)
	if u := r.usage; u != nil && !u.Lost {
		row.ServerCPUUserS, row.ServerCPUSysS = trial.F(u.User.Seconds()), trial.F(u.Sys.Seconds())
		row.ServerCPUUsPerReq = perReply(u.CPU, s)
		if u.Threads > 0 {
			row.ServerPSSBytes, row.ServerThreads = trial.I(int64(u.PSSBytes)), trial.I(u.Threads)
			row.ServerCtxVol, row.ServerCtxInvol = trial.I(int64(u.Voluntary)), trial.I(int64(u.Involuntary))
		}
	}
}

// perReply divides CPU time of the windows by the replies that fell into them.
func perReply(d time.Duration, s *record.Samples) trial.Float {
	if s.Replies == 0 {
		return trial.Float{}
	}
	return trial.F(float64(d) / float64(time.Microsecond) / float64(s.Replies))
}

func quantile(h *record.Hist, q float64) trial.Float {
	if d, enough := h.Quantile(q); enough {
		return micros(d)
	}
	return trial.Float{}
}

func micros(d time.Duration) trial.Float { return trial.F(float64(d) / float64(time.Microsecond)) }
