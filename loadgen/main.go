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
// 3 an objective (--slo) was missed; 4 no trial is valid (the verdict says why) or, with an
// objective, not all are or it cannot be told. The first of 2, 1, 3, 4 that applies is it: see
// outcome. Whatever was measured is written to all outputs in all cases in which load ran,
// even if one of them fails.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
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

func exitCode(err error) int {
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		return 2
	case errors.Is(err, errMissed):
		return 3
	case errors.Is(err, errInvalid), errors.Is(err, errUntold):
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
		return errors.Join(err, job.out.close())
	}
	f := job.findings(rep, found)
	if err := job.write(f, stdout, stderr); err != nil {
		return err
	}
	return f.outcome()
}

// write brings what was found to all outputs. One that fails does not keep it from the
// others. Files come before the text: a pipe that nobody reads any more ends the program
// at the first byte of that.
func (j *job) write(f *findings, stdout, stderr io.Writer) error {
	text := stdout
	if j.out.toStdout {
		text = stderr
	}
	return errors.Join(j.append(f.rep, f.results), j.out.finish(j, f, stdout), printReport(text, f))
}
