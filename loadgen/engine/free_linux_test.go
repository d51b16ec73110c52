package engine

import (
	"testing"

	"pgregory.net/rapid"
)

// Against a list from which the credits of a lost connection are taken at once.
func TestFreeList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const slots, depth = 4, 3
		conns := make([]conn, slots)
		var f freeList
		f.init(conns, slots*depth)
		type entry struct {
			slot  int32
			since int64
		}
		var want []entry
		var lost [slots]bool
		for i := range conns {
			conns[i].slot, conns[i].gen = int32(i), 1
		}
		for now := range rapid.Int64Range(0, 300).Draw(t, "steps") {
			c := &conns[rapid.IntRange(0, slots-1).Draw(t, "slot")]
			switch rapid.IntRange(0, 2).Draw(t, "what") {
			case 0:
				if c.credits < depth {
					if lost[c.slot] { // a credit is given to a connection, so to a later generation
						lost[c.slot] = false
						c.gen++
					}
					f.push(c, now)
					want = append(want, entry{c.slot, now})
				}
			case 1:
				if f.len() > 0 {
					got, since := f.pop()
					if (entry{got.slot, since}) != want[0] {
						t.Fatalf("popped slot %d since %d, want %+v", got.slot, since, want[0])
					}
					want = want[1:]
				}
			case 2:
				f.forget(c)
				lost[c.slot] = true
				kept := want[:0]
				for _, e := range want {
					if e.slot != c.slot {
						kept = append(kept, e)
					}
				}
				want = kept
			}
			if f.len() != len(want) {
				t.Fatalf("%d credits, want %d", f.len(), len(want))
			}
		}
	})
}

// Thousands of connections that break together cost a look at each, not at each other.
func BenchmarkFreeListForget(b *testing.B) {
	conns := make([]conn, 10000)
	var f freeList
	f.init(conns, len(conns))
	for i := range conns {
		conns[i].slot = int32(i)
		f.push(&conns[i], 0)
	}
	i := 0
	for b.Loop() {
		c := &conns[i%len(conns)]
		f.forget(c)
		c.gen++
		f.push(c, 0)
		i++
	}
}
