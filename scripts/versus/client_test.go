package main

import (
	"testing"
	"time"
)

func TestReadOutcome(t *testing.T) {
	const wrk = `Running 2s test @ http://127.0.0.1:19100/plaintext
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     4.56ms   15.65ms 116.79ms   93.15%
    Req/Sec    73.45k    33.79k  105.13k    75.00%
  100000 requests in 2.02s, 17.55MB read
Requests/sec:  72197.13
Transfer/sec:      8.68MB
`
	o, err := readOutcome(wrk, 900*time.Millisecond)
	if err != nil || o != (outcome{72197.13, 9}) {
		t.Errorf("got %+v, %v", o, err)
	}
	for _, bad := range []string{
		"",
		"unable to connect to 127.0.0.1:1 Connection refused\n",
		"  0 requests in 2.00s, 0.00B read\nRequests/sec:  0.00\n",
		"  10 requests in 2.00s, 1B read\n  Socket errors: connect 0, read 5, write 0, timeout 0\nRequests/sec:  5.00\n",
		"  10 requests in 2.00s, 1B read\n  Non-2xx or 3xx responses: 10\nRequests/sec:  5.00\n",
		"  10 requests in 2.00s, 1B read\nRequests/sec:  5.00\n  err_eof 3: the server closed\n",
	} {
		if o, err := readOutcome(bad, time.Second); err == nil {
			t.Errorf("%q gave %+v", bad, o)
		}
	}
}
