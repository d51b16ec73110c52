package spec

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// whole has every key that a file can have.
func whole() Campaign {
	no := false
	return Campaign{
		Name: "all", Seed: -3, Budget: 100 * time.Second, Blocks: 12, Until: 0.03, Again: "mine", ServerCPUs: "0", ClientCPUs: "1-2",
		Targets: []Target{
			{Name: "goroutine", Variant: "base 12", Model: "goroutine", Rev: "1234567", Procs: 2, Workers: 3, Loops: 4, Flags: []string{"--drain", "1s"}},
			{Name: "mine", Command: []string{"./my server", "--port", "{port}", "{echo}", ""}, Dir: "/tmp/a b", Env: map[string]string{"A": "1", "b:c": "x # y"},
				Ready: Ready{Regexp: `^ready\b "now"`, Within: time.Minute}, Echo: &no},
			{Name: "up", URL: "http://127.0.0.1:8080", PID: 12},
			{Name: "up-2", URL: "tcp://[::1]:8080", Process: "nginx: master"},
			{Name: "threads", Command: []string{"./probe", "--threads", "{n}"}, Probe: true},
		},
		Workloads: []Workload{
			{Name: "echo", Echo: true, Payload: 64, Connections: 3, Slice: 50 * time.Millisecond, Rate: Rate{Share: 0.25}, Only: []string{"mine", "up"}},
			{Name: "post", Path: "/x?a=b&c={d}", Method: "POST", Headers: map[string]string{"X-Y": "no"}, Body: "{\"a\":\n\"ü\"}", Connections: 3,
				Slice: time.Second, WarmRounds: 2, Rate: Rate{RPS: 20000}, Arrivals: ArrivalsPoisson, Only: []string{"goroutine"}},
			{Name: "mixed", Spin: 80000, Wait: 5 * time.Millisecond, Connections: 64, Slice: 260 * time.Millisecond, Pipeline: 4, Only: []string{"mine", "up-2"}},
			{Name: "h4", Echo: true, Payload: 64, Connections: 3, Rate: Rate{RPS: 2000}, Idle: 10, Labels: map[string]string{"heavy": "4: yes", "x": ""}, Only: []string{"goroutine"},
				Alone: true, Measure: 2 * time.Second, Heavy: Heavy{Connections: 4, Spin: 20_000_000}},
			{Name: "h0", Path: "/", Connections: 3, NoKeepalive: true, Only: []string{"goroutine"},
				Alone: true, Measure: time.Second, Warmup: time.Millisecond, Heavy: Heavy{Path: "/x?y"}},
			{Name: "exits", Path: "/", Connections: 3, Only: []string{"goroutine"},
				Alone: true, Measure: time.Second, Fresh: true, Fault: Injection{Kind: "exit", After: 400 * time.Millisecond, New: 100}},
			{Name: "count", Path: "/count", Method: "POST", Connections: 3, Only: []string{"goroutine"},
				Alone: true, Measure: time.Second, Requests: 5000, Count: true},
			{Name: "orders", Connections: 8, Only: []string{"goroutine", "mine"}, Alone: true, Measure: time.Second, Warmup: DefaultWarmup, Fresh: true,
				Probe: []string{"probe", "orders", "{http}", "-n", "{n}"}},
			{Name: "start", Connections: 1000, Only: []string{"threads"}, Alone: true, Measure: time.Second, Warmup: DefaultWarmup},
		},
	}
}

// again is what a campaign is after it was written and read.
func again(t interface{ Fatalf(string, ...any) }, c Campaign) Campaign {
	var b bytes.Buffer
	if err := Write(&b, c); err != nil {
		t.Fatalf("%v", err)
	}
	back, err := Parse("it", b.Bytes())
	if err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	return back
}

func TestWhatIsWrittenReadsAsTheSame(t *testing.T) {
	t.Parallel()
	c := whole()
	if got := again(t, c); !reflect.DeepEqual(got, c) {
		t.Errorf("wrote\n%+v\nread\n%+v", c, got)
	}
}

// Whatever texts there are in it.
func TestAnyTextIsWrittenAndRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := whole()
		text := rapid.StringOf(rapid.RuneFrom([]rune(" \t\n\"'\\:#-?{}[]&*!|>%@`,~=\u00e9\u2028\U0001F600\x01"), unicode.Latin, unicode.Digit)).Filter(func(s string) bool {
			return !strings.HasPrefix(s, "@")
		})
		c.Workloads[1].Body = text.Draw(t, "body")
		c.Targets[1].Command = append(c.Targets[1].Command, text.Draw(t, "word"))
		c.Targets[1].Env["Z"] = text.Draw(t, "env")
		c.Targets[0].Variant = text.Draw(t, "variant")
		if got := again(t, c); !reflect.DeepEqual(got, c) {
			t.Fatalf("wrote\n%+v\nread\n%+v", c, got)
		}
	})
}

// Whatever a workload has that the file can say, it says so that it is read as the same: or else it is refused.
func TestAnyWorkloadIsWrittenAndRead(t *testing.T) {
	t.Parallel()
	kept := 0
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.Map(rapid.IntRange(0, 2000), func(n int) time.Duration { return time.Duration(n) * time.Millisecond })
		few, yes := rapid.IntRange(0, 3), rapid.Bool()
		w := Workload{Name: "w", Connections: 1 + few.Draw(t, "connections"), Only: rapid.SampledFrom([][]string{nil, {"a"}, {"b", "a"}}).Draw(t, "only"),
			Pipeline: few.Draw(t, "pipeline"), NoKeepalive: yes.Draw(t, "keepalive"), Idle: few.Draw(t, "idle"),
			Rate: rapid.SampledFrom([]Rate{{}, {RPS: 500}, {Share: 0.5}}).Draw(t, "rate"), Arrivals: rapid.SampledFrom([]string{"", ArrivalsPoisson}).Draw(t, "arrivals"),
			Labels: rapid.SampledFrom([]map[string]string{nil, {}, {"k": "v;=,"}}).Draw(t, "labels"), Path: "/count", Method: "POST"}
		if w.Alone = yes.Draw(t, "alone"); w.Alone {
			w.Measure, w.Warmup, w.Fresh, w.Count = ms.Draw(t, "measure"), ms.Draw(t, "warmup"), yes.Draw(t, "fresh"), yes.Draw(t, "count")
			w.Requests = few.Draw(t, "requests")
			if yes.Draw(t, "with a fault") {
				w.Fault = Injection{Kind: rapid.SampledFrom(FaultKinds).Draw(t, "kind"), After: ms.Draw(t, "after"), New: few.Draw(t, "new")}
			}
			if yes.Draw(t, "with heavies") {
				w.Heavy = Heavy{Connections: few.Draw(t, "heavies"), Spin: few.Draw(t, "spin"), Path: rapid.SampledFrom([]string{"", "/p"}).Draw(t, "path")}
			}
		} else {
			w.Slice, w.WarmRounds = ms.Draw(t, "slice"), few.Draw(t, "warm rounds")
		}
		c := Campaign{Budget: time.Minute, Targets: []Target{{Name: "a", Model: "goroutine"}, {Name: "b", Model: "prefork"}},
			Workloads: []Workload{{Name: "all", Path: "/", Connections: 1, Slice: time.Second}, w}}
		if len(Check(c)) > 0 {
			return
		}
		kept++
		if got := again(t, c); !reflect.DeepEqual(got, c) {
			t.Fatalf("wrote\n%+v\nread\n%+v", c, got)
		}
	})
	if kept == 0 {
		t.Error("nothing was accepted")
	}
}

// What the file may leave out of a workload that stands alone.
func TestDefaultsOfAlone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]time.Duration{
		"":                     {DefaultMeasure, DefaultWarmup},
		", warmup: 0s":         {DefaultMeasure, 0},
		", requests: 5":        {DefaultMeasure, 0},
		", measure: 3s":        {3 * time.Second, DefaultWarmup},
		", arrivals: constant": {DefaultMeasure, DefaultWarmup},
		", keepalive: true":    {DefaultMeasure, DefaultWarmup},
		", requests: 5, count: false, fresh: true, measure: 2s, warmup: 0s": {2 * time.Second, 0},
	} {
		c, err := Parse("x", []byte("budget: 9s\ntargets: [{name: a, model: prefork}]\nworkloads: [{name: w, path: /, connections: 1, alone: true"+text+"}]\n"))
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if w := c.Workloads[0]; [2]time.Duration{w.Measure, w.Warmup} != want || w.Arrivals != "" || w.NoKeepalive {
			t.Errorf("%s: %+v", text, w)
		}
	}
}

// Every file under testdata/bad says in its first line what is to be found wrong with
// it, from the place on.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/bad/*.yaml")
	must(t, err)
	if len(files) < 30 {
		t.Fatalf("%d files", len(files))
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(f)
			must(t, err)
			first, _, _ := strings.Cut(string(text), "\n")
			want := strings.TrimPrefix(first, "# ")
			_, err = Parse("bad.yaml", text)
			if err == nil {
				t.Fatalf("it was read; want %s", want)
			}
			got, below, _ := strings.Cut(err.Error(), "\n")
			if !strings.HasPrefix(got, "bad.yaml:"+want) {
				t.Errorf("got  %s\nwant bad.yaml:%s", got, want)
			}
			if !strings.Contains(below, " | ") || !strings.Contains(below, "^") {
				t.Errorf("the line is not shown:\n%v", err)
			}
		})
	}
}

func TestFaultShowsItsLine(t *testing.T) {
	t.Parallel()
	_, err := Parse("x.yaml", []byte("budget: 90s\nblocks: many\ntargets:\n\t- a"))
	want := "x.yaml:2:9: blocks is expected to be a whole number, not the text \"many\"\n    2 | blocks: many\n      |         ^"
	if err == nil || !strings.Contains(err.Error(), want) && !strings.Contains(err.Error(), "x.yaml:4:") {
		t.Errorf("%v", err)
	}
	_, err = Parse("x.yaml", []byte("budget: 90s\nblocks: many\n"))
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestParseNothing(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"": "there is nothing in it", "# only\n": "there is nothing in it", strings.Repeat("#", mostBytes+1): "more than the 65536",
	} {
		if _, err := Parse("x", []byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.10q: %v", text, err)
		}
	}
}

func TestManyFaultsAreCut(t *testing.T) {
	t.Parallel()
	_, err := Parse("x", []byte(strings.Repeat("a", 1)+": 1\n"+func() (s string) {
		for i := range 20 {
			s += strings.Repeat("b", i+1) + ": 1\n"
		}
		return s
	}()))
	if err == nil || strings.Count(err.Error(), "unknown key") != mostFaults || !strings.HasSuffix(err.Error(), "and 13 more") {
		t.Error(err)
	}
}

func TestRates(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Rate{"closed": {}, "500": {RPS: 500}, "20k": {RPS: 20000}, "1.5M": {RPS: 1.5e6}, "0.5": {RPS: 0.5}} {
		got, err := ParseRate(text)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
		if back, err := ParseRate(got.String()); err != nil || back != want {
			t.Errorf("%s: written %s, read %+v, %v", text, got, back, err)
		}
	}
	for _, text := range []string{"", "k", "0", "-1", "1e300", "nan", "inf", "20 k", "20K", "1_000", "0x10", "open"} {
		if got, err := ParseRate(text); err == nil {
			t.Errorf("%q is %+v", text, got)
		}
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{
		"./server --port {port}":        {"./server", "--port", "{port}"},
		`sh -c 'a && b "c d"'`:          {"sh", "-c", `a && b "c d"`},
		`python3 -c "print(1)" '' x\ y`: {"python3", "-c", "print(1)", "", "x y"},
		"a $HOME *":                     {"a", "$HOME", "*"},
	} {
		if got, err := Split(line); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", line, got, err)
		}
	}
	for line, says := range map[string]string{"": "empty", "  ": "empty", "a | b": `"|" is for a shell`, "a 'b": "has no end", `a\`: "has no end", "ü; b": `";"`} {
		if got, err := Split(line); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %q, %v", line, got, err)
		}
	}
}

func TestReady(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Ready{"port": {}, "line:up: yes": {Line: "up: yes"}, "regexp:^a:b$": {Regexp: "^a:b$"}, "http:/healthz": {HTTP: "/healthz"}} {
		if got, err := ParseReady(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "line", "line:", "http", "tcp:/x", "port:80"} {
		if got, err := ParseReady(text); err == nil {
			t.Errorf("%q is %+v", text, got)
		}
	}
}

func TestLoopback(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{"http://127.0.0.1:1": true, "tcp://127.9.9.9:1": true, "http://[::1]:1": true, "http://localhost:1": true,
		"http://10.0.0.1:1": false, "http://example.org:80": false, "http://127.0.0.1.example.org:80": false, ":": false} {
		if Loopback(url) != want {
			t.Errorf("%s: %v", url, !want)
		}
	}
}

// Whatever is read is never a panic, and what is accepted is written as the same.
func FuzzParse(f *testing.F) {
	var b bytes.Buffer
	if err := Write(&b, whole()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	files, _ := filepath.Glob("testdata/bad/*.yaml")
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := Parse("x", text)
		if err != nil {
			return
		}
		if p := Check(c); len(p) > 0 {
			t.Fatalf("accepted with %v", p)
		}
		if got := again(t, c); !same(got, c) {
			t.Fatalf("read\n%+v\nand, when written,\n%+v", c, got)
		}
	})
}

// same compares campaigns but for the precision of a percentage.
func same(a, b Campaign) bool {
	near := func(x, y float64) bool { return x-y < 1e-9 && y-x < 1e-9 }
	if !near(a.Until, b.Until) {
		return false
	}
	a.Until, b.Until = 0, 0
	for i := range a.Targets {
		if maps.Equal(a.Targets[i].Env, b.Targets[i].Env) {
			a.Targets[i].Env, b.Targets[i].Env = nil, nil
		}
	}
	return reflect.DeepEqual(a, b)
}
