package main

import (
	"container/heap"
	"sync"
	"sync/atomic"
	"time"

	"modelbench/servers/clock"
)

// Alarms wake the conversations of one loop at the times that they wait for. Under
// all of them is one timer of Go's, set for the earliest: an idle connection has
// a place in the heap and no timer of its own.
type alarms struct {
	mu    sync.Mutex // loop and timer
	set   alarmHeap
	timer *time.Timer // nil until the first
	fires clock.Time  // when the timer does; 0: it does not
}

// An alarm is a conversation's place among them.
type alarm struct {
	at    atomic.Int64 // a clock.Time; 0: none is set. Written under the lock
	place int          // in the heap, while one is set
}

// wake sets v's alarm, or moves it. Only v's loop calls it.
func (a *alarms) wake(v *conversation, at clock.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	was := v.alarm.at.Swap(int64(at))
	if was == 0 {
		heap.Push(&a.set, v)
	} else {
		heap.Fix(&a.set, v.alarm.place)
	}
	a.setTimer()
}

// drop takes v's alarm away, if there is one.
func (a *alarms) drop(v *conversation) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if v.alarm.at.Load() != 0 {
		heap.Remove(&a.set, v.alarm.place)
		v.alarm.at.Store(0)
	}
}

// setTimer sees to it that the timer fires no later than the first alarm. Too early
// does no harm, so one that is set is not put off.
func (a *alarms) setTimer() {
	if len(a.set) == 0 {
		return
	}
	first := clock.Time(a.set[0].alarm.at.Load())
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
	for now := clock.Now(); len(a.set) > 0 && clock.Time(a.set[0].alarm.at.Load()) <= now; {
		v := heap.Pop(&a.set).(*conversation)
		v.alarm.at.Store(0)
		v.gnet.Wake(nil) // only puts it into the loop's queue
	}
	a.setTimer()
}

// alarmHeap is for container/heap: the earliest first.
type alarmHeap []*conversation

func (h alarmHeap) Len() int           { return len(h) }
func (h alarmHeap) Less(i, j int) bool { return h[i].alarm.at.Load() < h[j].alarm.at.Load() }
func (h alarmHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].alarm.place, h[j].alarm.place = i, j
}
func (h *alarmHeap) Push(v any) {
	v.(*conversation).alarm.place = len(*h)
	*h = append(*h, v.(*conversation))
}
func (h *alarmHeap) Pop() any {
	last := len(*h) - 1
	v := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return v
}
