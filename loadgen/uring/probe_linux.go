package uring

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Probe says why io_uring cannot be used here, by an *Unavailable, or nil if it can.
func Probe() error { return probe(setup) }

func probe(setup setupCall) error {
	r, err := newRing(Sizes{Requests: 1, Completions: 2}, setup, setupNoSQArray)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := r.probeOperations(); err != nil {
		return err
	}
	_, err = r.NewBuffers(0, 1, 1)
	return err
}

var operations = []struct {
	op   uint8
	name string
}{
	{opPollAdd, "poll"}, {opCancel, "cancel"}, {opConnect, "connect"}, {opClose, "close"}, {opSend, "send"}, {opRecv, "recv"},
}

func (r *Ring) probeOperations() error {
	reply := new(probeReply)
	if _, err := r.register(registerProbe, unsafe.Pointer(reply), uintptr(len(reply.ops))); err != nil {
		return &Unavailable{"ask for the supported operations", err}
	}
	var missing []string
	for _, o := range operations {
		if o.op > reply.lastOp || reply.ops[o.op].flags&probeSupported == 0 {
			missing = append(missing, o.name)
		}
	}
	if missing != nil {
		return &Unavailable{Reason: "the kernel does not support the operations " + strings.Join(missing, ", ")}
	}
	return nil
}

// disabledFile is a sysctl since Linux 6.6: 1 forbids io_uring to whoever is neither
// privileged nor in a group, 2 to everybody.
const disabledFile = "/proc/sys/kernel/io_uring_disabled"

// explain says what an error of io_uring_setup means.
func explain(err error) error {
	reason := "set up a ring"
	switch {
	case errors.Is(err, unix.ENOSYS):
		reason = "the kernel or its sandbox does not have it"
	case errors.Is(err, unix.EPERM):
		reason = "forbidden, by a container's seccomp profile most likely"
		if text, readErr := os.ReadFile(disabledFile); readErr == nil {
			if level, _ := strconv.Atoi(strings.TrimSpace(string(text))); level > 0 {
				reason = fmt.Sprintf("forbidden by sysctl kernel.io_uring_disabled=%d", level)
			}
		}
	case errors.Is(err, unix.EINVAL):
		reason = "the kernel is too old: single issuer and deferred task work need Linux 6.1"
	case errors.Is(err, unix.ENOMEM):
		reason = "no memory for the queues: see ulimit -l"
	}
	return &Unavailable{reason, err}
}
