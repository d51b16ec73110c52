package stats

import (
	"fmt"
	"math"
)

// AgainstControls returns, for each block of one campaign, the log ratio of the target to its controls: log target less the mean
// of the controls' logs (so to their geometric mean). Controls are targets that are the same in both campaigns. What a block
// did to all of them alike is gone from it.
//
//	before:  d_i = log target_i - mean log control_i     blocks of one campaign, paired within the block
//	after:   e_j = the same                              blocks of the other
//	CompareLogs(d, e): (after_target / before_target) / (after_controls / before_controls)
//
// That is a difference in differences, on logs. It takes for granted that without the change target and controls would have
// slowed down by the same factor. Slices are by block, target[i] and controls[c][i] from the same one. The errors: no controls, lengths
// that differ, a value that is not positive and finite.
func AgainstControls(target []float64, controls ...[]float64) ([]float64, error) {
	if len(controls) == 0 {
		return nil, fmt.Errorf("compare with controls: there are none")
	}
	relative, err := logs("target", target)
	if err != nil {
		return nil, err
	}
	for c, control := range controls {
		name := fmt.Sprintf("control %d", c+1)
		if len(control) != len(target) {
			return nil, fmt.Errorf("compare with controls: %d values of %s against %d of the target", len(control), name, len(target))
		}
		values, err := logs(name, control)
		if err != nil {
			return nil, err
		}
		for i, v := range values {
			relative[i] -= v / float64(len(controls))
		}
	}
	return relative, nil
}

// logs returns the logarithms of values that must be positive and finite.
func logs(name string, values []float64) ([]float64, error) {
	l := make([]float64, len(values))
	for i, v := range values {
		if !(v > 0) || math.IsInf(v, 1) {
			return nil, fmt.Errorf("compare campaigns: value %d of %s is %v: a ratio needs positive numbers", i+1, name, v)
		}
		l[i] = math.Log(v)
	}
	return l, nil
}
