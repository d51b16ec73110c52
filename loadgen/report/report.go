// Package report is the complete result of a run as one JSON document: what --json writes.
//
// It is plain data that any program can read without this one. FORMAT.md lists every field;
// it is made from the comments here and a test keeps the two alike. The contract:
//
//   - The unit is the suffix of a name: _us microseconds, _s seconds, _bytes bytes, _rps per
//     second, _pct percent (0 to 100), _share a fraction (0 to 1).
//   - What was not measured is absent. Zero means that zero was measured.
//   - Counts add up: see Check, which says how.
//   - Histograms are complete, in HdrHistogram's V2 encoding and in nanoseconds, so that
//     those of two reports merge into what one generator would have recorded: see Merge.
//   - schema_version grows whenever a field is removed, renamed or changes its meaning. One
//     that is added changes nothing for who ignores what he does not know.
//
// A Report belongs to whoever made or decoded it. Nothing here reads a clock, and nothing
// prints.
package report

import "time"

// SchemaVersion is what schema_version holds.
const SchemaVersion = 1

// A Report is what one run found out about its targets.
type Report struct {
	SchemaVersion int        `json:"schema_version"`   // version of this format: 1
	Tool          Tool       `json:"tool"`             // the program that made the report
	Machine       Machine    `json:"machine"`          // where that program ran
	StartedAt     *time.Time `json:"started_at"`       // when load began, RFC 3339 in UTC; null if it never did
	Interrupted   bool       `json:"interrupted"`      // the run was ended early: all figures are about the part that took place
	Plan          Plan       `json:"plan"`             // what load was asked for, defaults filled in
	Targets       []Target   `json:"targets"`          // what was measured of each target, in the order of the command line
	Slices        []Slice    `json:"slices,omitempty"` // measured time in pieces, in order; absent from a merged report
	Search        *Search    `json:"search,omitempty"` // what a search for the highest rate has found; the rest is then about its last confirming run
	Ratios        []Ratio    `json:"ratios,omitempty"` // how the targets of a rotation compare; absent with one target
}

// Tool is the program that made a report.
type Tool struct {
	Name      string `json:"name"`               // loadgen
	Version   string `json:"version"`            // of its module; (devel) when it was built in its source tree
	GoVersion string `json:"go_version"`         // that it was built with
	Revision  string `json:"revision,omitempty"` // of its source, with -dirty if that had been changed; absent if unknown
}

// Machine is where a report was made. What could not be found out is absent.
type Machine struct {
	HostID   string `json:"host_id,omitempty"`   // tells machines apart without naming them
	OS       string `json:"os"`                  // operating system: linux
	Arch     string `json:"arch"`                // instruction set: amd64, arm64
	Kernel   string `json:"kernel,omitempty"`    // its release
	CPUModel string `json:"cpu_model,omitempty"` // as the kernel calls it
	CPUs     int    `json:"cpus"`                // CPUs that the program could use
}

// Plan is the load that was asked for.
type Plan struct {
	Connections      int               `json:"connections"`                 // open connections to each target
	IdleConnections  int               `json:"idle_connections,omitempty"`  // further connections to each target that only stayed open
	Threads          int               `json:"threads"`                     // threads that made the load
	Pipeline         int               `json:"pipeline"`                    // requests outstanding on a connection at most
	Keepalive        bool              `json:"keepalive"`                   // connections were used again; false: one connection for each request
	DurationS        float64           `json:"duration_s"`                  // measured time asked for, shared by the targets
	WarmupS          float64           `json:"warmup_s"`                    // load before that, not recorded, shared by the targets
	Requests         uint64            `json:"requests,omitempty"`          // the run was to stop after so many; absent: no limit
	Arrivals         string            `json:"arrivals"`                    // closed (a connection sends when its reply is in), constant or poisson
	OfferedRPS       *float64          `json:"offered_rps,omitempty"`       // requests due per second, the mean where the rate changes; absent in a closed loop
	RampRPS          []float64         `json:"ramp_rps,omitempty"`          // first and last rate of a ramp
	StepsRPS         []float64         `json:"steps_rps,omitempty"`         // rates of steps, each for an equal part of duration_s
	TimeoutS         float64           `json:"timeout_s"`                   // of a request, and of an attempt to connect
	SliceS           *float64          `json:"slice_s,omitempty"`           // of a rotation, its lead-in included; absent with one target
	Seed             uint64            `json:"seed"`                        // of the order of visits and of random arrivals
	Engine           string            `json:"engine"`                      // what moved the bytes: epoll or uring
	EngineReason     string            `json:"engine_reason,omitempty"`     // why that one was chosen; absent if --engine named it
	KernelTimestamps bool              `json:"kernel_timestamps,omitempty"` // replies ended when the kernel had received them, not when they were read
	SpinUs           *float64          `json:"spin_us,omitempty"`           // a thread stopped sleeping so long before a due time; absent: it did not
	Sources          []string          `json:"sources,omitempty"`           // addresses connected from in turn; absent: the system chose
	Method           string            `json:"method,omitempty"`            // HTTP method, where one was given
	HeaderNames      []string          `json:"header_names,omitempty"`      // HTTP headers that were added; their values may be secret and are left out
	BodyBytes        *int              `json:"body_bytes,omitempty"`        // size of the HTTP request body; absent without one
	Objective        string            `json:"objective,omitempty"`         // the service level objective, as given
	Labels           map[string]string `json:"labels,omitempty"`            // as given by --label
}

// Target is what was measured of one target. Requests are those due in its measured
// windows: due = completed + unfinished + all errors.
type Target struct {
	Name         string  `json:"name"`                    // as given, else host:port
	URL          string  `json:"url"`                     // as given
	Address      string  `json:"address"`                 // that it was found at
	PayloadBytes *int    `json:"payload_bytes,omitempty"` // size of an echo; absent for HTTP
	MeasuredS    float64 `json:"measured_s"`              // length of its windows together
	Windows      int     `json:"windows"`                 // how many there were: its slices in a rotation, else 1

	Due        uint64            `json:"due"`                // requests that should have left
	Sent       uint64            `json:"sent"`               // of those, the ones that left, or began to
	Completed  uint64            `json:"completed"`          // of those, the ones with a good reply
	Unfinished uint64            `json:"unfinished"`         // neither replied to nor failed when the run stopped waiting
	Errors     Errors            `json:"errors"`             // requests that failed, by kind
	Statuses   map[string]uint64 `json:"statuses,omitempty"` // errors.status by status code; absent without one
	Connects   Connections       `json:"connections"`        // what happened to connections, apart from requests

	Replies       uint64   `json:"replies"`                    // good replies inside the windows, to whichever requests
	Left          uint64   `json:"left"`                       // requests that left inside the windows
	ReadBytes     uint64   `json:"read_bytes"`                 // bytes read inside the windows
	ThroughputRPS *float64 `json:"throughput_rps,omitempty"`   // replies / measured_s
	SentRPS       *float64 `json:"sent_rps,omitempty"`         // left / measured_s
	ReadBytesPerS *float64 `json:"read_bytes_per_s,omitempty"` // read_bytes / measured_s

	Latency  *Distribution `json:"latency,omitempty"`  // from when a request was due until its reply was complete; of completed requests
	Service  *Distribution `json:"service,omitempty"`  // from when it was sent; absent in a closed loop over open connections, where that is the latency
	Lag      *Distribution `json:"lag,omitempty"`      // from when a request was due until it was sent; absent in a closed loop
	Late     *Distribution `json:"late,omitempty"`     // the part of lag that is the generator's own doing; absent in a closed loop
	Wake     *Distribution `json:"wake,omitempty"`     // from the kernel's receive stamp until the reply was read; with kernel_timestamps only
	Connect  *Distribution `json:"connect,omitempty"`  // time to connect, over the whole run
	Failures *Distribution `json:"failures,omitempty"` // from when a request was due until it had failed; no part of the others

	Arrivals *Arrivals `json:"arrivals,omitempty"`  // whether random arrivals were those that were planned; absent if none were planned
	Client   Client    `json:"client"`              // what the generator used
	Server   *Server   `json:"server,omitempty"`    // what the server's process tree used; absent without --pid
	StealPct *float64  `json:"steal_pct,omitempty"` // share of all CPUs' time that the hypervisor took, from when load began to the end; the same for all targets

	Verdict       string     `json:"verdict"`                  // whether the figures may be believed: ok, or what speaks against it
	VerdictReason string     `json:"verdict_reason,omitempty"` // the figures that led to a verdict other than ok
	Objective     *Objective `json:"objective,omitempty"`      // whether the objective was met; absent without one
}

// Errors counts the requests that failed, by kind.
type Errors struct {
	Connect   uint64 `json:"connect"`   // no connection to send it on
	Reset     uint64 `json:"reset"`     // the connection was reset while a reply was owed
	EOF       uint64 `json:"eof"`       // the server closed before the reply was complete
	Timeout   uint64 `json:"timeout"`   // no reply in time
	Status    uint64 `json:"status"`    // a reply whose status is neither 2xx nor 3xx
	Malformed uint64 `json:"malformed"` // bytes that are no reply
	Mismatch  uint64 `json:"mismatch"`  // an echo that differs from what was sent
}

// Connections is what happened to connections. An attempt to connect is no request.
type Connections struct {
	Up         int    `json:"up"`                   // connections that were up at the end
	IdleUp     *int   `json:"idle_up,omitempty"`    // of those that only stay open, the ones that were up at the end; absent if none were asked for
	Failed     uint64 `json:"failed"`               // attempts to connect that failed, over the whole run
	LastError  string `json:"last_error,omitempty"` // what the last of them met with
	IdleClosed uint64 `json:"idle_closed"`          // closed by the server with no reply owed
	Unasked    uint64 `json:"unasked"`              // given up for bytes that nobody had asked for
	Lost       uint64 `json:"lost"`                 // of those that carry request after request, the ones that did not last: closed or reset by the server, or given up for a wrong reply or none in time; each counted once
}

// Client is what the generator itself used inside a target's windows.
type Client struct {
	CPUS         float64   `json:"cpu_s"`                    // CPU time of all its threads
	CPUUsPerReq  *float64  `json:"cpu_us_per_req,omitempty"` // the same for each good reply
	BusiestShare *float64  `json:"busiest_share,omitempty"`  // share of measured_s that its busiest thread computed
	ThreadCPUS   []float64 `json:"thread_cpu_s"`             // CPU time by thread
	AbsentS      float64   `json:"absent_s"`                 // time in which a thread was not there when it meant to be, over 10 ms at a time; of the thread that was so longest
	RunDelayS    float64   `json:"run_delay_s"`              // time in which a thread was ready to run and had no CPU; of the thread that waited longest
}

// Server is what the server's process tree used inside a target's windows. If lost is true
// only the context switches, threads and memory of what was left of it can be absent.
type Server struct {
	Lost        bool     `json:"lost,omitempty"`           // its first process ended while it was measured: what it cost is not known
	Vanished    int      `json:"vanished,omitempty"`       // processes that ended meanwhile, whose CPU time is known to 10 ms only
	CPUS        *float64 `json:"cpu_s,omitempty"`          // CPU time
	UserS       *float64 `json:"cpu_user_s,omitempty"`     // of that in user space
	SysS        *float64 `json:"cpu_sys_s,omitempty"`      // of that in the kernel
	CPUUsPerReq *float64 `json:"cpu_us_per_req,omitempty"` // CPU time for each good reply
	PSSBytes    *uint64  `json:"pss_bytes,omitempty"`      // proportional set size at the end
	Threads     *int     `json:"threads,omitempty"`        // at the end
	CtxVol      *uint64  `json:"ctx_vol,omitempty"`        // voluntary context switches, from the first window to the end
	CtxInvol    *uint64  `json:"ctx_invol,omitempty"`      // involuntary ones
}

// Arrivals is how well the intervals between requests, as they left, agree with the Poisson
// process that was planned, each interval as a multiple of what was planned.
type Arrivals struct {
	Intervals uint64  `json:"intervals"`         // that were looked at
	Distance  float64 `json:"distance"`          // greatest difference between the distribution functions seen and planned (Kolmogorov, Smirnov), 0 to 1
	Critical  float64 `json:"critical"`          // the distance that a Poisson process exceeds once in a hundred
	P         float64 `json:"p"`                 // how often a Poisson process is at least so far off
	Mean      float64 `json:"mean"`              // mean interval; 1 when the rate was kept
	Variation float64 `json:"variation"`         // standard deviation over mean; 1 for a Poisson process, 0 when evenly spaced
	Lag1      float64 `json:"lag1"`              // correlation of successive intervals, -1 to 1; 0 for a Poisson process
	Poisson   *bool   `json:"poisson,omitempty"` // whether they may be called a Poisson process; absent with too few to judge
}

// Objective is what became of the service level objective.
type Objective struct {
	Outcome string  `json:"outcome"` // met, missed, or unknown where too little was measured to tell
	Checks  []Check `json:"checks"`  // one for each bound, in order
}

// Check is what became of one bound of an objective.
type Check struct {
	Bound   string `json:"bound"`   // as given: p99<5ms
	Outcome string `json:"outcome"` // met, missed or unknown
	Figure  string `json:"figure"`  // what was measured, or why that cannot be told
}

// Slice is a stretch of measured time of one target: one visit's window in a rotation, else
// one of some hundred parts of the window. The slices of a target add up to its measured
// time, replies and requests that left.
type Slice struct {
	Target     string   `json:"target"`                 // its name
	StartS     float64  `json:"start_s"`                // since load began
	MeasuredS  float64  `json:"measured_s"`             // its length
	Replies    uint64   `json:"replies"`                // good replies that came in it
	Left       uint64   `json:"left"`                   // requests that left in it
	Failed     uint64   `json:"failed"`                 // requests that failed in it or, in a rotation, in the drain after it
	ClientCPUS float64  `json:"client_cpu_s"`           // CPU time of the generator in it
	ServerCPUS *float64 `json:"server_cpu_s,omitempty"` // CPU time of the server's process tree in it; of a rotation with --pid only
}

// Ratio is how a target of a rotation compares with the best one, over rounds in each of
// which both were visited.
type Ratio struct {
	Measure string   `json:"measure"`          // throughput_rps or server_cpu_us_per_req
	Target  string   `json:"target"`           // how many times as much it has
	Base    string   `json:"base"`             // as the best target has
	Ratio   float64  `json:"ratio"`            // the estimate
	Lo      float64  `json:"lo"`               // lower end of its interval
	Hi      float64  `json:"hi"`               // upper end of its interval
	Level   float64  `json:"level"`            // confidence level of the interval that was reached: 0.95
	Rounds  int      `json:"rounds"`           // that it was taken from
	Doubts  []string `json:"doubts,omitempty"` // what to know before believing it
}

// Search is what a search for the highest rate has found (--find-max). The answer lies
// between rate_rps and above_rps.
type Search struct {
	Objective  string      `json:"objective"`           // that a rate has to meet
	RateRPS    *float64    `json:"rate_rps,omitempty"`  // the highest rate that met it; absent if none did
	AboveRPS   *float64    `json:"above_rps,omitempty"` // the lowest that did not, or that the generator could not offer; absent if there is none
	Confirmed  bool        `json:"confirmed"`           // rate_rps met it in a longer run
	LowerBound bool        `json:"lower_bound"`         // the server may take much more: what ended the search was the generator, or the highest rate there is
	Doubts     []string    `json:"doubts,omitempty"`    // what to know before believing it
	Runs       []SearchRun `json:"runs"`                // all loads of the search, in order
}

// SearchRun is one load of a search.
type SearchRun struct {
	RateRPS    float64 `json:"rate_rps"`   // that was asked for
	DurationS  float64 `json:"duration_s"` // measured time asked for; longer where the objective's percentiles need more requests
	Confirming bool    `json:"confirming"` // a longer run, at what may be the answer
	Met        bool    `json:"met"`        // the objective was met
	Limited    bool    `json:"limited"`    // the generator was at its own limit or late, so that the run says nothing of the server
	SentRPS    float64 `json:"sent_rps"`   // what was achieved
}
