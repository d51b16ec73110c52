//go:build !linux

package main

import (
	"errors"
	"time"
)

// errNotLinux is what commands say that look at the kernel's own lists.
var errNotLinux = errors.New("this needs Linux")

func startThreads(int) (time.Duration, error) { return 0, errNotLinux }

func (o *orders) measure() (any, error) { return nil, errNotLinux }
