//go:build !linux

package main

import (
	"errors"
	"os/exec"
)

var errUnsupported = errors.New("pinning processes to cores needs Linux")

func startPinned(*exec.Cmd, int) error { return errUnsupported }

func pin(int, int) error { return errUnsupported }
