package main

import (
	"testing"

	"modelbench/servers/servertest"
)

func TestMain(m *testing.M)   { servertest.Main(m, main) }
func TestServer(t *testing.T) { servertest.Run(t) }
