package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"modelbench/scripts/rig"
)

// A counter runs a program and counts its system calls and those of all that it starts,
// into a file.
type counter struct {
	name string
	args func(file string) []string // the program's command line follows
	read func(text string) (float64, error)
}

// countFor is how long a client runs while its system calls are counted.
const countFor = time.Second

// counters in the order in which they are tried. perf counts in the kernel and disturbs
// little; strace stops the program at each call, so that less of the server's replies is
// there at once than would be otherwise.
var counters = []counter{
	{"perf", func(file string) []string {
		return []string{"perf", "stat", "-x", ",", "-e", "raw_syscalls:sys_enter", "-o", file, "--"}
	}, readPerf},
	{"strace", func(file string) []string { return []string{"strace", "-f", "-c", "-o", file, "--"} }, readStrace},
}

// findCounter returns the first that works here, or why none does.
func (m *match) findCounter(ctx context.Context) (counter, error) {
	var errs []error
	for _, c := range counters {
		if _, err := exec.LookPath(c.args("")[0]); err != nil {
			errs = append(errs, err)
			continue
		}
		p, err := m.launch.Start(rig.Command{Name: c.name, Args: append(c.args(m.countFile()), "true"), CPU: m.ClientCPU})
		if err == nil {
			err = m.launch.Finish(ctx, p)
		}
		if err == nil && p.Err() != nil {
			err = fmt.Errorf("%s: %s", c.name, p.Diagnosis())
		}
		if err == nil {
			_, err = m.counted(c)
		}
		if err == nil {
			return c, nil
		}
		if ctx.Err() != nil {
			return counter{}, err
		}
		errs = append(errs, err)
	}
	return counter{}, errors.Join(errs...)
}

func (m *match) countFile() string { return filepath.Join(m.dir, "syscalls") }

func (m *match) counted(c counter) (float64, error) {
	text, err := os.ReadFile(m.countFile())
	if err != nil {
		return 0, fmt.Errorf("read what %s counted: %w", c.name, err)
	}
	return c.read(string(text))
}

// syscalls is how many a client makes for each request.
func (m *match) syscalls(ctx context.Context, with counter, c client) (float64, error) {
	args := append(with.args(m.countFile()), c.args(countFor, m.url)...)
	r, _, err := m.finish(ctx, m.launch, c, args)
	if err != nil {
		return 0, err
	}
	n, err := m.counted(with)
	return n / r.requests, err
}

// readPerf reads the line of perf stat -x, that ends a file of remarks:
//
//	29,,raw_syscalls:sys_enter,1234567,100.00,,
func readPerf(text string) (float64, error) {
	for line := range strings.Lines(text) {
		value, rest, _ := strings.Cut(strings.TrimSpace(line), ",")
		if strings.Contains(rest, "raw_syscalls:sys_enter") {
			if n, err := strconv.ParseFloat(value, 64); err == nil && n > 0 {
				return n, nil
			}
			return 0, fmt.Errorf("perf says %q of raw_syscalls:sys_enter", value)
		}
	}
	return 0, errors.New("perf has not counted raw_syscalls:sys_enter")
}

// readStrace reads the last line of strace -c, whose errors column may be empty:
//
//	100.00    0.000812           7       108         9 total
func readStrace(text string) (float64, error) {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) >= 5 && f[len(f)-1] == "total" {
			n, err := strconv.ParseFloat(f[3], 64)
			if err != nil || !(n > 0) {
				return 0, fmt.Errorf("strace says %q", strings.TrimSpace(line))
			}
			return n, nil
		}
	}
	return 0, errors.New("strace gives no total")
}
