package daemon

import (
	"math"
	"syscall"
)

// descriptorLimit is how many descriptors this process may have. Go's runtime
// has raised the soft limit to the hard one at the start.
func descriptorLimit() int {
	var l syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l) != nil || l.Cur > math.MaxInt32 {
		return math.MaxInt32
	}
	return int(l.Cur)
}
