package main

import (
	"io"
	"net"
	"strings"
	"syscall"
	"testing"

	"modelbench/servers/servertest"
)

func TestFaults(t *testing.T) {
	servertest.Deadly(t, workerDied, "--workers=2")
	servertest.Faults(t, func(s *servertest.Server) []int { return workers(t, s, 2) }, "--workers=2")
}

// workerDied is what is to be seen when one of two workers has ended: its cause in
// the log, another in its place, and the server as it was.
func workerDied(t *testing.T, s *servertest.Server, cause string) {
	workers(t, s, 3)
	if !strings.Contains(s.Log(), cause) {
		t.Errorf("no %q in the log:\n%s", cause, s.Log())
	}
	c := servertest.Dial(t, s.HTTP)
	io.WriteString(c, closing)
	if got, _ := io.ReadAll(c); !strings.HasSuffix(string(got), "Hello, World!") {
		t.Errorf("received %q", got)
	}
	s.Signal(syscall.SIGTERM)
	if code := s.Wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// A fault in one worker leaves the conversations of the other alone: also one that
// hangs, which the supervisor ends.
func TestFaultLeavesTheOther(t *testing.T) {
	for fault, cause := range map[string]string{"exit": "exit status 1", "segv": "segmentation fault", "hang": "hung"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t, "--allow-faults", "--workers=2", "--hang-timeout=3s")
			workers(t, s, 2)
			conns := make([]*net.TCPConn, 32) // so many that both workers have some
			for i := range conns {
				conns[i] = servertest.Dial(t, s.Echo)
				if !echoes(conns[i]) {
					t.Fatal("no echo")
				}
			}
			io.WriteString(servertest.Dial(t, s.HTTP), "POST /fault/"+fault+" HTTP/1.1\r\nHost: x\r\n\r\n")
			workers(t, s, 3)
			if !strings.Contains(s.Log(), cause) {
				t.Errorf("no %q in the log:\n%s", cause, s.Log())
			}
			alive := 0
			for _, c := range conns {
				if echoes(c) {
					alive++
				}
			}
			if alive == 0 || alive == len(conns) {
				t.Errorf("%d of %d connections survived the fault of one worker of two", alive, len(conns))
			}
		})
	}
}
