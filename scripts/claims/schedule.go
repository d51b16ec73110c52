package main

import (
	"slices"
	"time"

	"modelbench/results/claims"
	"modelbench/scripts/campaign"
)

const (
	// enoughBlocks are the least with which a paired comparison can reach p < 0.05.
	enoughBlocks = 6

	judging  = 2 * time.Second         // kept back at the end, to judge and to print
	between  = time.Second             // of an experiment: its executables are copied, and what it came to is written down
	keptBack = 1500 * time.Millisecond // by a campaign, for its end
	finest   = 100 * time.Millisecond
	longest  = time.Hour // that least looks for
	planLess = 40        // a plan leaves a fortieth of its time to blocks that take longer
)

// cost is what the blocks of a campaign take.
type cost struct {
	cfg    campaign.Config
	blocks int           // that its file asks for
	once   time.Duration // what is paid whatever the number of blocks
	block  time.Duration // one of them, as long as the file's budget makes it
}

// costOf finds a campaign's cost from the budget and the blocks that its file has.
func costOf(cfg campaign.Config) (cost, error) {
	p, err := cfg.Plan()
	if err != nil {
		return cost{}, err
	}
	c := cost{cfg: cfg, blocks: p.Blocks, block: p.Block}
	c.once = max(0, p.Total-time.Duration(p.Blocks)*p.Block)
	return c, nil
}

// full is the budget for so many blocks of the file's length.
func (c cost) full(blocks int) time.Duration {
	return c.once + keptBack + time.Duration(blocks)*c.block*planLess/(planLess-1) + finest
}

// least is the smallest budget for so many blocks, which are as short as can be; longest, if there is none.
func (c cost) least(blocks int) time.Duration {
	lo, hi := time.Duration(0), longest // too little, enough
	for hi-lo > finest {
		mid := (lo + hi) / 2
		if c.holds(mid, blocks) {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi
}

// holds tells whether a budget is enough for so many blocks.
func (c cost) holds(budget time.Duration, blocks int) bool {
	if budget <= 0 {
		return false
	}
	cfg := c.cfg
	cfg.Budget, cfg.Blocks = budget, blocks
	p, err := cfg.Plan()
	return err == nil && p.Blocks >= blocks
}

// share is what a task is given of the time.
type share struct {
	blocks int // 0: it is dropped
	budget time.Duration
	spare  time.Duration // that nobody else is to have, for blocks that take longer than planned
}

// fit is the share of a task that begins with so much time left: the blocks it wants, or as many as there is time for, or none
// if those were too few to say anything.
func (t task) fit(left time.Duration) share {
	left -= between
	for n := t.want; n >= max(1, t.least); n-- {
		if budget := t.cost.full(n); budget <= left {
			return share{blocks: n, budget: budget}
		}
	}
	return share{}
}

// cut is what is left of a share when there is less time than was planned: as many of its blocks as fit with shorter trials, or
// none if those were too few.
func (t task) cut(s share, left time.Duration) share {
	if left -= between; s.budget <= left {
		return s
	}
	for n := s.blocks; n >= min(t.least, s.blocks); n-- {
		if t.cost.holds(left, n) {
			return share{blocks: n, budget: left}
		}
	}
	return share{}
}

// sharesOf plans tasks in the way that suits what is wanted of them.
func sharesOf(tasks []task, budget time.Duration, p pick) []share {
	if p.claims == nil {
		return inTurn(tasks, budget)
	}
	own := slices.IndexFunc(tasks, func(t task) bool { return t.rank == twin })
	if own < 0 {
		return evenly(tasks, budget, p.blocks)
	}
	// The twins have half of the time, so that nothing that is decided suffers from them.
	rest := slices.IndexFunc(tasks, func(t task) bool { return t.rank == descriptive })
	if rest < 0 {
		rest = len(tasks)
	}
	ours := evenly(slices.Concat(tasks[:own], tasks[rest:]), budget/2, p.blocks)
	return slices.Concat(ours[:own], evenly(tasks[own:rest], budget/2, p.blocks), ours[own:])
}

// inTime are the tasks that are picked. Claims for all of whose tests there is no time are left those that decide: bare says so.
func inTime(set claims.Set, p pick, budget time.Duration) (tasks []task, bare bool, err error) {
	tasks, err = tasksOf(set, p)
	least := enoughBlocks
	if p.blocks > 0 {
		least = min(least, p.blocks)
	}
	few := func(s share) bool { return s.blocks < least }
	if err != nil || p.claims == nil || p.feet != nil || p.bare || !slices.ContainsFunc(sharesOf(tasks, budget, p), few) {
		return tasks, p.bare, err
	}
	p.bare = true
	tasks, err = tasksOf(set, p)
	return tasks, true, err
}

// leastOf is the budget that all of these take with the fewest and shortest blocks that decide anything.
func leastOf(tasks []task) time.Duration {
	return judging + sum(tasks, func(t task) time.Duration { return t.cost.least(min(enoughBlocks, t.want)) + between })
}

// inTurn plans tasks one after the other, each with what it wants as long as there is time: those at the end are dropped.
func inTurn(tasks []task, total time.Duration) []share {
	left := total - judging
	shares := make([]share, len(tasks))
	for i, t := range tasks {
		if shares[i] = t.fit(left); shares[i].blocks > 0 {
			left -= shares[i].budget + between
		}
	}
	return shares
}

// evenly plans tasks such that all are run with the same number of blocks, for claims that need each of them: as many blocks as
// fit up to what is wanted, and shorter ones where not even the least number fits. Only if these do not fit either, the
// last ones are dropped. want of 0 leaves the number to the time.
func evenly(tasks []task, total time.Duration, want int) []share {
	most, least := 0, enoughBlocks
	for _, t := range tasks {
		most = max(most, t.want)
	}
	if want > 0 {
		most, least = want, min(want, enoughBlocks)
	}
	shares := make([]share, len(tasks))
	left := func(n int) time.Duration { return total - judging - time.Duration(n)*between }
	for n := most; n >= least; n-- {
		if sum(tasks, func(t task) time.Duration { return t.cost.full(n) }) <= left(len(tasks)) {
			for i, t := range tasks {
				shares[i] = share{blocks: n, budget: t.cost.full(n)}
			}
			return shares
		}
	}
	for n := least; n >= 1; n-- {
		for some := tasks; len(some) > 0; some = some[:len(some)-1] {
			need := sum(some, func(t task) time.Duration { return t.cost.least(n) })
			if spare := left(len(some)) - need; spare >= 0 {
				wish := sum(some, func(t task) time.Duration { return max(1, t.cost.full(n)-t.cost.least(n)) })
				for i, t := range some {
					mine := float64(max(1, t.cost.full(n)-t.cost.least(n))) / float64(wish)
					shares[i] = share{blocks: n, budget: t.cost.least(n) + time.Duration(mine*float64(min(spare, wish)))}
				}
				return shares
			}
		}
	}
	return shares
}

func sum(tasks []task, of func(task) time.Duration) (total time.Duration) {
	for _, t := range tasks {
		total += of(t)
	}
	return total
}
