// Package spec is a campaign as a file: what is compared, with what, for how long, in
// YAML that people write and that a campaign leaves behind.
//
// It owns the file's form alone: reading it strictly, with the line and column of
// whatever is wrong, checking what can be checked without a machine, and writing it
// such that what is written reads as the same. It starts nothing, looks at no machine
// and knows nothing of how a campaign is run.
//
// The tree comes from a library (goccy/go-yaml, which keeps every token's place); the
// values are taken from it here, since the library's own decoder is obliging: it reads
// 1.5 as the integer 1, the text "64" as a number and nothing at all as 0.
package spec

import (
	"time"
)

// Campaign is a campaign's description. Its zero value is none: see Check.
type Campaign struct {
	Name       string
	Seed       int64         // of everything random; 0: drawn
	Budget     time.Duration // for everything up to the table
	Blocks     int           // 0: as many as the budget allows
	Until      float64       // stop early at intervals of ± this share: 0.03; 0: never
	Again      string        // the target that takes part twice; empty: the first; None: none
	ServerCPUs string        // a list as taskset has it, "0-1,4"; empty: not tied
	ClientCPUs string
	Targets    []Target
	Workloads  []Workload
}

const (
	// None is the word for nothing in the place of a name.
	None = "none"
	// First is the word for the first target in the place of its name.
	First = "first"
)

// Target is one of ours (Model), a command to start (Command) or an address that is
// up already (URL): exactly one of these three.
type Target struct {
	Name    string
	Variant string // what sets it apart from the model's defaults; for the tables

	Model                 string // folder under servers
	Rev                   string // git revision to build it from; empty: the working tree
	Procs, Workers, Loops int    // become the flags --procs, --workers and --loops; 0: not given
	Flags                 []string

	Command []string // program and arguments, with placeholders
	Dir     string   // to start it in; empty: where the campaign is started
	Env     map[string]string
	Ready   Ready

	URL     string // http://host:port or tcp://host:port
	PID     int    // for CPU and memory; 0: not known
	Process string // name to look the pid up by

	Echo *bool // the command serves TCP echo (as well); nil: if it is told where

	// Probe says that the command is no server: it is run once for each trial and prints one line of JSON whose keys are columns.
	Probe bool
}

// Ready says how to know that a command serves. The zero value: it accepts connections.
type Ready struct {
	Line   string        // a line of its output contains this
	Regexp string        // a line of its output matches this
	HTTP   string        // a GET of this path is answered with 2xx
	Within time.Duration // how long to wait; 0: the campaign's own limit
}

// Workload is what requests ask for and how they arrive.
type Workload struct {
	Name        string
	Echo        bool   // TCP echo; else HTTP
	Path        string // of the HTTP request; may be left out where Spin or Wait say it
	Method      string // empty: GET
	Headers     map[string]string
	Body        string
	Connections int
	Slice       time.Duration // of a rotation: how long one target is loaded before the next has its turn
	WarmRounds  int           // of a rotation
	Rate        Rate
	Payload     int           // bytes of an echo message
	Spin        int           // iterations of CPU work in a request
	Wait        time.Duration // waiting in a request

	Only        []string // names of the targets that take part; nil: all
	Pipeline    int      // requests outstanding on a connection at most; 0: one
	NoKeepalive bool     // a connection for each request; in the file: keepalive: false
	Arrivals    string   // of a rate: ArrivalsPoisson; empty: at even intervals
	Idle        int      // further connections to each target, that only stay open
	Labels      map[string]string

	// Alone says that the targets are loaded one after the other, in random order, and not in a rotation: for what a stall
	// or a fault does, which would strike the next target's slices, too. All below is for such workloads alone.
	Alone    bool
	Measure  time.Duration // of each trial
	Warmup   time.Duration // before that
	Fresh    bool          // in a server that was started for this trial
	Probe    []string      // instead of load: program and arguments, with placeholders, that is run beside each server; see Target.Probe
	Requests int           // stop after so many; 0: at the end of Measure
	Count    bool          // compare what was POSTed to /count with what GET /count says
	Heavy    Heavy
	Fault    Injection
}

// Heavy is load beside a workload's own, by HTTP, in a closed loop: what others have to wait for. The zero value is none; one
// without connections is the control of those that have some.
type Heavy struct {
	Connections int
	Spin        int    // iterations of CPU work in a request of our own /task; 0: see Path
	Path        string // of any other request
}

// Injection is a fault that is made to happen while a target is loaded. The zero value is none.
type Injection struct {
	Kind  string        // one of FaultKinds
	After time.Duration // from the beginning of the measured time
	New   int           // connections attempted a second, beside the load; 0: none
}

// FaultKinds are the faults that our servers can be asked for: POST /fault/KIND.
var FaultKinds = []string{"exit", "segv", "hang", "spin", "leak"}

// ArrivalsConstant and ArrivalsPoisson are the values of Workload.Arrivals.
const (
	ArrivalsConstant = "constant"
	ArrivalsPoisson  = "poisson"
)

// What the file may leave out of a workload that stands alone.
const (
	DefaultMeasure = time.Second
	DefaultWarmup  = 100 * time.Millisecond // none where requests are counted: the server would count those as well
)

// Rate says when requests are due. The zero value is a closed loop: when the last reply is in.
type Rate struct {
	Share float64 // of what the slowest target reaches; above 0, at most 1
	RPS   float64 // requests per second
}
