// Package record turns what happened to requests into figures that can be believed,
// or that say why not.
//
// Samples are plain data about one target: counts, histograms in nanoseconds and CPU
// times. Each thread of a load owns a Samples per target and touches no other; at the
// end Merge adds them up. Nothing here reads a clock or prints.
//
// The identity that always holds, also when a run is interrupted or the server dies:
//
//	Due = Completed + Unfinished + sum of Errors
//
// Only completed requests have a latency; failures are counted by kind, stay out of
// the percentiles and have a histogram of their own. An attempt to connect is no
// request, and a reply that nobody asked for belongs to none: both are counted apart.
package record

import "time"

// A Kind is a way for a request to fail.
type Kind uint8

const (
	Connect   Kind = iota // no connection to send it on
	Reset                 // the connection was reset while a reply was owed
	EOF                   // the peer closed while a reply was owed
	Timeout               // no reply within the timeout
	Status                // a reply whose status is neither 2xx nor 3xx
	Malformed             // bytes that are no reply
	Mismatch              // an echo that differs from what was sent
	Kinds                 // how many there are
)

var kinds = [Kinds]struct{ name, hint string }{
	Connect:   {"connect", "no connection to send it on: is the server up, and its backlog large enough?"},
	Reset:     {"reset", "the server died or refused the connection: is it over its connection limit?"},
	EOF:       {"eof", "the server closed before the reply was complete: does it crash, or close idle connections?"},
	Timeout:   {"timeout", "no reply in time: is the server overloaded, or --timeout too short?"},
	Status:    {"status", "the reply is not 2xx or 3xx: try the URL with curl -i"},
	Malformed: {"malformed", "bytes that are no HTTP/1.1 reply: is this the right port?"},
	Mismatch:  {"mismatch", "the echo is not what was sent: is this an echo server?"},
}

// String returns the kind's name, as in the column err_<name>.
func (k Kind) String() string { return kinds[k].name }

// Hint says what a user might look at when requests fail in this way.
func (k Kind) Hint() string { return kinds[k].hint }

// Samples are what was measured of one target, by one thread or by all of them.
// The requests they speak of are those due in a measured window.
type Samples struct {
	Due        uint64 // requests that should have left
	Sent       uint64 // of those, the ones that left, or began to
	Completed  uint64 // of those, the ones with a good reply
	Unfinished uint64 // neither replied to nor failed when the run stopped waiting
	Errors     [Kinds]uint64
	Statuses   [1000]uint32 // Errors[Status], by status code

	// Closed loop: requests that were sent before a window and had no reply at its end, on
	// threads that sent none in it, as a server causes that is stuck.
	Waiting uint64

	// What fell into the windows, to whichever requests it belongs. Throughput is
	// Replies over Measured: a request of the lead-in may be answered inside.
	Replies uint64 // good replies
	Left    uint64 // requests that left
	Bytes   uint64 // bytes read

	Latency Hist // done-due of completed requests; in a closed loop due is sent
	Service Hist // done-sent; open loop, or a connection per request
	Lag     Hist // sent-due; open loop only
	Late    Hist // the part of Lag that is the generator's own doing; open loop only

	Wake     Hist // from the kernel's receive stamp until the reply was read; with such stamps only
	Failures Hist // from due until a request had failed, of whatever kind

	Connect       Hist   // time to connect, over the whole run
	ConnectFailed uint64 // attempts to connect that failed, over the whole run
	ConnectError  string // what the last of them met with
	IdleClosed    uint64 // connections closed by the peer with no reply owed
	Unasked       uint64 // connections given up for bytes that came with no reply owed

	// Lost is how many of the connections that carry requests one after the other have ended
	// before the run did: closed by the peer, reset, or given up for a reply that was wrong or
	// did not come. Each is counted once, however often what came in its place ended, too.
	Lost uint64

	Up        int             // connections that were up at the end
	IdleUp    int             // of those that only stay open, the ones that were up at the end
	Measured  time.Duration   // length of all windows together
	Windows   int             // how many there were
	ThreadCPU []time.Duration // CPU time inside the windows, by thread

	// What kept the generator from its work inside the windows, of the thread that it
	// kept longest: of each stretch that was handed over, where there are several.
	Absent   time.Duration // it was not there when it meant to be, for more than a scheduler's time slice at a time
	RunDelay time.Duration // it was ready to run and had no CPU, as booked when it got one: a wait may have begun before; 0 where the system does not say
}

// Failed returns the number of requests that failed, of whatever kind.
func (s *Samples) Failed() uint64 {
	sum := uint64(0)
	for _, n := range s.Errors {
		sum += n
	}
	return sum
}

// Balanced reports whether the identity holds.
func (s *Samples) Balanced() bool {
	return s.Due == s.Completed+s.Unfinished+s.Failed()
}

// Merge adds what another thread measured of the same target in the same windows. o is
// not changed.
func (s *Samples) Merge(o *Samples) {
	s.add(o)
	s.Up += o.Up
	s.IdleUp += o.IdleUp
	s.Measured = max(s.Measured, o.Measured)
	s.Windows = max(s.Windows, o.Windows)
	s.Absent = max(s.Absent, o.Absent)
	s.RunDelay = max(s.RunDelay, o.RunDelay)
}

// Extend adds what was measured of the same target by the same threads later on. later
// is not changed.
func (s *Samples) Extend(later *Samples) {
	s.add(later)
	s.Up = later.Up
	s.IdleUp = later.IdleUp
	s.Measured += later.Measured
	s.Windows += later.Windows
	s.Absent += later.Absent
	s.RunDelay += later.RunDelay
}

// add adds all that adds up in either direction.
func (s *Samples) add(o *Samples) {
	s.Due += o.Due
	s.Sent += o.Sent
	s.Completed += o.Completed
	s.Unfinished += o.Unfinished
	s.Waiting += o.Waiting
	for k, n := range o.Errors {
		s.Errors[k] += n
	}
	if o.Errors[Status] > 0 {
		for code, n := range o.Statuses {
			s.Statuses[code] += n
		}
	}
	s.Replies += o.Replies
	s.Left += o.Left
	s.Bytes += o.Bytes
	s.Latency.Merge(&o.Latency)
	s.Service.Merge(&o.Service)
	s.Lag.Merge(&o.Lag)
	s.Late.Merge(&o.Late)
	s.Wake.Merge(&o.Wake)
	s.Failures.Merge(&o.Failures)
	s.Connect.Merge(&o.Connect)
	s.ConnectFailed += o.ConnectFailed
	if o.ConnectError != "" {
		s.ConnectError = o.ConnectError
	}
	s.IdleClosed += o.IdleClosed
	s.Unasked += o.Unasked
	s.Lost += o.Lost
	for len(s.ThreadCPU) < len(o.ThreadCPU) {
		s.ThreadCPU = append(s.ThreadCPU, 0)
	}
	for i, d := range o.ThreadCPU {
		s.ThreadCPU[i] += d
	}
}

// Init gives the histograms their room, so that no later Add allocates, and counts the
// CPU time of so many threads.
func (s *Samples) Init(threads int) {
	for _, h := range s.hists() {
		h.Init()
	}
	s.ThreadCPU = make([]time.Duration, threads)
}

// Reset empties s for the next stretch of time and keeps its room.
func (s *Samples) Reset() {
	for _, h := range s.hists() {
		h.Reset()
	}
	clear(s.ThreadCPU)
	*s = Samples{Latency: s.Latency, Service: s.Service, Lag: s.Lag, Late: s.Late, Wake: s.Wake,
		Failures: s.Failures, Connect: s.Connect, ThreadCPU: s.ThreadCPU}
}

func (s *Samples) hists() [7]*Hist {
	return [...]*Hist{&s.Latency, &s.Service, &s.Lag, &s.Late, &s.Wake, &s.Failures, &s.Connect}
}

// Throughput returns good replies per second of measured time, 0 if none was measured.
func (s *Samples) Throughput() float64 {
	if s.Measured <= 0 {
		return 0
	}
	return float64(s.Replies) / s.Measured.Seconds()
}

// ClientCPU returns the CPU time of all threads inside the windows.
func (s *Samples) ClientCPU() time.Duration {
	sum := time.Duration(0)
	for _, d := range s.ThreadCPU {
		sum += d
	}
	return sum
}

// ClientShare returns the share of the windows that the busiest thread computed, 0 to 1.
func (s *Samples) ClientShare() float64 {
	if s.Measured <= 0 {
		return 0
	}
	busiest := time.Duration(0)
	for _, d := range s.ThreadCPU {
		busiest = max(busiest, d)
	}
	return float64(busiest) / float64(s.Measured)
}
