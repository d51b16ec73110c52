package campaign

import "math/rand/v2"

// Every random choice of a campaign derives from its seed and from what the choice
// is for, never from how many choices came before: a campaign of six blocks is the
// first half of one of twelve, and leaving a workload out moves no other.
const (
	forOrder   uint64 = 1 << 32 // plus the block: the order of a block's workloads
	forLoadgen uint64 = 2 << 32 // plus block and workload: what loadgen is given as its --seed
	forAlone   uint64 = 3 << 32 // plus block and workload: the order of the targets that stand alone
)

// Order is in which order the block (counted from 1) goes through n workloads.
func Order(seed int64, block, n int) []int {
	return rand.New(rand.NewPCG(uint64(seed), forOrder+uint64(block))).Perm(n)
}

// aloneOrder is in which order the block goes through the n targets of a workload that stand alone.
func aloneOrder(seed int64, block, workload, n int) []int {
	return rand.New(rand.NewPCG(uint64(seed), forAlone+uint64(block)<<8+uint64(workload))).Perm(n)
}

// loadgenSeed is the seed of one rotation: loadgen draws the order of its slices
// from it. Block 0 is the calibration. It is positive and fits into 31 bits, so
// it is neither taken for "draw one" nor too large for anybody.
func loadgenSeed(seed int64, block, workload int) int64 {
	return 1 + rand.New(rand.NewPCG(uint64(seed), forLoadgen+uint64(block)<<8+uint64(workload))).Int64N(1<<31-1)
}

// DrawSeed picks a seed for a campaign that was given none. It is never 0 and short
// enough to be typed again.
func DrawSeed() int64 { return 1 + rand.Int64N(1<<31-1) }
