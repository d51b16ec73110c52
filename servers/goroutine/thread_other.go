//go:build !linux

package main

import (
	"errors"
	"net"

	"modelbench/servers/blocking"
)

// mostThreads is 0 where a connection cannot have a thread of its own.
const mostThreads = 0

func ownThread(*net.TCPConn) (blocking.Conn, error) { return nil, errors.New("needs Linux") }
