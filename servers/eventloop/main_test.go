package main

import (
	"strings"
	"testing"

	"modelbench/servers/servertest"
)

func TestMain(m *testing.M)   { servertest.Main(m, main) }
func TestServer(t *testing.T) { servertest.Run(t) }

func TestUsage(t *testing.T) {
	for _, flag := range []string{"--loops=-1", "--loops=1025"} {
		if code, _, stderr := servertest.Command(flag); code != 2 || !strings.Contains(stderr, "--loops") {
			t.Errorf("%s: exit code %d, stderr %q", flag, code, stderr)
		}
	}
}
