package main

import (
	"fmt"
	"slices"
	"time"
)

// start measures what it takes to start n tasks of a kind, as a server does that starts one for
// each connection or each core. The clock runs from before the first start until each of them
// has executed its own first instruction and said so. All of them are alive together, then all
// end, and the next round begins when they are gone.
//
//	goroutine  a go statement; says so on a channel
//	thread     a goroutine locked to a kernel thread that did not exist when the round began;
//	           says so on a channel. It is how a program in Go gets a thread, so what the runtime
//	           does to make one (it hands the order to a thread that is in no particular
//	           state) is in the figure beside the kernel's clone
//	process    this program again (vfork, exec), which writes a byte to a pipe before it
//	           initialises anything but Go's runtime: see package begun. A program in Go cannot
//	           fork without exec, so this is what prefork pays for a worker
//
// How much of a process is Go? On the machine this was written on one took 1.9 ms, with the C
// library that Go links where there is a C compiler, as it does with the servers; an empty program in Go without that
// 0.93 ms; one in C 0.53 ms, linked statically 0.45 ms (medians of 200 each, in turn). So a
// quarter is the kernel's price of a process. There is no kind for that: what a machine has that is
// as small (/bin/true?) differs, and no server of ours could start one.
//
// No task does anything else, so a figure is a price and not the time until a server listens.
type start struct {
	Kind   string `enum:"goroutine,thread,process" required:"" placeholder:"KIND" help:"What is started: ${enum}."`
	N      int    `name:"n" short:"n" default:"64" placeholder:"N" help:"How many in each round (${default})."`
	Rounds int    `default:"5" placeholder:"R" help:"How often; the median is printed (${default})."`
}

// most is how many tasks may be started: Go ends a program with 10,000 threads, and processes
// have pipes and limits.
var most = map[string]int{"goroutine": 1_000_000, "thread": 4_000, "process": 4_000}

// kinds start n tasks, wait until all have begun, and return how long that took. When they
// return, the tasks are gone.
var kinds = map[string]func(n int) (time.Duration, error){
	"goroutine": startGoroutines, "thread": startThreads, "process": startProcesses,
}

// started is what is printed.
type started struct {
	StartToReadyUs float64 `json:"start_to_ready_us"` // all n, median of the rounds
	Due            int     `json:"due"`
	Completed      int     `json:"completed"`
}

func (s *start) check() error {
	switch {
	case s.N < 1 || s.N > most[s.Kind]:
		return usage("-n: %d is not from 1 to %d, for kind %s", s.N, most[s.Kind], s.Kind)
	case s.Rounds < 1:
		return usage("--rounds: %d is not a number of rounds", s.Rounds)
	}
	return nil
}

func (s *start) measure() (any, error) {
	took := make([]time.Duration, s.Rounds)
	for round := range took {
		var err error
		if took[round], err = kinds[s.Kind](s.N); err != nil {
			return nil, fmt.Errorf("start %d of kind %s: %w", s.N, s.Kind, err)
		}
	}
	return started{float64(median(took)) / 1e3, s.N, s.N}, nil
}

// median sorts what it is given.
func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	n := len(all)
	return (all[(n-1)/2] + all[n/2]) / 2
}

// startGoroutines starts the plain ones.
func startGoroutines(n int) (time.Duration, error) {
	ready, quit, gone := make(chan struct{}, n), make(chan struct{}), make(chan struct{}, n)
	begin := time.Now()
	for range n {
		go func() {
			ready <- struct{}{}
			<-quit
			gone <- struct{}{}
		}()
	}
	for range n {
		<-ready
	}
	took := time.Since(begin)
	close(quit)
	for range n {
		<-gone
	}
	return took, nil
}
