package spec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// heading explains the whole; the columns of comments explain the rest where it stands.
const heading = `# A campaign: what is compared, with what, for how long.
#
#   go run ./scripts/compare --campaign FILE
#
# runs it. Flags given beside it win over what is written here.

`

const aboutTargets = `
# Each target has a name and exactly one of
#   model: NAME      one of ours (goroutine, prefork, eventloop, stock). procs, workers and loops become its flags of the same
#                    name and columns of the trials; flags has any others; rev builds it from that git revision;
#                    variant says in the tables what sets it apart
#   command: LINE    your own server, started afresh for each block, with {port} or {http} (host:port) in it for HTTP,
#                    {echo-port} or {echo} for TCP echo, {dir} for an empty folder. It is started in dir with env added. ready
#                    says how to know that it serves: port (it accepts connections, the default), {line: TEXT} or {regexp: RE}
#                    on its output, {http: /path} (2xx); with within: 30s it may take that long
#   url: ADDRESS     http://host:port or tcp://host:port, up already and not restarted. pid, or the name of its process,
#                    accounts its CPU and memory
# probe: true says of a command that it is no server, but is run once for each trial, with {n} replaced by the workload's
# connections, and prints one line of JSON whose keys are columns of the trials.
targets:
`

const aboutWorkloads = `
# Each workload has a name and says what a request is: path (with method, headers and body, if need be) or echo: true (TCP)
# with payload bytes. spin (iterations of CPU work) and wait are columns of the trials, and without a path they are our
# servers' /task. connections are open all the time. slice is how long a target is loaded before the next has its turn: at
# least twenty times a request. warm_rounds are slices before anything is recorded. rate is one of
#   closed           a connection sends its next request when the last reply is in
#   20k              requests per second, the same for all targets
#   {share: 0.25}    of what the slowest target reaches in a short calibration
# only: [NAME, ...] are the targets that take part (else all do). pipeline, keepalive: false, arrivals: poisson (of a rate), idle: N
# (connections that only stay open) and labels: {key: value} are loadgen's flags of those names.
#
# alone: true is no rotation: the targets are loaded one after the other, in random order, for what a stall or a fault does.
# Instead of slice and warm_rounds it has
#   measure, warmup  the time of each trial (1s), and before it (100ms, with requests none)
#   fresh: true      a server started for each trial
#   requests: N      stop after so many, or after measure
#   count: true      with requests, of POST /count: lost_updates is by how much the server's counter lags behind
#   heavy: {connections: 4, spin: 20000000}    keeps so many connections busy with heavy requests all the while (or path: of any
#                    other GET); light_p99_us is what the workload's own requests make of it. With connections: 0 it is the control
#   fault: {kind: exit, after: 400ms, new: 100}    with fresh: POST /fault/KIND (exit, segv, hang, spin, leak) so long after measure
#                    begins, with so many new connections attempted a second
workloads:
`

// Write writes a campaign such that Parse reads the same one.
func Write(to io.Writer, c Campaign) error {
	w := &writer{}
	w.b.WriteString(heading)
	again := c.Again
	if again == "" {
		again = First
	}
	w.explained("name", quote(c.Name), "of the campaign, for people")
	w.explained("seed", strconv.FormatInt(c.Seed, 10), "of every random order; 0 draws one and writes it down")
	w.explained("budget", c.Budget.String(), "from after the build to the table; it ends on a whole block")
	w.explained("blocks", strconv.Itoa(c.Blocks), "fresh servers and one round of all workloads each; 0: as many as the budget allows")
	w.explained("until", formatPercent(c.Until), "stop early once every interval is from this much below to this much above; 0%: never")
	w.explained("again", quote(again), "the target that takes part twice, to show the machine's own noise: first, a name or none")
	w.explained("server_cpus", quote(c.ServerCPUs), `CPUs that the servers are tied to, as in "0-1"; empty: not tied`)
	w.explained("client_cpus", quote(c.ClientCPUs), "the same for the load generator")
	w.b.WriteString(aboutTargets)
	for _, t := range c.Targets {
		w.target(t)
	}
	w.b.WriteString(aboutWorkloads)
	for _, l := range c.Workloads {
		w.workload(l)
	}
	_, err := to.Write(w.b.Bytes())
	return err
}

type writer struct {
	b     bytes.Buffer
	begun bool // the item of a list has its first key
}

func (w *writer) explained(key, value, comment string) {
	if value == `""` && (key == "name") {
		return // a name may be missing, and not be empty
	}
	fmt.Fprintf(&w.b, "%-26s # %s\n", key+": "+value, comment)
}

// item begins an item of a list, put adds a key of it.
func (w *writer) item() { w.begun = false }

func (w *writer) put(key, value string) {
	lead := "    "
	if !w.begun {
		w.begun, lead = true, "  - "
	}
	fmt.Fprintf(&w.b, "%s%s: %s\n", lead, key, value)
}

func (w *writer) text(key, value string) {
	if value != "" {
		w.put(key, quote(value))
	}
}

func (w *writer) count(key string, value int) {
	if value != 0 {
		w.put(key, strconv.Itoa(value))
	}
}

func (w *writer) flag(key string, value bool) {
	if value {
		w.put(key, "true")
	}
}

func (w *writer) duration(key string, value time.Duration) {
	if value != 0 {
		w.put(key, value.String())
	}
}

func (w *writer) words(key string, value []string) {
	if value == nil {
		return
	}
	quoted := make([]string, len(value))
	for i, s := range value {
		quoted[i] = quote(s)
	}
	w.put(key, "["+strings.Join(quoted, ", ")+"]")
}

func (w *writer) texts(key string, value map[string]string) {
	if value == nil {
		return
	}
	var pairs []string
	for _, k := range slices.Sorted(maps.Keys(value)) {
		pairs = append(pairs, quote(k)+": "+quote(value[k]))
	}
	w.put(key, "{"+strings.Join(pairs, ", ")+"}")
}

func (w *writer) target(t Target) {
	w.item()
	w.text("name", t.Name)
	w.text("variant", t.Variant)
	w.text("model", t.Model)
	w.text("rev", t.Rev)
	w.count("procs", t.Procs)
	w.count("workers", t.Workers)
	w.count("loops", t.Loops)
	w.words("flags", t.Flags)
	w.words("command", t.Command)
	w.text("dir", t.Dir)
	w.texts("env", t.Env)
	if t.Ready != (Ready{}) {
		w.put("ready", t.Ready.String())
	}
	w.text("url", t.URL)
	w.count("pid", t.PID)
	w.text("process", t.Process)
	if t.Echo != nil {
		w.put("echo", strconv.FormatBool(*t.Echo))
	}
	w.flag("probe", t.Probe)
}

// String is how the file has it.
func (r Ready) String() string {
	var parts []string
	for _, p := range []struct{ key, value string }{{"line", r.Line}, {"regexp", r.Regexp}, {"http", r.HTTP}} {
		if p.value != "" {
			parts = append(parts, p.key+": "+quote(p.value))
		}
	}
	if r.Within != 0 {
		parts = append(parts, "within: "+r.Within.String())
	}
	if len(parts) == 0 {
		return "port"
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func (w *writer) workload(l Workload) {
	w.item()
	w.text("name", l.Name)
	w.words("only", l.Only)
	w.flag("echo", l.Echo)
	w.count("payload", l.Payload)
	w.text("method", l.Method)
	w.text("path", l.Path)
	w.texts("headers", l.Headers)
	w.text("body", l.Body)
	w.count("spin", l.Spin)
	w.duration("wait", l.Wait)
	w.count("connections", l.Connections)
	w.duration("slice", l.Slice)
	w.count("warm_rounds", l.WarmRounds)
	w.put("rate", l.Rate.String())
	w.text("arrivals", l.Arrivals)
	w.count("pipeline", l.Pipeline)
	if l.NoKeepalive {
		w.put("keepalive", "false")
	}
	w.count("idle", l.Idle)
	w.texts("labels", l.Labels)
	w.flag("alone", l.Alone)
	if l.Alone {
		w.put("measure", l.Measure.String())
		w.put("warmup", l.Warmup.String())
	}
	w.flag("fresh", l.Fresh)
	w.words("probe", l.Probe)
	w.count("requests", l.Requests)
	w.flag("count", l.Count)
	if l.Heavy != (Heavy{}) {
		w.put("heavy", l.Heavy.String())
	}
	if l.Fault != (Injection{}) {
		w.put("fault", l.Fault.String())
	}
}

// String is how the file has it.
func (h Heavy) String() string {
	parts := []string{"connections: " + strconv.Itoa(h.Connections)}
	if h.Spin != 0 {
		parts = append(parts, "spin: "+strconv.Itoa(h.Spin))
	}
	if h.Path != "" {
		parts = append(parts, "path: "+quote(h.Path))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// String is how the file has it.
func (i Injection) String() string {
	return fmt.Sprintf("{kind: %s, after: %v, new: %d}", quote(i.Kind), i.After, i.New)
}

// plain are texts that need no quotes: that look like no number, no truth value and
// hold nothing that means something.
var plain = regexp.MustCompile(`^(/|--?)?[A-Za-z][A-Za-z0-9_./+@-]*$`)

var reserved = []string{"true", "false", "yes", "no", "on", "off", "null", "nan", "inf"}

// quote writes a text as YAML has it; in double quotes it is as in JSON.
func quote(s string) string {
	if plain.MatchString(s) && !slices.Contains(reserved, strings.ToLower(s)) {
		return s
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string can always be written
	return strings.TrimSuffix(b.String(), "\n")
}
