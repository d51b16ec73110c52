//go:build !linux

package main

import (
	"errors"
	"modelbench/servers/blocking"
	"modelbench/servers/daemon"
)

// mostThreads is 0 where a connection cannot have a thread of its own.
const mostThreads = 0

func ownThread(*daemon.Conn) (blocking.Conn, error) { return nil, errors.New("needs Linux") }
