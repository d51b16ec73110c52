package main

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// ownNetwork gives the calling thread, and the children it makes from now on, a network in which
// there is only a loopback, where connections come from the ports of one range.
func ownNetwork(first, last int) error {
	err := unix.Unshare(unix.CLONE_NEWNET)
	if errors.Is(err, unix.EPERM) {
		return fmt.Errorf("%w: %w", errNoNetwork, err)
	}
	if err != nil {
		return fmt.Errorf("make a network: %w", err)
	}
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("make a network: socket: %w", err)
	}
	defer unix.Close(s)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return fmt.Errorf("make a network: %w", err)
	}
	lo.SetUint16(unix.IFF_UP)
	if err := unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, lo); err != nil {
		return fmt.Errorf("make a network: bring the loopback up: %w", err)
	}
	// /proc/sys/net shows the network of the thread that opens it.
	if err := os.WriteFile("/proc/sys/net/ipv4/ip_local_port_range", fmt.Appendf(nil, "%d %d", first, last), 0); err != nil {
		return fmt.Errorf("make a network: narrow its ports: %w", err)
	}
	return nil
}
