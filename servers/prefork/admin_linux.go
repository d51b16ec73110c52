package main

import "crypto/rand"

// adminSockets is what the names of the workers' sockets begin with. They are
// abstract (unix(7)): no file that could be left behind.
func adminSockets() (prefix string, remove func(), err error) {
	return "@modelbench-prefork-" + rand.Text() + "-", func() {}, nil
}
