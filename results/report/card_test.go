package report

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"modelbench/results/analysis"
	"modelbench/results/folder"
)

// A card says at a glance what its sentence says: the cases of the comparison's tests.
func TestCards(t *testing.T) {
	t.Parallel()
	for file, want := range map[string][]string{
		"campaign": { // spin
			"throughput won goroutine prefork: eventloop 0.50x", "server CPU equal", "p50 won goroutine prefork: eventloop 2.02x",
			"p99 won goroutine prefork: eventloop 1.93x", "memory won eventloop: goroutine 1.75x, prefork 4.00x"},
		"few-blocks": {"throughput undecided", "server CPU undecided", "p50 undecided"},
		"same-twice": {"throughput equal", "server CPU equal", "p50 equal", "p99 undecided"},
		"one-target": {"throughput alone http://127.0.0.1:8000/", "p50 alone http://127.0.0.1:8000/", "p99 alone http://127.0.0.1:8000/"},
		"unbelieved": {"throughput undecided: eventloop no value", "server CPU won eventloop: goroutine 1.33x, prefork 1.35x",
			"p50 equal: eventloop no value", "p99 equal: eventloop no value"},
		"nothing": nil,
	} {
		f, err := folder.Open("../compare/testdata/" + file + ".csv")
		if err != nil {
			t.Fatal(err)
		}
		a, err := analysis.Of(f.Trials, defaults)
		if err != nil {
			t.Fatal(err)
		}
		members, n := analysis.Members(f.Trials), len(a.Workloads)-1
		if file == "campaign" {
			n = 2
		}
		wl := a.Workloads[n]
		var got []string
		for _, c := range newCard("", wl, members[n], columns(a), newLooks(marks(a))).Cells {
			got = append(got, cellText(c))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n%s\nnot\n%s", file, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func cellText(c cell) string {
	text := c.Measure + " " + c.State
	for _, m := range c.Leaders {
		text += " " + m.Target
	}
	if c.State == "" {
		text += c.Why
	}
	for i, o := range c.Others {
		text += []string{": ", ", "}[min(i, 1)] + o.Target + " " + o.Text
	}
	return text
}

// Compared with a baseline, each target says for itself how it stands.
func TestBaselineCard(t *testing.T) {
	t.Parallel()
	f, err := folder.Open("../compare/testdata/campaign.csv")
	if err != nil {
		t.Fatal(err)
	}
	a, err := analysis.Of(f.Trials, analysis.Options{Baseline: "goroutine"})
	if err != nil {
		t.Fatal(err)
	}
	c := newCard("", a.Workloads[0], nil, columns(a), newLooks(marks(a))).Cells[1]
	if got, want := cellText(c), "server CPU baseline goroutine: eventloop 0.84x less, prefork no difference"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}

// Up to 56 targets differ in shape or colour, and keep their looks in every workload.
func TestMarks(t *testing.T) {
	t.Parallel()
	var names []string
	for i := range shapes * colours {
		names = append(names, fmt.Sprintf("t%02d", i))
	}
	list := marks(&analysis.Analysis{Workloads: []analysis.Workload{{Targets: names}, {Targets: names[3:9]}}})
	seen := map[[2]int]string{}
	for _, m := range list {
		look := [2]int{m.Shape, m.Colour}
		if seen[look] != "" {
			t.Errorf("%s looks like %s", m.Target, seen[look])
		}
		seen[look] = m.Target
	}
	if len(list) != len(names) {
		t.Errorf("%d marks for %d targets", len(list), len(names))
	}
}

// A known target looks the same whoever else took part, and the unknown look like none of them.
func TestKnownMarks(t *testing.T) {
	t.Parallel()
	all := newLooks(marks(&analysis.Analysis{Workloads: []analysis.Workload{{Targets: append([]string{"a", "mine"}, known...)}}}))
	for _, name := range known {
		alone := marks(&analysis.Analysis{Workloads: []analysis.Workload{{Targets: []string{name}}}})
		if alone[0] != all[name] {
			t.Errorf("alone %+v, among others %+v", alone[0], all[name])
		}
		for _, other := range []string{"a", "mine"} {
			if m := all[other]; m.Shape == all[name].Shape && m.Colour == all[name].Colour {
				t.Errorf("%s looks like %s", other, name)
			}
		}
	}
	if all["a"] == all["mine"] {
		t.Error("two unknown targets look alike")
	}
}
