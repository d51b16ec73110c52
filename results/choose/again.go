package choose

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// again is the command that asks the same of the trials there are and of new ones.
func (c *chooser) again(added string) string {
	words := append([]string{"go run ./results choose"}, c.need.flags()...)
	for i, f := range c.folders {
		if f.Claims == "" || i == 0 || c.folders[i-1].Claims != f.Claims {
			words = append(words, quote(cmp.Or(f.Claims, f.Path)))
		}
	}
	return strings.Join(append(words, added), " ")
}

// Command is the command that asks for this need of a folder, for a shell.
func (n Need) Command(folder string) string {
	return strings.Join(append(append([]string{"go run ./results choose"}, n.flags()...), quote(folder)), " ")
}

// flags are those of results choose that ask for this need, for a shell.
func (n Need) flags() (words []string) {
	add := func(asked bool, flag, value string) {
		if asked {
			words = append(words, flag, quote(value))
		}
	}
	var mix []string
	for _, s := range n.Workloads {
		name := s.Workload
		if n.Weighted {
			name += fmt.Sprintf("=%v", s.Weight)
		}
		mix = append(mix, name)
	}
	add(true, "--workload", strings.Join(mix, ","))
	add(n.Connections > 0, "--connections", fmt.Sprint(n.Connections))
	add(n.Closed, "--rate", "closed")
	add(n.Rate > 0, "--rate", decimal(n.Rate))
	add(n.Payload > 0, "--payload", fmt.Sprint(n.Payload))
	for _, column := range sortedKeys(n.Where) {
		add(true, "--where", column+"="+n.Where[column])
	}
	add(n.P99 > 0, "--p99", time.Duration(n.P99*1e3).String())
	add(n.Memory > 0, "--memory", decimal(n.Memory))
	add(n.Cores > 0, "--cores", fmt.Sprint(n.Cores))
	add(n.Isolation, "--isolation", "process")
	add(len(n.Targets) > 0, "--target", strings.Join(n.Targets, ","))
	if n.Blocking {
		words = append(words, "--blocking")
	}
	if n.SharedState {
		words = append(words, "--shared-state")
	}
	if !slices.Equal(n.Objectives, DefaultObjectives) {
		var names []string
		for _, key := range n.Objectives {
			for name, of := range objectiveNames {
				if of == key {
					names = append(names, name)
				}
			}
		}
		add(len(names) > 0, "--objective", strings.Join(names, ","))
	}
	if n.Simplest || len(n.Simple) > 0 {
		words = append(words, "--code", "simple")
	}
	if len(n.Simple) > 0 {
		add(true, "--simple", strings.Join(n.Simple, ","))
	}
	return words
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
