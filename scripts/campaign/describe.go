package campaign

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"modelbench/scripts/campaign/spec"
)

// Load reads a campaign from a file. What is wrong with it is a *UsageError that names
// the file, line and column.
func Load(path string) (Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Config{}, &UsageError{"--campaign", err.Error()}
	}
	return Parse(path, text)
}

// Parse is Load of a file that has been read. name is the file's, for messages.
func Parse(name string, text []byte) (Config, error) {
	s, err := spec.Parse(name, text)
	if err != nil {
		return Config{}, &UsageError{Problem: err.Error()}
	}
	return described(s), nil
}

// described is the campaign that a description says.
func described(s spec.Campaign) Config {
	c := Config{Name: s.Name, Seed: s.Seed, Budget: s.Budget, Blocks: s.Blocks, Until: s.Until, Again: s.Again,
		ServerCPUs: s.ServerCPUs, ClientCPUs: s.ClientCPUs}
	for _, t := range s.Targets {
		c.Targets = append(c.Targets, NewTarget(t))
	}
	for _, w := range s.Workloads {
		c.Workloads = append(c.Workloads, NewWorkload(w))
	}
	return c
}

// Describe writes the campaign as a file that Load reads as the same. Where it is
// written to, and what drives it, are no part of it; nor are the targets that Validate
// adds.
func (c Config) Describe(w io.Writer) error {
	s := spec.Campaign{Name: c.Name, Seed: c.Seed, Budget: c.Budget, Blocks: c.Blocks, Until: c.Until, Again: c.Again,
		ServerCPUs: c.ServerCPUs, ClientCPUs: c.ClientCPUs}
	for _, t := range models(c.Targets) {
		s.Targets = append(s.Targets, t.spec())
	}
	for _, l := range c.Workloads {
		s.Workloads = append(s.Workloads, l.spec())
	}
	return spec.Write(w, s)
}

// ownModel is what the model column has for targets that are none of our models.
const ownModel = "own"

// NewTarget is the target that a description says.
func NewTarget(s spec.Target) Target {
	t := Target{Name: s.Name, Variant: s.Variant, Rev: s.Rev, Procs: s.Procs, Workers: s.Workers, Loops: s.Loops,
		Command: s.Command, Dir: s.Dir, Env: s.Env, Ready: s.Ready, URL: s.URL, PID: s.PID, Process: s.Process, Probe: s.Probe}
	switch {
	case s.Model != "":
		t.Model, t.Binary = s.Model, s.Model
		t.Args = append(t.figures(), s.Flags...)
		t.NoEcho = s.Model == stockModel
	case s.URL != "":
		t.Model = ownModel
		u := address(s.URL)
		t.NoEcho, t.NoHTTP = u.Scheme != "tcp", u.Scheme != "http"
	default:
		t.Model = ownModel
		http, echo := spec.Marks(s)
		t.NoEcho, t.NoHTTP = !echo || s.Echo != nil && !*s.Echo, !http
	}
	return t
}

func (t Target) spec() spec.Target {
	s := spec.Target{Name: t.Name, Variant: t.Variant, Rev: t.Rev, Procs: t.Procs, Workers: t.Workers, Loops: t.Loops,
		Command: t.Command, Dir: t.Dir, Env: t.Env, Ready: t.Ready, URL: t.URL, PID: t.PID, Process: t.Process, Probe: t.Probe}
	if t.Binary != "" {
		s.Model = t.Binary
		own := t.figures()
		if n := len(own); n <= len(t.Args) && slices.Equal(own, t.Args[:n]) && n < len(t.Args) {
			s.Flags = t.Args[n:]
		}
	}
	if _, echo := spec.Marks(s); t.NoEcho && echo {
		s.Echo = new(bool)
	}
	return s
}

// figures are the flags that say the target's figures.
func (t Target) figures() []string {
	var args []string
	for _, f := range []struct {
		flag  string
		value int
	}{{"--procs", t.Procs}, {"--workers", t.Workers}, {"--loops", t.Loops}} {
		if f.value != 0 {
			args = append(args, f.flag, strconv.Itoa(f.value))
		}
	}
	return args
}

// NewWorkload is the workload that a description says.
func NewWorkload(s spec.Workload) Workload {
	w := Workload{Name: s.Name, TCPEcho: s.Echo, Path: s.Path, Method: s.Method, Headers: s.Headers, Body: s.Body,
		Connections: s.Connections, Slice: s.Slice, WarmRounds: s.WarmRounds, Rate: s.Rate,
		PayloadBytes: s.Payload, SpinIters: s.Spin, Wait: s.Wait,
		Only: s.Only, Pipeline: s.Pipeline, NoKeepalive: s.NoKeepalive, Arrivals: s.Arrivals, Idle: s.Idle, Labels: s.Labels,
		Alone: s.Alone, Measure: s.Measure, Warmup: s.Warmup, Fresh: s.Fresh, Probe: s.Probe, Requests: s.Requests, Count: s.Count, Heavy: s.Heavy, Fault: s.Fault}
	if w.Path == "" && !w.TCPEcho && (w.SpinIters > 0 || w.Wait > 0) {
		w = task(w)
	}
	return w
}

func (w Workload) spec() spec.Workload {
	s := spec.Workload{Name: w.Name, Echo: w.TCPEcho, Path: w.Path, Method: w.Method, Headers: w.Headers, Body: w.Body,
		Connections: w.Connections, Slice: w.Slice, WarmRounds: w.WarmRounds, Rate: w.Rate,
		Payload: w.PayloadBytes, Spin: w.SpinIters, Wait: w.Wait,
		Only: w.Only, Pipeline: w.Pipeline, NoKeepalive: w.NoKeepalive, Arrivals: w.Arrivals, Idle: w.Idle, Labels: w.Labels,
		Alone: w.Alone, Measure: w.Measure, Warmup: w.Warmup, Fresh: w.Fresh, Probe: w.Probe, Requests: w.Requests, Count: w.Count, Heavy: w.Heavy, Fault: w.Fault}
	if (w.SpinIters > 0 || w.Wait > 0) && w.Path == task(w).Path {
		s.Path = ""
	}
	return s
}

// PathWorkload is a workload of GET requests of a path, for any server, at a fixed rate.
// taken are the names that others have.
func PathWorkload(path string, taken []string) (Workload, error) {
	w := spec.Workload{Name: pathName(path, taken), Path: path, Connections: 64, Slice: plaintextSlice, WarmRounds: 1, Rate: spec.Rate{Share: rateShare}}
	if err := checkParts(nil, []spec.Workload{w}); err != nil {
		return Workload{}, &UsageError{"--path", err.Error()}
	}
	return NewWorkload(w), nil
}

// pathName makes a name of a path: /api/users?id=3 is api-users-id-3.
func pathName(path string, taken []string) string {
	name := []byte{}
	for _, b := range []byte(path) {
		switch {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', b == '.' && len(name) > 0, b == '_' && len(name) > 0:
			name = append(name, b)
		case len(name) > 0 && name[len(name)-1] != '-':
			name = append(name, '-')
		}
	}
	base := string(name[:min(len(name), 48)])
	for len(base) > 0 && base[len(base)-1] == '-' {
		base = base[:len(base)-1]
	}
	if !spec.Named(base) {
		base = "root"
	}
	unique := base
	for n := 2; slices.Contains(taken, unique); n++ {
		unique = fmt.Sprintf("%s-%d", base, n)
	}
	return unique
}

// checkParts checks targets and workloads as if they were a campaign's. The error is the
// first problem, without its path.
func checkParts(targets []spec.Target, workloads []spec.Workload) error {
	c := spec.Campaign{Budget: DefaultBudget, Targets: targets, Workloads: workloads}
	if len(targets) == 0 {
		c.Targets = []spec.Target{{Name: "any", Model: spec.Models[0]}}
	}
	if len(workloads) == 0 {
		c.Workloads = []spec.Workload{{Name: "any", Path: "/", Connections: 1, Slice: plaintextSlice}}
	}
	if problems := spec.Check(c); len(problems) > 0 {
		return fmt.Errorf("%s", problems[0].Text)
	}
	return nil
}

// Default is the campaign that is run when nothing else is asked for, on a machine with
// the given number of CPUs.
func Default(cpus int) Config {
	return Config{Name: "default", Budget: DefaultBudget, Targets: Targets(cpus), Workloads: Workloads(cpus)}
}

// mostLabel leaves room in a name for that of the target.
const mostLabel = 30

// RevLabel is what comes after the @ in the names of targets as of a commit that the user
// calls rev: that word, or the beginning of the commit where a name cannot have it (HEAD~1).
func RevLabel(commit, rev string) string {
	if spec.Named("x@"+rev) && len(rev) <= mostLabel {
		return rev
	}
	return commit[:min(len(commit), 10)]
}

// AsOf is a target of ours as of a commit that the user calls rev.
func (t Target) AsOf(commit, rev string) Target {
	t.Name, t.Rev = t.Name+"@"+RevLabel(commit, rev), commit
	t.Variant = strings.TrimSpace(t.Variant + " base " + rev)
	return t
}
