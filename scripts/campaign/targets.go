package campaign

import (
	"fmt"
	"strconv"
	"strings"

	"modelbench/scripts/campaign/spec"
)

// Target is something that can be loaded: a model with its flags (Binary), a command of
// the user's (Command) or what is up already (URL): exactly one of these three. A further
// model is one more row of Targets.
type Target struct {
	Name   string // unique; what --models takes and the trials' target column
	Model  string // the concurrency model: the trials' model column
	Binary string // the server's folder under servers
	Rev    string // git revision it is built from; empty: the working tree
	// Variant says what sets the target apart from its model's defaults; empty: nothing.
	Variant string
	// Args go to the server after its addresses. They spell out the figures below,
	// so that the trials' columns are what the server was told and not a guess.
	Args []string
	// Procs is the target's CPU budget; Workers and Loops are its processes and
	// event loops. 0: the model has none.
	Procs, Workers, Loops int
	// NoEcho says that it serves HTTP alone: it is not told where to serve TCP echo,
	// and workloads of that pass it by. NoHTTP is the other way round.
	NoEcho, NoHTTP bool

	Command []string          // program and arguments, with spec's placeholders
	Dir     string            // that it is started in; empty: where the campaign is
	Env     map[string]string // beside the campaign's own
	Ready   spec.Ready        // how to know that it serves; Within 0: commandWithin

	// Probe says that Command is no server, but is run once for each trial and prints what it measured.
	Probe bool

	URL     string // http://host:port or tcp://host:port
	PID     int    // whose CPU and memory count; 0: see Process
	Process string // name of the process whose do, found anew in each block; empty: nobody's
}

// owned tells whether the campaign starts and ends the target's processes.
func (t Target) owned() bool { return t.URL == "" }

// executable is the name of the file that is run. Each target has one of its own: of a
// file that several run, the kernel has the pages in memory once, and each one's
// share of them, which PSS counts, would depend on who else takes part. One and
// the same server had 10.7 MB alone and 3.7 beside four processes of its file.
func (t Target) executable() string {
	if t.ownProbe() { // nobody looks at its memory
		return probeName
	}
	return t.Name
}

// source is the folder that its executable is built from.
func (t Target) source() string {
	if t.ownProbe() {
		return "./scripts/" + probeName
	}
	return "./servers/" + t.Binary
}

// binary names what the target runs, as the manifest lists it; empty: nothing that the
// campaign knows of.
func (t Target) binary() string {
	switch {
	case len(t.Command) > 0:
		return t.program()
	case t.Rev != "":
		return t.Binary + "@" + t.Rev
	}
	return t.Binary
}

// serves tells whether the target can be loaded with w.
func (t Target) serves(w Workload) bool {
	if t.Probe {
		return w.Alone
	}
	if w.TCPEcho {
		return !t.NoEcho
	}
	return !t.NoHTTP
}

// Targets is the table of targets on a machine with the given number of CPUs.
func Targets(cpus int) []Target {
	n := strconv.Itoa(cpus)
	return []Target{
		{Name: "goroutine", Model: "goroutine", Binary: "goroutine",
			Args: []string{"--procs", n}, Procs: cpus},
		{Name: "prefork", Model: "prefork", Binary: "prefork",
			Args: []string{"--procs", n, "--workers", n}, Procs: cpus, Workers: cpus},
		{Name: "eventloop", Model: "eventloop", Binary: "eventloop",
			Args: []string{"--procs", n, "--loops", n}, Procs: cpus, Loops: cpus},
		// One loop, as asyncio and Node have it: it shows what a second CPU is worth to
		// a model, because this one cannot use it.
		{Name: "eventloop-1", Model: "eventloop", Binary: "eventloop", Variant: "one-loop",
			Args: []string{"--procs", "1", "--loops", "1"}, Procs: 1, Loops: 1},
	}
}

// stockModel is the folder of the libraries as they ship, and what their model column has.
const stockModel = "stock"

// Stock is a table of further targets: popular libraries as they ship, beside which the
// models can be seen not to be slow. They are no models and serve no echo.
func Stock(cpus int) []Target {
	var rows []Target
	for _, s := range []struct{ name, library string }{
		{"stock-nethttp", "net/http"}, {"stock-fasthttp", "fasthttp"}, {"stock-fasthttp-prefork", "fasthttp-prefork"},
	} {
		rows = append(rows, Target{Name: s.name, Model: stockModel, Binary: stockModel, Variant: s.library,
			Args: []string{"--procs", strconv.Itoa(cpus), "--library", s.library}, Procs: cpus, NoEcho: true})
	}
	return rows
}

// pick returns the rows named in names, in that order. An unknown, repeated or
// missing name is a *UsageError that names the flag and lists the valid ones.
func pick[T any](flag string, rows []T, nameOf func(T) string, names []string) ([]T, error) {
	known := make(map[string]T, len(rows))
	var list []string
	for _, r := range rows {
		known[nameOf(r)] = r
		list = append(list, nameOf(r))
	}
	valid := strings.Join(list, ", ")
	if len(names) == 0 {
		return nil, &UsageError{flag, "names nothing; valid are " + valid}
	}
	var picked []T
	seen := make(map[string]bool, len(names))
	for _, n := range names {
		r, ok := known[n]
		switch {
		case !ok:
			return nil, &UsageError{flag, fmt.Sprintf("%q is not one of %s", n, valid)}
		case seen[n]:
			return nil, &UsageError{flag, fmt.Sprintf("%q is named twice", n)}
		}
		seen[n] = true
		picked = append(picked, r)
	}
	return picked, nil
}

// PickTargets returns the targets named (--models).
func PickTargets(rows []Target, names []string) ([]Target, error) {
	return pick("--models", rows, func(t Target) string { return t.Name }, names)
}

// PickWorkloads returns the workloads named (--workloads).
func PickWorkloads(rows []Workload, names []string) ([]Workload, error) {
	return pick("--workloads", rows, func(w Workload) string { return w.Name }, names)
}

// UsageError is a flag's value that cannot be used: the command exits with 2.
type UsageError struct {
	Flag    string // with its dashes; empty: Problem says which
	Problem string
}

func (e *UsageError) Error() string {
	if e.Flag == "" {
		return e.Problem
	}
	return e.Flag + ": " + e.Problem
}
