package admin

import (
	"fmt"
	"net/http"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// A family is one metric: a name, and what it is for a part, once for each value
// of its second label if it has one.
type family struct {
	name, help string
	kind       prometheus.ValueType
	label      string // beside "part"; "": none
	values     []string
	read       func(*Counts) []int64 // one for each of values; one if there is no label
	desc       *prometheus.Desc
}

// The families follow https://prometheus.io/docs/practices/naming/: base units,
// counters end in _total, what is now and what has been so far have names apart.
func families() []family {
	one := func(read func(*Counts) int64) func(*Counts) []int64 {
		return func(c *Counts) []int64 { return []int64{read(c)} }
	}
	const gauge, counter = prometheus.GaugeValue, prometheus.CounterValue
	all := []family{
		{name: "connections_open", help: "Open connections.", kind: gauge,
			read: one(func(c *Counts) int64 { return c.Open })},
		{name: "conversations_waiting", help: "Connections in a pause that their request asked for.", kind: gauge,
			read: one(func(c *Counts) int64 { return c.Waiting })},
		{name: "conversations_computing", help: "Connections in a spin that their request asked for, or in line for one.", kind: gauge,
			read: one(func(c *Counts) int64 { return c.Computing })},
		{name: "connections_accepted_total", help: "Connections taken in.", kind: counter,
			read: one(func(c *Counts) int64 { return c.Accepted })},
		{name: "connections_refused_total", help: "Connections closed as they came, by cause.", kind: counter,
			label: "cause", values: []string{"full", "descriptors", "draining"},
			read: func(c *Counts) []int64 { return []int64{c.Refused.Full, c.Refused.Descriptors, c.Refused.Draining} }},
		{name: "accept_errors_total", help: "Accepts that failed, for want of descriptors mostly.", kind: counter,
			read: one(func(c *Counts) int64 { return c.AcceptErrors })},
		{name: "requests_total", help: "HTTP requests answered, refusals of malformed ones included.", kind: counter,
			read: one(func(c *Counts) int64 { return c.Requests })},
		{name: "received_bytes_total", help: "Bytes of requests and echoes, heads included.", kind: counter,
			read: one(func(c *Counts) int64 { return c.BytesIn })},
		{name: "sent_bytes_total", help: "Bytes of replies and echoes, heads included.", kind: counter,
			read: one(func(c *Counts) int64 { return c.BytesOut })},
		{name: "pauses_total", help: "Pauses begun.", kind: counter,
			read: one(func(c *Counts) int64 { return c.Pauses })},
		{name: "spins_total", help: "Spins begun.", kind: counter,
			read: one(func(c *Counts) int64 { return c.Spins })},
		{name: "timeouts_total", help: "Connections closed because the client was too slow, by limit.", kind: counter,
			label: "kind", values: []string{"idle", "request", "write"},
			read: func(c *Counts) []int64 { return []int64{c.Timeouts.Idle, c.Timeouts.Request, c.Timeouts.Write} }},
	}
	for i := range all {
		f := &all[i]
		labels := []string{"part"}
		if f.label != "" {
			labels = append(labels, f.label)
		}
		f.desc = prometheus.NewDesc("modelbench_"+f.name, f.help, labels, nil)
	}
	return all
}

// A collector reads the server when Prometheus asks.
type collector struct {
	server   *Server
	families []family

	draining, limit, restarts, replaced *prometheus.Desc
}

func newCollector(s *Server) *collector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("modelbench_"+name, help, labels, nil)
	}
	return &collector{
		server: s, families: families(),
		draining: desc("draining", "1 from the signal to stop until the end of the drain."),
		limit:    desc("connections_limit", "Connections that may be open."),
		restarts: desc("worker_restarts_total", "Workers started because the one before had died.", "part"),
		replaced: desc("worker_replacements_total", "Workers started because of SIGHUP.", "part"),
	}
}

// Describe says nothing: which metrics there are depends on the parts.
func (c *collector) Describe(chan<- *prometheus.Desc) {}

// Collect reads them all.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	say := func(d *prometheus.Desc, kind prometheus.ValueType, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, kind, v, labels...)
	}
	draining := 0.0
	if c.server.Draining() {
		draining = 1
	}
	say(c.draining, prometheus.GaugeValue, draining)
	say(c.limit, prometheus.GaugeValue, float64(c.server.Flags.Places()))
	for _, p := range c.server.Parts() {
		part, counts := fmt.Sprintf("%s-%d", p.Name, p.Number), p.counts()
		for _, f := range c.families {
			for i, v := range f.read(&counts) {
				if f.label == "" {
					say(f.desc, f.kind, float64(v), part)
				} else {
					say(f.desc, f.kind, float64(v), part, f.values[i])
				}
			}
		}
		if p.Worker != nil {
			say(c.restarts, prometheus.CounterValue, float64(p.Worker.Restarts), part)
			say(c.replaced, prometheus.CounterValue, float64(p.Worker.Replaced), part)
		}
	}
}

// metrics makes what it needs when it is first asked: until then it costs nothing.
func (s *Server) metrics() http.Handler {
	handler := sync.OnceValue(func() http.Handler {
		r := prometheus.NewRegistry()
		r.MustRegister(newCollector(s), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
		return promhttp.HandlerFor(r, promhttp.HandlerOpts{})
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler().ServeHTTP(w, r) })
}
