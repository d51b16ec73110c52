package analysis

import "modelbench/results/trial"

// Member is a trial of a workload, believed or not, with the name that its target has there.
type Member struct {
	Target string
	Trial  trial.Trial
}

// Members sorts trials into workloads: those that Of finds in the same trials, in the same order. The trials of a workload stay in
// the order they are given in.
func Members(trials []trial.Trial) [][]Member {
	var all [][]Member
	for _, g := range groupByConditions(trials) {
		members := make([]Member, len(g.trials))
		for i, name := range TargetNames(g.trials) {
			members[i] = Member{name, g.trials[i]}
		}
		all = append(all, members)
	}
	return all
}
