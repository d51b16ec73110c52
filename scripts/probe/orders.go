package main

import (
	"net/netip"
	"strings"
	"time"
)

// orders gives a server the same input again and again, and counts in how many orders its replies
// come: what a person meets who tries to repeat what went wrong.
//
// The input is a request that computes on each of n connections, sent one after the other from
// one thread. It is the same each time: the same connections in the same order, while nothing
// else goes on. Before the first input each connection has had a request of its own, so that all
// are accepted and none is new.
//
// It is fair to a server that runs one thing at a time, as far as a client can be. The kernel
// lists sockets as ready in the order in which something came in, for the server and for this
// program alike, so one that works its list off gives one order. Two things would spoil that:
//
//   - Whoever reads its list late. This program is told of each event once (edge triggered), so
//     its list is that of arrivals even if it had to wait for a CPU meanwhile.
//   - What is left on the server's list. A level-triggered one keeps the socket of the last
//     request until the server looks again, and that is then first in the next input: 3 of 30
//     inputs came as 7 0 1 2 3 4 5 6 from an event loop with one loop. So each input is
//     followed by a rest.
//
// What is left is the time between two requests: where this program is interrupted between
// them, a server may have answered before the next is sent. Requests compute for much longer than
// it takes to send all, so that seldom matters, and it can only make orders more, for all.
//
// Equal requests that run at the same time end at nearly the same time, and which is first is
// chance: that is the claim. Only identical orders are the same order.
type orders struct {
	Address     string        `arg:"" placeholder:"ADDR" help:"Of the server: IP:PORT, or http://IP:PORT."`
	Connections int           `short:"n" default:"8" placeholder:"N" help:"Connections, and requests of an input (${default})."`
	Runs        int           `default:"30" placeholder:"R" help:"How often the input is sent (${default})."`
	Spin        int           `default:"200000" placeholder:"N" help:"Iterations that a request computes: GET /task?spin=N (${default}, about 0.5 ms)."`
	Rest        time.Duration `default:"5ms" placeholder:"D" help:"Pause between inputs, in which the server comes to rest (${default})."`
	Timeout     time.Duration `default:"10s" placeholder:"D" help:"How long to wait for a connection, and for each next reply (${default})."`

	server netip.AddrPort
}

// mostConnections is what an order can be written down for: a byte each.
const mostConnections = 256

// seen is what is printed.
type seen struct {
	Orders    int `json:"orders"` // different ones
	Due       int `json:"due"`    // inputs
	Completed int `json:"completed"`
}

func (o *orders) check() error {
	var err error
	o.server, err = netip.ParseAddrPort(strings.TrimSuffix(strings.TrimPrefix(o.Address, "http://"), "/"))
	switch {
	case err != nil:
		return usage("%q is not IP:PORT, or http://IP:PORT", o.Address)
	case o.Connections < 2 || o.Connections > mostConnections:
		return usage("--connections: %d is not from 2 to %d", o.Connections, mostConnections)
	case o.Runs < 1:
		return usage("--runs: %d is not a number of runs", o.Runs)
	case o.Spin < 0:
		return usage("--spin: %d is not a number of iterations", o.Spin)
	case o.Timeout < time.Millisecond:
		return usage("--timeout: %v is less than a millisecond", o.Timeout)
	}
	return nil
}
