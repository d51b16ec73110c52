package campaign

import (
	"slices"
	"strconv"
	"testing"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestOrderIsTheSeedsAlone(t *testing.T) {
	t.Parallel()
	const seed, blocks, n = 7, 40, 5
	first := make(map[int]int) // how often each workload comes first
	var orders []string
	for block := 1; block <= blocks; block++ {
		order := Order(seed, block, n)
		if !slices.Equal(order, Order(seed, block, n)) {
			t.Fatalf("block %d: two orders from one seed", block)
		}
		sorted := slices.Sorted(slices.Values(order))
		if !slices.Equal(sorted, []int{0, 1, 2, 3, 4}) {
			t.Fatalf("block %d: %v is not every workload once", block, order)
		}
		first[order[0]]++
		text := ""
		for _, i := range order {
			text += itoa(i)
		}
		orders = append(orders, text)
	}
	if len(first) != n {
		t.Errorf("in %d blocks only these came first: %v", blocks, first)
	}
	// Golden: a recorded campaign must be repeatable by a later version.
	if got := orders[:4]; !slices.Equal(got, []string{"40123", "01243", "42103", "43120"}) {
		t.Errorf("seed %d gives %q", seed, got)
	}
}

func TestOrderOfTargetsIsTheSeedsAlone(t *testing.T) {
	t.Parallel()
	var orders []string
	for block := 1; block <= 4; block++ {
		text := ""
		for _, i := range aloneOrder(7, block, 2, 5) {
			text += itoa(i)
		}
		orders = append(orders, text)
	}
	// Golden: see above.
	if !slices.Equal(orders, []string{"32410", "23014", "12403", "31204"}) {
		t.Errorf("seed 7 gives %q", orders)
	}
	if slices.Equal(aloneOrder(7, 1, 2, 40), aloneOrder(7, 1, 3, 40)) {
		t.Error("two workloads have the same order")
	}
}

func TestSeedsDiffer(t *testing.T) {
	t.Parallel()
	seen := map[int64]string{}
	for seed := int64(1); seed <= 3; seed++ {
		for block := range 10 {
			for workload := range 6 {
				s := loadgenSeed(seed, block, workload)
				at := itoa(int(seed)) + "/" + itoa(block) + "/" + itoa(workload)
				if other, twice := seen[s]; twice {
					t.Errorf("%s and %s both have %d", other, at, s)
				}
				if s < 1 || s >= 1<<31 {
					t.Errorf("%s has %d", at, s)
				}
				seen[s] = at
			}
		}
	}
	for range 1000 {
		if s := DrawSeed(); s < 1 || s >= 1<<31 {
			t.Fatalf("drew %d", s)
		}
	}
}
