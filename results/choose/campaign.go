package choose

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"modelbench/results/folder"
	"modelbench/results/trial"
)

// standardWorkloads are those that compare has by itself, for needs of which the trials know nothing yet. A test holds them against the
// campaigns' own table.
var standardWorkloads = map[string]load{
	"echo":      {echo: true, payload: 64, share: 0.25},
	"plaintext": {path: "/plaintext", share: 0.25},
	"spin":      {spin: 400_000},
	"wait":      {wait: 10 * time.Millisecond},
	"mixed":     {spin: 80_000, wait: 5 * time.Millisecond},
}

// load is a workload as a campaign's file has it.
type load struct {
	echo          bool
	path          string
	spin, payload int64
	wait          time.Duration
	connections   int64
	rate, share   float64 // one of them; neither: closed
}

const (
	usualConnections = 64
	// Names of the models under servers, which a campaign's file may name.
	ourModels = "goroutine prefork eventloop stock"
)

// campaign is the command that measures the whole need in the same blocks: the campaign's file on its standard input. Empty: a
// campaign's file cannot say it.
func (c *chooser) campaign(blocks int) string {
	loads := make([]string, 0, len(c.need.Workloads))
	for _, share := range c.need.Workloads {
		l, can := c.load(share.Workload)
		if !can {
			return ""
		}
		loads = append(loads, l.yaml(share.Workload))
	}
	targets, n := c.targets()
	if n == 0 {
		return ""
	}
	seconds := 40 + float64(blocks*(n+1)*len(loads))*0.9
	budget := time.Duration(math.Ceil(max(90, seconds)/10)) * 10 * time.Second
	return fmt.Sprintf("go run ./scripts/compare --campaign /dev/stdin <<'EOF'\nbudget: %s\nblocks: %d\ntargets:\n%sworkloads:\n%sEOF",
		budget, blocks, targets, strings.Join(loads, ""))
}

// load is the workload as it has to be measured. Where trials know it, it is like theirs; what is asked for stands before.
func (c *chooser) load(name string) (load, bool) {
	l, known := standardWorkloads[name]
	l.connections = usualConnections
	for _, t := range c.trials {
		if t.Workload != name || t.Fault != "" && t.Fault != "none" {
			continue
		}
		if u, err := url.Parse(t.URL); err == nil && t.URL != "" {
			l, known = seen(t, u), true
			break
		}
	}
	for _, s := range c.sources { // of several cells, the one that is meant
		if s.share.Workload == name {
			l.connections = int64(cmp.Or(nan(number(s.cells[0], "connections")), float64(l.connections)))
			l.payload = int64(nan(number(s.cells[0], "payload_bytes")))
			l.rate, l.share = nan(number(s.cells[0], "offered_rps")), 0
			for column, value := range s.cells[0].Factors {
				if !sayable(column, value) {
					return l, false
				}
			}
		}
	}
	for column, value := range c.need.Where {
		if !sayable(column, value) {
			return l, false
		}
	}
	l.connections = cmp.Or(c.need.Connections, l.connections)
	l.payload = cmp.Or(c.need.Payload, l.payload)
	if c.need.Closed {
		l.rate, l.share = 0, 0
	}
	if c.need.Rate > 0 {
		l.rate, l.share = c.need.Rate, 0
	}
	return l, known && (l.echo || l.payload == 0)
}

// sayable tells whether a campaign's file can ask for a factor's value.
func sayable(column, value string) bool {
	quiet := map[string]string{"pipeline": "1", "keepalive": "true", "heavy_connections": "0", "idle_connections": "0", "fault": "none", "labels": ""}
	usual, has := quiet[column]
	return !has && value != trial.ArrivalsPoisson || has && (value == usual || value == "")
}

func nan(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return v
}

// seen is a workload as a trial had it.
func seen(t trial.Trial, u *url.URL) load {
	l := load{echo: u.Scheme == "tcp", spin: t.SpinIters.Or(0), payload: t.PayloadBytes.Or(0), wait: time.Duration(t.WaitUs.Or(0) * 1e3),
		connections: t.Connections.Or(usualConnections), rate: t.OfferedRPS.Or(0)}
	if !l.echo && (u.Path != "/task" || l.spin == 0 && l.wait == 0) {
		l.path = cmp.Or(u.RequestURI(), "/")
	}
	return l
}

// yaml is the entry of a campaign's file. A slice lasts at least twenty requests, as long as one loop takes for all connections.
func (l load) yaml(name string) string {
	request := l.wait + time.Duration(l.connections*l.spin/1000)*2500*time.Nanosecond
	slice := min(max(50*time.Millisecond, 20*request), 400*time.Millisecond).Round(time.Millisecond)
	var b strings.Builder
	line := func(key, value string) { fmt.Fprintf(&b, "    %s: %s\n", key, value) }
	fmt.Fprintf(&b, "  - name: %s\n", text(name))
	if l.echo {
		line("echo", "true")
		line("payload", strconv.FormatInt(l.payload, 10))
	}
	if l.path != "" {
		line("path", text(l.path))
	}
	if l.spin > 0 {
		line("spin", strconv.FormatInt(l.spin, 10))
	}
	if l.wait > 0 {
		line("wait", l.wait.String())
	}
	line("connections", strconv.FormatInt(l.connections, 10))
	line("slice", slice.String())
	line("warm_rounds", "1")
	switch {
	case l.rate > 0:
		line("rate", strconv.FormatFloat(l.rate, 'f', -1, 64))
	case l.share > 0:
		line("rate", fmt.Sprintf("{share: %g}", l.share))
	default:
		line("rate", "closed")
	}
	return b.String()
}

// targets are the entries of all targets that trials are of, the rejected left out, and how many there are.
func (c *chooser) targets() (yaml string, n int) {
	var b strings.Builder
	most := int64(0)
	for _, t := range c.trials {
		most = max(most, t.Procs.Or(0))
	}
	for _, t := range c.distinct() {
		flags, known := c.flags(t)
		if !known {
			fmt.Fprintf(&b, "  # %s: add it as it was measured; its command is not among these files\n", t.Target)
			continue
		}
		name, variant := t.Target, t.Variant
		if blocking := slices.Contains(strings.Fields(variant), BlockingWord); c.need.Blocking && !blocking {
			name, variant = name+"-"+BlockingWord, strings.TrimSpace(variant+" "+BlockingWord)
			if t.Model == "eventloop" {
				flags = append(flags, "--block-loop")
			}
		}
		n++
		fmt.Fprintf(&b, "  - name: %s\n    model: %s\n", text(name), t.Model)
		if variant != "" {
			fmt.Fprintf(&b, "    variant: %s\n", text(variant))
		}
		for _, f := range []struct {
			key   string
			value int64
		}{{"procs", t.Procs.Or(0)}, {"workers", t.Workers.Or(0)}, {"loops", t.Loops.Or(0)}} {
			if f.value == most && c.need.Cores > 0 { // what had the whole budget is given the whole of the one asked for
				f.value = c.need.Cores
			}
			if f.value > 0 {
				fmt.Fprintf(&b, "    %s: %d\n", f.key, f.value)
			}
		}
		if len(flags) > 0 {
			list, _ := json.Marshal(flags) // texts can always be written
			fmt.Fprintf(&b, "    flags: %s\n", list)
		}
	}
	return b.String(), n
}

// distinct is a trial of each target to be measured, in the order of their names.
func (c *chooser) distinct() []trial.Trial {
	of := map[string]trial.Trial{}
	for _, t := range c.trials {
		if _, again := t.Again(); again || t.Target == "" {
			continue
		}
		i := slices.IndexFunc(c.candidates, func(k *Candidate) bool { return isOf(t, k.Target) })
		if len(c.candidates) > 0 && (i < 0 || c.candidates[i].Status == Rejected) {
			continue
		}
		if _, has := of[t.Target]; !has {
			of[t.Target] = t
		}
	}
	var list []trial.Trial
	for _, name := range slices.Sorted(maps.Keys(of)) {
		list = append(list, of[name])
	}
	return list
}

// flags are those that the target was started with beside its figures; known is false for what is not one of our servers, or is a
// variant that no manifest tells the flags of.
func (c *chooser) flags(t trial.Trial) (flags []string, known bool) {
	if !slices.Contains(strings.Fields(ourModels), t.Model) {
		return nil, false
	}
	for _, f := range c.folders {
		if args, has := manifestArgs(f.Manifest, t); has {
			for i := 0; i < len(args); i++ {
				if slices.Contains([]string{"--procs", "--workers", "--loops"}, args[i]) {
					i++
					continue
				}
				flags = append(flags, args[i])
			}
			return flags, true
		}
	}
	if t.Listener != "" {
		return []string{"--listener", t.Listener}, true
	}
	_, figured := t.Loops.Get()
	return nil, t.Variant == "" || t.Model == "eventloop" && figured && t.Variant == "one-loop"
}

func manifestArgs(m *folder.Manifest, t trial.Trial) ([]string, bool) {
	if m == nil || m.CampaignID != t.CampaignID {
		return nil, false
	}
	for _, info := range m.Targets {
		if info.Name == t.Target && info.Binary == t.Model {
			return info.Args, true
		}
	}
	return nil, false
}

// plain is a text that YAML takes as it is.
var plain = regexp.MustCompile(`^/?[A-Za-z][A-Za-z0-9_./+@-]*$`)

func text(s string) string {
	if plain.MatchString(s) && !slices.Contains([]string{"true", "false", "yes", "no", "on", "off", "null"}, strings.ToLower(s)) {
		return s
	}
	quoted, _ := json.Marshal(s) // a text can always be written; in double quotes YAML is as JSON
	return string(quoted)
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
