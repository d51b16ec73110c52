package rig

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

const (
	stopGrace = 2 * time.Second // how long a child may take to stop; its load is gone by then
	killGrace = 2 * time.Second // how long the kernel may take to end what was killed
	tailLines = 8               // of a log that go into an error message
)

// A Process is a child that was started. It is waited for from the first moment.
type Process struct {
	Name string
	PID  int    // also its process group's
	Log  string // file of all that it prints

	done  chan struct{} // closed once it has been waited for; then these are set
	err   error
	state *os.ProcessState
}

// Done is closed once the process has ended and has been waited for.
func (p *Process) Done() <-chan struct{} { return p.done }

// Ended tells whether Done is closed.
func (p *Process) Ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// Err is nil for exit code 0, else an *exec.ExitError as a rule. It waits for the end.
func (p *Process) Err() error {
	<-p.done
	return p.err
}

// CPU is the CPU time of the process and of those of its children that it has waited
// for, from its start to its end, as the kernel says (rusage). It waits for the end.
func (p *Process) CPU() time.Duration {
	<-p.done
	return p.state.UserTime() + p.state.SystemTime()
}

// Output is what it has printed so far, to both of its outputs.
func (p *Process) Output() (string, error) {
	text, err := os.ReadFile(p.Log)
	if err != nil {
		return "", fmt.Errorf("read what %s says: %w", p.Name, err)
	}
	return string(text), nil
}

// Signal is sent to a process that has not been waited for, so that its id is its own.
func (p *Process) Signal(s syscall.Signal) {
	if !p.Ended() {
		_ = syscall.Kill(p.PID, s) // it may just have ended
	}
}

// wait returns when the process has ended, by itself within grace or killed after it,
// and nothing of its process group is left.
func (p *Process) wait(grace time.Duration) error {
	if !p.endsWithin(grace) {
		// Its children may have groups of their own; once it is gone nobody knows them.
		family := tree(p.PID)
		for _, pid := range family {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		if !p.endsWithin(killGrace) {
			return fmt.Errorf("stop %s: process %d is still there %v after SIGKILL", p.Name, p.PID, killGrace)
		}
	}
	_ = syscall.Kill(-p.PID, syscall.SIGKILL) // mostly nobody is left
	return nil
}

func (p *Process) endsWithin(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-p.done:
		return true
	case <-timer.C:
		return false
	}
}

// Diagnosis is how a process ended and what it said last.
func (p *Process) Diagnosis() string {
	why := "it still runs"
	if p.Ended() {
		why = "exit status 0"
		if p.err != nil {
			why = p.err.Error()
		}
	}
	text, _ := os.ReadFile(p.Log)
	said := strings.TrimSpace(string(text))
	if said == "" {
		return why + "; it said nothing"
	}
	lines := strings.Split(said, "\n")
	return why + "; it said:\n\t" + strings.Join(lines[max(0, len(lines)-tailLines):], "\n\t")
}
