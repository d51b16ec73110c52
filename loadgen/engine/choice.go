package engine

import "fmt"

// An Engine is a way to move bytes.
type Engine string

// Auto takes what is the best here. Epoll asks which sockets are ready and then reads
// and writes them one by one. Uring hands the kernel many requests in one call; it needs
// Linux 6.1 and permission.
const (
	Auto  Engine = "auto"
	Epoll Engine = "epoll"
	Uring Engine = "uring"
)

// Engines are all of them, for whoever offers a choice.
var Engines = []Engine{Auto, Epoll, Uring}

// choose replaces Auto and says why it came out as it did. It fails if the plan insists
// on an engine that is not to be had, by the error of probe.
func (p *Plan) choose(probe func() error) (reason string, err error) {
	switch p.Engine {
	case Epoll:
		return "", nil
	case Uring:
		if err := probe(); err != nil {
			return "", fmt.Errorf("engine uring: %w; --engine epoll works everywhere", err)
		}
		return "", nil
	}
	p.Engine = Epoll
	if p.KernelTimestamps {
		return "kernel timestamps need epoll", nil
	}
	if p.Open() {
		return "in an open loop there is little to batch", nil
	}
	if err := probe(); err != nil {
		return err.Error(), nil
	}
	p.Engine = Uring
	return "in a closed loop the cheaper one", nil
}
