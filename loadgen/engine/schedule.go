package engine

import (
	"math/rand/v2"
	"time"
)

// A visit is one slice of the schedule, as lengths.
type visit struct {
	target   int
	lead     time.Duration // load that is not recorded
	window   time.Duration
	recorded bool // false: warm-up, the window is not recorded either
}

// minLead is the shortest lead-in of a rotation's slice: the time in which idle
// connections, caches and a sleeping server come back to life.
const minLead = 5 * time.Millisecond

// part returns how long each slice of a single target's window is (see Slice): a
// hundredth of it, so that a trend can be told from noise, and not so short that a few
// requests decide.
func (p Plan) part() time.Duration {
	return min(max(p.Duration/100, 10*time.Millisecond), p.Duration)
}

// schedule returns the visits of a plan (with defaults applied), in order. The windows
// of each target add up to Duration over the number of targets, exactly.
func (p Plan) schedule() []visit {
	if len(p.Targets) == 1 {
		return []visit{{0, p.Warmup, p.Duration, true}}
	}
	n := time.Duration(len(p.Targets))
	lead := max(minLead, p.Slice/10)
	each := p.Duration / n
	rounds := max(1, (each+(p.Slice-lead)/2)/(p.Slice-lead))
	warm := (p.Warmup/n + p.Slice - 1) / p.Slice

	rng := rand.New(rand.NewPCG(p.Seed, 0x726f74617465))
	var visits []visit
	for round := range warm + rounds {
		for _, target := range rng.Perm(len(p.Targets)) {
			v := visit{target, lead, p.Slice - lead, false}
			if round >= warm {
				v.window, v.recorded = each/rounds, true
				if round == warm+rounds-1 {
					v.window = each - (rounds-1)*(each/rounds)
				}
			}
			visits = append(visits, v)
		}
	}
	return visits
}

// slices returns how many slices a run will be made of, for whoever makes room.
func (p Plan) slices() int {
	if len(p.Targets) == 1 {
		return int(p.Duration/p.part()) + 1
	}
	n := 0
	for _, v := range p.schedule() {
		if v.recorded {
			n++
		}
	}
	return n
}
