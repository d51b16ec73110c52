package record

import "slices"

// A StatusCount is how many replies had a status that is an error.
type StatusCount struct {
	Code int
	N    uint64
}

// StatusCounts returns what Errors[Status] is made of, the most frequent first.
func (s *Samples) StatusCounts() []StatusCount {
	var all []StatusCount
	for code, n := range s.Statuses {
		if n > 0 {
			all = append(all, StatusCount{code, uint64(n)})
		}
	}
	slices.SortStableFunc(all, func(a, b StatusCount) int {
		switch {
		case a.N > b.N:
			return -1
		case a.N < b.N:
			return 1
		}
		return 0
	})
	return all
}
