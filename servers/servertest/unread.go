package servertest

import (
	"bytes"
	"syscall"
	"testing"
	"time"
)

// neverReads has clients that ask for much and read nothing. Eight of each kind
// together may cost no more than what one may; others are served meanwhile, and
// all are cut off after the write timeout.
func neverReads(t *testing.T, start start) {
	t.Parallel()
	s := start(t, "--write-timeout=1s")
	warmUp(t, s)
	idle, held := quietDescriptors(t, s), memory(t, s)
	load := StartLoad(t, s)
	load.Await(20)
	watched := watchMemory(t, s)
	var clients []*rawClient
	for range 8 {
		long, ahead, back := connectRaw(t, s.HTTP), connectRaw(t, s.HTTP), connectRaw(t, s.Echo)
		long.send([]byte(get("/task?bytes=1073741824")))
		clients = append(clients, long, ahead, back)
	}
	requests, bytesBack := bytes.Repeat([]byte(get("/task?bytes=5000")), 200), make([]byte, 64<<10)
	for deadline := time.Now().Add(limit); left(clients) > 0 && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		for i, c := range clients {
			switch {
			case c.ended:
			case i%3 == 0:
				c.ended = c.failed()
			case i%3 == 1:
				c.send(requests)
			default:
				c.send(bytesBack)
			}
		}
	}
	peak := watched.peak()
	t.Logf("%s: %d clients that never read cost %s at most, over %s; %d are left", s.Model, len(clients), mib(peak-held), mib(held), left(clients))
	if n := left(clients); n > 0 {
		t.Errorf("%d clients that never read are not cut off", n)
	}
	if cost := peak - held; cost > 3*16<<20 && !raceEnabled {
		t.Errorf("%d clients that never read cost %s", len(clients), mib(cost))
	}
	load.Await(20)
	for _, failure := range load.Stop() {
		t.Error(failure)
	}
	recovered(t, s, idle, held+8<<20+len(tree(t, s))<<21)
}

// left is how many clients have not been cut off.
func left(clients []*rawClient) (n int) {
	for _, c := range clients {
		if !c.ended {
			n++
		}
	}
	return n
}

// failed reports whether the connection has been cut off, as a client sees that
// does not read: with an error, not with an end behind all that is unread.
func (c *rawClient) failed() bool {
	n, err := syscall.GetsockoptInt(c.fd, syscall.SOL_SOCKET, syscall.SO_ERROR)
	return err != nil || n != 0
}
