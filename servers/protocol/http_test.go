package protocol

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"modelbench/servers/app"
	"modelbench/servers/servertest/cases"
)

func testRules() *Rules {
	r := &Rules{MaxHead: cases.MaxHead, MaxBody: cases.MaxBody, HeadTimeout: 5 * time.Second, RequestTimeout: 7 * time.Second, IdleTimeout: time.Minute}
	r.SetDate(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	return r
}

// talk is a driver without a socket: it offers input in pieces that end at the
// given offsets, carries out every Next at once, and returns all that was said.
func talk(t *testing.T, s Session, input []byte, cuts ...int) (out []byte, closed bool, waits []time.Duration) {
	t.Helper()
	var held []byte
	from := 0
	_, out, _ = s.Step(nil, nil)
	for _, to := range append(cuts, len(input)) {
		held = append(held, input[from:to]...)
		from = to
		for again := true; again; {
			before := len(out)
			used, grown, next := s.Step(held, out)
			if used < 0 || used > len(held) {
				t.Fatalf("used %d of %d", used, len(held))
			}
			if len(grown) < before {
				t.Fatalf("output shrank from %d to %d", before, len(grown))
			}
			if len(grown)-before > flushAt+testRules().MaxBody+512 {
				t.Fatalf("one step said %d bytes", len(grown)-before)
			}
			held, out = held[used:], grown
			switch next.Do {
			case Close:
				if _, more, next := s.Step(held, nil); len(more) > 0 || next.Do != Close {
					t.Fatalf("after the end: %+v, said %q", next, more)
				}
				return out, true, waits
			case Pause:
				if next.For > 0 {
					waits = append(waits, next.For)
				}
			case Read, Extend:
				if most := testRules().Unused(); len(held) > most {
					t.Fatalf("%d bytes are left unused, over %d", len(held), most)
				}
				again = false
			}
		}
	}
	return out, false, waits
}

func get(target string, headers ...string) string {
	return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + strings.Join(append(headers, ""), "\r\n") + "\r\n"
}

func post(body string, headers ...string) string {
	return "POST /echo HTTP/1.1\r\nHost: x\r\n" + strings.Join(append(headers, ""), "\r\n") + "\r\n" + body
}

func allCases(t testing.TB) []cases.Case {
	t.Helper()
	all, err := cases.All()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// statuses are those of the final replies in out, in order. It looks for what
// begins like a reply, which no body of the cases does.
func statuses(out []byte) string {
	var all []string
	for rest := string(out); ; {
		_, after, ok := strings.Cut(rest, "HTTP/1.1 ")
		if !ok || len(after) < 3 {
			return strings.Join(all, " ")
		}
		if '1' <= after[0] && after[0] <= '5' { // else it stands in a message
			all = append(all, after[:3])
		}
		rest = after
	}
}

func TestConversations(t *testing.T) {
	for _, c := range allCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			out, closed, _ := talk(t, NewHTTP(testRules()), c.In)
			if got := statuses(out); got != c.Statuses || closed != c.Close || !bytes.Contains(out, []byte(c.Has)) {
				t.Errorf("statuses %s (want %s), closed %v (want %v), said %q", got, c.Statuses, closed, c.Close, clip(out))
			}
		})
	}
}

func clip(b []byte) string {
	if len(b) > 600 {
		return fmt.Sprintf("%q... (%d bytes)", b[:600], len(b))
	}
	return fmt.Sprintf("%q", b)
}

// However the bytes are cut, the same is said. An interim 100 is the one thing
// that depends on timing by its nature: whether the body was there already.
func TestCutAtEveryByte(t *testing.T) {
	const interim = "HTTP/1.1 100 Continue\r\n\r\n"
	for _, c := range allCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			in := c.In
			want, wantClosed, wantWaits := talk(t, NewHTTP(testRules()), in)
			try := func(cuts ...int) {
				out, closed, waits := talk(t, NewHTTP(testRules()), in, cuts...)
				out = bytes.ReplaceAll(out, []byte(interim), nil)
				if !bytes.Equal(out, want) || closed != wantClosed || fmt.Sprint(waits) != fmt.Sprint(wantWaits) {
					t.Fatalf("cut at %v: closed %v, said %s, want %s", cuts, closed, clip(out), clip(want))
				}
			}
			var every []int
			for i := 1; i < len(in); i++ {
				try(i)
				every = append(every, i)
			}
			try(every...)
		})
	}
}

func TestExpectContinue(t *testing.T) {
	head := post("", "Content-Length: 5", "Expect: 100-continue")
	out, _, _ := talk(t, NewHTTP(testRules()), []byte(head+"hello"), len(head))
	if got := statuses(out); got != "100 200" {
		t.Errorf("statuses %s, want an interim 100 first", got)
	}
	out, _, _ = talk(t, NewHTTP(testRules()), []byte(post("", "Content-Length: 2000", "Expect: 100-continue")))
	if got := statuses(out); got != "413" {
		t.Errorf("statuses %s, want 413 and no invitation to send", got)
	}
}

func TestTimes(t *testing.T) {
	rules := testRules()
	s := NewHTTP(rules)
	step := func(in string, want Next) int {
		t.Helper()
		used, _, next := s.Step([]byte(in), nil)
		if next != want {
			t.Errorf("after %q: %+v, want %+v", in, next, want)
		}
		return used
	}
	step("", Next{Do: Read, For: rules.IdleTimeout})
	if !s.Idle() || len(s.Expired(nil)) != 0 {
		t.Error("a silent connection must be idle and end without a word")
	}
	step("G", Next{Do: Read, For: rules.HeadTimeout})
	step("GET", Next{Do: Read, For: 0}) // a drip does not start the clock anew
	if s.Idle() {
		t.Error("idle within a request")
	}
	if out := s.Expired(nil); statuses(out) != "408" {
		t.Errorf("said %q, want 408", out)
	}

	s = NewHTTP(rules)
	step(get("/task?wait=25ms"), Next{Do: Pause, For: 25 * time.Millisecond})
	if s.Idle() {
		t.Error("idle while a reply is owed")
	}
	step("", Next{Do: Read, For: rules.IdleTimeout, Answered: 1})
	step(get("/task?spin=10&wait=25ms"), Next{Do: Compute})
	step("", Next{Do: Pause, For: 25 * time.Millisecond})
	step("", Next{Do: Read, For: rules.IdleTimeout, Answered: 1})
	step(get("/task?spin=10"), Next{Do: Compute})
	if s.Idle() {
		t.Error("idle while a reply is owed")
	}
	step("", Next{Do: Read, For: rules.IdleTimeout, Answered: 1})
	step(get("/plaintext")+get("/json"), Next{Do: Read, For: rules.IdleTimeout, Answered: 2})

	// A body has what is left of the request's time, however it comes.
	for head, need := range map[string]int{post("", "Content-Length: 5"): 5, post("", "Transfer-Encoding: chunked") + "5\r\n": 0} {
		step(head, Next{Do: Read, For: rules.RequestTimeout, Need: need})
		step("he", Next{Do: Read, For: 0, Need: need})
		for _, cut := range []int{1, strings.Index(head, "\r\n\r\n") + 3} {
			s = NewHTTP(rules)
			step(head[:cut], Next{Do: Read, For: rules.HeadTimeout})
			step(head, Next{Do: Extend, For: rules.RequestTimeout - rules.HeadTimeout, Need: need})
			step("he", Next{Do: Read, For: 0, Need: need})
			if s.Idle() {
				t.Error("idle within a body")
			}
			if out := s.Expired(nil); statuses(out) != "408" {
				t.Errorf("said %q, want 408", out)
			}
		}
		s = NewHTTP(rules)
	}

	// The clock of a pipelined request starts when the reply before it is out.
	step(get("/json")+"G", Next{Do: Read, For: rules.HeadTimeout, Answered: 1})
	s = NewHTTP(rules)
	step(get("/json")+post("", "Content-Length: 5"), Next{Do: Read, For: rules.RequestTimeout, Answered: 1, Need: 5})
	step("hello", Next{Do: Read, For: rules.IdleTimeout, Answered: 1})

	rules.RequestTimeout = rules.HeadTimeout / 2
	s = NewHTTP(rules)
	step("G", Next{Do: Read, For: rules.RequestTimeout})
}

// A counter that takes its time is not asked in a Step that must not.
func TestRemoteCounter(t *testing.T) {
	rules := testRules()
	rules.App.Counter, rules.App.Remote = new(app.Atomic), true
	s := NewHTTP(rules)
	for want := 1; want < 3; want++ {
		_, out, next := s.Step([]byte("POST /count HTTP/1.1\r\nHost: x\r\n\r\n"), nil)
		if n, _ := rules.App.Counter.Load(); next.Do != Compute || len(out) > 0 || n != uint64(want-1) {
			t.Fatalf("%+v, said %q, counted %d", next, out, n)
		}
		if _, out, next = s.Step(nil, nil); next.Answered != 1 || !strings.HasSuffix(string(out), fmt.Sprintf("\r\n\r\n%d\n", want)) {
			t.Errorf("%+v, said %q", next, out)
		}
	}
}

func TestDrain(t *testing.T) {
	rules := testRules()
	s := NewHTTP(rules)
	rules.Drain()
	out, closed, _ := talk(t, s, []byte(get("/plaintext")+get("/plaintext")))
	if statuses(out) != "200" || !closed || !bytes.Contains(out, []byte("Connection: close")) {
		t.Errorf("closed %v, said %q", closed, out)
	}
}

// A connection whose client may still be sending is not closed under its reply.
func TestLinger(t *testing.T) {
	for _, c := range []struct {
		in    string
		drain bool
		want  time.Duration
	}{
		{get("/json", "Connection: close"), false, 0},
		{get("/json", "Connection: close") + "x", false, linger},
		{get("/json"), true, linger},
		{"garbage\r\n", false, linger},
	} {
		rules := testRules()
		if c.drain {
			rules.Drain()
		}
		if _, _, next := NewHTTP(rules).Step([]byte(c.in), nil); next.Do != Close || next.For != c.want {
			t.Errorf("%q: %+v, want to linger for %v", c.in, next, c.want)
		}
	}
}

func TestEcho(t *testing.T) {
	in := []byte("any \x00 bytes")
	for i := range in {
		if out, _, _ := talk(t, NewEcho(testRules()), in, i); !bytes.Equal(out, in) {
			t.Errorf("said %q", out)
		}
	}
}

func TestValidate(t *testing.T) {
	if err := testRules().Validate(); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		name  string
		spoil func(*Rules)
	}{
		{"max-header", func(r *Rules) { r.MaxHead = 63 }},
		{"max-header", func(r *Rules) { r.MaxHead = 1<<30 + 1 }},
		{"max-body", func(r *Rules) { r.MaxBody = -1 }},
		{"max-body", func(r *Rules) { r.MaxBody = 1<<30 + 1 }},
		{"header-timeout", func(r *Rules) { r.HeadTimeout = 0 }},
		{"header-timeout", func(r *Rules) { r.HeadTimeout = Longest + 1 }},
		{"request-timeout", func(r *Rules) { r.RequestTimeout = 0 }},
		{"request-timeout", func(r *Rules) { r.RequestTimeout = Longest + 1 }},
		{"idle-timeout", func(r *Rules) { r.IdleTimeout = -1 }},
		{"idle-timeout", func(r *Rules) { r.IdleTimeout = Longest + 1 }},
	} {
		r := testRules()
		c.spoil(r)
		if err := r.Validate(); err == nil || !strings.Contains(err.Error(), c.name) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
