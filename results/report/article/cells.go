package article

import (
	"slices"

	"modelbench/results/analysis"
	"modelbench/results/claims"
	"modelbench/results/stats"
	"modelbench/results/trial"
)

// wanted is the level of intervals.
const wanted = stats.Level

// cellRow is a target in a workload: how many trials, how many of them left out, and the median of each measure with its interval.
type cellRow struct {
	Workload, Target string
	Trials, Invalid  int
	Figures          []string
}

// cellRows are the cells of an experiment in the order in which they first appear by name, copies of a target for the machine's
// own noise left out.
func cellRows(trials []trial.Trial, measures []*claims.Measure) (rows []cellRow) {
	type key struct{ workload, target string }
	members := map[key][]trial.Trial{}
	var keys []key
	for _, t := range trials {
		if _, again := t.Again(); again {
			continue
		}
		k := key{t.Workload, t.Target}
		if members[k] == nil {
			keys = append(keys, k)
		}
		members[k] = append(members[k], t)
	}
	slices.SortFunc(keys, func(a, b key) int {
		if a.workload != b.workload {
			return natural(a.workload, b.workload)
		}
		return natural(a.target, b.target)
	})
	for _, k := range keys {
		r := cellRow{Workload: k.workload, Target: k.target, Trials: len(members[k])}
		for _, t := range members[k] {
			if t.Verdict != trial.VerdictOK {
				r.Invalid++
			}
		}
		for _, m := range measures {
			s := spreadOf(members[k], m)
			text := ""
			if s.N > 0 {
				text = s.text(m.Unit)
			}
			r.Figures = append(r.Figures, text)
		}
		rows = append(rows, r)
	}
	return rows
}

// spread is a measure of a target in a workload over blocks.
type spread struct {
	Median, Lo, Hi, Level float64
	N                     int
	Values                []float64
}

// spreadOf takes the trials that may be believed in the measure.
func spreadOf(trials []trial.Trial, m *claims.Measure) (s spread) {
	for _, t := range trials {
		if v, believed := m.Believed(t); believed {
			s.Values = append(s.Values, v)
		}
	}
	s.N = len(s.Values)
	if s.N == 0 {
		return s
	}
	median, interval := stats.Median(s.Values, wanted)
	s.Median, s.Lo, s.Hi, s.Level = median, interval.Lo, interval.Hi, interval.Level
	return s
}

func (s spread) text(unit func(float64) analysis.Unit) string {
	u := unit(s.Median)
	if s.N == 1 {
		return u.Text(s.Median)
	}
	return u.Text(s.Median) + " [" + u.Number(s.Lo) + ", " + u.Number(s.Hi) + "]"
}

// natural orders names as people do: wait-16 before wait-256.
func natural(a, b string) int {
	for a != "" && b != "" {
		x, restA := leading(a)
		y, restB := leading(b)
		switch {
		case restA != a && restB != b:
			if x != y {
				return sign(x < y)
			}
			a, b = restA, restB
		case a[0] != b[0]:
			return sign(a[0] < b[0])
		default:
			a, b = a[1:], b[1:]
		}
	}
	return len(a) - len(b)
}

// leading takes the number that a text begins with.
func leading(s string) (n uint64, rest string) {
	i := 0
	for i < len(s) && i < 18 && s[i] >= '0' && s[i] <= '9' {
		n = n*10 + uint64(s[i]-'0')
		i++
	}
	return n, s[i:]
}

func sign(less bool) int {
	if less {
		return -1
	}
	return 1
}
