package app

// Spin runs a fixed CPU kernel n times and returns what it came to.
//
// The kernel is one step of xorshift64* (Vigna, "An experimental exploration
// of Marsaglia's xorshift generators, scrambled", 2016): three shifts, three
// exclusive ors and a multiplication in a chain in which each needs the one
// before. So it keeps one core's arithmetic busy, touches no memory, and
// neither a wider machine nor a compiler can run steps of one chain at once.
//
// The unit is iterations, not time. Work that stops by the clock would finish
// as soon when it shares its core as when it has one to itself, and so would
// show parallelism where there is none.
func Spin(n uint64) uint64 {
	x := uint64(0x9E3779B97F4A7C15) // any odd number but 0 does
	for range n {
		x ^= x >> 12
		x ^= x << 25
		x ^= x >> 27
		x *= 0x2545F4914F6CDD1D
	}
	return x
}
