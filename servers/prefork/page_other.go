//go:build !linux

package main

import "os"

// anonymousFile is a file whose name is gone.
func anonymousFile() (*os.File, error) {
	f, err := os.CreateTemp("", "modelbench-prefork-")
	if err != nil {
		return nil, err
	}
	return f, os.Remove(f.Name())
}
