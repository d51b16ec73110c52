package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"time"
)

// A client is a load generator and its command line.
type client struct {
	name string
	args []string
}

// outcome is what one run of a client came to.
type outcome struct {
	rate float64 // requests per second, as the client says
	cost float64 // CPU microseconds per request, as the kernel says
}

// exitInvalid is loadgen's way of saying that it was itself the bottleneck, which is
// what this comparison is after.
const exitInvalid = 4

func (c client) run(ctx context.Context, cpu int) (outcome, error) {
	cmd := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := startPinned(cmd, cpu)
	if err == nil {
		err = cmd.Wait()
	}
	var exit *exec.ExitError
	if err != nil && !(errors.As(err, &exit) && exit.ExitCode() == exitInvalid && c.name == "loadgen") {
		return outcome{}, fmt.Errorf("run %s: %w\n%s", c.name, err, out.Bytes())
	}
	o, err := readOutcome(out.String(), cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
	if err != nil {
		return outcome{}, fmt.Errorf("read what %s says: %w\n%s", c.name, err, out.Bytes())
	}
	return o, nil
}

var (
	requestsLine = regexp.MustCompile(`(?m)^ *(\d+) requests in `)
	rateLine     = regexp.MustCompile(`(?m)^Requests/sec: *([\d.]+)$`)
	errorsLine   = regexp.MustCompile(`(?m)^ *(Socket errors|Non-2xx|err_|unfinished).*$`)
)

// readOutcome reads the report of either client. Errors in it make it worthless.
func readOutcome(text string, cpu time.Duration) (outcome, error) {
	requests, rate := requestsLine.FindStringSubmatch(text), rateLine.FindStringSubmatch(text)
	if requests == nil || rate == nil {
		return outcome{}, errors.New("no number of requests")
	}
	if bad := errorsLine.FindString(text); bad != "" {
		return outcome{}, fmt.Errorf("requests failed: %s", bad)
	}
	n, err := strconv.ParseFloat(requests[1], 64)
	if err != nil || n == 0 {
		return outcome{}, errors.New("no request was answered")
	}
	r, err := strconv.ParseFloat(rate[1], 64)
	if err != nil {
		return outcome{}, err
	}
	return outcome{rate: r, cost: float64(cpu) / float64(time.Microsecond) / n}, nil
}
