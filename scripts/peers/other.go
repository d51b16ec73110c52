//go:build !linux

package main

import (
	"context"
	"errors"
	"net/netip"
)

// errNotLinux is never seen: the command refuses to run before it comes to any of these.
var errNotLinux = errors.New("this needs Linux")

type held struct{}

func hold(context.Context, netip.AddrPort, int, int) (*held, error) { return nil, errNotLinux }
func (h *held) lost() (int, error)                                  { return 0, errNotLinux }
func (h *held) release()                                            {}
