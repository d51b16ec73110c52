package uring

import (
	"bytes"
	"testing"

	"golang.org/x/sys/unix"
)

// The buffers run out in the middle of a stream, are given back and asked for again: no
// byte is lost and the order is kept.
func TestRecvRunsOutOfBuffers(t *testing.T) {
	r := start(t, Sizes{8, 16})
	b, err := r.NewBuffers(7, 4, 16)
	if err != nil {
		t.Fatal(err)
	}
	ours, peer := pair(t)
	r.Next().Recv(int32(ours), 7, 1)
	silent(t, r)
	var want, got []byte
	for i := range 300 {
		want = append(want, byte(i))
	}
	if _, err := unix.Write(peer, want); err != nil {
		t.Fatal(err)
	}
	unix.Shutdown(peer, unix.SHUT_WR)
	ranOut, ended := 0, false
	for !ended {
		for _, c := range collectSome(t, r) {
			id, ok := c.Buffer()
			if ok {
				got = append(got, b.Bytes(id, int(c.Res))...)
				b.Return(id)
			}
			switch {
			case c.Res == 0:
				ended = true
				if c.More() {
					t.Errorf("the end goes on: %+v", c)
				}
			case unix.Errno(-c.Res) == unix.ENOBUFS:
				ranOut++
				if ok || c.More() {
					t.Errorf("no buffers: %+v", c)
				}
				r.Next().Recv(int32(ours), 7, 1)
			case c.Res < 0 || !ok || c.Data != 1:
				t.Fatalf("completion %+v", c)
			}
		}
		b.Publish()
	}
	if !bytes.Equal(got, want) {
		t.Errorf("received %d bytes, want %d, or not the same", len(got), len(want))
	}
	if ranOut == 0 {
		t.Error("300 bytes fitted into 4 buffers of 16")
	}
}

// collectSome waits for a completion and takes all that are there off the ring.
func collectSome(t *testing.T, r *Ring) []CQE {
	t.Helper()
	for len(r.Completions()) == 0 {
		if err := r.Wait(bound); err != nil {
			t.Fatal(err)
		}
	}
	all := append([]CQE(nil), r.Completions()...)
	r.Seen(len(all))
	return all
}

// One request serves many arrivals, of one socket and of several, from one group.
func TestRecvGoesOn(t *testing.T) {
	r := start(t, Sizes{8, 16})
	b, err := r.NewBuffers(0, 8, 64)
	if err != nil {
		t.Fatal(err)
	}
	var peers [3]int
	for i := range peers {
		ours, peer := pair(t)
		peers[i] = peer
		r.Next().Recv(int32(ours), 0, uint64(i))
	}
	silent(t, r)
	for round := range 50 {
		for i, peer := range peers {
			if _, err := unix.Write(peer, []byte{byte(round), byte(i)}); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range collect(t, r, len(peers)) {
			id, ok := c.Buffer()
			if !ok || !c.More() || c.Res != 2 {
				t.Fatalf("completion %+v", c)
			}
			if p := b.Bytes(id, 2); p[0] != byte(round) || p[1] != byte(c.Data) {
				t.Errorf("round %d, socket %d: received %v", round, c.Data, p)
			}
			b.Return(id)
		}
		b.Publish()
	}
}

func TestBuffersRefused(t *testing.T) {
	r := start(t, Sizes{4, 8})
	for _, c := range []struct{ count, size int }{{0, 1}, {3, 1}, {-1, 1}, {1 << 16, 1}, {1, 0}} {
		if _, err := r.NewBuffers(0, c.count, c.size); err == nil {
			t.Errorf("%d buffers of %d bytes were accepted", c.count, c.size)
		}
	}
	if _, err := r.NewBuffers(0, 1, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := r.NewBuffers(0, 1, 1); err == nil {
		t.Error("a group was registered twice")
	}
}

// Requests and completions cost no allocation.
func TestNoAllocation(t *testing.T) {
	r := start(t, Sizes{8, 16})
	b, err := r.NewBuffers(0, 8, 64)
	if err != nil {
		t.Fatal(err)
	}
	ours, peer := pair(t)
	r.Next().Recv(int32(ours), 0, 1)
	silent(t, r)
	hello := []byte("hello")
	allocs := testing.AllocsPerRun(100, func() {
		r.Next().SendNow(int32(peer), hello, 2)
		for len(r.Completions()) == 0 {
			if r.Wait(bound) != nil {
				return
			}
		}
		for _, c := range r.Completions() {
			if id, ok := c.Buffer(); ok {
				b.Return(id)
			}
		}
		r.Seen(len(r.Completions()))
		b.Publish()
	})
	if allocs != 0 {
		t.Errorf("%v allocations per round trip", allocs)
	}
}
