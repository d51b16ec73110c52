package main

import (
	"sync"

	"modelbench/servers/blocking"
	"modelbench/servers/protocol"
)

// A serial session takes the one turn there is when a request begins and gives it
// back when the last of the reply has been made: whatever the request waits for
// until then, all others wait too. With --serial this is what the models are compared
// with.
type serial struct {
	blocking.Conversation
	turn *sync.Mutex
	mine bool
}

// Step steps the session in its turn.
func (s *serial) Step(in, out []byte) (int, []byte, protocol.Next) {
	if !s.mine {
		s.turn.Lock()
		s.mine = true
	}
	used, out, next := s.Conversation.Step(in, out)
	switch next.Do {
	case protocol.Read, protocol.Extend, protocol.Close:
		s.end()
	}
	return used, out, next
}

// Done gives back the turn of a conversation that broke off in the middle.
func (s *serial) Done(why error) {
	s.end()
	s.Conversation.Done(why)
}

func (s *serial) end() {
	if s.mine {
		s.mine = false
		s.turn.Unlock()
	}
}
