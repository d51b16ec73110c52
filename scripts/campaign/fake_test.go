package campaign

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"go.uber.org/goleak"

	"modelbench/results/trial"
)

// The test binary plays the servers and loadgen: a folder of links to it, named like
// the real executables, is what the tests give a campaign as its Bin. What a fake
// does is decided by a script beside the links, so that tests can run in parallel.

func TestMain(m *testing.M) {
	MaybeGuard()
	folder, name := filepath.Split(os.Args[0])
	switch name {
	case "goroutine", "goroutine-again", "prefork", "eventloop", "eventloop-1", "fourth", "stock-nethttp", "stock-fasthttp", "stock-fasthttp-prefork":
		os.Exit(fakeServer(readScript(folder), os.Args[1:]))
	case loadgenName:
		os.Exit(fakeLoadgen(readScript(folder), os.Args[1:]))
	case "doomed":
		os.Exit(playDoomedCampaign(folder))
	case "killed":
		os.Exit(playKilled(folder))
	case "cramped":
		os.Exit(playCramped(folder))
	case "crowded":
		os.Exit(playCrowded(folder))
	}
	// Under the race detector a process would otherwise wait a second before it exits.
	if err := os.Setenv("GORACE", "atexit_sleep_ms=0"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// script tells the fakes of one test what to do. By default all goes well.
type script struct {
	Servers map[string]string // by executable: one of the server modes below
	Loadgen string            // one of the loadgen modes below
	Victim  string            // target or workload that the mode is about
}

const (
	neverReady  = "never-ready"  // listens to nothing, says nothing, does not end
	diesAtOnce  = "dies-at-once" // ends before it is ready
	panics      = "panics"       // the same, with a crash's output
	busyOnce    = "busy-once"    // finds its address in use the first time it is started
	comesOnce   = "comes-once"   // ends before it is ready but for the first time
	garbage     = "garbage"      // prints other lines before the ready line
	badAddress  = "bad-address"  // its ready line names no port
	ignoresTerm = "ignores-term" // has to be killed
	hidesChild  = "hides-child"  // the same, with a child in a group of its own
	leavesChild = "leaves-child" // ends and leaves a child running
	notFound    = "not-found"    // answers /task with 404, and no echo with what came
	hangs       = "hangs"        // answers no HTTP request
	countsApart = "counts-apart" // every second answer to GET /count is 5 less

	failsFor     = "fails-for"      // exits 1 for the workload
	invalidFor   = "invalid-for"    // exits 4 for the workload, its rows say why
	refusesFirst = "refuses-first"  // the first time, the row of the target has errors and nothing completed
	omits        = "omits"          // writes no row for the target
	failsAt      = "fails-at"       // exits 1 when it is started for the nth time
	fillsAt      = "fills-at"       // fails to write a file that has grown, from when it is started for the nth time
	hangsFor     = "hangs-for"      // runs until it is stopped, for the workload
	hangsAt      = "hangs-at"       // the same, when it is started for the nth time
	killsServer  = "kills-server"   // sends SIGKILL to the target's process
	writesTorn   = "writes-torn"    // its last line has no newline
	noHistograms = "no-histograms"  // writes none
	tellsAndHang = "tells-and-hang" // like hangs-for, for every workload, once it left a sign
	besideHeavy  = "beside-heavy"   // waits until there is a heavy load beside it
	heavyFails   = "heavy-fails"    // the same, and the heavy load is answered nothing
	heavyEnds    = "heavy-ends"     // the same, and the heavy load ends before it
	failsAll     = "fails-all"      // exits 1 for the target, its row says that nothing completed
)

func readScript(folder string) script {
	var s script
	text, err := os.ReadFile(filepath.Join(folder, "script.json"))
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "fake:", err)
		os.Exit(9)
	}
	return s
}

// fakes makes the folder of executables.
func fakes(t *testing.T, s script) string {
	t.Helper()
	folder := t.TempDir()
	self, err := os.Executable()
	must(t, err)
	for _, name := range []string{"goroutine", "goroutine-again", "prefork", "eventloop", "eventloop-1", "fourth",
		"stock", "stock-nethttp", "stock-fasthttp", "stock-fasthttp-prefork", loadgenName, "doomed", "cramped", "crowded", "killed"} {
		must(t, os.Symlink(self, filepath.Join(folder, name)))
	}
	text, err := json.Marshal(s)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(folder, "script.json"), text, 0o644))
	return folder
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// note appends a line to a file beside the links: how the fakes tell the test what
// they did. Short appends do not mix.
func noteFake(file, line string) {
	f, err := os.OpenFile(filepath.Join(filepath.Dir(os.Args[0]), file), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = f.WriteString(line + "\n")
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		panic(err)
	}
}

// notes reads such a file; one that is not there is empty.
func notes(t *testing.T, bin, file string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(bin, file))
	if os.IsNotExist(err) {
		return nil
	}
	must(t, err)
	whole := text[:bytes.LastIndexByte(text, '\n')+1] // a line may be on its way
	if len(whole) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(whole), "\n"), "\n")
}

// fakeServer serves the one request of each workload that the campaign itself puts; no
// load ever comes.
func fakeServer(s script, args []string) int {
	name := filepath.Base(os.Args[0])
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	addr, echo := fs.String("http", "", ""), new(string)
	if strings.HasPrefix(name, "stock-") { // as the real one it knows no echo
		fs.String("library", "", "")
	} else {
		fs.StringVar(echo, "echo", "", "")
		if fs.String("admin", "127.0.0.1:9081", ""); !slices.Contains(args, "--admin") { // they would all take that
			return 2
		}
	}
	procs, workers, loops := fs.Int("procs", 0, ""), fs.Int("workers", 0, ""), fs.Int("loops", 0, "")
	if fs.Parse(args) != nil {
		return 2
	}
	_, _, _ = *procs, *workers, *loops
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, syscall.SIGTERM)
	noteFake("pids", fmt.Sprint(os.Getpid()))
	noteFake("cpus", name+" "+allowedList(os.Getpid()))

	switch s.Servers[name] {
	case neverReady:
		fmt.Fprintln(os.Stderr, "waiting for a licence server")
		<-terminated
		return 0
	case diesAtOnce:
		fmt.Fprintln(os.Stderr, "cannot read its configuration")
		return 1
	case panics:
		panic("out of luck")
	case busyOnce:
		if _, err := os.Stat(filepath.Join(filepath.Dir(os.Args[0]), "was-busy")); err != nil {
			noteFake("was-busy", *addr)
			fmt.Fprintln(os.Stderr, "address already in use")
			return 1
		}
	case comesOnce:
		if _, err := os.Stat(filepath.Join(filepath.Dir(os.Args[0]), "came")); err == nil {
			fmt.Fprintln(os.Stderr, "the licence has expired")
			return 1
		}
		noteFake("came", name)
	case garbage:
		fmt.Println("Welcome to the server!")
		fmt.Println(`{"ready":false}`)
	case badAddress:
		*addr = "127.0.0.1:0"
	case hidesChild:
		signal.Ignore(syscall.SIGTERM)
		startSleep(&syscall.SysProcAttr{Setpgid: true})
	case ignoresTerm:
		signal.Ignore(syscall.SIGTERM)
	}
	if s.Servers[name] != badAddress {
		listenFake(*addr, *echo, s.Servers[name])
	}
	line, _ := json.Marshal(ready{Ready: true, Model: name, PID: os.Getpid(), HTTP: *addr, Echo: *echo})
	fmt.Println(string(line))
	<-terminated
	if s.Servers[name] == leavesChild {
		startSleep(nil)
	}
	return 0
}

// listenFake answers HTTP requests and echoes, unless the mode is against it.
func listenFake(httpAddr, echoAddr, mode string) {
	l, err := net.Listen("tcp", httpAddr)
	if err != nil {
		panic(err)
	}
	var asked atomic.Int64
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		noteFake("requests", strings.Join([]string{r.Method, r.URL.Path, r.Header.Get("X-A"), r.Header.Get("Accept"), string(body)}, " "))
		switch {
		case mode == notFound && r.URL.Path == "/task":
			http.NotFound(w, r)
		case mode == hangs:
			<-r.Context().Done()
		case r.URL.Path == "/count" && r.Method == http.MethodGet:
			n := asked.Add(1)
			answer := 5
			if n > countAskers {
				answer = 995
			}
			if mode == countsApart && n%2 == 0 {
				answer -= 5
			}
			fmt.Fprintln(w, answer)
		}
	}))
	if echoAddr == "" {
		return
	}
	if l, err = net.Listen("tcp", echoAddr); err != nil {
		panic(err)
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if mode == notFound {
					_, _ = conn.Write(bytes.Repeat([]byte("?"), 64))
				}
				_, _ = io.Copy(conn, conn)
			}()
		}
	}()
}

// startSleep starts a child that would stay for a minute.
func startSleep(attr *syscall.SysProcAttr) {
	child := exec.Command("sleep", "60")
	child.SysProcAttr = attr
	if err := child.Start(); err != nil {
		panic(err)
	}
	noteFake("pids", fmt.Sprint(child.Process.Pid))
}

// allowedList is Cpus_allowed_list of a process.
func allowedList(pid int) string {
	text, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	_, after, _ := strings.Cut(string(text), "Cpus_allowed_list:")
	line, _, _ := strings.Cut(after, "\n")
	return strings.TrimSpace(line)
}

// many collects a flag that may be given several times.
type many []string

func (m *many) String() string     { return strings.Join(*m, " ") }
func (m *many) Set(v string) error { *m = append(*m, v); return nil }

// fakeLoadgen understands the flags of the real one that a campaign uses, refuses any
// other, and writes a row for each target without sending anything.
func fakeLoadgen(s script, args []string) int {
	fs := flag.NewFlagSet("loadgen", flag.ContinueOnError)
	conns := fs.Int("c", 0, "")
	measure, warmup := fs.Duration("d", 0, ""), fs.Duration("w", 0, "")
	rate, slice := fs.Float64("R", 0, ""), fs.Duration("slice", 0, "")
	seed, payload, file := fs.Int64("seed", 0, ""), fs.Int("payload", 0, ""), fs.String("csv", "", "")
	_, _ = fs.String("m", "", ""), fs.String("b", "", "")
	var headers many
	fs.Var(&headers, "H", "")
	told := fs.String("json", "", "")
	_, _, _, _ = fs.String("timeout", "", ""), fs.Uint64("n", 0, ""), fs.Int("p", 0, ""), fs.Bool("no-keepalive", false, "")
	_, _ = fs.Int("idle", 0, ""), fs.String("arrivals", "", "")
	hdr, interval := fs.String("hdr", "", ""), fs.Duration("interval", time.Second, "")
	var pids many
	fs.Var(&pids, "pid", "")
	if fs.Parse(args) != nil || (*slice > 0) != (fs.NArg() > 1) || *measure <= 0 || *seed <= 0 || (*hdr != "") != (*interval > time.Minute) {
		return 2
	}
	_ = *payload
	noteFake("pids", fmt.Sprint(os.Getpid()))
	noteFake("cpus", "loadgen "+allowedList(os.Getpid()))
	noteFake("loads", strings.Join(args, " "))
	if *measure > time.Minute {
		return fakeHeavies(s, *file, fs.Arg(0))
	}
	about := strings.Contains(strings.Join(fs.Args(), " "), s.Victim) // a part of the URLs
	exit := 0
	switch {
	case s.Loadgen == failsFor && about:
		fmt.Fprintln(os.Stderr, "something is wrong with this load")
		return 1
	case s.Loadgen == failsAt && startedTimes() == atoi(s.Victim):
		fmt.Fprintln(os.Stderr, "something is wrong this time")
		return 1
	case s.Loadgen == fillsAt && startedTimes() >= atoi(s.Victim):
		fmt.Fprintln(os.Stderr, "writing failed:", os.WriteFile(*file, make([]byte, 200<<10), 0o644))
		return 1
	case s.Loadgen == hangsAt && startedTimes() == atoi(s.Victim), s.Loadgen == hangsFor && about, s.Loadgen == tellsAndHang:
		stop := make(chan os.Signal, 1)
		signal.Notify(stop, syscall.SIGINT)
		noteFake("hanging", fmt.Sprint(os.Getpid()))
		<-stop
		return 0
	case s.Loadgen == besideHeavy, s.Loadgen == heavyFails, s.Loadgen == heavyEnds:
		for i := 0; noted("heavies") <= noted("lights") && i < 20_000; i++ { // else the test fails by what comes of it
			time.Sleep(time.Millisecond)
		}
		noteFake("lights", fs.Arg(0))
	case s.Loadgen == failsAll && about:
		exit = loadgenFailed
	case s.Loadgen == invalidFor && about:
		exit = loadgenInvalid
	}
	var rows []trial.Trial
	for i, arg := range fs.Args() {
		name, url, _ := strings.Cut(arg, "=")
		if s.Loadgen == omits && name == s.Victim {
			continue
		}
		if s.Loadgen == killsServer && name == s.Victim {
			killFake(pids, name)
		}
		row := trial.Trial{Target: name, URL: url, StartedAt: trial.T(time.Now()), Arrivals: trial.ArrivalsClosed,
			Connections: trial.I(*conns), MeasureS: trial.F(measure.Seconds() / float64(fs.NArg())), WarmupS: trial.F(warmup.Seconds()),
			// Target i reaches 10,000/s, 20,000/s and so on.
			ThroughputRPS: trial.F(float64(i+1) * 1e4), Completed: trial.I(1000), Due: trial.I(1000), Verdict: trial.VerdictOK}
		if *rate > 0 {
			row.Arrivals, row.OfferedRPS, row.ThroughputRPS = trial.ArrivalsConstant, trial.F(*rate), trial.F(*rate)
		}
		if s.Loadgen == refusesFirst && name == s.Victim && startedTimes() == 1 {
			row.Verdict, row.VerdictReason = trial.VerdictErrors, "all requests failed"
			row.ThroughputRPS, row.Completed = trial.F(0), trial.I(0)
		}
		if exit == loadgenFailed {
			row.Verdict, row.VerdictReason = trial.VerdictErrors, "all requests failed"
			row.ThroughputRPS, row.Completed = trial.F(0), trial.I(0)
		}
		row.LatP99Us = trial.F(250)
		row.ServerCPUUsPerReq = trial.F(float64(10 * (i + 1)))
		if exit == loadgenInvalid {
			row.Verdict, row.VerdictReason = trial.VerdictRateMissed, "as told"
		}
		rows = append(rows, row)
	}
	if *told != "" {
		if err := os.WriteFile(*told, []byte(`{"targets":[{"measured_s":1,"latency":{"p99_us":250}}]}`), 0o644); err != nil {
			panic(err)
		}
	}
	if *hdr != "" && s.Loadgen != noHistograms {
		writeLatencies(*hdr, rows)
	}
	if err := trial.Append(*file, rows...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if s.Loadgen == writesTorn {
		info, _ := os.Stat(*file)
		_ = os.Truncate(*file, info.Size()-1)
	}
	return exit
}

// fakeHeavies is loadgen as a load beside another: it runs until it is told to end.
func fakeHeavies(s script, file, arg string) int {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT)
	name, url, _ := strings.Cut(arg, "=")
	row := trial.Trial{Target: name, URL: url, StartedAt: trial.T(time.Now()), MeasureS: trial.F(60), Due: trial.I(9), Completed: trial.I(7), Verdict: trial.VerdictTooFew, VerdictReason: "7"}
	noteFake("heavies", arg)
	if s.Loadgen == tellsAndHang {
		noteFake("hanging", fmt.Sprint(os.Getpid()))
	}
	if s.Loadgen == heavyFails {
		row.Completed, row.Verdict, row.VerdictReason = trial.I(0), trial.VerdictErrors, "all failed"
	}
	if s.Loadgen == heavyEnds {
		row.MeasureS = trial.F(0)
	}
	<-stop
	if err := trial.Append(file, row); err != nil {
		panic(err)
	}
	return loadgenInvalid
}

// noted is how many lines a file of notes has.
func noted(file string) int {
	text, _ := os.ReadFile(filepath.Join(filepath.Dir(os.Args[0]), file))
	return strings.Count(string(text), "\n")
}

// startedTimes is how often loadgen has noted that it was started.
func startedTimes() int { return noted("loads") }

// writeLatencies writes a log as the real one does: an interval of each target, and service
// times besides. A target's row says how many requests there were, of 1 ms each.
func writeLatencies(path string, rows []trial.Trial) {
	f, err := os.Create(path)
	if err != nil {
		panic(err)
	}
	log := hdrhistogram.NewHistogramLogWriter(f)
	for _, row := range rows {
		for _, tag := range []string{"", serviceTag} {
			h := hdrhistogram.New(1, int64(time.Hour), 3)
			_ = h.RecordValues(int64(time.Millisecond), row.Completed.Or(0))
			if h.SetTag(row.Target + tag); len(rows) == 1 {
				h.SetTag(strings.TrimPrefix(tag, ":"))
			}
			h.SetStartTimeMs(time.Now().UnixMilli())
			h.SetEndTimeMs(h.StartTimeMs() + 500)
			if err := log.OutputIntervalHistogram(h); err != nil {
				panic(err)
			}
		}
	}
	if err := f.Close(); err != nil {
		panic(err)
	}
}

// killFake kills the process given for a target, and waits until nothing of it runs any more.
func killFake(pids many, name string) {
	for _, p := range pids {
		if owner, pid, _ := strings.Cut(p, "="); owner == name {
			var n int
			_, _ = fmt.Sscan(pid, &n)
			_ = syscall.Kill(n, syscall.SIGKILL)
			for threads := 2; threads > 1 || !gone(n); time.Sleep(time.Millisecond) {
				tasks, _ := os.ReadDir("/proc/" + pid + "/task")
				threads = len(tasks)
			}
		}
	}
}

// freeAddress tells whether somebody could listen there.
func freeAddress(addr string) bool {
	l, err := net.Listen("tcp4", addr)
	if err == nil {
		_ = l.Close()
	}
	return err == nil
}
