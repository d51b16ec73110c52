package main

import (
	"testing"
	"time"
)

func TestMovement(t *testing.T) {
	t.Parallel()
	const step = quietFor / 4
	for name, tt := range map[string]struct {
		bytes []uint64
		quiet int // index of the first quiet reading, -1: none
	}{
		"still":       {[]uint64{100, 100, 100, 100, 100, 100}, 4},
		"within":      {[]uint64{1000, 1010, 1000, 1005, 1001}, 4},
		"grows, ends": {[]uint64{100, 140, 150, 150, 150, 150, 150}, 6},
		"creeps":      {[]uint64{1000, 1009, 1018, 1027, 1036, 1045, 1054}, -1}, // each step is small, all together are not
		"falls":       {[]uint64{1000, 900, 800, 700, 600, 500}, -1},
		"nothing":     {[]uint64{0, 0, 0, 0, 0}, 4},
		"too short":   {[]uint64{100, 100, 100, 100}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var m movement
			first := -1
			for i, bytes := range tt.bytes {
				if m.add(time.Duration(i)*step, bytes) && first < 0 {
					first = i
				}
			}
			if first != tt.quiet {
				t.Errorf("quiet at reading %d, want %d", first, tt.quiet)
			}
		})
	}
}

func TestPerConnection(t *testing.T) {
	t.Parallel()
	if got := perConnection(settled{bytes: 1000}, settled{bytes: 500}, 10); got != -50 {
		t.Errorf("%v", got)
	}
}
