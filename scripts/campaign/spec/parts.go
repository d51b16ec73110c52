package spec

import (
	"fmt"
	"slices"
)

// TakesPart tells whether the target of this name takes part in the workload, as far as its name goes: it may still not
// serve what is asked for.
func (w Workload) TakesPart(target string) bool {
	return w.Only == nil || slices.Contains(w.Only, target)
}

// parts checks who takes part in what.
func (k *checker) parts(c Campaign) {
	named := map[string]bool{}
	for _, t := range c.Targets {
		named[t.Name] = true
	}
	for i, w := range c.Workloads {
		path := fmt.Sprintf("workloads[%d]", i)
		k.onlyThose(path, w, named)
		k.asks(path, w, c.Targets)
	}
	for i, t := range c.Targets {
		if len(c.Workloads) > 0 && t.Name != "" && !slices.ContainsFunc(c.Workloads, func(w Workload) bool { return w.TakesPart(t.Name) }) {
			k.wrong(fmt.Sprintf("targets[%d]", i), "%s takes part in no workload: each has only others", t.Name)
		}
	}
}

func (k *checker) onlyThose(path string, w Workload, named map[string]bool) {
	if w.Only != nil && len(w.Only) == 0 {
		k.wrong(path+".only", "it names nobody: without it all targets take part")
	}
	for i, name := range w.Only {
		at := fmt.Sprintf("%s.only[%d]", path, i)
		switch {
		case !named[name]:
			k.wrong(at, "%q is not the name of a target", name)
		case slices.Contains(w.Only[:i], name):
			k.wrong(at, "%s is named twice", name)
		}
	}
}

// asks checks that a workload says what a request is, unless it is one of probes, which are sent none.
func (k *checker) asks(path string, w Workload, targets []Target) {
	probes, servers := "", ""
	for _, t := range targets {
		switch {
		case !w.TakesPart(t.Name):
		case t.Probe:
			probes = t.Name
		default:
			servers = t.Name
		}
	}
	silent := !w.Echo && w.Path == "" && w.Spin == 0 && w.Wait == 0
	switch {
	case probes != "" && servers != "":
		k.wrong(path, "%s has a probe, %s, beside a server, %s: name the one or the other kind in only", w.Name, probes, servers)
	case probes != "" && w.Probe != nil:
		k.wrong(path+".probe", "%s has a probe of its own, and %s is another", w.Name, probes)
	case w.Probe != nil:
		k.besideServers(path, w, silent)
	case probes == "" && silent:
		k.wrong(path+".path", "%s needs one of path (of an HTTP request), spin or wait (of our own /task) and echo: true", path)
	case probes != "":
		k.ofProbes(path, w, silent)
	}
}

// ofProbes checks a workload of probes: they are run, and nothing is sent to them.
func (k *checker) ofProbes(path string, w Workload, silent bool) {
	if !w.Alone {
		k.wrong(path, "%s is a rotation, and probes are run one by one: it needs alone: true", w.Name)
		return
	}
	if w.Fresh {
		k.wrong(path+".fresh", "fresh is of servers, and %s has none", w.Name)
	}
	k.noLoad(path, w, silent)
}

// besideServers checks a workload that is a probe, which is told where the server is.
func (k *checker) besideServers(path string, w Workload, silent bool) {
	if !w.Alone {
		return // which was said
	}
	if len(w.Probe) == 0 || w.Probe[0] == "" {
		k.wrong(path+".probe", "the probe has no program")
	} else if http, echo := Marks(Target{Command: w.Probe}); !http || echo {
		k.wrong(path+".probe", "it has to be told where the server is, by %s or %s", HTTPMark, PortMark)
	}
	k.noLoad(path, w, silent)
}

// noLoad checks that nothing is asked of loadgen where there is none.
func (k *checker) noLoad(path string, w Workload, silent bool) {
	if !silent {
		k.wrong(path, "%s asks for something, and a probe sends what it likes: leave it out", w.Name)
	}
	for _, f := range []struct {
		key   string
		given bool
	}{
		{"rate", w.Rate != Rate{}}, {"pipeline", w.Pipeline != 0}, {"keepalive", w.NoKeepalive}, {"idle", w.Idle != 0},
		{"requests", w.Requests != 0}, {"count", w.Count}, {"heavy", w.Heavy != Heavy{}}, {"fault", w.Fault != Injection{}},
	} {
		if f.given {
			k.wrong(path+"."+f.key, "%s is of load, and probes have none", f.key)
		}
	}
}

// probe checks a command that is no server.
func (k *checker) probe(path string, t Target) {
	for _, f := range []struct {
		key   string
		given bool
	}{{"ready", t.Ready != Ready{}}, {"echo", t.Echo != nil}} {
		if f.given {
			k.wrong(path+"."+f.key, "%s is of a server, and %s is a probe", f.key, t.Name)
		}
	}
	if http, echo := Marks(t); http || echo {
		k.wrong(path+".command", "a probe has no ports: %s is what it is told", NumberMark)
	}
}
