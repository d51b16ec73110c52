package daemon

import (
	"errors"
	"math"
	"syscall"
)

// limits are on open connections.
type limits struct {
	here int // in this process
	all  int // in all processes that take turns
}

// limits returns those that the flags ask for, or else those that the
// descriptors set.
func (f *Flags) limits() limits {
	if f.MaxConns > 0 {
		return limits{here: f.MaxConns, all: f.MaxConns}
	}
	here := places(DescriptorLimit(), f.Shape.Held)
	if f.Shape.Most > 0 {
		here = min(here, f.Shape.Most)
	}
	return limits{here: here, all: math.MaxInt} // descriptors are each process's own
}

// Places is how many connections may be open in all processes together.
func (f *Flags) Places() int {
	l := f.limits()
	return min(l.all, l.here*max(f.Shape.Processes, 1))
}

// reserve is how many descriptors are kept for what is not a client: some twenty
// for listeners, pollers, pipes and the log, the rest for whoever looks at the
// admin pages and for duplicates of sockets that are changing hands.
const reserve = 64

// places is how many of limit descriptors are for connections, where the model
// holds some itself: all but the reserve, or half of what there is where that is
// less.
func places(limit, held int) int {
	free := limit - held
	return max(free-reserve, free/2, 1)
}

// DescriptorLimit is how many descriptors this process may have. Go's runtime
// has raised the soft limit to the hard one at the start.
func DescriptorLimit() int {
	var l syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l) != nil || l.Cur > math.MaxInt32 {
		return math.MaxInt32
	}
	return int(l.Cur)
}

// scarce reports whether err says that descriptors or memory for sockets have
// run out, in this process or in the system.
func scarce(err error) bool {
	for _, e := range []syscall.Errno{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
