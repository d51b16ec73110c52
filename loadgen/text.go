package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"modelbench/loadgen/engine"
	"modelbench/loadgen/figure"
	"modelbench/loadgen/pace"
	"modelbench/loadgen/record"
	"modelbench/loadgen/slo"
)

// printReport writes the report, in one piece.
func printReport(w io.Writer, f *findings) error {
	var text bytes.Buffer
	writeReport(&text, f)
	if _, err := w.Write(text.Bytes()); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// writeReport prints what a person reads. It begins as wrk's report does, so that eyes
// and scripts find "Requests/sec:".
func writeReport(w io.Writer, f *findings) {
	if f.found != nil {
		f.found.write(w)
	}
	if len(f.results) == 1 {
		writeSingle(w, f.rep, &f.results[0])
	} else {
		writeRotation(w, f)
	}
	if f.rep.Interrupted {
		fmt.Fprintln(w, "Interrupted: this is a partial report.")
	}
}

func writeSingle(w io.Writer, rep *engine.Report, r *result) {
	s := r.samples
	fmt.Fprintf(w, "Running %s @ %s\n", length(&rep.Plan), r.target.url)
	fmt.Fprintf(w, "  %s and %d connections%s\n", threads(rep.Plan.Threads), rep.Plan.Connections, loop(&rep.Plan))
	writeStats(w, rep, s)
	fmt.Fprintf(w, "  %d requests in %s, %s read\n", s.Replies, elapsed(s.Measured), figure.Size(float64(s.Bytes)))
	writeDue(w, s)
	if n := s.Errors[record.Status]; n > 0 {
		fmt.Fprintf(w, "  Non-2xx or 3xx responses: %d\n", n)
	}
	fmt.Fprintf(w, "Requests/sec: %12.2f\n", s.Throughput())
	perSecond := 0.0
	if s.Measured > 0 {
		perSecond = float64(s.Bytes) / s.Measured.Seconds()
	}
	fmt.Fprintf(w, "Transfer/sec: %12s\n\n", figure.Size(perSecond))

	writePercentiles(w, s)
	writeWake(w, &rep.Plan, s)
	if r.arrivals != nil {
		writeArrivals(w, r.arrivals)
	}
	writeErrors(w, s)
	writeIdle(w, &rep.Plan, s)
	writeCost(w, r)
	writeEngine(w, rep)
	writeVerdict(w, "", r)
}

// length says what was to be done, in time or, if that was given, in requests.
func length(p *engine.Plan) string {
	if p.Requests > 0 {
		return fmt.Sprintf("%d requests", p.Requests)
	}
	return fmt.Sprintf("%v test", p.Duration)
}

func threads(n int) string {
	if n == 1 {
		return "1 thread"
	}
	return fmt.Sprintf("%d threads", n)
}

// elapsed writes a time with so many digits that what is divided by it comes out right.
func elapsed(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.2fms", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.2fs", d.Seconds())
}

// writeDue says what became of the requests that were due in the measured time, where that
// is not simply that they were answered. Requests/sec is of the replies that came in it.
func writeDue(w io.Writer, s *record.Samples) {
	if s.Due == s.Completed {
		return
	}
	fmt.Fprintf(w, "  due %d, completed %d", s.Due, s.Completed)
	if n := s.Failed(); n > 0 {
		fmt.Fprintf(w, ", failed %d", n)
	}
	if s.Unfinished > 0 {
		fmt.Fprintf(w, ", unfinished %d", s.Unfinished)
	}
	fmt.Fprintln(w)
}

// writeVerdict ends what there is to say of a target, whose name is written where there
// are others.
func writeVerdict(w io.Writer, name string, r *result) {
	before := ""
	if name != "" {
		before = name + ": "
	}
	fmt.Fprintf(w, "%sVerdict: %s\n", before, verdict(r))
	if r.goal == nil {
		return
	}
	marks := [...]string{slo.Met: "[ok]", slo.Missed: "[no]", slo.Unknown: "[??]"}
	fmt.Fprintf(w, "%sObjective: %s\n", before, r.goal.Outcome)
	for _, c := range r.goal.Checks {
		fmt.Fprintf(w, "  %s %s: %s\n", marks[c.Outcome], c.Bound, c.Figure)
	}
}

// loop says what makes requests due, where it is not simply the replies, and what went
// before those that count.
func loop(p *engine.Plan) string {
	out := ""
	if p.Pipeline > 1 {
		out += fmt.Sprintf(", pipeline of %d", p.Pipeline)
	}
	if p.NoKeepalive {
		out += ", each for one request"
	}
	if p.Idle > 0 {
		out += fmt.Sprintf(", beside %d idle ones", p.Idle)
	}
	switch {
	case p.Ramp != [2]float64{}:
		out += fmt.Sprintf(", %s to %s requests/s due", plain(p.Ramp[0]), plain(p.Ramp[1]))
	case len(p.Steps) > 0:
		out += fmt.Sprintf(", %s requests/s due", strings.ReplaceAll(steps(p.Steps).String(), ",", ", then "))
	case p.Rate > 0:
		out += fmt.Sprintf(", %s requests/s due", plain(p.Rate))
	}
	if p.Poisson {
		out += " at random times"
	}
	if p.Warmup > 0 {
		out += fmt.Sprintf(", after a warm-up of %v", p.Warmup)
	}
	return out
}

// writeArrivals says whether the random arrivals were those that were planned.
func writeArrivals(w io.Writer, g *pace.Goodness) {
	verdict := "not those of a Poisson process"
	switch {
	case g.Intervals < pace.FitIntervals:
		verdict = fmt.Sprintf("fewer than the %d that a judgement needs", pace.FitIntervals)
	case g.Poisson():
		verdict = "those of a Poisson process"
	}
	fmt.Fprintf(w, "  %d intervals as sent: %s (distance %.4f, 1%% critical %.4f, variation %.3f, lag-1 %.3f)\n",
		g.Intervals, verdict, g.Distance, g.Critical, g.Variation, g.Lag1)
}

// writeErrors says what went wrong, each with a hint at what a user might look at.
func writeErrors(w io.Writer, s *record.Samples) {
	if n := s.Failed(); n > 0 {
		fmt.Fprintf(w, "Errors: %d of %d requests failed (%.3g%%)\n", n, s.Due, 100*float64(n)/float64(s.Due))
	}
	for k := range record.Kinds {
		if n := s.Errors[k]; n > 0 {
			fmt.Fprintf(w, "  err_%s %d: %s%s\n", k, n, statuses(s, k), k.Hint())
		}
	}
	if s.Unfinished > 0 {
		fmt.Fprintf(w, "  unfinished %d: no reply when the run stopped waiting\n", s.Unfinished)
	}
	for _, c := range []struct {
		n    uint64
		what string
	}{
		{s.ConnectFailed, "attempts to connect failed, the last with: " + s.ConnectError},
		{s.IdleClosed, "connections were closed by the server while idle"},
		{s.Unasked, "connections were given up because of bytes nobody asked for"},
	} {
		if c.n > 0 {
			fmt.Fprintf(w, "  %d %s\n", c.n, c.what)
		}
	}
}

// shownStatuses is how many status codes are worth a line.
const shownStatuses = 5

// statuses says which status codes replies had, if the kind is about these.
func statuses(s *record.Samples, k record.Kind) string {
	if k != record.Status {
		return ""
	}
	text := ""
	for i, c := range s.StatusCounts() {
		if i == shownStatuses {
			return text + ", and others: "
		}
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf("%d (%d)", c.Code, c.N)
	}
	if text != "" {
		text += ": "
	}
	return text
}

// troubled reports whether writeErrors has anything to say.
func troubled(s *record.Samples) bool {
	return s.Failed()+s.Unfinished+s.ConnectFailed+s.IdleClosed+s.Unasked > 0
}

// writeWake says where the generator's own time has gone, where there is more of it than
// latency: who sets the two beside each other takes one of them for wrong.
func writeWake(w io.Writer, p *engine.Plan, s *record.Samples) {
	wake, known := s.Wake.Quantile(0.5)
	latency, enough := s.Latency.Quantile(0.5)
	if known && enough && wake > latency && !p.Open() {
		fmt.Fprintln(w, "  Times are the kernel's: what loadgen itself needed to read a reply is in Wake-up.")
	}
}

// writeIdle says how many idle connections were still there, if some were not.
func writeIdle(w io.Writer, p *engine.Plan, s *record.Samples) {
	if s.IdleUp < p.Idle {
		fmt.Fprintf(w, "  %d of %d idle connections were open at the end\n", s.IdleUp, p.Idle)
	}
}

func writeCost(w io.Writer, r *result) {
	s := r.samples
	cost := "" // of a request, if there was one
	if u := r.usage; u != nil && u.Lost {
		fmt.Fprintln(w, "Server: ended while it was measured, so what it cost is not known")
	} else if u != nil {
		if us := perRequest(u.CPU, s); us != "-" {
			cost = fmt.Sprintf("%s us CPU per request (%.0f%% user), ", us, 100*u.User.Seconds()/max(u.CPU.Seconds(), 1e-9))
		}
		fmt.Fprintf(w, "Server: %s%s PSS, %s\n", cost, figure.Size(float64(u.PSSBytes)), threads(u.Threads))
		if u.Vanished > 0 {
			fmt.Fprintf(w, "  %d of its processes ended meanwhile; their CPU time is known to 10 ms only, if their parent waited for them\n", u.Vanished)
		}
	}
	cost = ""
	if us := perRequest(s.ClientCPU(), s); us != "-" {
		cost = us + " us CPU per request, "
	}
	fmt.Fprintf(w, "Client: %sbusiest thread %.0f%% busy\n", cost, 100*s.ClientShare())
}

// writeEngine says what moved the bytes and, if nobody asked for it, why.
func writeEngine(w io.Writer, rep *engine.Report) {
	fmt.Fprintf(w, "Engine: %s", rep.Plan.Engine)
	if rep.EngineReason != "" {
		fmt.Fprintf(w, " (%s)", rep.EngineReason)
	}
	fmt.Fprintln(w)
}

// perRequest shows CPU time per reply in microseconds, or a dash if there was none.
func perRequest(d time.Duration, s *record.Samples) string {
	if us, measured := perReply(d, s).Get(); measured {
		return fmt.Sprintf("%.2f", us)
	}
	return "-"
}

func verdict(r *result) string {
	if r.reason == "" {
		return string(r.verdict)
	}
	return string(r.verdict) + ": " + r.reason
}
