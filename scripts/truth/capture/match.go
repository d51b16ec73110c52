package capture

import "net/netip"

// An Exchange is a request and its reply.
type Exchange struct {
	Sent, Done int64 // when the first segment of the request, and the first of the reply, were on the wire
}

// A Matcher finds the exchanges of one server among segments: on each connection, the reply to
// a request is the next segment that comes back. So requests and replies have to fit
// in one segment, and at most one request may be outstanding on a connection.
type Matcher struct {
	Server    netip.AddrPort
	Exchanges []Exchange // in the order of their replies
	Odd       int        // segments that break the rule above: requests before the last reply, replies without a request

	waiting map[netip.AddrPort]int64 // requests without a reply, by the client's address
}

// Add takes the next segment.
func (m *Matcher) Add(s Segment) {
	if m.waiting == nil {
		m.waiting = map[netip.AddrPort]int64{}
	}
	switch m.Server {
	case s.To:
		if _, has := m.waiting[s.From]; has {
			m.Odd++
			return
		}
		m.waiting[s.From] = s.At
	case s.From:
		sent, has := m.waiting[s.To]
		if !has {
			m.Odd++
			return
		}
		delete(m.waiting, s.To)
		m.Exchanges = append(m.Exchanges, Exchange{sent, s.At})
	}
}

// Unanswered is how many requests have had no reply so far.
func (m *Matcher) Unanswered() int { return len(m.waiting) }
