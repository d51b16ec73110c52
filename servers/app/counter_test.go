package app

import (
	"errors"
	"sync"
	"testing"
)

// ask sends a request for /count.
func ask(a *App, method string) Reply {
	var rep Reply
	a.Serve(&Request{Method: method, Path: []byte("/count")}, &rep)
	return rep
}

func TestCount(t *testing.T) {
	for name, c := range map[string]Counter{"none": nil, "racy": new(Racy), "mutex": new(Mutex), "atomic": new(Atomic)} {
		a := &App{Counter: c}
		for i, step := range []struct{ method, want string }{{"GET", "0\n"}, {"POST", "1\n"}, {"POST", "2\n"}, {"GET", "2\n"}} {
			if rep := ask(a, step.method); string(rep.Text(nil)) != step.want || rep.Status != 200 {
				t.Errorf("%s: step %d: %d %q, want %q", name, i, rep.Status, rep.Text(nil), step.want)
			}
		}
	}
}

// What many count at once is all there in the end, and no number is given out
// twice; only with Racy may it be.
func TestCountAtOnce(t *testing.T) {
	const clients, each = 8, 2000
	for name, c := range map[string]Counter{"racy": new(Racy), "mutex": new(Mutex), "atomic": new(Atomic)} {
		a := &App{Counter: c}
		var given sync.Map
		var running sync.WaitGroup
		for range clients {
			running.Go(func() {
				for range each {
					n := ask(a, "POST").Number
					if _, twice := given.LoadOrStore(n, true); twice && name != "racy" || n < 1 || n > clients*each {
						t.Errorf("%s: %d was given out", name, n)
					}
				}
			})
		}
		running.Wait()
		if n := ask(a, "GET").Number; n != clients*each && name != "racy" || n < 1 || n > clients*each {
			t.Errorf("%s: %d in the end, of %d", name, n, clients*each)
		}
	}
}

// remote is a counter that takes its time, and may fail.
type remote struct {
	Atomic
	err error
}

func (r *remote) Add() (uint64, error) {
	if r.err != nil {
		return 0, r.err
	}
	return r.Atomic.Add()
}

func TestCountRemote(t *testing.T) {
	c := new(remote)
	a := &App{Counter: c, Remote: true}
	rep := ask(a, "POST")
	if n, _ := c.Load(); rep.Job != ToAdd || n != 0 {
		t.Fatalf("Serve has asked: %+v", rep)
	}
	if a.Work(&rep); rep.Status != 200 || string(rep.Text(nil)) != "1\n" || rep.Job != Nothing {
		t.Errorf("%d %q, to do %d", rep.Status, rep.Text(nil), rep.Job)
	}
	c.err = errors.New("out of numbers")
	rep = ask(a, "POST")
	if a.Work(&rep); rep.Status != 503 || string(rep.Text(nil)) != "the counter: out of numbers\n" || rep.Job != Nothing {
		t.Errorf("%d %q, to do %d", rep.Status, rep.Text(nil), rep.Job)
	}
}
