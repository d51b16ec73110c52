package campaign

import (
	"fmt"
	"slices"
	"time"

	"modelbench/results/stats"
)

// What a plan is made from besides the budget. Costs are what was seen on two
// CPUs, rounded up; what a block really takes replaces them as the campaign runs.
const (
	// enoughBlocks are the least with which a paired comparison can reach p < 0.05:
	// the smallest two-sided p of n blocks is 2/2^n, 0.0625 for five and 0.031 for six.
	enoughBlocks = 6
	// spareBlocks are planned beyond those that a campaign's whole family of comparisons
	// takes (see survivingBlocks): a pair whose trial is not valid is left out, and a block
	// that takes longer than planned may cost another one. 4 models and 5 workloads take
	// 11 blocks, so 12 are wanted.
	spareBlocks = 1

	tableReserve = 1500 * time.Millisecond // kept back for the last stop and the table
	restartCost  = 200 * time.Millisecond  // of a block, or of a trial with a fresh server: servers up, and down again
	launchCost   = 110 * time.Millisecond  // of a rotation: loadgen's start, connects and report
	drainCost    = time.Millisecond        // of a slice, beside the requests in flight that it waits for

	leastMeasured = 135 * time.Millisecond // of each target in a rotation: below, blocks go first
	goodMeasured  = 320 * time.Millisecond // of each target, once there are as many blocks as are wanted
	mostMeasured  = time.Second            // above, nothing is gained: time is left over instead
	slackShare    = 40                     // a fortieth of the time is not planned: blocks that take longer stay alike

	calibrateRounds = 4  // slices of each target when the rate of a fixed-rate workload is sought
	leadShare       = 10 // loadgen leaves out a tenth of a slice: what its beginning has to bring back to life
)

// Budget is what a plan has to fit in.
type Budget struct {
	Total   time.Duration // from after the build to the table
	Blocks  int           // 0: as many as fit
	Targets int           // of the campaign
	Again   int           // of them, those that are another's copy: see again.go

	// Parts is how many targets take part in a workload, and how many of them are another's copy; nil: all do.
	Parts func(Workload) (targets, again int)
}

// parts is how many targets take part in the workload, and how many of them are no copies: those are compared with each
// other, and calibrated.
func (b Budget) parts(w Workload) (targets, models int) {
	if b.Parts == nil {
		return b.Targets, b.Targets - b.Again
	}
	targets, again := b.Parts(w)
	return targets, targets - again
}

// comparisons is the size of the family: all pairs of targets in all workloads.
func (b Budget) comparisons(workloads []Workload) int {
	n := 0
	for _, w := range workloads {
		_, models := b.parts(w)
		n += models * (models - 1) / 2
	}
	return n
}

// survivingBlocks are the least with which each of so many comparisons can be told from
// chance when all are judged together. The smallest two-sided p of n paired blocks is
// 2/2^n, and Holm's correction asks the first of m comparisons for 0.05/m:
//
//	2/2^n <= 0.05/m    n >= log2(40 m)    1: 6, 6: 8, 30: 11, 105: 13
func survivingBlocks(comparisons int) int {
	if comparisons == 0 {
		return 0
	}
	return stats.MinBlocksFor(comparisons, stats.Level)
}

// tooFew says what so many blocks cannot do, and nothing when they can do all.
func (b Budget) tooFew(blocks int, workloads []Workload) string {
	surviving := survivingBlocks(b.comparisons(workloads))
	switch {
	case blocks < enoughBlocks:
		return fmt.Sprintf("%s cannot reach p < 0.05, whatever is measured: that takes %d", plural(blocks, "block"), enoughBlocks)
	case blocks < surviving:
		return fmt.Sprintf("%d blocks are too few for %s judged together: that takes %d",
			blocks, plural(b.comparisons(workloads), "comparison"), surviving)
	}
	return ""
}

// Rotation is one workload of a block: every target in turn, Rounds slices each. Of a workload that stands alone it is every
// target once, in one round that is never longer or shorter.
type Rotation struct {
	Workload Workload
	Targets  int // that take part
	Rounds   int
	Expected time.Duration // wall clock, from loadgen's start to its end; of all trials that stand alone
}

// window is the measured part of a slice.
func (r Rotation) window() time.Duration { return r.Workload.Slice - r.Workload.Slice/leadShare }

// measured is how long each target is measured.
func (r Rotation) measured() time.Duration {
	if r.Workload.Alone {
		return r.Workload.Measure
	}
	return time.Duration(r.Rounds) * r.window()
}

// measure is loadgen's -d for so many targets: such that each gets Rounds windows.
func (r Rotation) measure(targets int) time.Duration { return time.Duration(targets) * r.measured() }

// warmup is loadgen's -w for so many targets: WarmRounds rounds that are not
// recorded. One target alone has no slices, and what begins it is its warm-up.
func (r Rotation) warmup(targets int) time.Duration {
	if r.Workload.Alone {
		return r.Workload.Warmup
	}
	if targets == 1 {
		return max(time.Duration(r.Workload.WarmRounds)*r.Workload.Slice, r.Workload.Slice/leadShare)
	}
	return time.Duration(targets*r.Workload.WarmRounds) * r.Workload.Slice
}

// Plan is how a campaign spends its budget:
//
//	|calibrate|start|rot|rot|rot|stop|start|rot|rot|rot|stop| ... |table|
//	           `------ block 1 -----'
//
// Every rotation is a whole number of rounds, so that each target has the same
// number of slices, and every block has the same rotations, in another order.
type Plan struct {
	Blocks    int
	Rotations []Rotation    // in the order of the workloads given
	Calibrate []Rotation    // closed loops before the first block, for the fixed-rate workloads
	Block     time.Duration // expected, of one block
	Total     time.Duration // expected, of everything but the table
	Notes     []string      // what the budget did not allow, for the user
}

// NewPlan fits the workloads into the budget. It measures each target of each
// workload for leastMeasured at the least and gives up blocks to do so; an error
// means that not even one block fits, and says what would.
//
// More blocks are worth more than longer ones up to the number that the campaign's
// comparisons take together; above, each trial has goodMeasured before there is one
// more.
func NewPlan(b Budget, workloads []Workload) (Plan, error) {
	p := Plan{Calibrate: b.calibrations(workloads)}
	available := b.Total - tableReserve
	for _, c := range p.Calibrate {
		available -= c.Expected
		p.Total += c.Expected
	}
	if len(p.Calibrate) > 0 {
		available -= restartCost // the servers that are calibrated are not those of the first block
		p.Total += restartCost
	}
	if slices.ContainsFunc(workloads, func(w Workload) bool { return w.Fresh }) {
		available -= restartCost // and those that are asked for one reply are neither
		p.Total += restartCost
	}
	least := blockCost(b.shortest(workloads, leastMeasured))
	fit := int(available / least)
	if available < least {
		need := b.Total - available + least
		return Plan{}, fmt.Errorf("%v is too short for one block of %s and %s: it takes %v at the least",
			b.Total, plural(len(workloads), "workload"), plural(b.Targets, "target"), roundUp(need, time.Second))
	}
	p.Blocks = b.Blocks
	switch {
	case b.Blocks == 0:
		good := int(available / blockCost(b.shortest(workloads, goodMeasured)))
		wanted := max(enoughBlocks, survivingBlocks(b.comparisons(workloads))+spareBlocks)
		p.Blocks = max(good, min(fit, wanted))
	case b.Blocks > fit:
		p.Blocks = fit
		at := fmt.Sprintf(", at %v for each target of a workload", leastMeasured)
		if !slices.ContainsFunc(workloads, func(w Workload) bool { return !w.Alone }) {
			at = ""
		}
		p.Notes = append(p.Notes, fmt.Sprintf("%v holds %d of the %d blocks asked for%s", b.Total, fit, b.Blocks, at))
	}
	if few := b.tooFew(p.Blocks, workloads); few != "" {
		p.Notes = append(p.Notes, few+" (a longer --budget, or fewer --models or --workloads)")
	}
	p.Rotations = fill((available-available/slackShare)/time.Duration(p.Blocks), b.shortest(workloads, leastMeasured))
	p.Block = blockCost(p.Rotations)
	p.Total += time.Duration(p.Blocks) * p.Block
	return p, nil
}

// Replan fits what is left after some blocks into the time that is left. overrun is
// by how much a block was seen to exceed its expected time. Rotations only ever
// become shorter, since all blocks ought to be alike; when the shortest no longer
// fit, blocks are given up. Zero blocks left means: stop here.
func (p Plan) Replan(left time.Duration, blocksLeft int, overrun time.Duration) (rotations []Rotation, blocks int) {
	least := p.least()
	blocks = min(blocksLeft, int(left/(blockCost(least)+overrun)))
	if blocks <= 0 {
		return nil, 0
	}
	rotations = fill(left/time.Duration(blocks)-overrun, least)
	for i, r := range rotations {
		rotations[i] = rotation(r.Workload, r.Targets, min(r.Rounds, p.Rotations[i].Rounds))
	}
	return rotations, blocks
}

// calibrations are the short closed loops that find a rate for those that need one.
func (b Budget) calibrations(workloads []Workload) []Rotation {
	var rs []Rotation
	for _, w := range workloads {
		if w.Rate.Share > 0 {
			_, models := b.parts(w)
			rs = append(rs, rotation(w, models, calibrateRounds))
		}
	}
	return rs
}

// shortest is a block in which each target has the given measuring time, rounded
// up to whole slices.
func (b Budget) shortest(workloads []Workload, measured time.Duration) []Rotation {
	rs := make([]Rotation, len(workloads))
	for i, w := range workloads {
		targets, _ := b.parts(w)
		rs[i] = shortest(w, targets, measured)
	}
	return rs
}

// least is the shortest block that has the plan's workloads.
func (p Plan) least() []Rotation {
	rs := make([]Rotation, len(p.Rotations))
	for i, r := range p.Rotations {
		rs[i] = shortest(r.Workload, r.Targets, leastMeasured)
	}
	return rs
}

func shortest(w Workload, targets int, measured time.Duration) Rotation {
	if w.Alone {
		return rotation(w, targets, 1)
	}
	window := Rotation{Workload: w}.window()
	return rotation(w, targets, int((measured+window-1)/window))
}

// fill is the longest block that fits: from the shortest one, rs, on, a round at a time
// goes to the rotation that has measured its targets the least and may have more. rs is changed.
func fill(available time.Duration, rs []Rotation) []Rotation {
	for room := available - blockCost(rs); ; {
		next, cost := -1, time.Duration(0)
		for i, r := range rs {
			if r.Workload.Alone {
				continue
			}
			longer := rotation(r.Workload, r.Targets, r.Rounds+1)
			c := longer.Expected - r.Expected
			if c <= room && longer.measured() <= mostMeasured && (next < 0 || r.measured() < rs[next].measured()) {
				next, cost = i, c
			}
		}
		if next < 0 {
			return rs
		}
		rs[next] = rotation(rs[next].Workload, rs[next].Targets, rs[next].Rounds+1)
		room -= cost
	}
}

func rotation(w Workload, targets, rounds int) Rotation {
	if w.Alone {
		return Rotation{Workload: w, Targets: targets, Rounds: 1, Expected: time.Duration(targets) * w.cost()}
	}
	visits := time.Duration((w.WarmRounds + rounds) * targets)
	// Half a request: what is in flight at a slice's end has run for a while, and most targets do not run the spins of all
	// connections one after the other.
	return Rotation{Workload: w, Targets: targets, Rounds: rounds,
		Expected: launchCost + time.Duration(targets)*w.idling() + visits*(w.Slice+drainCost+w.request()/2)}
}

// blockCost is what a block takes. Where each trial has a server of its own there are none that serve the block.
func blockCost(rs []Rotation) time.Duration {
	sum := time.Duration(0)
	for _, r := range rs {
		sum += r.Expected
	}
	if slices.ContainsFunc(rs, func(r Rotation) bool { return !r.Workload.Fresh }) {
		sum += restartCost
	}
	return sum
}

func roundUp(d, unit time.Duration) time.Duration { return (d + unit - 1) / unit * unit }

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
