//go:build !linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// adminSockets is what the names of the workers' sockets begin with: a folder that
// is this server's alone.
func adminSockets() (prefix string, remove func(), err error) {
	dir, err := os.MkdirTemp("", "modelbench-prefork-")
	if err != nil {
		return "", func() {}, fmt.Errorf("make a folder for the workers' sockets: %w", err)
	}
	return dir + string(filepath.Separator), func() { os.RemoveAll(dir) }, nil
}
