package servertest

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"modelbench/servers/servertest/cases"
)

// broken has a thousand clients reset their connections at random points of all
// sorts of requests, and a thousand close one way there and wait to be closed. The
// second round must leave the server as the first has: what is filled once (pools,
// tables) is no leak, what grows each time is.
func broken(t *testing.T, start start) {
	t.Parallel()
	n := crowd(t, 1000)
	s := start(t)
	idle := 0
	var after [2]int // bytes of memory
	var running [2]int
	for round := range after {
		load := StartLoad(t, s)
		load.Await(20)
		random := rand.New(rand.NewPCG(uint64(round), 1)) // the same requests and cuts in each run of the test
		resets(t, s, random, n)
		halfCloses(t, s, random, n)
		load.Await(20)
		for _, failure := range load.Stop() {
			t.Error(failure)
		}
		if round == 0 {
			idle = quietDescriptors(t, s)
			after[0], running[0] = memory(t, s), goroutines(s.Stats())
			continue
		}
		recovered(t, s, idle, after[0]+after[0]/4+4<<20)
		running[1] = goroutines(s.AwaitStats("as few goroutines as before", func(st Stats) bool { return goroutines(st) <= running[0]+5 })) // one or two belong to the look itself
		after[1] = memory(t, s)
	}
	t.Logf("%s: after the first round %d descriptors, %s, %d goroutines; after the second %s, %d",
		s.Model, idle, mib(after[0]), running[0], mib(after[1]), running[1])
}

// goroutines is how many the server's processes have.
func goroutines(st Stats) int {
	n := st.Process.Goroutines
	for _, p := range st.Parts {
		n += p.Worker.Process.Goroutines
	}
	return n
}

// fragment connects and sends a random beginning of something that a client might send, over
// HTTP or to the echo.
func fragment(t testing.TB, s *Server, random *rand.Rand) *rawClient {
	t.Helper()
	all, err := cases.All()
	if err != nil {
		t.Fatal(err)
	}
	some := [][]byte{
		[]byte(get("/task?bytes=1000000")),                                // a reply that takes a while
		[]byte(get("/task?wait=5ms&bytes=10") + get("/task?spin=100000")), // that waits, that computes
		bytes.Repeat([]byte(get("/plaintext")), 30),
	}
	in := all[random.IntN(len(all))].In
	if k := random.IntN(2 * len(some)); k < len(some) {
		in = some[k]
	}
	addr := s.HTTP
	if random.IntN(5) == 0 {
		addr = s.Echo
	}
	c := connectRaw(t, addr)

	c.send(in[:random.IntN(len(in)+1)])
	return c
}

// resets has n clients, some of whom have read a little, reset their connections.
func resets(t testing.TB, s *Server, random *rand.Rand, n int) {
	t.Helper()
	const atOnce = 50
	buf := make([]byte, 100)
	for range n / atOnce {
		var clients []*rawClient
		for range atOnce {
			c := fragment(t, s, random)
			clients = append(clients, c)
		}
		random.Shuffle(len(clients), func(i, j int) { clients[i], clients[j] = clients[j], clients[i] })
		for _, c := range clients {
			if random.IntN(2) == 0 {
				c.receive(buf)
			}
			c.reset()
		}
	}
}

// halfCloses has n clients say that they will send no more, and wait for the
// server to close too.
func halfCloses(t testing.TB, s *Server, random *rand.Rand, n int) {
	t.Helper()
	clients := make([]*rawClient, n)
	for i := range clients {
		clients[i] = fragment(t, s, random)
		clients[i].closeWrite()
	}
	buf := make([]byte, 64<<10)
	for deadline := time.Now().Add(limit); len(clients) > 0; time.Sleep(5 * time.Millisecond) {
		left := clients[:0]
		for _, c := range clients {
			for !c.ended && len(c.receive(buf)) > 0 {
			}
			if c.ended {
				c.close()
			} else {
				left = append(left, c)
			}
		}
		if clients = left; time.Now().After(deadline) {
			t.Fatalf("%d of %d clients that have closed one way are not closed by the server", len(left), n)
		}
	}
}
