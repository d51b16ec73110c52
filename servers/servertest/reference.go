package servertest

import (
	"bytes"
	"regexp"
	"time"

	"modelbench/servers/protocol"
	"modelbench/servers/servertest/cases"
)

// limitFlags give a server the limits that the cases are meant for.
var limitFlags = []string{"--max-header=512", "--max-body=1024"}

// reference is what the session says to in when it is driven by hand, without a
// socket: the reply that every model must give, to the byte.
func reference(in []byte) (out []byte, closed bool) {
	rules := &protocol.Rules{MaxHead: cases.MaxHead, MaxBody: cases.MaxBody, HeadTimeout: time.Second, RequestTimeout: time.Second, IdleTimeout: time.Second}
	rules.SetDate(time.Unix(0, 0))
	s := protocol.NewHTTP(rules)
	for {
		used, grown, next := s.Step(in, out)
		in, out = in[used:], grown
		switch next.Do {
		case protocol.Close:
			return undated(out), true
		case protocol.Read, protocol.Extend:
			return undated(out), false
		}
	}
}

var dateLine = regexp.MustCompile(`Date: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\r\n`)

// undated replaces each Date, which must have the one form that RFC 9110 allows.
func undated(b []byte) []byte {
	return dateLine.ReplaceAll(b, []byte("Date: now\r\n"))
}

var interim = []byte("HTTP/1.1 100 Continue\r\n\r\n")

// final takes interim replies out: whether one is sent depends on whether the
// body was there already.
func final(b []byte) []byte { return bytes.ReplaceAll(b, interim, nil) }
