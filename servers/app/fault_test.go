package app

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// A faulty app remembers the last fault and how much of it was asked for.
type faulty struct {
	App
	fault  Fault
	amount uint64
	err    error
}

func newFaulty() *faulty {
	f := new(faulty)
	f.Fault = func(fault Fault, amount uint64) error {
		f.fault, f.amount = fault, amount
		return f.err
	}
	return f
}

func (f *faulty) post(path, query string) (rep Reply) {
	f.Serve(&Request{Method: "POST", Path: []byte(path), Query: []byte(query)}, &rep)
	return rep
}

func TestFaults(t *testing.T) {
	f := newFaulty()
	for _, c := range []struct {
		name, query string
		fault       Fault
		amount      uint64
	}{
		{"exit", "", Exit, 0},
		{"segv", "", Segv, 0},
		{"hang", "", Hang, 0},
		{"hang", "for=2s", Hang, uint64(2 * time.Second)},
		{"spin", "", Loop, 0},
		{"leak", "", Leak, 64 << 20},
		{"leak", "bytes=5", Leak, 5},
	} {
		rep := f.post("/fault/"+c.name, c.query)
		if rep.Job != ToFail || f.fault != 0 {
			t.Fatalf("%s: job %d, has gone wrong already: %v", c.name, rep.Job, f.fault != 0)
		}
		if f.Work(&rep); f.fault != c.fault || f.amount != c.amount || rep.Status != 200 {
			t.Errorf("%s?%s: fault %d of %d, then %d %q", c.name, c.query, f.fault, f.amount, rep.Status, rep.Body)
		}
		f.fault = 0
	}
	for _, bad := range []string{"exit?bytes=1", "segv?x", "hang?for=0s", "hang?for=1", "hang?for=11m", "hang?bytes=1", "leak?bytes=-1", "leak?bytes=2000000000"} {
		name, query, _ := strings.Cut(bad, "?")
		if rep := f.post("/fault/"+name, query); rep.Status != 400 || rep.Job != Nothing {
			t.Errorf("%s: %d %q, job %d", bad, rep.Status, rep.Body, rep.Job)
		}
	}
	f.err = errors.New("no shell")
	rep := f.post("/fault/hang", "for=1s")
	if f.Work(&rep); rep.Status != 500 || string(rep.Body) != "the fault: no shell\n" {
		t.Errorf("a fault that fails: %d %q", rep.Status, rep.Body)
	}
}

// Without the flag there are no such routes, and nobody is told of them.
func TestNoFaults(t *testing.T) {
	faults := newFaulty()
	for _, r := range routes {
		if r.fault == 0 {
			continue
		}
		for _, method := range []string{"POST", "GET", "OPTIONS"} {
			if rep := serve(method, r.path, "", ""); rep.Status != 404 || rep.Job != Nothing {
				t.Errorf("%s %s: %d", method, r.path, rep.Status)
			}
		}
		var with Reply
		faults.Serve(&Request{Method: "GET", Path: []byte("/")}, &with)
		if strings.Contains(string(serve("GET", "/", "", "").Body), r.path) || !strings.Contains(string(with.Body), r.path) {
			t.Errorf("%s is in the wrong index", r.path)
		}
	}
}
