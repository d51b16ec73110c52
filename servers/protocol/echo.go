package protocol

// Echo is the session that sends every byte back. The zero value is not
// usable; see NewEcho.
type Echo struct{ rules *Rules }

// NewEcho returns an echo session that keeps to rules.
func NewEcho(rules *Rules) *Echo { return &Echo{rules} }

// Step sends back what came.
func (e *Echo) Step(in, out []byte) (int, []byte, Next) {
	return len(in), append(out, in...), Next{Read, e.rules.IdleTimeout}
}

// Expired has nothing to say: an echo knows no words of its own.
func (e *Echo) Expired(out []byte) []byte { return out }

// Idle is always true: what came has been sent back.
func (e *Echo) Idle() bool { return true }
