package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// endWithin bounds the wait for threads to be gone, which takes microseconds.
const endWithin = 10 * time.Second

// startThreads starts goroutines that are locked to kernel threads until n of these are new. The
// runtime keeps threads that have nothing to do and uses those first, so a goroutine that finds
// itself on an old one holds it, which takes it away from the others, and has another started
// in its place. A goroutine that ends while it is locked takes its thread with it, so no round
// finds those of the one before.
func startThreads(n int) (time.Duration, error) {
	old, err := threads()
	if err != nil {
		return 0, err
	}
	ready, quit := make(chan int, n), make(chan struct{})
	var all sync.WaitGroup
	var one func()
	one = func() {
		runtime.LockOSThread()
		tid := unix.Gettid()
		if old[tid] {
			all.Go(one)
			<-quit
			runtime.UnlockOSThread()
			return
		}
		ready <- tid
		<-quit
	}
	begin := time.Now()
	for range n {
		all.Go(one)
	}
	fresh := make(map[int]bool, n)
	for range n {
		fresh[<-ready] = true
	}
	took := time.Since(begin)
	now, err := threads()
	close(quit)
	all.Wait()
	if err != nil {
		return 0, err
	}
	for tid := range fresh {
		if !now[tid] {
			return 0, fmt.Errorf("thread %d was not there when all of them were", tid)
		}
	}
	if len(fresh) != n {
		return 0, fmt.Errorf("they had only %d threads", len(fresh))
	}
	return took, ended(fresh)
}

// ended waits until none of the threads is there any more: a goroutine is gone before its thread is.
func ended(tids map[int]bool) error {
	for deadline := time.Now().Add(endWithin); ; time.Sleep(100 * time.Microsecond) {
		now, err := threads()
		if err != nil {
			return err
		}
		left := 0
		for tid := range tids {
			if now[tid] {
				left++
			}
		}
		if left == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d threads are still there after %v", left, endWithin)
		}
	}
}

// threads lists this process's.
func threads() (map[int]bool, error) {
	dir, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return nil, err
	}
	all := make(map[int]bool, len(dir))
	for _, d := range dir {
		tid, err := strconv.Atoi(d.Name())
		if err != nil {
			return nil, fmt.Errorf("/proc/self/task: %w", err)
		}
		all[tid] = true
	}
	return all, nil
}
