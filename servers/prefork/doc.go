// Prefork is the model in which several processes of one core each share the work.
//
// # From connection to running code
//
//	supervisor: listens --> starts N workers, which inherit the listeners; touches no connection
//
//	kernel         +--> worker 0 (a process, one P)
//	               |      Accept -> Adopt -> go Drive: read, step, write ...
//	connection --+ |      Accept -> Adopt -> go Drive: read, step, sleep ...
//	connection --+-+
//	connection --+ +--> worker 1
//	                      Accept -> Adopt -> go Drive: read, step: spins ...
//
// All workers accept from one queue, or with --listener reuseport each from a queue of
// its own. Whoever takes a connection keeps it to its end. Inside a worker the code is
// the goroutine model's (Drive in package blocking), held to one core by GOMAXPROCS=1:
// what several goroutines do there is to wait at the same time; to compute at the same
// time takes several workers.
//
// # Who waits for whom
//
// Two workers; connection 3 computes for long, 2 pauses:
//
//	           time ---->
//	worker 0   | 1: read, step, write | 2: read, step | 1: ... |     idle      | 2: step, write |
//	worker 1   | 3: read, step: spins ........ 10 ms | 4: read, step, write | 3: spins on ......
//	                                4 waits .........^
//
// A conversation that waits holds up nobody, one that computes those of its own worker,
// by the runtime's 10 ms at a time. Workers never wait for each other, and never help
// each other either: worker 0 idles while 4 waits for worker 1. So it matters how
// connections are dealt out. A burst would go to whoever wakes first, so a worker that
// has more than its share leaves the next to the others for a moment (balance.go).
//
// # What becomes of it
//
//	pause        its goroutine sleeps
//	spin         its goroutine has its worker's core, by 10 ms at a time when others are in line
//	slow reader  its goroutine blocks in Write, for --write-timeout at most
//	drain        the supervisor passes SIGTERM on; each worker drains as in the goroutine model
//	crash        the worker ends and its connections with it; another takes its place
//
// # What it costs
//
//   - Memory: a runtime, a heap and its collector in every process, some 3 MiB a
//     worker. A connection costs what it costs in the goroutine model.
//   - Time: as the goroutine model, within a few percent.
//   - Sharing: nothing is shared unless it is carried across. counter.go shows two
//     ways, a page of memory that all map and a call to the supervisor; compare
//     --counter atomic, with which each worker counts for itself.
//   - A supervisor: who starts the workers, notices when one dies or hangs, and
//     replaces them, is more code than the model (supervisor.go, slot.go, watchdog.go,
//     roll.go).
//
// # What it buys
//
// That a part can die and be replaced while the whole serves on is what the model is
// chosen for, so much of this folder is about it:
//
//	kill -9  worker 0  ====X    ==================  another takes its place    (slot.go)
//	         worker 1  ===========================
//	hangs    worker 0  ====.....X    =============  seen, killed, replaced     (watchdog.go)
//	SIGHUP   worker 0  ========---                  finishes what it has,      (roll.go)
//	                        ======================  while the next one serves
//
// A worker that dies takes its own connections along and nobody else's. The sockets are
// the supervisor's and outlive every worker, so whoever connects meanwhile waits in the
// kernel's queue and is served. The supervisor does little that could crash: it reads
// no byte from a client (admin.go serves its operator).
//
// # When it is the right choice
//
// When a request may bring its process down: foreign code, C libraries, memory that
// leaks. When state is not shared anyway. When the language runs one thread at a time
// (which is why servers in Python, Ruby and PHP are made like this); Go is not such a
// language, so isolation is what is left to say for it.
//
// # Reading on
//
// worker.go is the model, and a worker's life; supervisor.go and slot.go are the
// supervisor's, with child.go a worker as the supervisor sees it and inherit.go what it
// is given. page.go is the memory they share. All else can wait until it is asked for.
package main
