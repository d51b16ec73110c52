package choose

import (
	"cmp"
	"math"
	"net/url"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

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

// load is what a workload asks for.
type load struct {
	echo          bool
	path          string
	spin, payload int64
	wait          time.Duration
	connections   int64
	rate, share   float64 // one of them; neither: closed
}

const usualConnections = 64

// workload is the entry of a workload as it has to be measured: as in the campaign's file where there is one, else as the trials
// have it, else as compare has it; what is asked for stands before. can is false if a campaign's file cannot say it.
func (c *chooser) workload(name string) (e entry, can bool) {
	l, can := c.load(name)
	if !can {
		return nil, false
	}
	e = c.written(func(d description) []yaml.MapSlice { return d.Workloads }, name)
	if e == nil {
		return l.entry(name), true
	}
	slice, err := time.ParseDuration(strings.TrimSpace(asText(e.get("slice"))))
	if need := l.slice(); err != nil || slice < need {
		e = e.set("slice", need.String())
	}
	if l.payload > 0 {
		e = e.set("payload", l.payload)
	}
	return e.set("connections", l.connections).set("rate", l.rateValue()), true
}

func asText(v any) string {
	s, _ := v.(string)
	return s
}

// load is what is asked for of a workload, with what is known of it where nothing is asked.
func (c *chooser) load(name string) (load, bool) {
	l, known := standardWorkloads[name]
	l.connections = usualConnections
	for _, t := range c.trials {
		if t.Workload != name || faulty(t) {
			continue
		}
		if u, err := url.Parse(t.URL); err == nil && t.URL != "" {
			l, known = seen(t, u), true
			break
		}
	}
	for _, s := range c.sources { // of several cells, the one that is meant
		if s.share.Workload == name {
			l.connections = int64(cmp.Or(known0(number(s.cells[0], "connections")), float64(l.connections)))
			l.payload = int64(known0(number(s.cells[0], "payload_bytes")))
			l.rate, l.share = known0(number(s.cells[0], "offered_rps")), 0
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

// known0 is 0 where a factor is not set.
func known0(v float64) float64 {
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

// slice is how long a target is loaded at a time: at least twenty requests, as long as they take where one loop serves all connections,
// within limits.
func (l load) slice() time.Duration {
	request := l.wait + time.Duration(l.connections*l.spin/1000)*2500*time.Nanosecond
	return min(max(50*time.Millisecond, 20*request), 400*time.Millisecond).Round(time.Millisecond)
}

func (l load) rateValue() any {
	switch {
	case l.rate > 0 && l.rate == math.Trunc(l.rate):
		return int64(l.rate) // 20000, not 20000.0
	case l.rate > 0:
		return l.rate
	case l.share > 0:
		return yaml.MapSlice{{Key: "share", Value: l.share}}
	}
	return "closed"
}

// entry is the load as a campaign's file has it.
func (l load) entry(name string) entry {
	e := entry{{Key: "name", Value: name}}
	for _, f := range []struct {
		key   string
		given bool
		value any
	}{
		{"echo", l.echo, true}, {"payload", l.echo, l.payload}, {"path", l.path != "", l.path}, {"spin", l.spin > 0, l.spin},
		{"wait", l.wait > 0, l.wait.String()}, {"connections", true, l.connections}, {"slice", true, l.slice().String()},
		{"warm_rounds", true, 1}, {"rate", true, l.rateValue()},
	} {
		if f.given {
			e = e.set(f.key, f.value)
		}
	}
	return e
}
