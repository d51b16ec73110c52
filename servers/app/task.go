package app

import (
	"fmt"
	"strconv"
	"time"
	"unsafe"
)

// taskSpec is what a /task asks for; each part is optional.
type taskSpec struct {
	spin  uint64        // iterations
	wait  time.Duration // after the spin
	bytes int64         // of the reply
}

// parseTask reads spin=N&wait=D&bytes=N. The problem is a message for the
// client, empty when there is none. Good queries allocate nothing.
func parseTask(query []byte) (t taskSpec, problem string) {
	for len(query) > 0 {
		var key, value []byte
		key, value, query = cutField(query)
		ok := true
		switch string(key) {
		case "spin":
			t.spin, ok = parseCount(value, MaxSpin)
		case "wait":
			t.wait, ok = parseWait(value)
		case "bytes":
			var n uint64
			n, ok = parseCount(value, MaxBytes)
			t.bytes = int64(n)
		case "":
			ok = len(value) == 0 // "a=1&&b=2" is tolerated, "=1" is not
		default:
			return t, fmt.Sprintf("unknown parameter %q: /task takes spin, wait and bytes\n", key)
		}
		if !ok {
			return t, fmt.Sprintf("bad %s=%s: %s\n", key, value, wanted(string(key)))
		}
	}
	return t, ""
}

func wanted(key string) string {
	switch key {
	case "spin":
		return fmt.Sprintf("want a number of iterations from 0 to %d", uint64(MaxSpin))
	case "wait":
		return fmt.Sprintf("want a duration such as 10ms, from 0 to %v", MaxWait)
	case "bytes":
		return fmt.Sprintf("want a number of bytes from 0 to %d", MaxBytes)
	}
	return "want key=value"
}

func parseCount(value []byte, most uint64) (uint64, bool) {
	n, err := strconv.ParseUint(view(value), 10, 64)
	return n, err == nil && n <= most && value[0] != '+'
}

func parseWait(value []byte) (time.Duration, bool) {
	d, err := time.ParseDuration(view(value))
	return d, err == nil && d >= 0 && d <= MaxWait
}

// view is value as a string without a copy, for parsers of the standard
// library that do not keep it (their errors quote a copy).
func view(value []byte) string {
	return unsafe.String(unsafe.SliceData(value), len(value))
}
