package campaign

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports are taken from below the kernel's range for outgoing connections (from
// 32768 on Linux), where a client's own port can be in the way of a server's.
const (
	portFrom  = 20000
	portUntil = 32768 // exclusive
	portTries = 1000
)

// port is a TCP port on 127.0.0.1 that one server may listen on.
//
// Between finding a port free and the server's bind there is a gap in which
// another campaign can find the same one; and where a model binds with
// SO_REUSEPORT, two servers would then share the traffic without a word. So a
// port is held by a UDP socket of the same number, which the servers have no use
// for: binding it succeeds for one process on the machine at a time, and the
// kernel lets go of it however that process ends.
type port struct {
	number int
	hold   net.PacketConn
}

func (p port) addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p.number)) }

// reservePort picks a port at random that nobody listens on and nobody holds.
func reservePort() (port, error) {
	var last error
	for range portTries {
		p := port{number: portFrom + rand.IntN(portUntil-portFrom)}
		hold, err := net.ListenPacket("udp4", p.addr())
		if err != nil {
			last = err
			continue
		}
		probe, err := net.Listen("tcp4", p.addr())
		if err != nil {
			last = errors.Join(err, hold.Close())
			continue
		}
		if err := probe.Close(); err != nil {
			return port{}, errors.Join(err, hold.Close())
		}
		p.hold = hold
		return p, nil
	}
	return port{}, fmt.Errorf("find a free port from %d to %d in %d tries: %w", portFrom, portUntil-1, portTries, last)
}

// ports are the two a server listens on: HTTP and echo.
type ports [2]port

func reservePorts() (ports, error) {
	var ps ports
	for i := range ps {
		p, err := reservePort()
		if err != nil {
			ps.release()
			return ports{}, err
		}
		ps[i] = p
	}
	return ps, nil
}

func (ps ports) http() string { return ps[0].addr() }
func (ps ports) echo() string { return ps[1].addr() }

// release gives the ports back, once the server has ended.
func (ps ports) release() {
	for _, p := range ps {
		if p.hold != nil {
			_ = p.hold.Close() // a socket nobody ever wrote to has nothing to lose
		}
	}
}
