package daemon

import (
	"context"
	"net"
	"testing"

	"golang.org/x/sys/unix"

	"modelbench/servers/protocol"
)

// A connection is probed the same, whether its listener was opened or inherited.
func TestProbes(t *testing.T) {
	t.Parallel()
	opened, err := Listen(&Flags{HTTP: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	passedOn, err := Listen(&Flags{HTTP: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer passedOn.Close()
	files, err := passedOn.Files()
	if err != nil {
		t.Fatal(err)
	}
	inherited, err := Inherit(&Flags{HTTP: "x"}, files)
	if err != nil {
		t.Fatal(err)
	}
	for name, l := range map[string]Listeners{"opened": opened, "inherited": inherited} {
		model := &holder{make(chan *Conn, 1)}
		host := &Host{Flags: &Flags{}, Rules: &protocol.Rules{}, Model: model}
		addr := Addr(l.HTTP)
		ctx, stop := context.WithCancel(t.Context())
		over := make(chan error)
		go func() { over <- host.Serve(ctx, l) }()
		client, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		c := <-model.adopted
		raw, err := c.SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		var got [4]int
		raw.Control(func(fd uintptr) {
			for i, o := range [][2]int{{unix.SOL_SOCKET, unix.SO_KEEPALIVE}, {unix.IPPROTO_TCP, unix.TCP_KEEPIDLE},
				{unix.IPPROTO_TCP, unix.TCP_KEEPINTVL}, {unix.IPPROTO_TCP, unix.TCP_KEEPCNT}} {
				if got[i], err = unix.GetsockoptInt(int(fd), o[0], o[1]); err != nil {
					t.Error(err)
				}
			}
		})
		if got != [4]int{1, 15, 15, 4} {
			t.Errorf("%s: on, seconds of silence, seconds between probes, probes: %v", name, got)
		}
		client.Close()
		c.Close()
		c.Done(nil)
		stop()
		if err := <-over; err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
