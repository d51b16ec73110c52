package analysis

import (
	"fmt"
	"strings"

	"modelbench/results/trial"
)

// Overview is what there is.
type Overview struct {
	Trials    int `json:"trials"`
	Valid     int `json:"valid"` // those with the verdict ok
	Blocks    int `json:"blocks"`
	Campaigns int `json:"campaigns"`
	Machines  int `json:"machines"`
	// Alone counts trials outside any block, which are never paired.
	Alone int `json:"alone"`
}

func overview(trials []trial.Trial) Overview {
	campaigns, blocks, hosts := map[string]bool{}, map[blockKey]bool{}, map[string]bool{}
	o := Overview{Trials: len(trials)}
	for i, t := range trials {
		if t.Verdict == trial.VerdictOK {
			o.Valid++
		}
		if t.HostID != "" {
			hosts[t.HostID] = true
		}
		if k := blockOf(t, i); k.alone == 0 {
			blocks[k], campaigns[k.campaign] = true, true
		} else {
			o.Alone++
		}
	}
	o.Blocks, o.Campaigns, o.Machines = len(blocks), len(campaigns), len(hosts)
	return o
}

// String is the overview in one line.
func (o Overview) String() string {
	parts := []string{Count(o.Trials, "trial", "trials")}
	if o.Valid < o.Trials {
		parts[0] += fmt.Sprintf(" (%d valid)", o.Valid)
	}
	if o.Blocks > 0 {
		parts = append(parts, Count(o.Blocks, "block", "blocks"), Count(o.Campaigns, "campaign", "campaigns"))
	}
	if o.Alone > 0 {
		parts = append(parts, fmt.Sprintf("%d outside any block and so never paired (loadgen --label block=N names one)", o.Alone))
	}
	if o.Machines > 1 {
		parts = append(parts, fmt.Sprintf("%d machines: medians mix them, ratios do not", o.Machines))
	}
	return strings.Join(parts, ", ")
}
