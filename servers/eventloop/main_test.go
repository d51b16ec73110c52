package main

import (
	"io"
	"strings"
	"testing"
	"time"

	"modelbench/servers/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m, main) }

func TestServer(t *testing.T) {
	const held = "a wait holds the loop, which is the mistake that --block-loop is"
	servertest.Run(t,
		servertest.Variant{Flags: []string{"--loops=1", "--procs=1"}, Spared: map[string]string{
			"slowloris":               "loops have nothing in common that their number would change",
			"broken connections":      "loops have nothing in common that their number would change",
			"clients that never read": "loops have nothing in common that their number would change",
		}},
		servertest.Variant{Flags: []string{"--offload=2"}, Spared: map[string]string{
			"slowloris":               "slow clients ask for nothing that the pool does",
			"clients that never read": "they ask for nothing that the pool does",
		}, Except: map[string]string{
			"no garbage": "for each spin there is a goroutine, and what comes of it is kept until the loop takes it",
		}},
		servertest.Variant{Flags: []string{"--block-loop"}, Spared: map[string]string{
			"slowloris":               "slow clients ask for no pause",
			"broken connections":      "they wait for 5 ms at most",
			"clients that never read": "they ask for no pause",
		}, Except: map[string]string{
			"waits do not hold others up": held,
			"half-close":                  held + ", so the reply is out before the end is read",
			"sending ahead":               held + ", so nothing is read meanwhile",
			"drain":                       held,
			"drain gives up":              held,
			"second signal":               held,
		}})
}

// computes for longer than any test lasts.
const endless = "GET /task?spin=10000000000 HTTP/1.1\r\nHost: x\r\n\r\n"

// answers sends a quick request and reports whether it is answered within d.
func answers(t *testing.T, s *servertest.Server, d time.Duration) bool {
	t.Helper()
	c := servertest.Dial(t, s.HTTP)
	io.WriteString(c, "GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n")
	c.SetReadDeadline(time.Now().Add(d))
	_, err := io.ReadFull(c, make([]byte, 1))
	return err == nil
}

// A request that comes while the pool computes for the one before is answered after
// it: nothing else will wake the loop for it.
func TestOffloadPipelined(t *testing.T) {
	t.Parallel()
	c := servertest.Dial(t, servertest.Start(t, "--loops=1", "--offload=1").HTTP)
	const rest = " HTTP/1.1\r\nHost: x\r\n"
	io.WriteString(c, "GET /task?spin=1000"+rest+"\r\nGET /plaintext"+rest+"\r\nGET /task?spin=1"+rest+"\r\nGET /json"+rest+"Connection: close\r\n\r\n")
	said, err := io.ReadAll(c)
	if n := strings.Count(string(said), "HTTP/1.1 200 OK"); n != 4 || err != nil {
		t.Errorf("%d replies, want 4: %v", n, err)
	}
}

// A spin holds its loop and everyone on it, and with --offload it does not.
func TestOffload(t *testing.T) {
	t.Parallel()
	plain := servertest.Start(t, "--loops=1")
	io.WriteString(servertest.Dial(t, plain.HTTP), endless)
	for answers(t, plain, 50*time.Millisecond) { // until the spin has begun
	}
	plain.Kill()

	s := servertest.Start(t, "--loops=1", "--procs=2", "--offload=1")
	io.WriteString(servertest.Dial(t, s.HTTP), endless)
	for range 20 {
		if !answers(t, s, 45*time.Second) {
			t.Fatal("a spin in the pool holds the loop")
		}
	}
}

// A pause holds nobody, and with --block-loop it holds the loop.
func TestBlockLoop(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, "--loops=1", "--block-loop")
	io.WriteString(servertest.Dial(t, s.HTTP), "GET /task?wait=10m HTTP/1.1\r\nHost: x\r\n\r\n")
	for answers(t, s, 50*time.Millisecond) { // until the pause has begun; never, if it does not hold the loop
	}
}

func TestUsage(t *testing.T) {
	for _, flag := range []string{"--loops=-1", "--loops=1025", "--offload=-1", "--offload=1025", "--counter=rpc"} {
		if code, _, stderr := servertest.Command(flag); code != 2 || !strings.Contains(stderr, flag[:6]) {
			t.Errorf("%s: exit code %d, stderr %q", flag, code, stderr)
		}
	}
}

// A loop that computes holds its own connections up, and not those that could go
// to another loop.
func TestBusyLoopIsPassedBy(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, "--loops=2")
	io.WriteString(servertest.Dial(t, s.HTTP), endless)
	// Connections go to the loop that has the fewest, so the next is the other loop's,
	// and then every second one: as many as wait for the busy loop are served.
	served := make(chan struct{}, 20)
	for range 20 {
		c := servertest.Dial(t, s.HTTP)
		io.WriteString(c, "GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n")
		go func() {
			if _, err := io.ReadFull(c, make([]byte, 1)); err == nil {
				served <- struct{}{}
			}
		}()
	}
	for n := range 5 {
		select {
		case <-served:
		case <-time.After(45 * time.Second):
			t.Fatalf("%d of 20 connections were served beside a busy loop", n)
		}
	}
}

func TestCounters(t *testing.T) {
	for mode, exact := range map[string]bool{"racy": false, "mutex": true, "atomic": true} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			servertest.Count(t, exact, "--counter="+mode)
		})
	}
}

func TestFaults(t *testing.T) {
	servertest.Deadly(t, servertest.Ended)
	servertest.Faults(t, servertest.Alone)
}
