package main

import (
	"container/heap"
	"sync"
	"time"

	"modelbench/servers/clock"
)

// Alarms wake the conversations of one loop at the times that they wait for. Under
// all of them is one timer of Go's, set for the earliest: an idle connection has
// a place in the heap and no timer of its own.
type alarms struct {
	mu    sync.Mutex // for these and for what conversations keep of their alarms: loop and timer
	set   alarmHeap
	timer *time.Timer         // nil until the first
	fires clock.Time          // when the timer does; 0: it does not
	due   func(*conversation) // has the loop look at it; called by any goroutine
}

// wake sets v's alarm, or moves it. Only v's loop calls it.
func (a *alarms) wake(v *conversation, at clock.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	was := v.alarm.Swap(int64(at))
	if was == 0 {
		heap.Push(&a.set, v)
	} else {
		heap.Fix(&a.set, int(v.place))
	}
	a.setTimer()
}

// drop takes v's alarm away, if there is one.
func (a *alarms) drop(v *conversation) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if v.alarm.Load() != 0 {
		heap.Remove(&a.set, int(v.place))
		v.alarm.Store(0)
	}
}

// setTimer sees to it that the timer fires no later than the first alarm. Too early
// does no harm, so one that is set is not put off.
func (a *alarms) setTimer() {
	if len(a.set) == 0 {
		return
	}
	first := clock.Time(a.set[0].alarm.Load())
	if a.fires != 0 && a.fires <= first {
		return
	}
	a.fires = first
	in := max(first.Until(clock.Now()), 0)
	if a.timer == nil {
		a.timer = time.AfterFunc(in, a.ring)
		return
	}
	a.timer.Reset(in)
}

// ring has the loop hear of those whose time has come.
func (a *alarms) ring() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fires = 0
	for now := clock.Now(); len(a.set) > 0 && clock.Time(a.set[0].alarm.Load()) <= now; {
		v := heap.Pop(&a.set).(*conversation)
		v.alarm.Store(0)
		a.due(v)
	}
	a.setTimer()
}

// alarmHeap is for container/heap: the earliest first.
type alarmHeap []*conversation

func (h alarmHeap) Len() int           { return len(h) }
func (h alarmHeap) Less(i, j int) bool { return h[i].alarm.Load() < h[j].alarm.Load() }
func (h alarmHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = int32(i), int32(j)
}
func (h *alarmHeap) Push(v any) {
	v.(*conversation).place = int32(len(*h))
	*h = append(*h, v.(*conversation))
}
func (h *alarmHeap) Pop() any {
	last := len(*h) - 1
	v := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return v
}
