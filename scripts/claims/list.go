package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// list prints what could be run: the claims, each with its experiments and the time that it takes alone, and the experiments.
func (c command) list(f flags) error {
	set, _, err := f.rules()
	if err != nil {
		return err
	}
	p := f.pick()
	p.seed = 1 // of nothing that is shown
	tasks, err := tasksOf(set, p)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "The claims of %q, to be tested one by one with --claim N:\n\n", set.Source)
	w := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	for _, claim := range set.Claims {
		if p.claims != nil && !slices.Contains(p.claims, claim.ID) {
			continue
		}
		needs, err := needsOf(set, []int{claim.ID}, false)
		if err != nil {
			return err
		}
		one := pick{claims: []int{claim.ID}, python: p.python, blocks: p.blocks, seed: p.seed}
		budget := f.budget()
		if f.Budget == 0 {
			budget = claimBudget
			if p.python {
				budget *= 2
			}
		}
		own, _, err := inTime(set, one, budget)
		if err != nil {
			return err
		}
		names, takes := strings.Join(slices.Sorted(maps.Keys(needs)), ", "), ""
		switch shares := sharesOf(own, budget, one); {
		case len(own) == 0:
			names, takes = "counted from source", "0s"
		case slices.ContainsFunc(shares, func(s share) bool { return s.blocks == 0 }):
			takes = fmt.Sprintf("%v, and %v for all of it", round(total(shares)), round(leastOf(own)))
		default:
			takes = round(total(shares)).String()
		}
		fmt.Fprintf(w, "%4d\t%s\t%s\t%s\n", claim.ID, claim.Claim, names, takes)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "\nThe experiments, in the order in which they are run:\n\n")
	for i, s := range sharesOf(tasks, f.budget(), p) {
		t := tasks[i]
		takes, note := round(s.budget).String(), ""
		if s.blocks == 0 {
			takes, note = round(t.cost.full(t.want)).String(), " (no time for it)"
		}
		if t.rank == descriptive {
			note = " (descriptive)" + note
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s%s\n", t.name, plural(max(s.blocks, 0), "block"), takes, t.asks, note)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.stdout, "\n%v of the %v that there are, after the build.\n", round(total(sharesOf(tasks, f.budget(), p))), f.budget())
	return err
}

// total is the time that tasks take together.
func total(shares []share) (sum time.Duration) {
	for _, s := range shares {
		if s.blocks > 0 {
			sum += s.budget + between
		}
	}
	return sum
}
