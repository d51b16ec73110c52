package uring

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestProbe(t *testing.T) {
	t.Parallel()
	if err := Probe(); err != nil {
		t.Fatalf("this machine cannot run the tests of this package: %v", err)
	}
}

// What each refusal of the system means, and that it is still told apart afterwards.
func TestProbeRefused(t *testing.T) {
	t.Parallel()
	for errno, want := range map[unix.Errno]string{
		unix.ENOSYS: "does not have it",
		unix.EPERM:  "forbidden",
		unix.EINVAL: "Linux 6.1",
		unix.ENOMEM: "ulimit -l",
		unix.EMFILE: "set up a ring",
	} {
		err := probe(func(uint32, *params) (int, error) { return -1, errno })
		var why *Unavailable
		if !errors.As(err, &why) || !errors.Is(err, errno) || !strings.Contains(why.Reason, want) {
			t.Errorf("%v: %v, want %q", errno, err, want)
		}
	}
}

// A ring that lacks what is needed is refused by name.
func TestProbeIncomplete(t *testing.T) {
	t.Parallel()
	err := probe(func(entries uint32, p *params) (int, error) {
		fd, err := setup(entries, p)
		p.features &^= featExtArg
		return fd, err
	})
	if want := "io_uring: the kernel lacks features 0x100 of it"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	err = probe(func(uint32, *params) (int, error) { // what it returns is no ring
		fds := make([]int, 2)
		err := unix.Pipe2(fds, unix.O_CLOEXEC)
		unix.Close(fds[1])
		return fds[0], err
	})
	if why := (*Unavailable)(nil); !errors.As(err, &why) {
		t.Errorf("a pipe: %v", err)
	}
}
