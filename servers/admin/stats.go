package admin

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"sync"
	"time"

	"modelbench/servers/daemon"
)

// Stats is the reply of /stats. Numbers are read one after the other while the
// server works, so they may be a moment apart. Counts never go backwards.
type Stats struct {
	Model    string  `json:"model"`
	PID      int     `json:"pid"`      // of the process that answers; with prefork, the supervisor
	UptimeS  float64 `json:"uptime_s"` // of that process, in seconds
	Draining bool    `json:"draining"` // it was told to stop and finishes what is in flight
	Limits   Limits  `json:"limits"`
	Process  Process `json:"process"` // the process that answers
	Total    Counts  `json:"total"`   // the sum of the parts
	Parts    []Stat  `json:"parts"`   // as the model has them: the process, loops, workers
}

// Limits are what the flags and the system allow.
type Limits struct {
	Procs           int     `json:"procs"`       // CPU budget, in cores
	MaxConns        int     `json:"max_conns"`   // open connections, over all processes
	Descriptors     int     `json:"descriptors"` // of each process
	MaxHeaderBytes  int     `json:"max_header_bytes"`
	MaxBodyBytes    int     `json:"max_body_bytes"`
	HeaderTimeoutS  float64 `json:"header_timeout_s"`
	RequestTimeoutS float64 `json:"request_timeout_s"`
	IdleTimeoutS    float64 `json:"idle_timeout_s"`
	WriteTimeoutS   float64 `json:"write_timeout_s"`
	DrainS          float64 `json:"drain_s"`
}

// Counts are a Tally, read. Of the open connections, those that neither wait nor
// compute read, write or are idle.
type Counts struct {
	Open      int64 `json:"open"`      // connections, now
	Waiting   int64 `json:"waiting"`   // of those, in a pause that their request asked for
	Computing int64 `json:"computing"` // of those, in a spin that their request asked for, or in line for one

	Accepted     int64    `json:"accepted"`  // connections taken in, since the start
	Requests     int64    `json:"requests"`  // answered over HTTP, refusals of malformed ones included
	BytesIn      int64    `json:"bytes_in"`  // of requests and echoes, heads included
	BytesOut     int64    `json:"bytes_out"` // of replies and echoes, heads included
	Pauses       int64    `json:"pauses"`    // begun
	Spins        int64    `json:"spins"`     // begun
	Timeouts     Timeouts `json:"timeouts"`
	Refused      Refused  `json:"refused"`
	AcceptErrors int64    `json:"accept_errors"` // accepts that failed; those connections wait in the kernel
}

// Timeouts are connections closed because the client was too slow, by the limit.
type Timeouts struct {
	Idle    int64 `json:"idle"`    // nothing was begun
	Request int64 `json:"request"` // a request was, and did not arrive in time
	Write   int64 `json:"write"`   // a reply was not read in time
}

// Refused are connections closed as they came, by the cause.
type Refused struct {
	Full        int64 `json:"full"`        // --max-conns were open
	Descriptors int64 `json:"descriptors"` // no descriptor or memory was left to serve them
	Draining    int64 `json:"draining"`    // the server was about to stop
}

// A Process is what an operating system process is like. Zero: not known here.
type Process struct {
	Goroutines  int   `json:"goroutines"`
	Threads     int   `json:"threads"`     // of the operating system
	HeapBytes   int64 `json:"heap_bytes"`  // objects on the heap, those not collected yet included
	Mallocs     int64 `json:"mallocs"`     // objects put on the heap since the start
	GoBytes     int64 `json:"go_bytes"`    // all that the Go runtime has of the system's memory
	RSSBytes    int64 `json:"rss_bytes"`   // resident, pages shared with other processes included
	Descriptors int   `json:"descriptors"` // open
}

// A Stat is a part of the server: a box to draw.
type Stat struct {
	Name   string  `json:"name"`   // "process", "loop" or "worker"
	Number int     `json:"number"` // from 0, among those of that name
	Counts         // what its connections do and have done, over all its processes so far
	Worker *Worker `json:"worker,omitempty"` // of a part that is a process of its own
}

// A Worker is a process that a supervisor keeps running.
type Worker struct {
	PID       int      `json:"pid"`               // 0: there is none now
	State     string   `json:"state"`             // "starting", "serving", "draining" or "down"
	UptimeS   float64  `json:"uptime_s"`          // in seconds
	Restarts  int      `json:"restarts"`          // started because the one before had died
	Replaced  int      `json:"replaced"`          // started because of SIGHUP
	LastDeath string   `json:"last_death"`        // its cause; "": none has died
	Process   *Process `json:"process,omitempty"` // missing: the worker does not answer
}

// A Part says where a Stat is to be had from.
type Part struct {
	Name    string
	Number  int
	Tallies []*daemon.Tally // their sum is what it does and has done
	Worker  *Worker         // nil: it is no process of its own
	// Ask has the Worker's process say what it is like; nil: nobody to ask. It
	// returns nil when there is no answer in time.
	Ask func(context.Context) *Process
}

// Whole is for a server of one part in one process.
func Whole(tallies []*daemon.Tally) func() []Part {
	parts := []Part{{Name: "process", Tallies: tallies}}
	return func() []Part { return parts }
}

// Each is for a server with a part for each tally.
func Each(name string, tallies []*daemon.Tally) func() []Part {
	parts := make([]Part, len(tallies))
	for i := range tallies {
		parts[i] = Part{Name: name, Number: i, Tallies: tallies[i : i+1]}
	}
	return func() []Part { return parts }
}

// counts is the sum of what the part's tallies say.
func (p *Part) counts() (sum Counts) {
	for _, t := range p.Tallies {
		sum.add(Counts{
			Open: t.Open.Load(), Waiting: t.Waiting.Load(), Computing: t.Computing.Load(),
			Accepted: t.Accepted.Load(), Requests: t.Requests.Load(),
			BytesIn: t.BytesIn.Load(), BytesOut: t.BytesOut.Load(),
			Pauses: t.Pauses.Load(), Spins: t.Spins.Load(),
			Timeouts:     Timeouts{t.IdleTimeouts.Load(), t.RequestTimeouts.Load(), t.WriteTimeouts.Load()},
			Refused:      Refused{t.RefusedFull.Load(), t.RefusedDescriptors.Load(), t.RefusedDraining.Load()},
			AcceptErrors: t.AcceptErrors.Load(),
		})
	}
	return sum
}

func (c *Counts) add(d Counts) {
	c.Open += d.Open
	c.Waiting += d.Waiting
	c.Computing += d.Computing
	c.Accepted += d.Accepted
	c.Requests += d.Requests
	c.BytesIn += d.BytesIn
	c.BytesOut += d.BytesOut
	c.Pauses += d.Pauses
	c.Spins += d.Spins
	c.Timeouts.Idle += d.Timeouts.Idle
	c.Timeouts.Request += d.Timeouts.Request
	c.Timeouts.Write += d.Timeouts.Write
	c.Refused.Full += d.Refused.Full
	c.Refused.Descriptors += d.Refused.Descriptors
	c.Refused.Draining += d.Refused.Draining
	c.AcceptErrors += d.AcceptErrors
}

var started = time.Now()

// Stats reads the server. Processes that have to be asked are asked at once, and
// have until ctx ends.
func (s *Server) Stats(ctx context.Context) Stats {
	st := Stats{
		Model: s.Model, PID: os.Getpid(), UptimeS: time.Since(started).Seconds(), Draining: s.Draining(),
		Limits: limits(s.Flags), Process: thisProcess(),
	}
	parts := s.Parts()
	st.Parts = make([]Stat, len(parts))
	var asking sync.WaitGroup
	for i, p := range parts {
		st.Parts[i] = Stat{Name: p.Name, Number: p.Number, Counts: p.counts(), Worker: p.Worker}
		st.Total.add(st.Parts[i].Counts)
		if p.Worker != nil && p.Ask != nil {
			asking.Go(func() { p.Worker.Process = p.Ask(ctx) })
		}
	}
	asking.Wait()
	return st
}

func limits(f *daemon.Flags) Limits {
	return Limits{
		Procs: f.CPUs(), MaxConns: f.Places(), Descriptors: daemon.DescriptorLimit(),
		MaxHeaderBytes: f.MaxHeader, MaxBodyBytes: f.MaxBody,
		HeaderTimeoutS: f.HeaderTimeout.Seconds(), RequestTimeoutS: f.RequestTimeout.Seconds(),
		IdleTimeoutS: f.IdleTimeout.Seconds(), WriteTimeoutS: f.WriteTimeout.Seconds(), DrainS: f.Drain.Seconds(),
	}
}

// patience is how long /stats waits for other processes.
const patience = time.Second

func (s *Server) stats(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	out.Encode(s.Stats(ctx))
}
