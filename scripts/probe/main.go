// Probe measures what can be seen of a concurrency model without load: what it takes to start
// one more task, whether two tasks that take two locks in opposite order ever end, and in how
// many orders a server answers the same requests.
//
//	probe start --kind goroutine|thread|process -n 64
//	probe lock-order --kind threads|loop|await --procs 2
//	probe orders 127.0.0.1:8081
//
// It prints one line of JSON whose keys are columns of results/trial's CSV, and whose values are
// in their units; what it did not measure is not in it. Errors go to standard error. Exit codes:
// 0 measured, 1 failed, 2 usage. Each command says in its file what exactly is compared.
//
// Whatever it starts ends with it, by SIGKILL too.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"
)

const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// flags are the command line: one of the commands.
type flags struct {
	Start     start     `cmd:"" help:"How long N tasks take from before the first is started until each has begun to run: start_to_ready_us, the median of the rounds."`
	LockOrder lockOrder `cmd:"" help:"Two tasks take two locks in opposite order, each yielding in between: of due runs completed have ended, and the others were deadlocks."`
	Orders    orders    `cmd:"" help:"Sends the same requests in the same order again and again, and counts the different orders of the replies: orders."`
}

// A command is one of the flags' commands. What measure returns is printed as JSON.
type command interface {
	check() error // refuses flags that make no sense, as a usageError
	measure() (any, error)
}

// usageError is a command line that cannot be used.
type usageError struct{ problem string }

func (e usageError) Error() string { return e.problem }

func usage(format string, args ...any) error { return usageError{fmt.Sprintf(format, args...)} }

// run is the program. It returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	err := probe(args, stdout, stderr)
	var wrong usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &wrong):
		fmt.Fprintf(stderr, "probe: %v\nrun it with --help for the flags\n", err)
		return exitUsage
	}
	fmt.Fprintf(stderr, "probe: %v\n", err)
	return exitFailed
}

func probe(args []string, stdout, stderr io.Writer) error {
	var f flags
	helped := false
	parser, err := kong.New(&f,
		kong.Name("probe"),
		kong.Description("Measures what can be seen of a concurrency model without load. Prints one line of JSON, whose keys are columns of trials."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helped = true })) // --help has been printed; whatever else parsing says is void
	if err != nil {
		return fmt.Errorf("set up the command line: %w", err)
	}
	parsed, err := parser.Parse(args)
	switch {
	case helped:
		return nil
	case err != nil:
		return usageError{err.Error()}
	}
	chosen := parsed.Selected().Target.Addr().Interface().(command)
	if err := chosen.check(); err != nil {
		return err
	}
	found, err := chosen.measure()
	if err != nil {
		return err
	}
	return json.NewEncoder(stdout).Encode(found)
}
