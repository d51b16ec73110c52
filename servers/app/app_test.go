package app

import (
	"strings"
	"testing"
	"time"
)

func serve(method, path, query, body string) Reply {
	var rep Reply
	new(App).Serve(&Request{Method: method, Path: []byte(path), Query: []byte(query), Body: []byte(body)}, &rep)
	return rep
}

func TestRoutes(t *testing.T) {
	for _, c := range []struct {
		method, path, query, body string
		status                    int
		want                      string // a part of the body
	}{
		{"GET", "/", "", "", 200, "/plaintext"},
		{"GET", "/plaintext", "", "", 200, "Hello, World!"},
		{"GET", "/json", "", "", 200, `{"message":"Hello, World!"}`},
		{"POST", "/echo", "", "abc", 200, "abc"},
		{"GET", "/task", "", "", 200, ""},
		{"GET", "/task", "spin=10&wait=1ms&bytes=3", "", 200, ""},
		{"GET", "/task", "spin=1&&bytes=3", "", 200, ""},
		{"GET", "/nowhere", "", "", 404, "no such route"},
		{"GET", "/plaintext/", "", "", 404, "no such route"},
		{"POST", "/plaintext", "", "", 405, "method not allowed"},
		{"GET", "/echo", "", "", 405, "method not allowed"},
		{"PUT", "/plaintext", "", "", 405, "method not allowed"},
		{"ET", "/plaintext", "", "", 501, "no such method"},
		{"get", "/nowhere", "", "", 501, "no such method"},
		{"OPTIONS", "/echo", "", "", 200, ""},
		{"OPTIONS", "*", "", "", 200, ""},
		{"GET", "*", "", "", 405, "method not allowed"},
		{"OPTIONS", "/nowhere", "", "", 404, "no such route"},
		{"GET", "/task", "spin=", "", 400, "bad spin="},
		{"GET", "/task", "spin=-1", "", 400, "bad spin=-1"},
		{"GET", "/task", "spin=+1", "", 400, "bad spin=+1"},
		{"GET", "/task", "spin=99999999999999", "", 400, "from 0 to 10000000000"},
		{"GET", "/task", "wait=10", "", 400, "want a duration such as 10ms"},
		{"GET", "/task", "wait=-1ms", "", 400, "bad wait"},
		{"GET", "/task", "wait=20m", "", 400, "bad wait"},
		{"GET", "/task", "bytes=2000000000", "", 400, "bad bytes"},
		{"GET", "/task", "sleep=1", "", 400, `unknown parameter "sleep"`},
		{"GET", "/task", "=1", "", 400, "want key=value"},
	} {
		rep := serve(c.method, c.path, c.query, c.body)
		if rep.Status != c.status || !strings.Contains(string(rep.Body), c.want) {
			t.Errorf("%s %s?%s: %d %q, want %d with %q", c.method, c.path, c.query, rep.Status, rep.Body, c.status, c.want)
		}
		if (rep.Status == 405 || rep.Status == 200 && c.method == "OPTIONS") != (rep.Allow != "") {
			t.Errorf("%s %s: status %d with Allow %q", c.method, c.path, rep.Status, rep.Allow)
		}
	}
}

func TestTask(t *testing.T) {
	rep := serve("GET", "/task", "spin=5&wait=10ms&bytes=7", "")
	if rep.Wait != 10*time.Millisecond || rep.Fill != 7 || rep.Job != ToSpin || rep.Amount != 5 {
		t.Errorf("got %+v", rep)
	}
}

// The kernel is part of every recorded figure: it must not change unnoticed.
// The values come from the same three shifts and a multiplication in Python.
func TestSpinIsFixed(t *testing.T) {
	for n, want := range map[uint64]uint64{0: 0x9E3779B97F4A7C15, 1: 0xd83b3e29a21487a, 1000: 0xfb35dfba988d72bf} {
		if got := Spin(n); got != want {
			t.Errorf("Spin(%d) = %#x, want %#x", n, got, want)
		}
	}
}

func TestNoAllocation(t *testing.T) {
	for _, c := range [][3]string{{"GET", "/plaintext", ""}, {"GET", "/json", ""}, {"GET", "/task", "spin=10&wait=10ms&bytes=100"},
		{"GET", "/count", ""}, {"POST", "/count", ""}, {"OPTIONS", "/json", ""}} {
		a, req := new(App), Request{Method: c[0], Path: []byte(c[1]), Query: []byte(c[2])}
		var rep Reply
		if n := testing.AllocsPerRun(100, func() { a.Serve(&req, &rep) }); n != 0 {
			t.Errorf("%s %s?%s: %v allocations", c[0], c[1], c[2], n)
		}
	}
}

func FuzzTask(f *testing.F) {
	f.Add("spin=1&wait=1ms&bytes=1")
	f.Add("spin=&wait=1e3s&=")
	f.Fuzz(func(t *testing.T, query string) {
		spec, problem := parseTask([]byte(query))
		if problem == "" && (spec.spin > MaxSpin || spec.wait < 0 || spec.wait > MaxWait || spec.bytes < 0 || spec.bytes > MaxBytes) {
			t.Errorf("%q: accepted as %+v", query, spec)
		}
	})
}

func BenchmarkSpin(b *testing.B) {
	for b.Loop() {
		Spin(1000)
	}
}
