package servertest

import (
	"bytes"
	"fmt"
	"testing"
	"time"
)

// slowloris has thousands of clients that send a head, or a body, one byte now and
// then. All must be answered 408 or closed when their time is up, whoever asks in
// earnest must be served meanwhile, and when they are gone nothing may be left of them.
func slowloris(t *testing.T, start start) {
	t.Parallel()
	n := 5000
	if raceEnabled {
		n = 1000 // so many cost as much then, and who asks in earnest has to be served in time
	}
	n = crowd(t, n)
	s := start(t, "--header-timeout=2s", "--request-timeout=4s")
	warmUp(t, s)
	idle, held := quietDescriptors(t, s), memory(t, s)
	load := StartLoad(t, s)
	load.Await(20)

	begins := []string{"", "GET /plaintext HTTP/1.1\r\nHost: x\r\nA: ", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n",
		"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n10000\r\n"}
	clients := make([]*rawClient, n)
	replies := make([][]byte, n)
	for i := range clients {
		clients[i] = connectRaw(t, s.HTTP)
		clients[i].send([]byte(begins[i%len(begins)]))
	}
	watched := watchMemory(t, s)
	buf, left := make([]byte, 4<<10), n
	for deadline := time.Now().Add(limit); left > 0 && time.Now().Before(deadline); time.Sleep(250 * time.Millisecond) {
		for i, c := range clients {
			if c.ended {
				continue
			}
			replies[i] = append(replies[i], c.receive(buf)...)
			if c.ended {
				c.close()
				left--
				continue
			}
			if c.send([]byte("a")); c.ended { // what the server has said before may still be there
				replies[i] = append(replies[i], c.receive(buf)...)
				c.close()
				left--
			}
		}
	}
	peak := watched.peak()
	told := 0
	for i, r := range replies {
		switch {
		case bytes.HasPrefix(r, []byte("HTTP/1.1 408 ")):
			told++
		case len(r) > 0:
			t.Fatalf("client %d was answered with %q", i, r)
		}
	}
	t.Logf("%s: %d of %d clients were answered 408, %d are left; idle %d descriptors, %s; peak %s", s.Model, told, n, left, idle, mib(held), mib(peak))
	if left > 0 || told < n/2 {
		t.Errorf("%d clients are left, and %d of %d were answered 408", left, told, n)
	}
	load.Await(20)
	for _, failure := range load.Stop() {
		t.Error(failure)
	}
	// What a process that had 5,000 connections keeps: maps, and the runtime's notes of
	// goroutines and threads that were.
	recovered(t, s, idle, held+(peak-held)/3+8<<20+len(tree(t, s))<<21)
}

// warmUp has the server do what it does but once.
func warmUp(t testing.TB, s *Server) {
	t.Helper()
	load := StartLoad(t, s)
	load.Await(100)
	if failed := load.Stop(); len(failed) > 0 {
		t.Fatal(failed)
	}
}

// quietDescriptors is how many descriptors the server has with nobody connected.
func quietDescriptors(t testing.TB, s *Server) int {
	t.Helper()
	s.AwaitStats("no connections", func(st Stats) bool { return st.Total.Open == 0 })
	least := descriptors(t, s)
	for range 20 { // the admin page's own connection may be on its way out
		time.Sleep(time.Millisecond)
		least = min(least, descriptors(t, s))
	}
	return least
}

// recovered waits until the server has no more descriptors than that, and (without
// the race detector, which has memory of its own) no more memory.
func recovered(t testing.TB, s *Server, idle, most int) {
	t.Helper()
	s.AwaitStats("no connections", func(st Stats) bool { return st.Total.Open == 0 })
	n, held := 0, 0
	until(t, func() bool { n = descriptors(t, s); return n <= idle }, func() string {
		return fmt.Sprintf("%d descriptors are open, and idle it had %d", n, idle)
	})
	if raceEnabled {
		return
	}
	until(t, func() bool { held = memory(t, s); return held <= most }, func() string {
		return fmt.Sprintf("%s are held, and %s would do", mib(held), mib(most))
	})
	t.Logf("%s: back at %d descriptors and %s", s.Model, n, mib(held))
}
