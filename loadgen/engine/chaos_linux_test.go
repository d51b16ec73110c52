package engine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"modelbench/loadgen/record"
)

// A chaos is a load drawn from a seed, on a server whose conduct is drawn for every
// request: good ones two times out of three, else whatever there is.
type chaos struct {
	seed uint64
	rng  *rand.Rand
	plan Plan

	patience time.Duration // the timeout of a rough plan
}

func newChaos(seed uint64) *chaos {
	rng := rand.New(rand.NewPCG(seed, 0x6368616f73))
	return &chaos{seed: seed, rng: rng, patience: 60 * time.Millisecond, plan: Plan{
		Connections: 1 + rng.IntN(6),
		Threads:     1 + rng.IntN(3),
		NoKeepalive: rng.IntN(3) == 0,
		Rate:        float64(rng.IntN(2) * 3000),
		Idle:        rng.IntN(3),
		Duration:    bound,
		Timeout:     bound,
	}}
}

// rough makes a plan in which requests are given up: pipelined, and with little patience.
func (c *chaos) rough() {
	c.plan.Timeout = c.patience
	if !c.plan.NoKeepalive {
		c.plan.Pipeline = 1 + c.rng.IntN(4)
	}
}

func (c *chaos) String() string {
	return fmt.Sprintf("seed %d: %d connections, %d threads, pipeline %d, rate %g, keepalive %v",
		c.seed, c.plan.Connections, c.plan.Threads, c.plan.Pipeline, c.plan.Rate, !c.plan.NoKeepalive)
}

// pick draws a conduct.
func pick(rng *rand.Rand, allowed func(*conduct) bool) *conduct {
	decent := rng.IntN(3) > 0
	for {
		d := &conducts[rng.IntN(len(conducts))]
		if !d.head && allowed(d) && (!decent || d.want == good && !d.unasked) {
			return d
		}
	}
}

// eachSeed tries n seeds, and with longer patience those whose server it could not reach.
func eachSeed(t *testing.T, n uint64, try func(t *testing.T, c *chaos) error) {
	const groups = 4
	for group := range uint64(groups) {
		t.Run(fmt.Sprintf("seeds %d mod %d", group, groups), func(t *testing.T) {
			t.Parallel()
			for seed := group; seed < n; seed += groups {
				longEnough(t, 60*time.Millisecond, func(patience time.Duration) string {
					c := newChaos(seed)
					c.patience = patience
					switch err := try(t, c); {
					case errors.Is(err, unix.ETIMEDOUT):
						return err.Error()
					case err != nil:
						t.Errorf("%v: %v", c, err)
					}
					return ""
				})
			}
		})
	}
}

// As long as no request is given up, every one ends as the server meant it to: the
// counts of both sides are the same, whatever came before it on its connection.
func TestChaosExactly(t *testing.T) {
	eachSeed(t, 80, func(t *testing.T, c *chaos) error {
		server := behave(t, func(_ *fake, rng *rand.Rand) *conduct {
			return pick(rng, func(d *conduct) bool { return d.want != record.Timeout })
		})
		c.plan.Targets, c.plan.Requests = []Target{httpTarget(t, "a", server)}, uint64(1+c.rng.IntN(40))
		s := &mustRun(t, c.plan).Targets[0]
		server.end()
		if int64(s.Completed) != server.did[good].Load() || s.Due != c.plan.Requests || s.Unfinished > 0 || s.IdleClosed > 0 {
			t.Errorf("%v: due %d, completed %d, unfinished %d, closed while idle %d; the server has served %d well",
				c, s.Due, s.Completed, s.Unfinished, s.IdleClosed, server.did[good].Load())
		}
		for k := range record.Kinds {
			if int64(s.Errors[k]) != server.did[k].Load() {
				t.Errorf("%v: %d err_%s, by the server's count %d", c, s.Errors[k], k, server.did[k].Load())
			}
		}
		return nil
	})
}

// sandwich checks what holds however a run ends: no request is lost or invented, and the
// successes claimed lie between what the server knows to have served well and that less
// what was under way when connections ended before their time: each lost one reply.
func (c *chaos) sandwich(t *testing.T, rep *Report, server *fake, ends int) {
	t.Helper()
	checkBalance(t, rep)
	s, served := &rep.Targets[0], server.did[good].Load()
	if int64(s.Completed) > served {
		t.Errorf("%v: completed %d, and the server has served %d", c, s.Completed, served)
	}
	lost := int64(ends*c.plan.Connections) + int64(s.Errors[record.Timeout])
	if c.plan.Pipeline <= 1 && int64(s.Completed) < served-lost {
		t.Errorf("%v: completed %d of %d that were served, errors %v", c, s.Completed, served, s.Errors)
	}
}

// answersOne leaves out what cannot be told in a pipeline: a second reply for one request
// is the answer to the next.
func (c *chaos) answersOne(d *conduct) bool { return c.plan.Pipeline <= 1 || !d.unasked }

// The run is interrupted at a random request, whatever state it is in.
func TestChaosInterrupted(t *testing.T) {
	eachSeed(t, 40, func(t *testing.T, c *chaos) error {
		c.rough()
		ctx, cancel := context.WithTimeout(context.Background(), bound)
		defer cancel()
		last := int64(1 + c.rng.IntN(60))
		server := behave(t, func(f *fake, rng *rand.Rand) *conduct {
			if f.requests.Load() >= last {
				cancel()
			}
			return pick(rng, c.answersOne)
		})
		c.plan.Targets = []Target{httpTarget(t, "a", server)}
		rep, err := carryOut(ctx, c.plan)
		server.end()
		if err != nil {
			return err
		}
		c.sandwich(t, rep, server, 1)
		if !rep.Interrupted || context.Cause(ctx) != context.Canceled {
			t.Errorf("%v: interrupted: %v, because of %v", c, rep.Interrupted, context.Cause(ctx))
		}
		return nil
	})
}

// The server dies at a random request, for good or to come back on the same port.
func TestChaosServerDies(t *testing.T) {
	eachSeed(t, 40, func(t *testing.T, c *chaos) error {
		c.rough()
		c.plan.Duration = 100 * time.Millisecond
		last, back := int64(1+c.rng.IntN(60)), c.seed%2 == 0
		server := behaveAt(t, ownAddr(c.rng), func(f *fake, rng *rand.Rand) *conduct {
			if f.requests.Load() == last {
				f.die()
				if back {
					if err := f.listen(); err != nil {
						t.Error(err)
					}
				}
			}
			return pick(rng, c.answersOne)
		})
		c.plan.Targets = []Target{httpTarget(t, "a", server)}
		ctx, cancel := context.WithTimeout(context.Background(), bound)
		defer cancel()
		rep, err := carryOut(ctx, c.plan)
		server.end()
		if err != nil {
			return err
		}
		if c.sandwich(t, rep, server, 2); rep.Interrupted {
			t.Errorf("%v: had to be stopped after %v", c, bound)
		}
		return nil
	})
}

// ownAddr returns an address whose ports nobody else uses meanwhile, so that a server can
// come back on the one it had.
func ownAddr(rng *rand.Rand) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, byte(1 + rng.IntN(254)), byte(rng.IntN(256)), byte(1 + rng.IntN(254))}), 0)
}
