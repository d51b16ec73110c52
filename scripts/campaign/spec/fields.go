package spec

import (
	"strconv"

	"github.com/goccy/go-yaml/ast"
)

// campaign, target, ready, workload and rate are the keys of a file. write.go has the
// same ones.

func (r *reader) campaign(n ast.Node, c *Campaign) {
	r.places[""] = start(n)
	r.mapping(n, "", map[string]field{
		"name":   r.text(&c.Name),
		"seed":   r.number(&c.Seed),
		"budget": r.duration(&c.Budget),
		"blocks": r.count(&c.Blocks),
		"until":  parsed(r, ParsePercent, &c.Until),
		"again": func(n ast.Node, path string) {
			if r.text(&c.Again)(n, path); c.Again == First {
				c.Again = ""
			}
		},
		"server_cpus": r.word(&c.ServerCPUs),
		"client_cpus": r.word(&c.ClientCPUs),
		"targets": func(n ast.Node, path string) {
			r.sequence(n, path, func(n ast.Node, path string) {
				var t Target
				r.target(n, path, &t)
				c.Targets = append(c.Targets, t)
			})
		},
		"workloads": func(n ast.Node, path string) {
			r.sequence(n, path, func(n ast.Node, path string) {
				var w Workload
				r.workload(n, path, &w)
				c.Workloads = append(c.Workloads, w)
			})
		},
	})
}

func (r *reader) target(n ast.Node, path string, t *Target) {
	r.mapping(n, path, map[string]field{
		"name":    r.text(&t.Name),
		"variant": r.text(&t.Variant),
		"model":   r.text(&t.Model),
		"rev":     r.word(&t.Rev), // a revision of digits alone is one, too
		"procs":   r.count(&t.Procs),
		"workers": r.count(&t.Workers),
		"loops":   r.count(&t.Loops),
		"flags":   r.words(&t.Flags),
		"command": r.words(&t.Command),
		"dir":     r.text(&t.Dir),
		"env":     r.texts(&t.Env),
		"ready":   func(n ast.Node, path string) { r.ready(n, path, &t.Ready) },
		"url":     r.text(&t.URL),
		"pid":     r.count(&t.PID),
		"process": r.text(&t.Process),
		"echo": func(n ast.Node, path string) {
			t.Echo = new(bool)
			r.truth(t.Echo)(n, path)
		},
		"probe": r.truth(&t.Probe),
	})
}

func (r *reader) ready(n ast.Node, path string, to *Ready) {
	if s, ok := n.(*ast.StringNode); ok {
		if s.Value != "port" {
			r.fault(start(n), "%s: %q is none of port, {line: TEXT}, {regexp: RE} and {http: /path}", path, s.Value)
		}
		return
	}
	r.mapping(n, path, map[string]field{
		"line":   r.text(&to.Line),
		"regexp": r.text(&to.Regexp),
		"http":   r.text(&to.HTTP),
		"within": r.duration(&to.Within),
	})
}

func (r *reader) workload(n ast.Node, path string, w *Workload) {
	r.mapping(n, path, map[string]field{
		"name":        r.text(&w.Name),
		"echo":        r.truth(&w.Echo),
		"path":        r.text(&w.Path),
		"method":      r.text(&w.Method),
		"headers":     r.texts(&w.Headers),
		"body":        r.text(&w.Body),
		"connections": r.count(&w.Connections),
		"slice":       r.duration(&w.Slice),
		"warm_rounds": r.count(&w.WarmRounds),
		"rate":        func(n ast.Node, path string) { r.rate(n, path, &w.Rate) },
		"payload":     r.count(&w.Payload),
		"spin":        r.count(&w.Spin),
		"wait":        r.duration(&w.Wait),
		"only":        r.names(&w.Only),
		"pipeline":    r.count(&w.Pipeline),
		"keepalive": func(n ast.Node, path string) {
			keep := true
			r.truth(&keep)(n, path)
			w.NoKeepalive = !keep
		},
		"arrivals": r.text(&w.Arrivals),
		"idle":     r.count(&w.Idle),
		"labels":   r.texts(&w.Labels),
		"alone":    r.truth(&w.Alone),
		"measure":  r.duration(&w.Measure),
		"warmup":   r.duration(&w.Warmup),
		"fresh":    r.truth(&w.Fresh),
		"probe":    r.words(&w.Probe),
		"requests": r.count(&w.Requests),
		"count":    r.truth(&w.Count),
		"heavy":    func(n ast.Node, path string) { r.heavy(n, path, &w.Heavy) },
		"fault":    func(n ast.Node, path string) { r.injection(n, path, &w.Fault) },
	})
	if w.Arrivals == ArrivalsConstant {
		w.Arrivals = "" // the same, by another name
	}
	if !w.Alone {
		return
	}
	if _, given := r.places[join(path, "measure")]; !given {
		w.Measure = DefaultMeasure
	}
	if _, given := r.places[join(path, "warmup")]; !given && w.Requests == 0 {
		w.Warmup = DefaultWarmup
	}
}

func (r *reader) heavy(n ast.Node, path string, to *Heavy) {
	r.mapping(n, path, map[string]field{
		"connections": r.count(&to.Connections),
		"spin":        r.count(&to.Spin),
		"path":        r.text(&to.Path),
	})
	if *to == (Heavy{}) && len(r.faults) == 0 {
		r.fault(start(n), "%s says nothing: it has connections, and spin or a path", path)
	}
}

func (r *reader) injection(n ast.Node, path string, to *Injection) {
	r.mapping(n, path, map[string]field{
		"kind":  r.text(&to.Kind),
		"after": r.duration(&to.After),
		"new":   r.count(&to.New),
	})
	if *to == (Injection{}) && len(r.faults) == 0 {
		r.fault(start(n), "%s says nothing: it has a kind, and after", path)
	}
}

func (r *reader) rate(n ast.Node, path string, to *Rate) {
	if _, ok := pairsOf(n); !ok {
		parsed(r, ParseRate, to)(n, path)
		return
	}
	r.mapping(n, path, map[string]field{
		"share": func(n ast.Node, path string) {
			s, _ := scalar(n)
			v, err := strconv.ParseFloat(s, 64)
			if err != nil || !(v > 0 && v <= 1) {
				r.fault(start(n), "%s is expected to be more than 0 and at most 1, not %s", path, kindOf(n))
				return
			}
			to.Share = v
		},
	})
	if to.Share == 0 && len(r.faults) == 0 {
		r.fault(start(n), "%s has no share", path)
	}
}
