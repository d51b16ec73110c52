//go:build !linux

package uring

// Probe says why io_uring cannot be used here.
func Probe() error { return &Unavailable{Reason: "needs Linux"} }
