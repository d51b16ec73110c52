// Eventloop is the model in which a few loops serve all connections: each loop asks the
// kernel which of its sockets are ready and takes them one by one.
//
// # From connection to running code
//
//	kernel        accept loop        a loop for each core
//	connection -> Accept -> Adopt -> +--> epoll_wait: which are ready?
//	connection -> Accept -> Adopt -> |      7: OnTraffic: read, step, write
//	connection -> Accept -> Adopt -> |      3: OnTraffic: read, step, pause -> an alarm, and back
//	                                 |      9: OnTraffic: read, step (spins), write
//	                                 |      4: had to wait for 9
//	                                 +--- and again
//
// The loops are gnet's, which this package alone imports. gnet calls OnTraffic in
// loop.go when bytes have arrived, and OnTraffic may do anything but wait. What would
// be a sleep becomes an alarm (alarms.go), which rings the loop's bell (bell.go), and a
// return to the loop; what would be a Write that blocks becomes a look now and then
// (room.go). Where the conversation stood, which a goroutine's stack remembers by
// itself, stands in a struct: the session for the protocol, conversation.go for the
// model. That is the model's whole difficulty: code that would read from top to bottom
// is cut at each place where it would wait, and OnTraffic begins with the question what
// was waited for.
//
// # Who waits for whom
//
// One loop; connection 2 pauses for a while, 3 computes for long:
//
//	        time ---->
//	loop    | 1: read, step, write | 2: read, step | 3: read, step: spins ..........., write | 1: ... | 4: ... | 2: step, write
//	                                               |.... 2's alarm rings ....^
//	                                   1, 4 and then 2 wait for 3 ...........................^
//
// A conversation that waits holds up nobody. One that computes holds its loop and
// everyone on it until it is done, however long that takes: no one can make it stand
// back. One that blocks where it should not (--block-loop) does the same without even
// using the core. So work has to be known for what it is and sent elsewhere: --offload
// gives spins to a pool of goroutines (pool.go). Within a loop there is no parallelism,
// so what only its conversations use needs no lock.
//
// # What becomes of it
//
//	pause        an alarm is set for it (alarms.go)
//	spin         the loop computes, without a break, or with --offload a goroutine of the pool
//	slow reader  gnet holds what it has yet to read; the loop looks now and then (room.go), for
//	             --write-timeout at most
//	drain        Nudge has gnet call OnTraffic, which asks the session anew
//	crash        the process ends, and every connection of every loop with it
//
// # What it costs
//
//   - Memory: 1 KiB for a connection that idles, the least of all. No stack.
//   - Time: the least of all for small requests on a busy core. There is no scheduler
//     between "readable" and the code that reads, and one epoll_wait finds many at
//     once. With little to do it finds one at a time, and the models hardly differ.
//   - Tail: whatever computes is in everyone's latency.
//   - Code: where a conversation stands has to be written down, and each thing that a
//     goroutine would simply wait for has a file of its own here.
//
// # When it is the right choice
//
// For very many connections of which most idle; for proxies, brokers, caches: little
// work for each message, all of it known. When memory or CPU per message is the bill.
// Not where a handler may compute or call what blocks.
//
// # What gnet decides
//
// Accepting is daemon's, as for every model: gnet has no limit on connections, shuts
// down when descriptors run out, and cannot stop listening before it stops serving. So
// a connection is accepted like everywhere else and enrolled in the loop that has the
// fewest (arrivals.go). Two traits of gnet show: it takes a peer's half-close for the
// end, replies that are still to come included, and it cannot stop reading, so a peer
// that sends far ahead of what it is answered is cut off.
//
// # Reading on
//
// loop.go is the driver: OnTraffic, advance and carryOut. conversation.go is what it
// remembers, loops.go has Adopt. What it asks the session, and is asked to do, is said
// in session.go of package protocol.
package main
