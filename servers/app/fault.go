package app

import "fmt"

// A Fault is a way for a server to go wrong because a client asks for it, so that
// it can be seen what becomes of the others. The app only names it; App.Fault
// carries it out.
type Fault uint8

const (
	Exit Fault = iota + 1 // the process ends at once, with status 1
	Segv                  // the process dies of SIGSEGV
	Hang                  // the process stops; Amount: for so many nanoseconds, or 0: until someone continues it
	Loop                  // this conversation computes for as long as the process lives
	Leak                  // the process takes Amount bytes of memory and keeps them
)

// Limits on a fault, and its default.
const (
	MaxHang     = MaxWait
	MaxLeak     = MaxBytes
	leakUnasked = 64 << 20
)

// fail is the reply to a request for a fault, sent if the process lives to see its
// end.
func fail(f Fault, req *Request, rep *Reply) {
	amount, problem := parseFault(f, req.Query)
	if problem != "" {
		refuse(rep, 400, problem)
		return
	}
	rep.Job, rep.Fault, rep.Amount = ToFail, f, amount
	rep.Body = failed
}

var failed = []byte("done\n")

// parseFault reads how much of a fault is asked for: for=D of a Hang, bytes=N of a
// Leak. The problem is a message for the client.
func parseFault(f Fault, query []byte) (amount uint64, problem string) {
	if f == Leak {
		amount = leakUnasked
	}
	for len(query) > 0 {
		var key, value []byte
		key, value, query = cutField(query)
		ok := true
		switch {
		case f == Hang && string(key) == "for":
			d, fits := parseWait(value)
			amount, ok = uint64(d), fits && d > 0
		case f == Leak && string(key) == "bytes":
			amount, ok = parseCount(value, MaxLeak)
		case len(key) > 0 || len(value) > 0:
			return 0, fmt.Sprintf("unknown parameter %q: only hang takes one, for=D, and leak, bytes=N\n", key)
		}
		if !ok {
			return 0, fmt.Sprintf("bad %s=%s: want for=D, above 0 and at most %v, or bytes=N, at most %d\n", key, value, MaxHang, MaxLeak)
		}
	}
	return amount, ""
}
