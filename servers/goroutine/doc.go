// Goroutine is the model in which every connection has a goroutine of its own.
//
// # From connection to running code
//
//	kernel        accept loop        one goroutine a connection
//	connection -> Accept -> Adopt -> go Drive: read, step, write, read, step, write ...
//	connection -> Accept -> Adopt -> go Drive: read ......................... step, write
//	connection -> Accept -> Adopt -> go Drive: read, step, sleep ............ write
//
// The accept loop, which all models share (package daemon), gives each connection to
// Adopt in main.go, and that is the model: one go statement. What the goroutine runs is
// Drive in package blocking. It reads from top to bottom and blocks wherever it has to
// wait: for bytes, for a peer that does not read, for a pause that the request asks
// for.
//
// To block is to be parked. The runtime takes the goroutine off its thread and gives
// the thread to one that can go on; where it stood is kept by its stack. Under Read
// lies an epoll loop as in any event loop, but it belongs to the runtime, which turns
// "this socket is readable" into "this goroutine is runnable", and a scheduler says
// when and on which of GOMAXPROCS threads.
//
// # Who waits for whom
//
// Six connections on two threads (P is the runtime's word for the right to run Go code,
// of which there are GOMAXPROCS). Connection 2 pauses, 3 and 6 compute for long:
//
//	      time ---->
//	P 0   | 1: read, step, write | 3: read, step: spins ..... 10 ms | 5: read, step, write | 3: spins on ...
//	P 1   | 2: read, step | 4: read, step, write | 6: read, step: spins ..... 10 ms | 2: step, write | 6: ...
//	                      |.... 2 is parked: on no thread, in nobody's way ....^
//
// A conversation that waits holds up nobody. One that computes holds one P and not the
// other, and after some 10 ms the runtime makes it stand back for those in line: a
// small request may come late by that, but it comes, also with a single P. What is
// shared between conversations needs a lock or an atomic, as any two may run at the
// same time; what only one of them uses needs nothing.
//
// # What becomes of it
//
//	pause        its goroutine sleeps
//	spin         its goroutine computes, by 10 ms at a time when others are in line
//	slow reader  its goroutine blocks in Write, for --write-timeout at most
//	drain        a read deadline in the past wakes it from Read; it asks the session anew
//	crash        the process ends, and every connection with it
//
// # What it costs
//
//   - Memory: a stack, and the runtime's own notes about goroutine and socket. That is
//     4 KiB for a connection that idles, where an event loop needs 1. (A used stack
//     does not shrink to the 2 KiB of a new one, so a connection that has been silent
//     for a second goes on in a new goroutine: rest in package blocking.)
//   - Time: a pass through the scheduler each time a connection has something to do,
//     and a Read that comes too early and parks. A busy core is spared most of that
//     (yield in package blocking): there the smallest requests cost a few percent more
//     CPU time than the event loop's. With little to do, each request wakes a thread in
//     every model, which costs more than all of this, and the models hardly differ. Nor
//     do they beside a request that does any work of its own.
//   - One process: whoever crashes it, or eats its memory, does so for all.
//
// The figures come from go run ./scripts/peers and ./scripts/compare, on the machine
// where they were written.
//
// # When it is the right choice
//
// When requests wait for things in the course of what they do, and that is to be
// written down in the order in which it happens. When they compute, and for unequal
// times: nobody has to know beforehand which ones. When they share state in memory. In
// Go, unless a measurement says otherwise: it is what the language was made for.
//
// # Variants
//
// With --os-threads each connection has a thread of the operating system that blocks in
// the kernel (thread_linux.go): what a goroutine saves is what this costs more. With
// --serial there is no concurrency at all (serial.go): what every model must beat.
//
// # Reading on
//
// main.go has Adopt; the driver is turn, in drive.go of package blocking. What it asks
// the session, and is asked to do, is said in session.go of package protocol.
package main
