package servertest

import (
	"fmt"
	"net"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// keepaliveProbes asks the kernel whether it will look after a silent peer: the
// server's end of a connection has a timer (proc(5), tcp: kind 2) that fires soon.
func keepaliveProbes(t *testing.T, start start) {
	t.Parallel()
	s := start(t)
	c := Dial(t, s.Echo)
	send(t, c, "x")
	receive(t, c, 1)
	server, client := c.RemoteAddr().(*net.TCPAddr), c.LocalAddr().(*net.TCPAddr)
	row := regexp.MustCompile(fmt.Sprintf(`: 0100007F:%04X 0100007F:%04X 01 \S+ (\d\d):([0-9A-F]+) `, server.Port, client.Port))
	for deadline := time.Now().Add(limit); ; time.Sleep(20 * time.Millisecond) {
		table, err := os.ReadFile("/proc/net/tcp")
		if err != nil {
			t.Fatal(err)
		}
		m := row.FindSubmatch(table)
		if m != nil && string(m[1]) == "02" {
			if ticks, err := strconv.ParseInt(string(m[2]), 16, 64); err != nil || ticks > 1500 { // of 10 ms
				t.Errorf("the first probe comes in %d0 ms: %v", ticks, err)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("no timer: %q", m)
		}
	}
}
