package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"modelbench/loadgen/pace"
	"modelbench/loadgen/record"
	"modelbench/loadgen/uring"
)

// run is what the threads of one Run have in common.
type run struct {
	plan   Plan
	sys    system
	reason string // for the choice of the engine, if it was ours
	visits []visit
	probe  Probe

	threads     []*thread
	stopping    atomic.Bool // end the window, then the run
	interrupted atomic.Bool
	tickets     atomic.Int64 // of Plan.Requests, those not yet sent
	isOpen      bool         // the load is an open loop

	mu      sync.Mutex
	cond    sync.Cond
	arrived int
	round   int
	begin   int64 // start of the slice that was decided on last
	goOn    bool
	started time.Time
	failed  error
	base    int64 // clock when load began
	parts   chan part
	totals  []record.Samples // by target, once load is over
	answers atomic.Int64     // measured requests settled, counted if Plan.Requests are limited
}

// Run carries out the plan and returns when it is done, or soon after ctx ends: then
// with the report of what was measured until there. It fails if the plan is not valid,
// or a target cannot be reached at all, or the system refuses what it needs.
func Run(ctx context.Context, p Plan) (*Report, error) { return start(ctx, p, thisSystem) }

// A system is what tests want otherwise than it is.
type system struct {
	probe func() error // says why there is no io_uring, if there is none
	ring  ringSizes
	wrap  func(transport) transport // around the transport of each thread; nil: nothing
}

var thisSystem = system{
	probe: uring.Probe,
	ring:  ringSizes{requests: 256, buffers: 128, bufferSize: 64 << 10},
}

func start(ctx context.Context, p Plan, sys system) (*Report, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	p = p.withDefaults()
	reason, err := p.choose(sys.probe)
	if err != nil {
		return nil, err
	}
	if err := checkDescriptors(&p); err != nil {
		return nil, err
	}
	if err := p.checkSources(); err != nil {
		return nil, err
	}
	r := &run{plan: p, sys: sys, reason: reason, visits: p.schedule(), probe: p.Probe, isOpen: p.Open(), parts: make(chan part, 2*p.Threads)}
	r.cond.L = &r.mu
	r.tickets.Store(int64(p.Requests))
	defer r.close()
	if p.KernelTimestamps {
		fd, err := primeStamps()
		if err != nil {
			return nil, err
		}
		defer unix.Close(fd)
	}
	for id := range p.Threads {
		t, err := newThread(id, r)
		if err != nil {
			return nil, err
		}
		r.threads = append(r.threads, t)
	}
	r.work(ctx)
	if r.failed != nil {
		return nil, r.failed
	}
	return r.report(), nil
}

func (r *run) work(ctx context.Context) {
	stopped := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		defer close(stopped)
		r.interrupted.Store(true)
		r.stop()
	})
	var wg sync.WaitGroup
	for _, t := range r.threads {
		wg.Go(t.loop)
	}
	r.totals = r.collect()
	wg.Wait()
	if !cancel() {
		<-stopped // it may still be waking threads, whose descriptors are closed next
	}
}

func (r *run) close() {
	for _, t := range r.threads {
		t.net.close()
	}
}

func (r *run) open() bool { return r.isOpen }

// stop ends the run early. Any goroutine may call it.
func (r *run) stop() {
	r.stopping.Store(true)
	for _, t := range r.threads {
		t.net.wake()
	}
}

// fail ends the run with an error, the first of several. Any of its threads may call it.
func (r *run) fail(err error) {
	r.mu.Lock()
	if r.failed == nil {
		r.failed = err
	}
	r.mu.Unlock()
	r.stop()
}

// ticket takes one of Plan.Requests, if there are that many left.
func (r *run) ticket() bool {
	return r.plan.Requests == 0 || r.tickets.Add(-1) >= 0
}

// resolved notes that a measured request was settled; the last of Plan.Requests ends
// the window.
func (r *run) resolved() {
	if r.plan.Requests > 0 && r.answers.Add(1) == int64(r.plan.Requests) {
		r.stop()
	}
}

// next waits for all threads and returns when slice i starts; not ok if none follows.
func (r *run) next(i int) (start int64, ok bool) {
	r.meet(func() {
		if i == 0 {
			r.started = time.Now()
			if r.failed == nil {
				r.failed = r.unreachable()
			}
			r.base = clock()
		}
		r.goOn = r.failed == nil && i < len(r.visits) && !r.stopping.Load()
		r.begin = clock()
		if len(r.threads) > 1 {
			r.begin += int64(wakeTime)
		}
	})
	return r.begin, r.goOn
}

// wakeTime is what threads are given to come back from meet before a slice starts.
const wakeTime = 100 * time.Microsecond

// meet waits until all threads have called it. The last to come calls decide, if any,
// whose effects the others see.
func (r *run) meet(decide func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.arrived++; r.arrived == len(r.threads) {
		r.arrived = 0
		r.round++
		if decide != nil {
			decide()
		}
		r.cond.Broadcast()
		return
	}
	for round := r.round; r.round == round; {
		r.cond.Wait()
	}
}

// unreachable says which target has no connection at all after connecting.
func (r *run) unreachable() error {
	if r.stopping.Load() {
		return nil
	}
	for i, target := range r.plan.Targets {
		up, err := 0, error(nil)
		for _, t := range r.threads {
			s := &t.shares[i]
			up += s.up
			if s.reached {
				up++
			}
			if s.lastErr != nil {
				err = s.lastErr
			}
		}
		switch {
		case up > 0:
		case r.plan.NoKeepalive && errors.Is(err, unix.EADDRNOTAVAIL):
			// One source has no port left, which says nothing about the server.
		case err == nil:
			return fmt.Errorf("connect to %s: no connection stayed open: does the server close them at once?", target.where())
		default:
			return fmt.Errorf("connect to %s: %w", target.where(), explain(err, "is the server up?"))
		}
	}
	return nil
}

func (r *run) report() *Report {
	rep := &Report{Plan: r.plan, EngineReason: r.reason, Started: r.started, Interrupted: r.interrupted.Load(), Targets: r.totals, Slices: r.slices()}
	for i := range rep.Targets {
		for _, t := range r.threads {
			if err := t.shares[i].lastErr; err != nil {
				rep.Targets[i].ConnectError = explain(err, "").Error()
			}
		}
	}
	if r.plan.Poisson {
		rep.Arrivals = r.arrivals()
	}
	return rep
}

// arrivals judges the intervals between the requests that left.
func (r *run) arrivals() []pace.Goodness {
	all := make([]pace.Goodness, len(r.plan.Targets))
	for i := range all {
		var fit pace.Fit
		for _, t := range r.threads {
			fit.Merge(t.shares[i].fit)
		}
		all[i] = fit.Result()
	}
	return all
}

// slices adds up what the threads have written down of each slice. All have the same
// ones, as they pass every edge together; but of a run that is stopped at an edge some
// have passed it, and some have not.
func (r *run) slices() []Slice {
	last := r.threads[0]
	for _, t := range r.threads {
		if len(t.tally.slices) > len(last.tally.slices) {
			last = t
		}
	}
	all := last.tally.slices
	for i := range all {
		all[i].Start -= time.Duration(r.base)
		for _, t := range r.threads {
			if t == last || i >= len(t.tally.slices) {
				continue
			}
			o := &t.tally.slices[i]
			all[i].Measured = max(all[i].Measured, o.Measured)
			all[i].Replies += o.Replies
			all[i].Left += o.Left
			all[i].Failed += o.Failed
			all[i].ClientCPU += o.ClientCPU
		}
	}
	return all
}

// checkDescriptors refuses a plan that the descriptor limit cannot carry. Go has
// already raised the soft limit to the hard one.
func checkDescriptors(p *Plan) error {
	var lim unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &lim); err != nil {
		return fmt.Errorf("read the descriptor limit: %w", err)
	}
	const reserve = 32 // standard streams, the runtime's, files of the report
	each := p.Connections + p.Idle
	need := uint64(each)*uint64(len(p.Targets)) + 3*uint64(p.Threads) + reserve
	if need > lim.Cur {
		return fmt.Errorf("open %d connections to each of %d targets: that takes %d descriptors and the limit is %d: see ulimit -n",
			each, len(p.Targets), need, lim.Cur)
	}
	return nil
}
