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
	Slice       time.Duration // how long one target is loaded before the next has its turn
	WarmRounds  int
	Rate        Rate
	Payload     int           // bytes of an echo message
	Spin        int           // iterations of CPU work in a request
	Wait        time.Duration // waiting in a request
}

// Rate says when requests are due. The zero value is a closed loop: when the last reply is in.
type Rate struct {
	Share float64 // of what the slowest target reaches; above 0, at most 1
	RPS   float64 // requests per second
}
