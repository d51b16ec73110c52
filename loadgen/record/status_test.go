package record

import (
	"reflect"
	"testing"
)

func TestStatusCounts(t *testing.T) {
	var a, b Samples
	a.Statuses[503], a.Statuses[500], a.Statuses[404], a.Errors[Status] = 2, 5, 2, 9
	b.Statuses[503], b.Errors[Status] = 1, 1
	a.Merge(&b)
	want := []StatusCount{{500, 5}, {503, 3}, {404, 2}}
	if got := a.StatusCounts(); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if a.Reset(); a.StatusCounts() != nil {
		t.Errorf("%v are left after Reset", a.StatusCounts())
	}
}
