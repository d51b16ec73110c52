package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"modelbench/results/trial"
)

// quiet are the values of conditions that go without saying.
var quiet = map[string][]string{
	"pipeline":          {"1"},
	"payload_bytes":     {"0"},
	"spin_iters":        {"0"},
	"wait_us":           {"0"},
	"heavy_connections": {"0"},
	"idle_connections":  {"0"},
	"keepalive":         {"true"},
	"fault":             {"none"},
}

// title names the conditions of a workload as a person would.
func title(t trial.Trial) string {
	parts := []string{cmp.Or(t.Workload, "requests")}
	if n, set := t.Connections.Get(); set {
		parts = append(parts, Count(int(n), "connection", "connections"))
	}
	parts = append(parts, loop(t))
	for _, c := range trial.Columns() {
		text := c.Text(t)
		if c.Group != trial.Factors || text == "" || slices.Contains(quiet[c.Name], text) {
			continue
		}
		switch c.Name {
		case "workload", "connections", "arrivals", "offered_rps", "url": // said already
		case "payload_bytes":
			parts = append(parts, "payload "+text+" bytes")
		case "spin_iters":
			parts = append(parts, "spin "+Short(float64(t.SpinIters.Or(0)))+" iterations")
		case "wait_us":
			wait := t.WaitUs.Or(0)
			parts = append(parts, "wait "+Microseconds(wait).Text(wait))
		case "heavy_connections":
			parts = append(parts, Count(int(t.HeavyConnections.Or(0)), "heavy connection", "heavy connections")+" beside")
		case "idle_connections":
			parts = append(parts, Count(int(t.IdleConnections.Or(0)), "idle connection", "idle connections")+" beside")
		case "labels":
			parts = append(parts, strings.ReplaceAll(text, ";", ", "))
		default:
			if !slices.Contains(targetColumns, c.Name) {
				parts = append(parts, c.Name+" "+text)
			}
		}
	}
	return strings.Join(parts, ", ")
}

func loop(t trial.Trial) string {
	if !t.OpenLoop() {
		return "closed loop"
	}
	rate, set := t.OfferedRPS.Get()
	if !set {
		return fmt.Sprintf("open loop (%s)", t.Arrivals)
	}
	return fmt.Sprintf("%s/s offered (%s)", Short(rate), cmp.Or(t.Arrivals, "open loop"))
}

// factors are the conditions by column.
func factors(t trial.Trial) map[string]string {
	m := map[string]string{}
	for _, c := range trial.Columns() {
		if text := c.Text(t); c.Group == trial.Factors && text != "" && c.Name != "url" && !slices.Contains(targetColumns, c.Name) {
			m[c.Name] = text
		}
	}
	return m
}
