//go:build !linux

package main

import (
	"context"
	"errors"
	"net/netip"
	"syscall"
)

// errNotLinux is never seen: the command refuses to run before it comes to any of these.
var errNotLinux = errors.New("this needs Linux")

func tied() *syscall.SysProcAttr   { return nil }
func pinThread(int) error          { return errNotLinux }
func (f *flags) checkCores() error { return errNotLinux }

type held struct{}

func hold(context.Context, netip.AddrPort, int, int) (*held, error) { return nil, errNotLinux }
func (h *held) lost() (int, error)                                  { return 0, errNotLinux }
func (h *held) release()                                            {}
