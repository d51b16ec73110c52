//go:build race

package servertest

// raceEnabled says that the servers carry the race detector, which has memory of
// its own and makes sync.Pool drop items: neither is asserted then.
const raceEnabled = true
