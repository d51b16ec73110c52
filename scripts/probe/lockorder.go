package main

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// lockOrder has two tasks take two locks in opposite order, the classic deadlock, and counts the
// runs in which both ended. Between its two locks a task yields, as one does that calls
// something which may block.
//
//	threads  a task is a goroutine. The yield lets whoever is ready run
//	loop     a task is one callback on an event loop. It yields as well, and nobody is there
//	         to run: a callback runs to its end before the next one begins
//	await    a task is two callbacks: it awaits something between its locks, which on a loop is
//	         the only way to yield. The locks are the loop's own: who waits for one gives
//	         the loop back
//
// A deadlock is seen as it happens, without a clock. Each task counts itself among the waiting
// once it holds its first lock and has found the second one taken. The holder of that one is the
// other task, which lets go of nothing before it has both: so when both have counted
// themselves, neither will ever go on. The second to find out gives its lock up, that nothing is left behind.
type lockOrder struct {
	Kind  string `enum:"threads,loop,await" default:"threads" placeholder:"KIND" help:"What the tasks are: ${enum} (${default})."`
	Procs int    `default:"0" placeholder:"K" help:"GOMAXPROCS (0: all CPUs)."`
	Runs  int    `default:"100" placeholder:"R" help:"How often (${default})."`
}

// ran is what is printed.
type ran struct {
	Due        int `json:"due"`
	Completed  int `json:"completed"`  // runs that ended
	Unfinished int `json:"unfinished"` // deadlocks
}

func (l *lockOrder) check() error {
	switch {
	case l.Procs < 0:
		return usage("--procs: %d is not a number of CPUs", l.Procs)
	case l.Runs < 1:
		return usage("--runs: %d is not a number of runs", l.Runs)
	}
	return nil
}

// dining is one run: two locks, and who waits.
type dining struct {
	a, b    sync.Mutex
	waiting atomic.Int32 // tasks that hold their first lock and have found the second taken
}

// lockRuns run once, and tell whether both tasks ended.
var lockRuns = map[string]func(*dining) bool{"threads": (*dining).threads, "loop": (*dining).loop, "await": (*dining).await}

func (l *lockOrder) measure() (any, error) {
	if l.Procs > 0 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(l.Procs))
	}
	r := ran{Due: l.Runs}
	for range l.Runs {
		if lockRuns[l.Kind](new(dining)) {
			r.Completed++
		}
	}
	r.Unfinished = r.Due - r.Completed
	return r, nil
}

// task takes both locks, yields in between and tells whether it got them.
func (d *dining) task(first, second *sync.Mutex) bool {
	first.Lock()
	defer first.Unlock()
	runtime.Gosched()
	if !second.TryLock() {
		if d.waiting.Add(1) == 2 {
			return false
		}
		second.Lock()
	}
	second.Unlock()
	return true
}

// threads has both tasks begin at once.
func (d *dining) threads() bool {
	gate := make(chan struct{})
	ended := make(chan bool, 2)
	for _, locks := range [][2]*sync.Mutex{{&d.a, &d.b}, {&d.b, &d.a}} {
		go func() {
			<-gate
			ended <- d.task(locks[0], locks[1])
		}()
	}
	close(gate)
	one, other := <-ended, <-ended
	return one && other
}

// callbacks is an event loop without events: what is in it runs in order, each to its end.
type callbacks []func()

func (c *callbacks) add(f func()) { *c = append(*c, f) }

func (c *callbacks) run() {
	for len(*c) > 0 {
		next := (*c)[0]
		*c = (*c)[1:]
		next()
	}
}

// loop has the same tasks as threads.
func (d *dining) loop() bool {
	var l callbacks
	one, other := false, false
	l.add(func() { one = d.task(&d.a, &d.b) })
	l.add(func() { other = d.task(&d.b, &d.a) })
	l.run()
	return one && other
}

// await has tasks that go on in another callback after their first lock.
func (d *dining) await() bool {
	var l callbacks
	ended := 0
	task := func(first, second *sync.Mutex) {
		var more func() // takes the second lock, or waits for it and is called again
		counted := false
		more = func() {
			switch {
			case second.TryLock():
				second.Unlock()
				first.Unlock()
				ended++
				return
			case !counted:
				counted = true
				d.waiting.Add(1)
			}
			if d.waiting.Load() < 2 {
				l.add(more)
			}
		}
		var begin func()
		begin = func() {
			if first.TryLock() {
				l.add(more)
			} else {
				l.add(begin)
			}
		}
		l.add(begin)
	}
	task(&d.a, &d.b)
	task(&d.b, &d.a)
	l.run()
	return ended == 2
}
