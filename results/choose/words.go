package choose

import (
	"fmt"
	"strings"

	"modelbench/results/analysis"
	"modelbench/results/stats"
)

// String is the sentence with its evidence.
func (s Sentence) String() string {
	e := s.Evidence
	var parts []string
	if e.Lo != nil && e.Hi != nil {
		parts = append(parts, e.interval())
	}
	if e.Screening {
		parts = append(parts, "screening")
	}
	if e.N > 0 {
		parts = append(parts, "n="+fmt.Sprint(e.N))
	}
	if len(e.Trials) > 0 {
		parts = append(parts, "trials "+ranges(e.Trials))
	}
	for _, i := range e.Commands {
		parts = append(parts, fmt.Sprintf("[%d]", i+1))
	}
	if len(parts) == 0 {
		return s.Text
	}
	return s.Text + " (" + strings.Join(parts, ", ") + ")"
}

// Preference is what is preferred of a tie, in a sentence; empty: nothing.
func (a *Advice) Preference() string {
	var codes []string
	for _, code := range a.Code {
		codes = append(codes, fmt.Sprintf("%s %d lines (%d branches, %d states, %d primitives of concurrency)", code.Target, code.Lines, code.Branches, code.States, code.Primitives))
	}
	switch {
	case len(codes) > 0 && len(a.Preferred) == 0:
		return "By your preference for little code none stands out: " + strings.Join(codes, ", ") + "."
	case len(codes) > 0:
		return "By your preference for little code, which was counted in our drivers and says nothing of yours: " + list(a.Preferred) + ". " + strings.Join(codes, ", ") + "."
	case len(a.Preferred) > 0:
		return "By your preference, which is declared and not measured: " + list(a.Preferred) + "."
	}
	return ""
}

// interval is of a ratio, or of a value in its measure's unit.
func (e Evidence) interval() string {
	number := func(v float64) string { return fmt.Sprintf("%.3g", v) }
	if m, err := analysis.MeasureOf(e.Metric); err == nil && e.Versus == "" {
		number = m.Unit(*e.Estimate).Number
	} else if e.Versus != "" {
		number = ratio
	}
	text := fmt.Sprintf("%s [%s, %s]", analysis.Percent(stats.Level), number(*e.Lo), number(*e.Hi))
	if !(stats.Interval{Level: e.Level}).Reaches(stats.Level) {
		text = fmt.Sprintf("all between [%s, %s], too few for an interval of %s", number(*e.Lo), number(*e.Hi), analysis.Percent(stats.Level))
	}
	return text
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// String is the need in words.
func (n Need) String() string {
	var parts, names []string
	for _, s := range n.Workloads {
		name := s.Workload
		if n.Weighted {
			name += fmt.Sprintf("=%g", s.Weight)
		}
		names = append(names, name)
	}
	parts = append(parts, list(names))
	if text := n.conditionsText(); text != "like that" {
		parts[0] += " " + text
	}
	p99, memory := measureOf("p99"), measureOf("memory")
	for _, f := range []struct {
		asked bool
		text  string
	}{
		{n.P99 > 0, "p99 at most " + p99.Unit(n.P99).Text(n.P99)},
		{n.Memory > 0, "memory at most " + memory.Unit(n.Memory).Text(n.Memory)},
		{n.Cores > 0, fmt.Sprintf("%d of CPU budget", n.Cores)},
		{n.Isolation, "a crash takes a process's share at most"},
		{n.SharedState, "shared state loses no update"},
		{n.Blocking, "handlers block"},
		{len(n.Targets) > 0, "of " + list(n.Targets) + " alone"},
	} {
		if f.asked {
			parts = append(parts, f.text)
		}
	}
	var objectives []string
	for _, key := range n.Objectives {
		objectives = append(objectives, measureOf(key).Name)
	}
	return strings.Join(append(parts, "best "+strings.Join(objectives, ", then ")), "; ")
}
