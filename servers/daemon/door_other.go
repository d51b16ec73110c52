//go:build !linux

package daemon

// TurnAway does nothing here: a client whose connection is complete when the
// listener closes, and has not been accepted, is reset.
func (l *Listeners) TurnAway() error { return nil }
