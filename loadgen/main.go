// Loadgen puts load on servers and says what they did with it, and whether the figures
// may be believed.
//
//	loadgen [flags] [name=]URL...
//
// A URL is http://host:port/path or tcp://host:port (an echo server). Several URLs are
// a rotation: the load visits them in turn, a slice each, so that all of them share
// whatever the machine does meanwhile. See loadgen --help for the flags.
//
// Exit codes: 0 measured; 1 failed, for instance because no request succeeded; 2 usage;
// 3 an objective was not met; 4 no trial is valid (the verdict says why). Trials are appended to --csv in all cases
// in which load ran.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"modelbench/loadgen/engine"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program the hard way
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintf(os.Stderr, "loadgen: %v\n", err)
	}
	os.Exit(exitCode(err))
}

// usageError is an error in the command line; its text names the flag.
type usageError struct{ error }

// errMissed means that load ran and an objective was not met.
var errMissed = errors.New("the objective was not met")

// errInvalid means that load ran and not one of its trials may be believed.
var errInvalid = errors.New("no trial is valid; the verdict says why")

func exitCode(err error) int {
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		return 2
	case errors.Is(err, errMissed):
		return 3
	case errors.Is(err, errInvalid):
		return 4
	}
	return 1
}

// run is the whole command. It returns when the load is done or soon after ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags, done, err := parse(args, stdout, stderr)
	if err != nil || done {
		return err
	}
	job, err := newJob(ctx, flags)
	if err != nil {
		return err
	}
	defer calm(job.plan.Threads)()
	rep, found, err := job.run(ctx, stderr)
	if err != nil {
		return err
	}
	if found != nil {
		found.write(stdout)
	}
	results := job.results(rep)
	if err := errors.Join(job.append(rep, results), printReport(stdout, rep, results)); err != nil {
		return err
	}
	if found != nil && found.result.Rate == 0 && !rep.Interrupted {
		return fmt.Errorf("%w at any rate: %s", errMissed, found.objective)
	}
	return outcome(rep, results)
}

// calm keeps the Go runtime out of the way of the load and returns the way back.
//
// The garbage collector stays off: the load allocates next to nothing, what accounting
// leaves is collected between slices, and the limit is there for a fault of ours. One P more than there are threads of load lets everything
// else run without taking one from them; with none to spare the runtime takes a thread's
// P whenever it sleeps in the kernel for 20 us, and it has to queue for it when it wakes.
func calm(threads int) func() {
	const limit = 2 << 30
	if threads == 0 {
		threads = engine.AutoThreads(runtime.NumCPU())
	}
	procs := runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(max(procs, threads+1))
	percent, memory := debug.SetGCPercent(-1), debug.SetMemoryLimit(limit)
	return func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(memory)
		runtime.GOMAXPROCS(procs)
	}
}
