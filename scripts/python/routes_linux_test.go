package python

import (
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// models are the servers, each as the experiments start it.
var models = map[string][]string{
	"serial":           {"threads.py", "--serial"},
	"threads":          {"threads.py"},
	"threads racy":     {"threads.py", "--counter", "racy"},
	"processes":        {"processes.py", "--workers", "2"},
	"processes rpc":    {"processes.py", "--workers", "2", "--counter", "rpc"},
	"asyncio":          {"asyncio_server.py"},
	"asyncio blocking": {"asyncio_server.py", "--block"},
}

// each runs a test against each of some models, all if none is named.
func each(t *testing.T, names []string, test func(t *testing.T, args []string)) {
	t.Parallel()
	for name, args := range models {
		if names == nil || slices.Contains(names, name) {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				test(t, args)
			})
		}
	}
}

// All models answer alike: pipelined requests in their order, whatever they ask for.
func TestRoutes(t *testing.T) {
	each(t, nil, func(t *testing.T, args []string) {
		s := start(t, args...)
		for range 2 { // a second connection is served as the first
			got := s.ask("GET /plaintext", "GET /task?spin=10&wait=2ms&bytes=3", "GET /task", "GET /nowhere", "POST /plaintext",
				"GET /task?wait=forever", "GET /task?spin=-1", "GET /task?cycles=1", "POST /fault/exit", "GET /plaintext")
			for i := range got { // what an error says is for people
				if got[i][0] != '2' {
					got[i] = got[i][:3]
				}
			}
			want := []string{"200 Hello, World!", "200 xxx", "200 ", "404", "405", "400", "400", "400", "404", "200 Hello, World!"}
			if !slices.Equal(got, want) {
				t.Errorf("answered %q\nwant %q", got, want)
			}
		}
		for request, want := range map[string]string{"garbage\r\n\r\n": "400", "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n": "501",
			"POST /count HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n": "413", strings.Repeat("x", 66<<10): "431"} {
			c := s.dial(s.HTTP)
			io.WriteString(c, request)
			if got, _ := io.ReadAll(c); !strings.HasPrefix(string(got), "HTTP/1.1 "+want+" ") {
				t.Errorf("%.40q is answered with %.40q, want %s and the end", request, got, want)
			}
		}
	})
}

// What is sent to the echo port comes back.
func TestEcho(t *testing.T) {
	each(t, []string{"serial", "threads", "processes", "asyncio"}, func(t *testing.T, args []string) {
		s := start(t, args...)
		c := s.dial(s.Echo)
		for _, text := range []string{"x", strings.Repeat("0123456789", 20_000), "y"} {
			go io.WriteString(c, text)
			got := make([]byte, len(text))
			if _, err := io.ReadFull(c, got); err != nil || string(got) != text {
				t.Fatalf("of %d bytes came back %d others: %v", len(text), len(got), err)
			}
		}
	})
}

// A request that waits holds others up in some models and not in others.
func TestWaits(t *testing.T) {
	each(t, []string{"serial", "threads", "processes", "asyncio", "asyncio blocking"}, func(t *testing.T, args []string) {
		s := start(t, args...)
		waiting := s.dial(s.HTTP)
		io.WriteString(waiting, "GET /plaintext HTTP/1.1\r\n\r\nGET /task?wait=10m HTTP/1.1\r\n\r\n")
		if !answered(waiting, patience) {
			t.Fatal("no reply to the request before the one that waits")
		}
		if holds := args[len(args)-1] == "--serial" || args[len(args)-1] == "--block"; !holds {
			if got := s.ask("GET /plaintext")[0]; got != "200 Hello, World!" {
				t.Errorf("while another waits: %q", got)
			}
			return
		}
		time.Sleep(20 * time.Millisecond) // let the wait begin: too short, and the request below is answered, as it may be
		for range 100 {
			c := s.dial(s.HTTP)
			io.WriteString(c, "GET /plaintext HTTP/1.1\r\n\r\n")
			if !answered(c, 50*time.Millisecond) {
				return // held up
			}
		}
		t.Error("nobody is held up by a request that waits")
	})
}

// No increment is lost where someone guards the number, or no one else runs meanwhile.
func TestCount(t *testing.T) {
	each(t, []string{"serial", "threads", "processes", "processes rpc", "asyncio"}, func(t *testing.T, args []string) {
		s := start(t, args...)
		var clients sync.WaitGroup
		for range 8 {
			clients.Go(func() {
				if got := s.ask(slices.Repeat([]string{"POST /count"}, 25)...); len(got) != 25 || got[24][:3] != "200" {
					t.Errorf("%q", got)
				}
			})
		}
		clients.Wait()
		if got := s.ask("GET /count")[0]; got != "200 200\n" {
			t.Errorf("200 increments, and the number is %q", got)
		}
	})
}

// With --counter own each worker begins to count at 1.
func TestOwnCounters(t *testing.T) {
	t.Parallel()
	s := start(t, "processes.py", "--workers", "2", "--counter", "own")
	first := 0
	if !eventually(func() bool {
		if s.ask("POST /count")[0] == "200 1\n" {
			first++
		}
		return first == 2
	}) {
		t.Errorf("%d workers have begun to count", first)
	}
}

// Flags that cannot be kept are refused, by name.
func TestUsage(t *testing.T) {
	t.Parallel()
	busy := start(t, "threads.py")
	for _, c := range []struct{ args, says string }{
		{"threads.py --http 127.0.0.1", "--http 127.0.0.1"},
		{"threads.py --echo " + busy.HTTP, "--echo " + busy.HTTP},
		{"processes.py --workers 0", "--workers"},
		{"asyncio_server.py --counter shm", "--counter"},
	} {
		cmd := execPython(t, strings.Fields(c.args)...)
		if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), c.says) {
			t.Errorf("%s: %v, %q", c.args, err, out)
		}
	}
}
