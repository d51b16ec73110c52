package servertest

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Clients that count, and how often each of them does.
const (
	counters = 32
	counts   = 50
)

// count counts with whatever --counter is by default: then every model has one
// number for all.
func count(t *testing.T, start start) {
	t.Parallel()
	countOn(t, start(t), true)
}

// Count has many clients count at once on a server with these flags. Exact says
// that no increment may be lost: else that the number is one that so many
// increments can come to is all that holds.
func Count(t *testing.T, exact bool, flags ...string) {
	t.Helper()
	countOn(t, Start(t, flags...), exact)
}

func countOn(t *testing.T, s *Server, exact bool) {
	t.Helper()
	var mu sync.Mutex
	given := make(map[int]int)
	var clients sync.WaitGroup
	for range counters {
		c := Dial(t, s.HTTP)
		clients.Go(func() {
			defer c.Close()
			fmt.Fprint(c, strings.Repeat("POST /count HTTP/1.1\r\nHost: x\r\n\r\n", counts-1)+
				"POST /count HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
			numbers := bodies(receiveAll(t, c))
			mu.Lock()
			defer mu.Unlock()
			for _, n := range numbers {
				given[n]++
			}
		})
	}
	clients.Wait()
	most, all := counters*counts, 0
	for n, times := range given {
		if all += times; n < 1 || n > most || exact && times > 1 {
			t.Errorf("%d was given out %d times, of %d", n, times, most)
		}
	}
	if all != most {
		t.Errorf("%d of %d requests were answered with a number", all, most)
	}
	least := 1
	if s.Model == "prefork" { // the worker that is asked may be one that nobody counted on
		least = 0
	}
	if n := s.Number(); exact && n != most || n < least || n > most {
		t.Errorf("counted %d times, and the number is %d", most, n)
	}
}

// Number is what GET /count answers.
func (s *Server) Number() int {
	s.t.Helper()
	c := Dial(s.t, s.HTTP)
	defer c.Close()
	send(s.t, c, "GET /count HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	got := receiveAll(s.t, c)
	if numbers := bodies(got); len(numbers) == 1 {
		return numbers[0]
	}
	s.t.Fatalf("GET /count is answered with %q", got)
	return 0
}

// bodies are the numbers in the bodies of replies.
func bodies(replies string) (all []int) {
	for _, part := range strings.Split(replies, "\r\n\r\n")[1:] {
		number, _, _ := strings.Cut(part, "\n")
		if n, err := strconv.Atoi(number); err == nil {
			all = append(all, n)
		}
	}
	return all
}
