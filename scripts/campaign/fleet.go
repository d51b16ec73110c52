package campaign

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"modelbench/scripts/campaign/spec"
)

// startAll starts the targets side by side and waits until each listens or has
// failed. A target that fails is reported, and left out from then on, unless it came up
// the last time: what kept it from coming up will do so again, and each try can cost
// seconds. One that dies once it is up is started anew with the next block. The error is
// for a campaign that cannot go on; what was started is returned with it.
func (r *runner) startAll(ctx context.Context, targets []Target, where string) ([]*server, error) {
	servers, err := r.startThose(ctx, targets, where)
	if err == nil && len(servers) == 0 {
		err = fmt.Errorf("%s: no server came up", where)
	}
	return servers, err
}

// startThose does the same, and is content if none comes up.
func (r *runner) startThose(ctx context.Context, targets []Target, where string) ([]*server, error) {
	type outcome struct {
		server *server
		err    error
	}
	outcomes := make([]outcome, len(targets))
	var wg sync.WaitGroup
	for i, t := range targets {
		if r.gone[t.Name] {
			continue
		}
		wg.Go(func() {
			s, err := startServer(ctx, r.launcher, r.cfg.Bin, t, readyWithin)
			outcomes[i] = outcome{s, err}
		})
	}
	wg.Wait()
	var servers []*server
	for i, t := range targets {
		o := outcomes[i]
		switch {
		case o.server != nil:
			r.came[t.Name] = true
			servers = append(servers, o.server)
		case o.err != nil && ctx.Err() == nil && r.came[t.Name]:
			r.came[t.Name] = false
			r.fallen(t.Name, fmt.Sprintf("%s: %v; it is tried once more in the next block", where, o.err))
		case o.err != nil && ctx.Err() == nil:
			r.gone[t.Name] = true
			r.fallen(t.Name, fmt.Sprintf("%s: %v; it is left out", where, o.err))
		}
	}
	if ctx.Err() != nil {
		return servers, context.Cause(ctx)
	}
	return servers, nil
}

// Fallen is a target that did not come up, or ended by itself, so that trials of it are missing.
type Fallen struct {
	Target string
	First  string // how, the first time
	Times  int
}

// String says it to a person.
func (f Fallen) String() string {
	if f.Times == 1 {
		return f.First
	}
	return fmt.Sprintf("%s (and %s more of %s)", f.First, plural(f.Times-1, "failure"), f.Target)
}

// fallen counts a failure of a target, and says how.
func (r *runner) fallen(target, how string) {
	r.fail("%s", how)
	list := &r.report.Fallen
	at := slices.IndexFunc(*list, func(f Fallen) bool { return f.Target == target })
	if at < 0 {
		at = len(*list)
		*list = append(*list, Fallen{Target: target, First: how})
	}
	(*list)[at].Times++
}

// stopAll stops the servers side by side. Those that had to be killed, or left
// something behind, are reported. Servers that were stopped before are passed over.
func (r *runner) stopAll(servers []*server) {
	type outcome struct {
		killed bool
		err    error
	}
	outcomes := make([]outcome, len(servers))
	var wg sync.WaitGroup
	for i, s := range servers {
		if s.stopped {
			continue
		}
		s.stopped = true
		wg.Go(func() {
			killed, err := s.stop(r.abort)
			outcomes[i] = outcome{killed, err}
		})
	}
	wg.Wait()
	for i, o := range outcomes {
		name := servers[i].target.Name
		if o.err != nil {
			r.fail("%v", o.err)
		} else if o.killed && r.abort.Err() == nil {
			r.fail("stop %s: it did not end within %v of SIGTERM and was killed", name, drainGrace)
		}
	}
}

// stillUp returns those servers that still run, and reports each other one once.
func (r *runner) stillUp(servers []*server, when string) []*server {
	var up []*server
	for _, s := range servers {
		if !s.exited() {
			up = append(up, s)
		} else if !s.mourned {
			s.mourned = true
			r.fallen(s.target.Name, fmt.Sprintf("%s ended %s: %s", s.target.Name, when, s.diagnosis()))
		}
	}
	return up
}

// serving returns those servers that can be loaded with w.
func (r *runner) serving(servers []*server, w Workload) []*server {
	return slices.DeleteFunc(slices.Clone(servers), func(s *server) bool {
		return !w.loads(s.target) || r.leftOut[cell{s.target.Name, w.Name}]
	})
}

// notePassedBy says which targets have no part in which workload, and which are not
// started afresh.
func (r *runner) notePassedBy() {
	for _, t := range r.cfg.Targets {
		if !t.owned() {
			r.note("%s is up already: its blocks do not begin with a fresh server", t.Name)
			if !spec.Loopback(t.URL) {
				r.note("%s is not at this machine's loopback: its figures hold what is between us and it", t.Name)
			}
		}
		if !t.owned() && t.PID == 0 && t.Process == "" {
			r.note("%s: without a pid there is neither CPU nor memory of it", t.Name)
		}
	}
	for _, w := range r.cfg.Workloads {
		protocol := "HTTP"
		if w.TCPEcho {
			protocol = "TCP echo"
		}
		var without []string
		for _, t := range r.cfg.Targets {
			if w.takesPart(t) && !t.serves(w) {
				without = append(without, t.Name)
			}
		}
		if len(without) > 0 {
			r.note("%s: without %s, which serve no %s", w.Name, strings.Join(without, ", "), protocol)
		}
	}
}

// String sums the plan up for a person.
func (p Plan) String(targets int) string {
	alone := 0
	for _, r := range p.Rotations {
		if r.Workload.Alone {
			alone++
		}
	}
	how := "side by side"
	switch alone {
	case 0:
	case len(p.Rotations):
		how = "one by one"
	default:
		how = fmt.Sprintf("side by side (in %d one by one)", alone)
	}
	return fmt.Sprintf("%s of %s, %s %s, about %v", plural(p.Blocks, "block"),
		plural(len(p.Rotations), "workload"), plural(targets, "target"), how, p.Total.Round(time.Second))
}
