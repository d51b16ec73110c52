package engine

import (
	"math"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"modelbench/loadgen/pace"
	"modelbench/loadgen/record"
)

// A thread runs its part of the connections on one OS thread. Nothing in it is
// touched by another, but for net.wake.
type thread struct {
	id     int
	run    *run
	net    transport
	conns  []conn // of all targets, each share a range of it; behind those the idle ones
	shares []share
	active int // conns before the idle ones

	queue    []int32 // slots to be connected, in order
	storm    storm
	untried  int // slots whose first attempt has not ended
	idleDown int // idle connections that are not up
	nextScan int64

	// The slice under way; see slice_linux.go.
	visit   visit
	cur     *share
	phase   phase
	sending bool  // lead-in or window: new requests may become due
	spent   bool  // Plan.Requests have been sent
	edge    int64 // when the phase ends, or a part of it
	alarm   int64 // the earlier of edge and mark
	start   int64 // of the lead-in
	end     int64 // of the window: nothing due from here on is sent
	t0, t1  int64 // the window, if it is recorded; else never
	begun   int   // closed loop: slots of cur before this one have begun
	part    int64 // ns: length of the parts of a single target's window, else never

	pushed int64 // when the last request left, or began to
	stamp  int64 // when the kernel received what has arrived; 0: as it is read

	seen      int64 // until when the thread was there, or meant to sleep; see absent_linux.go
	quiet     bool  // no request was due in the window
	gone      span  // when it was not, for the requests that were due then
	delayFile int   // see runDelay; -1: there is none

	lap   lap
	tally tally

	// Handing over; see watch_linux.go.
	mark    int64                 // when the interval is over; never without a Watch
	current []record.Samples      // what is being filled, by target
	spare   chan []record.Samples // empty ones
}

// never is a time stamp that no clock reaches.
const never = math.MaxInt64

// A share is a thread's part of the load on one target.
type share struct {
	target     *Target
	sockaddr   unix.Sockaddr
	requests   []byte // one or more copies of the request
	requestLen int
	lo, hi     int // range of slots
	ordinal    int // position of lo among all connections to the target
	up         int // connections that are up, without the idle ones
	idleUp     int // idle connections that are up
	inFlight   int // requests outstanding
	lastErr    error
	refused    bool // the last attempt to connect failed
	reached    bool // a single connection was made at all
	sources    []source
	nextSource int             // of sources, modulo their number
	samples    *record.Samples // what has not been handed over yet
	handed     counts          // of what was

	// Open loop. Due times continue over the target's slices: origin is the clock
	// value at which an offset of 0 would have been due in the current slice.
	free   freeList
	pacer  pace.Pacer
	fit    *pace.Fit // of the requests that left; nil unless the plan is a Poisson process
	next   int64     // offset of the next request
	active int64     // offset at which the next slice begins
	origin int64
}

// maxCopies bounds the bytes of a pipeline that one write carries.
const maxCopies = 64 << 10

func newThread(id int, r *run) (*thread, error) {
	p := &r.plan
	t := &thread{id: id, run: r, shares: make([]share, len(p.Targets))}
	t.t0, t.t1, t.edge, t.alarm, t.nextScan, t.mark, t.part = never, never, never, never, never, never, never
	t.tally.slices = make([]Slice, 0, r.plan.slices())
	t.current = newSamples(len(p.Targets), p.Threads)
	t.spare = make(chan []record.Samples, 2)
	mine, ordinal := split(p.Connections, id, p.Threads)
	idlers, idleOrdinal := split(p.Idle, id, p.Threads)
	t.active = mine * len(p.Targets)
	t.conns = make([]conn, t.active, t.active+idlers*len(p.Targets))
	stamps := make([]stamp, len(t.conns)*p.Pipeline)
	for i := range t.shares {
		t.shares[i].samples = &t.current[i]
		if err := t.initShare(i, mine, ordinal, stamps[i*mine*p.Pipeline:]); err != nil {
			return nil, err
		}
		t.shares[i].nextSource = ordinal + idleOrdinal
		t.addIdle(&t.shares[i], idlers)
	}
	t.queue = make([]int32, 0, len(t.conns))
	t.storm = newStorm(p.Threads)
	var err error
	t.net, err = newTransport(t)
	if err == nil && r.sys.wrap != nil {
		t.net = r.sys.wrap(t.net)
	}
	return t, err
}

// split returns how many of n belong to thread id of so many, and how many to those before.
func split(n, id, threads int) (mine, before int) {
	before = id*(n/threads) + min(id, n%threads)
	mine = n / threads
	if id < n%threads {
		mine++
	}
	return mine, before
}

func (t *thread) initShare(i, mine, ordinal int, stamps []stamp) error {
	p := &t.run.plan
	s := &t.shares[i]
	s.target = &p.Targets[i]
	s.lo, s.hi, s.ordinal = i*mine, (i+1)*mine, ordinal
	s.sockaddr, s.sources = sockaddr(s.target.Addr), p.sourcesFor(s.target)
	request := s.target.Protocol.Request()
	s.requestLen = len(request)
	for range max(1, min(p.Pipeline, maxCopies/len(request))) {
		s.requests = append(s.requests, request...)
	}
	for k, reader := range s.target.Protocol.Readers(mine) {
		c := &t.conns[s.lo+k]
		c.slot, c.share, c.reader = int32(s.lo+k), s, reader
		c.stamps = stamps[k*p.Pipeline : (k+1)*p.Pipeline]
		if p.NoKeepalive {
			c.role = single
		}
	}
	if !t.run.open() {
		return nil
	}
	s.free.init(t.conns, mine*p.Pipeline)
	pacing := p.Pace()
	pacer, err := pacing.Pacer(t.id, p.Threads)
	if err != nil {
		return err
	}
	if p.Poisson {
		profile, err := pacing.Profile()
		if err != nil {
			return err
		}
		s.fit = profile.NewFit(p.Threads)
	}
	s.pacer, s.next = pacer, int64(pacer.Next())
	return nil
}

// loop is the thread's life. Its goroutine must not be used for anything else.
func (t *thread) loop() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	// A sleep may otherwise end up to 50 us late, to save wake-ups.
	unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	t.delayFile = openRunDelay()
	defer closeRunDelay(t.delayFile)

	if err := t.net.begin(); err != nil {
		t.run.fail(err)
	} else {
		t.connectAll()
	}
	for i := 0; ; i++ {
		if t.id == 0 && i < len(t.run.visits) && t.run.visits[i].recorded {
			t.run.probe.Before(t.run.visits[i].target)
		}
		start, ok := t.run.next(i)
		if i == 0 {
			t.watchFrom(start)
		}
		if !ok {
			t.handRest(start)
			break
		}
		t.slice(t.run.visits[i], start)
		if t.id == 0 && t.visit.recorded {
			t.run.probe.After(t.visit.target)
		}
	}
	if t.id == 0 {
		t.run.probe.End()
	}
	t.run.meet(nil) // nobody disconnects before the probe has seen the end
	for i := range t.conns {
		if c := &t.conns[i]; c.state == up || c.state == connecting {
			t.net.disconnect(c)
		}
	}
	t.net.end()
	// The goroutine's OS thread goes back to the runtime as it was found.
	unix.Prctl(unix.PR_SET_TIMERSLACK, 0, 0, 0, 0)
}

// connectAll returns when every slot has been up or failed once, or after the timeout.
// Attempts that nobody has answered by then go on, but are a reason to give.
func (t *thread) connectAll() {
	t.queueAll()
	deadline := clock() + int64(t.run.plan.Timeout+t.storm.longest(len(t.queue)))
	t.nextScan = clock()
	for t.untried > 0 && !t.run.stopping.Load() {
		now := clock()
		if now >= deadline {
			break
		}
		t.turn(now, deadline)
	}
	for i := range t.conns {
		if c := &t.conns[i]; c.state == connecting && c.share.lastErr == nil {
			c.share.lastErr = unix.ETIMEDOUT
		}
	}
}

// queueAll has every slot connected. Of single ones, which have no request yet, one for
// each target shows whether it is there.
func (t *thread) queueAll() {
	now := clock()
	for i := range t.conns {
		c := &t.conns[i]
		if c.role == single && (int(c.slot) > c.share.lo || c.share.ordinal > 0) {
			t.vacate(c, now)
			continue
		}
		t.enqueue(c)
		t.untried++
	}
}

// turn is one round of the loop: upkeep, wait until at most until, let the transport report.
func (t *thread) turn(now, until int64) {
	if now >= t.nextScan {
		t.scan(now)
	}
	if len(t.queue) > 0 {
		until = min(until, t.connectQueued(now))
	}
	sleep := t.patience(now, min(until, t.nextScan))
	t.seen = now + max(sleep, 0)
	t.net.wait(sleep)
}

// patience returns how long to sleep until a moment. Plan.Spin is looked through instead,
// both before the moment and after a request has left: the wake-up of an idle core takes
// tens of microseconds, which is more than many a reply.
func (t *thread) patience(now, until int64) int64 {
	spin := int64(t.run.plan.Spin)
	if spin > 0 && t.cur != nil && t.cur.inFlight > 0 && now < t.pushed+spin {
		return 0
	}
	return until - now - spin // 0 or less: look, and come back
}

// minScan keeps thousands of back-offs from causing a scan each.
const minScan = time.Millisecond

// scan looks for what time has overtaken: attempts to connect, requests, back-offs.
// It runs ten times per timeout, and whenever a back-off ends.
func (t *thread) scan(now int64) {
	timeout := int64(t.run.plan.Timeout)
	t.nextScan = now + min(max(timeout/10, int64(minScan)), int64(100*time.Millisecond))
	conns := t.watched()
	for i := range conns {
		c := &conns[i]
		switch c.state {
		case down:
			if c.at <= now {
				t.reopen(c, now)
			} else {
				t.nextScan = min(t.nextScan, max(c.at, now+int64(minScan)))
			}
		case connecting:
			if c.at+timeout <= now {
				t.attemptFailed(c, unix.ETIMEDOUT)
			}
		case up:
			if c.owed > 0 && c.begun()+timeout <= now {
				t.lose(c, record.Timeout, now)
			}
		}
	}
	if t.cur != nil && t.run.open() {
		t.expire(now)
	}
}
