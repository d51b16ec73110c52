//go:build !linux

package main

import (
	"strings"
	"testing"
)

func TestNeedsLinux(t *testing.T) {
	if code, _, stderr := call(t); code != exitFailed || !strings.Contains(stderr, "needs Linux") {
		t.Errorf("exit %d, %s", code, stderr)
	}
}
