package campaign

import (
	"fmt"
	"time"

	"modelbench/scripts/campaign/spec"
)

// Iterations of the servers' CPU kernel (servers/app.Spin, xorshift64*). One takes
// 2.44 ns on the machine these were set on (AMD EPYC, median of 200 runs of 300,000:
// 2.41 at best, 2.67 at the 90th percentile). They are counts, never timed on the
// machine at hand: work that is timed fakes parallelism, and figures from two
// machines would no longer mean the same work.
const (
	spinIters  = 400_000 // about 1 ms of one core
	mixedIters = 80_000  // about 0.2 ms of one core

	plaintextSlice = 50 * time.Millisecond
	longestSlice   = 400 * time.Millisecond

	iterTime = 2500 * time.Nanosecond // of a thousand iterations, for estimates
)

// Workload is what the requests ask for and how they arrive. All targets of a
// campaign get the same.
type Workload struct {
	Name        string // unique; what --workloads takes and the trials' workload column
	TCPEcho     bool   // over the echo port; else HTTP
	Path        string // of the HTTP request
	Method      string // empty: GET
	Headers     map[string]string
	Body        string
	Connections int
	// Slice is how long one target is loaded before the next has its turn: at least
	// twenty times a request, so that its two ends weigh little, if that is not longer
	// than longestSlice.
	Slice time.Duration
	// WarmRounds are rounds before anything is recorded, in servers that have just
	// started. Where a request takes milliseconds of its own it needs none: each
	// slice's lead-in warms up more than there is.
	WarmRounds int
	// Rate makes it an open loop: requests are due at a rate that every target can
	// meet: its share of what the slowest of them reached in a short calibration, or as
	// given. What differs is then the CPU a request costs and its latency, both measured
	// at the same load. The zero value is a closed loop: connections send as fast as
	// replies come.
	Rate spec.Rate

	PayloadBytes int           // of an echo message
	SpinIters    int           // the /task's CPU part
	Wait         time.Duration // the /task's waiting part

	Only        []string // names of the targets that take part, the A/A arm of one with it; nil: all
	Pipeline    int      // requests outstanding on a connection at most; 0: one
	NoKeepalive bool     // a connection for each request
	Arrivals    string   // of a Rate: spec.ArrivalsPoisson; empty: at even intervals
	Idle        int      // further connections, that only stay open
	Labels      map[string]string

	// Alone is for what a stall or a fault does, which in a rotation would strike others: the targets are loaded one after
	// the other, in random order, and Slice and WarmRounds are 0. All below is of such workloads alone. See alone.go.
	Alone    bool
	Measure  time.Duration // of each trial: the plan makes it neither longer nor shorter
	Warmup   time.Duration
	Fresh    bool           // in a server that was started for this trial
	Probe    []string       // instead of load: see probe.go
	Requests int            // stop after so many; 0: at the end of Measure
	Count    bool           // see count.go
	Heavy    spec.Heavy     // see heavy.go
	Fault    spec.Injection // see fault.go
}

// Workloads is the table of workloads on a machine with the given number of CPUs.
//
//	echo       64 B messages: what differs between models is the cost of waking up for
//	           a message, and copying larger ones would only dilute it
//	plaintext  the smallest HTTP exchange, from the same 64 connections
//	spin       1 ms of CPU. Two connections for each CPU and a few more keep all of them
//	           busy. A single loop's queue is that many ms and fits twenty times into a
//	           slice, but on more than 8 CPUs, where such slices would last for seconds
//	wait       10 ms of waiting: 64 connections cannot exceed 6,400/s whatever the model
//	mixed      0.2 ms of CPU, then 5 ms of waiting: computing delays who has done waiting
func Workloads(cpus int) []Workload {
	spinConns := 2*cpus + 4
	spinSlice := min(max(200*time.Millisecond, time.Duration(20*spinConns)*time.Millisecond), longestSlice)
	return []Workload{
		{Name: "echo", TCPEcho: true, Connections: 64, Slice: 50 * time.Millisecond,
			WarmRounds: 1, Rate: spec.Rate{Share: rateShare}, PayloadBytes: 64},
		{Name: "plaintext", Path: "/plaintext", Connections: 64, Slice: plaintextSlice,
			WarmRounds: 1, Rate: spec.Rate{Share: rateShare}},
		task(Workload{Name: "spin", Connections: spinConns, Slice: spinSlice, SpinIters: spinIters}),
		task(Workload{Name: "wait", Connections: 64, Slice: 200 * time.Millisecond, Wait: 10 * time.Millisecond}),
		task(Workload{Name: "mixed", Connections: 64, Slice: 260 * time.Millisecond,
			SpinIters: mixedIters, Wait: 5 * time.Millisecond}),
	}
}

// task gives a workload the path of the /task it describes.
func task(w Workload) Workload {
	switch {
	case w.Wait == 0:
		w.Path = fmt.Sprintf("/task?spin=%d", w.SpinIters)
	case w.SpinIters == 0:
		w.Path = fmt.Sprintf("/task?wait=%s", w.Wait)
	default:
		w.Path = fmt.Sprintf("/task?spin=%d&wait=%s", w.SpinIters, w.Wait)
	}
	return w
}

// url is what loadgen is given for a target with these addresses.
func (w Workload) url(http, echo string) string {
	if w.TCPEcho {
		return "tcp://" + echo
	}
	return "http://" + http + w.Path
}

// fixedRate tells whether it is an open loop.
func (w Workload) fixedRate() bool { return w.Rate != spec.Rate{} }

// method is the HTTP method of its requests.
func (w Workload) method() string {
	if w.Method == "" {
		return "GET"
	}
	return w.Method
}

// String says what a request is: GET /plaintext.
func (w Workload) String() string {
	if w.TCPEcho {
		return fmt.Sprintf("an echo of %d bytes", w.PayloadBytes)
	}
	return w.method() + " " + w.Path
}

// request estimates what a request takes where it takes longest: on a single loop,
// which runs the spins of all connections one after the other.
func (w Workload) request() time.Duration {
	return max(w.Wait, time.Duration(w.Connections*w.SpinIters/1000)*iterTime)
}
