package protocol

// Echo is the session that sends every byte back. The zero value is not
// usable; see NewEcho.
type Echo struct {
	rules *Rules
	last  bool // the server drains and the time that is left has been set
}

// NewEcho returns an echo session that keeps to rules.
func NewEcho(rules *Rules) *Echo { return &Echo{rules: rules} }

// Step sends back what came. An echo has no last request to wait for, so when
// the server drains it goes on for a fixed time and not a moment longer.
func (e *Echo) Step(in, out []byte) (int, []byte, Next) {
	next := Next{Do: Read, For: e.rules.idle()}
	if e.last {
		next.For = 0
	}
	e.last = e.rules.Draining()
	return len(in), append(out, in...), next
}

// Expired has nothing to say: an echo knows no words of its own.
func (e *Echo) Expired(out []byte) []byte { return out }

// Idle is always true: what came has been sent back.
func (e *Echo) Idle() bool { return true }
