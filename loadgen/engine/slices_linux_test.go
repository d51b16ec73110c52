package engine

import (
	"reflect"
	"testing"
	"time"
)

// Threads that are stopped at the edge of a part have not all begun the next one.
func TestStoppedAtAnEdge(t *testing.T) {
	short := []Slice{{Start: 5, Measured: 299 * time.Millisecond, Replies: 3, Left: 4, Failed: 1, ClientCPU: 10}}
	long := []Slice{{Start: 5, Measured: 300 * time.Millisecond, Replies: 1, Left: 2, ClientCPU: 20}, {Start: 305, Measured: 10 * time.Millisecond, Replies: 1, Left: 1, ClientCPU: 2}}
	want := []Slice{{Start: 0, Measured: 300 * time.Millisecond, Replies: 4, Left: 6, Failed: 1, ClientCPU: 30}, {Start: 300, Measured: 10 * time.Millisecond, Replies: 1, Left: 1, ClientCPU: 2}}
	for _, parts := range [][2][]Slice{{short, long}, {long, short}} {
		r := &run{base: 5}
		for _, slices := range parts {
			r.threads = append(r.threads, &thread{tally: tally{slices: append([]Slice(nil), slices...)}})
		}
		if got := r.slices(); !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}
