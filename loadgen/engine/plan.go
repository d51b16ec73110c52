package engine

import (
	"fmt"
	"net/netip"
	"runtime"
	"slices"
	"time"

	"modelbench/loadgen/pace"
	"modelbench/loadgen/wire"
)

// A Target is a server under load.
type Target struct {
	Name     string
	Addr     netip.AddrPort
	Protocol wire.Protocol
}

// where names the target and its address in an error, once if they are the same.
func (t *Target) where() string {
	addr := t.Addr.String()
	if t.Name == addr {
		return addr
	}
	return t.Name + " at " + addr
}

// A Probe is told about the windows of a run, to read what else belongs to them. All
// calls come from one thread, in the order Before, Open, Close, After for every
// measured slice, and End once. target indexes Plan.Targets. A run that is interrupted
// during a lead-in skips Open and Close.
type Probe interface {
	Before(target int) // load on the target is about to begin; may take a millisecond
	Open(target int)   // a window opens now; must be quick, load is running
	Close(target int)  // a window closes now; must be quick
	After(target int)  // the slice is drained; may take a millisecond
	End()              // nothing follows, and connections are still open
}

type noProbe struct{}

func (noProbe) Before(int) {}
func (noProbe) Open(int)   {}
func (noProbe) Close(int)  {}
func (noProbe) After(int)  {}
func (noProbe) End()       {}

// A Plan says what load to put on which targets. Zero fields mean the default given
// with each; a Plan with Targets alone is complete.
type Plan struct {
	Targets     []Target
	Connections int           // per target; 0 means 64
	Threads     int           // 0 means one up to three CPUs, else half of them, at most 8; never more than Connections
	Pipeline    int           // requests outstanding per connection at most; 0 means 1
	Duration    time.Duration // measured time, shared equally by the targets; 0 means 10 s
	Requests    uint64        // stop after so many measured requests; 0 means Duration alone decides; one target only
	Warmup      time.Duration // load before anything is recorded; 0 means none
	Rate        float64       // requests per second on the target whose slice it is; 0 means closed loop
	Ramp        [2]float64    // instead of Rate: from the first to the second over Duration; one target only
	Steps       []float64     // instead of Rate: each for an equal part of Duration; one target only
	Poisson     bool          // requests are due at random times (a Poisson process); else evenly spaced
	Timeout     time.Duration // of a request, and of an attempt to connect; 0 means 5 s
	Slice       time.Duration // of a rotation, lead-in included; 0 means 50 ms
	Seed        uint64        // of the order of visits and of random arrivals
	Idle        int           // more connections per target, that only stay open
	NoKeepalive bool          // a connection for each request; the request itself should ask for that
	Sources     []netip.Addr  // connect from these addresses in turn, to targets of their family; none: the system chooses
	Probe       Probe         // nil means none
	Engine      Engine        // "" means Auto

	// KernelTimestamps takes the times at which a request left and its reply came from the
	// kernel, instead of when the thread wrote and read them. Needs the epoll engine.
	KernelTimestamps bool
	// Spin is how long a thread looks for events without pause before a due time, and
	// after a request has left: for as long it takes a whole CPU. 0 means never.
	Spin time.Duration

	// Watch, if not nil, is told about every stretch of Interval (0 means 1 s) as soon as
	// it is over, in order, and about the rest at the end. It is called by one goroutine,
	// which is not one of those that make the load; while it is busy the next intervals
	// become longer and nothing is lost. Run returns after the last call.
	Watch    func(*Interval)
	Interval time.Duration
}

// Limits of a Plan.
const (
	MaxConnections = 1 << 20
	MaxThreads     = 256
	MaxPipeline    = 1024
	MaxDuration    = 24 * time.Hour
	MinSlice       = 10 * time.Millisecond
)

// withDefaults returns the plan with every zero replaced by what it means.
func (p Plan) withDefaults() Plan {
	p.Connections = or(p.Connections, 64)
	p.Pipeline = or(p.Pipeline, 1)
	p.Duration = or(p.Duration, 10*time.Second)
	p.Timeout = or(p.Timeout, 5*time.Second)
	p.Slice = or(p.Slice, 50*time.Millisecond)
	p.Interval = or(p.Interval, time.Second)
	p.Engine = or(p.Engine, Auto)
	p.Threads = min(or(p.Threads, AutoThreads(runtime.NumCPU())), p.Connections)
	if p.Probe == nil {
		p.Probe = noProbe{}
	}
	return p
}

// Pace returns when requests are due. It is the zero schedule for a closed loop.
func (p Plan) Pace() pace.Schedule {
	s := pace.Schedule{Rate: p.Rate, Ramp: p.Ramp, Steps: p.Steps, Poisson: p.Poisson, Seed: p.Seed}
	if s.Changes() {
		s.Over, s.Warmup = p.withDefaults().Duration, p.Warmup
	}
	return s
}

// Open reports whether requests are due at times of their own: an open loop.
func (p Plan) Open() bool { return p.Pace().Open() }

// Offered returns the mean rate over Duration in requests per second, 0 for a closed loop.
func (p Plan) Offered() float64 {
	s := p.Pace()
	profile, err := s.Profile()
	if err != nil || !s.Open() {
		return 0
	}
	return profile.MeanRate(s.Warmup, s.Warmup+p.withDefaults().Duration)
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// AutoThreads returns the number of threads for a machine with so many CPUs: half of
// them for the server, and never many, since one thread makes some 100,000 requests
// per second and more threads mostly disturb each other and the server.
func AutoThreads(cpus int) int {
	if cpus <= 3 {
		return 1
	}
	return min(cpus/2, 8)
}

// Validate says what is wrong with a plan, if anything, beginning with the name of
// the command line flag that sets the field. Run calls it; so may others, earlier.
func (p Plan) Validate() error {
	p = p.withDefaults()
	if len(p.Targets) == 0 {
		return fmt.Errorf("url: no target")
	}
	for _, c := range []struct {
		name          string
		got, min, max int64
	}{
		{"connections", int64(p.Connections), 1, MaxConnections},
		{"threads", int64(p.Threads), 1, MaxThreads},
		{"pipeline", int64(p.Pipeline), 1, MaxPipeline},
		{"idle", int64(p.Idle), 0, MaxConnections},
	} {
		if c.got < c.min || c.got > c.max {
			return fmt.Errorf("%s: %d is not between %d and %d", c.name, c.got, c.min, c.max)
		}
	}
	for _, c := range []struct {
		name          string
		got, min, max time.Duration
	}{
		{"duration", p.Duration, time.Millisecond, MaxDuration},
		{"warmup", p.Warmup, 0, MaxDuration},
		{"timeout", p.Timeout, time.Millisecond, time.Hour},
		{"slice", p.Slice, MinSlice, time.Minute},
		{"spin", p.Spin, 0, time.Second},
		{"interval", p.Interval, MinSlice, time.Hour},
	} {
		if c.got < c.min || c.got > c.max {
			return fmt.Errorf("%s: %v is not between %v and %v", c.name, c.got, c.min, c.max)
		}
	}
	if !slices.Contains(Engines, p.Engine) {
		return fmt.Errorf("engine: %q is none of auto, epoll, uring", p.Engine)
	}
	if p.KernelTimestamps && p.Engine == Uring {
		return fmt.Errorf("engine: kernel timestamps need epoll")
	}
	pacing := p.Pace()
	if err := pacing.Validate(); err != nil {
		return err
	}
	if pacing.Changes() && len(p.Targets) > 1 {
		return fmt.Errorf("url: %d targets are a rotation, which has one rate all the time; a ramp or steps need one target", len(p.Targets))
	}
	if p.NoKeepalive && p.Pipeline > 1 {
		return fmt.Errorf("no-keepalive: a connection for each request leaves nothing to pipeline: drop one of the two")
	}
	if err := p.validateSources(); err != nil {
		return fmt.Errorf("source: %w", err)
	}
	if p.Requests > 0 && len(p.Targets) > 1 {
		return fmt.Errorf("requests: a number of requests cannot be shared by %d targets; give a duration", len(p.Targets))
	}
	return nil
}

// validateSources wants each source to be of a target's family, and each target to have one.
func (p *Plan) validateSources() error {
	if len(p.Sources) == 0 {
		return nil
	}
	var of, to [2]bool // IPv4, IPv6
	kind := func(a netip.Addr) int {
		if a.Is4() {
			return 0
		}
		return 1
	}
	for i := range p.Targets {
		to[kind(p.Targets[i].Addr.Addr())] = true
	}
	for _, a := range p.Sources {
		if !a.IsValid() || a.IsUnspecified() || a.IsMulticast() || a.Zone() != "" || a.Is4In6() {
			return fmt.Errorf("%s is not an address to connect from", a)
		}
		if of[kind(a)] = true; !to[kind(a)] {
			return fmt.Errorf("no target can be reached from %s: it is of the other IP version", a)
		}
	}
	for i := range p.Targets {
		if t := &p.Targets[i]; !of[kind(t.Addr.Addr())] {
			return fmt.Errorf("%s cannot be reached from any of them: all are of the other IP version", t.where())
		}
	}
	return nil
}

// grace returns how long a drain may last. A lone target gets up to a second at the
// end. In a rotation every slice of a server that is stuck costs its grace, so it is
// tied to the slice: a run then takes at most about three times its duration.
func (p Plan) grace() time.Duration {
	if len(p.Targets) == 1 {
		return min(p.Timeout, time.Second)
	}
	return min(p.Timeout, max(2*p.Slice, 100*time.Millisecond))
}
