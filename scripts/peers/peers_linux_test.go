package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"modelbench/results/trial"
)

// As a user runs it, short: two of ours, one of them a second time as a --server.
func TestEndToEnd(t *testing.T) {
	t.Parallel()
	csv := filepath.Join(t.TempDir(), "trials.csv")
	code, stdout, stderr := call(t, "--servers", "goroutine,eventloop", "--server", "again=goroutine --procs 1 --http {http}",
		"--to", "goroutine", "--blocks", "1", "-d", "300ms", "-c", "300", "--settle", "1ms", "--active", "8", "--active-rate", "4000", "--active-for", "300ms",
		"--csv", csv)
	if code != 0 {
		t.Fatalf("exit %d\n%s\n%s", code, stderr, stdout)
	}
	for _, want := range []string{
		"plaintext: GET /plaintext, 64 connections", "echo: 64 bytes", "pipeline: GET /plaintext, 16 outstanding", "idle: 300 keep-alive connections",
		"\n  again ", " KiB", "1 pairs cannot reach",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the tables lack %q:\n%s", want, stdout)
		}
	}
	if !strings.Contains(stderr, "without again: no TCP echo") {
		t.Errorf("stderr\n%s", stderr)
	}
	rows, torn, err := trial.ReadFile(csv)
	must(t, err)
	if torn || len(rows) < 3+2+2*3+2*3 { // latencies may have been measured again
		t.Fatalf("%d trials, torn: %v", len(rows), torn)
	}
	idle := 0
	for _, r := range rows {
		if r.Completed.Or(0) == 0 || r.ServerCPUUsPerReq.Or(0) == 0 && r.Verdict == trial.VerdictOK || r.Block.Or(0) != 1 || r.CampaignID == "" || r.Workload == "" {
			t.Errorf("row %+v", r)
		}
		if r.IdleConnections.Or(0) == 300 {
			idle++
		}
	}
	if idle < 3 {
		t.Errorf("%d trials had idle connections beside them", idle)
	}
}

func TestCoreThatIsNotThere(t *testing.T) {
	t.Parallel()
	if code, _, stderr := call(t, "--client-cpu", "1000"); code != exitUsage || !strings.HasPrefix(stderr, "peers: --client-cpu: core 1000 is none of the ") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// Ctrl-C in the middle of a block.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	cmd, dir := command(t, func(p *os.Process) { must(t, p.Signal(syscall.SIGINT)) })
	err := cmd.Wait()
	if cmd.ProcessState.ExitCode() != exitInterrupted || !strings.Contains(said(cmd), "stopped by a signal") {
		t.Errorf("%v\n%s", err, said(cmd))
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "modelbench-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if pids := runningUnder(t, dir); len(pids) > 0 {
		t.Errorf("processes %v are still there", pids)
	}
}

// SIGKILL gives it no time for anything: the kernel ends what it started.
func TestKilled(t *testing.T) {
	t.Parallel()
	cmd, dir := command(t, func(p *os.Process) { must(t, p.Kill()) })
	if err := cmd.Wait(); err == nil {
		t.Fatal("it was killed, and ended well")
	}
	for begin := time.Now(); len(runningUnder(t, dir)) > 0; time.Sleep(10 * time.Millisecond) {
		if time.Since(begin) > time.Minute {
			t.Fatalf("processes %v are still there", runningUnder(t, dir))
		}
	}
}

// The floor answers as much as our servers do, so that both write the same bytes.
func TestFloorAnswersAsMuch(t *testing.T) {
	t.Parallel()
	literal := regexp.MustCompile(`(?s)#define REPLY (.*?)\nenum`).FindSubmatch([]byte(read(t, "../rig/epoll.c")))
	if literal == nil {
		t.Fatal("no reply in epoll.c")
	}
	reply := ""
	for _, part := range regexp.MustCompile(`"[^"]*"`).FindAllString(string(literal[1]), -1) {
		text, err := strconv.Unquote(part)
		must(t, err)
		reply += text
	}
	if whole, err := wholeReply([]byte(reply)); !whole {
		t.Errorf("it is no reply: %v", err)
	}
	if ours := ourReply(t); shape(ours) != shape(reply) {
		t.Errorf("ours is %q, the floor's %q", ours, reply)
	}
}

// shape is a reply without its date.
func shape(reply string) string {
	return regexp.MustCompile(`(?m)^Date: .{29}\r$`).ReplaceAllString(reply, "Date\r")
}

// ourReply is what a server of ours says to a request for /plaintext.
func ourReply(t *testing.T) string {
	t.Helper()
	f, err := parse([]string{"--servers", "goroutine"}, nil, nil)
	must(t, err)
	b := &bench{flags: f, out: io.Discard, diag: io.Discard}
	defer func() { must(t, b.close()) }()
	must(t, b.open(t.Context()))
	r, err := b.launch.Up(t.Context(), b.servers[0], 0)
	must(t, err)
	conn, err := net.Dial("tcp", r.Addr["http"].String())
	must(t, err)
	defer conn.Close()
	_, err = conn.Write([]byte("GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n"))
	must(t, err)
	var reply []byte
	for buf := make([]byte, 4096); ; {
		n, err := conn.Read(buf)
		must(t, err)
		reply = append(reply, buf[:n]...)
		whole, err := wholeReply(reply)
		must(t, err)
		if whole {
			return string(reply)
		}
	}
}

// command is a long measurement as a process of its own, whose temporary files go to dir.
// fire is called once, when loadgen is at work.
func command(t *testing.T, fire func(*os.Process)) (cmd *exec.Cmd, dir string) {
	t.Helper()
	dir = t.TempDir()
	self, err := os.Executable()
	must(t, err)
	link := filepath.Join(dir, "peers")
	must(t, os.Symlink(self, link))
	cmd = exec.Command(link, "plaintext", "--servers", "prefork", "-d", "1m", "--blocks", "1")
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	cmd.Stderr = &bytes.Buffer{}
	must(t, cmd.Start())
	for begin := time.Now(); !slices.ContainsFunc(runningUnder(t, dir), isLoadgen); time.Sleep(10 * time.Millisecond) {
		if time.Since(begin) > 5*time.Minute { // the build takes the most of it
			_ = cmd.Process.Kill()
			t.Fatalf("loadgen never came up: %v", cmd.Wait())
		}
	}
	fire(cmd.Process)
	return cmd, dir
}

func said(cmd *exec.Cmd) string { return cmd.Stderr.(*bytes.Buffer).String() }

func isLoadgen(pid int) bool {
	exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	return err == nil && filepath.Base(exe) == "loadgen"
}

// runningUnder lists the processes whose executable lies, or lay, below dir.
func runningUnder(t *testing.T, dir string) []int {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/exe")
	must(t, err)
	var pids []int
	for _, link := range links {
		if exe, err := os.Readlink(link); err == nil && strings.HasPrefix(exe, dir+"/") {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link)))
			must(t, err)
			pids = append(pids, pid)
		}
	}
	return pids
}
