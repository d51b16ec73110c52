//go:build !linux

package main

import "os"

// anonymousFile is a file whose name is gone.
func anonymousFile(name string) (*os.File, error) {
	f, err := os.CreateTemp("", "modelbench-"+name+"-")
	if err != nil {
		return nil, err
	}
	return f, os.Remove(f.Name())
}
