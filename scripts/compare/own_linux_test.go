package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"modelbench/results/trial"
	"modelbench/scripts/campaign"
)

// link makes the test binary another program.
func link(t *testing.T, dir, name string) string {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	path := filepath.Join(dir, name)
	must(t, os.Symlink(self, path))
	return path
}

func manifestOf(t *testing.T, out string) (m campaign.Manifest) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(out, "manifest.json"))
	must(t, err)
	must(t, json.Unmarshal(text, &m))
	return m
}

// A campaign from a file: a server of the user's beside one of ours, and others that do
// everything wrong. Each of them costs its own trials, and says why.
func TestOwnServersFromAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	own, out, file := link(t, dir, ownName), filepath.Join(dir, "out"), filepath.Join(dir, "it.yaml")
	must(t, os.WriteFile(file, fmt.Appendf(nil, `
name: own
seed: 5
budget: 80s
blocks: 1
again: none
targets:
  - {name: goroutine, model: goroutine, procs: 1}
  - name: mine
    command: ./%[1]s --port {port} --echo "127.0.0.1:{echo-port}"
    dir: %[2]s
    ready: {regexp: "^listening at port [0-9]+$", within: 60s}
  - {name: one, command: ["%[3]s", --port, "{port}", --mode, one], ready: {http: /plaintext, within: 60s}}
  - {name: dies, command: "%[3]s --port {port} --mode dies", ready: {within: 60s}}
  - {name: never, command: "%[3]s --port {port} --mode never", ready: {within: 300ms}}
  - {name: missing, command: "%[2]s/nowhere {port}"}
workloads:
  - {name: echo, echo: true, payload: 64, connections: 4, slice: 50ms, rate: 200}
  - {name: plaintext, path: /plaintext, connections: 4, slice: 50ms, rate: closed}
  - {name: task, wait: 1ms, connections: 4, slice: 50ms, rate: 100}
`, ownName, dir, own), 0o644))
	code, stdout, stderr := call(t, "--campaign", file, "--out", out)
	if code != exitFailed {
		t.Fatalf("exit %d\n%s\n%s", code, stderr, stdout)
	}
	m := manifestOf(t, out)
	said := strings.Join(m.Failures, "\n")
	for _, want := range []string{
		"one answers GET /task?wait=1ms with 404: left out of task",
		"start never: nothing accepts connections at 127.0.0.1:",
		"within 300ms; it said: waiting for a licence server; it is left out",
		"start missing: it ended before it was ready: exit status 127; it said: exec: \"" + dir + "/nowhere\"",
		"dies ended in block 1, ",
		"exit status 1; it said: listening at port ",
		" | out of luck",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("the failures lack %q:\n%s", want, said)
		}
	}
	if !strings.Contains(stdout, "one answers GET /task?wait=1ms with 404: left out of task") || !strings.Contains(stderr, "failed: one answers") {
		t.Errorf("it is not said:\n%s\n%s", stdout, stderr)
	}
	for _, want := range []string{"start never: nothing accepts", "start missing: it ended before it was ready", "dies ended in block 1, "} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the answer lacks %q:\n%s", want, stdout)
		}
	}
	if m.Seed != 5 || m.Targets[1].Command[0] != "./"+ownName || m.Binaries[filepath.Join(dir, ownName)].SHA256 == "" {
		t.Errorf("manifest %+v", m)
	}
	rows, _, err := trial.ReadFile(filepath.Join(out, "trials.csv"))
	must(t, err)
	var cells []string
	for _, r := range rows {
		if r.Target != "dies" {
			cells = append(cells, r.Workload+" "+r.Target+" "+r.Model)
		}
		if r.Target == "mine" && (r.Completed.Or(0) == 0 || r.ServerCPUUsPerReq.Or(0) == 0 || r.StartToReadyUs.Or(0) == 0) {
			t.Errorf("row %+v", r)
		}
	}
	slices.Sort(cells)
	if want := []string{"echo goroutine goroutine", "echo mine own", "plaintext goroutine goroutine", "plaintext mine own", "plaintext one own",
		"task goroutine goroutine", "task mine own"}; !slices.Equal(cells, want) {
		t.Errorf("trials %q, want %q\n%s", cells, want, said)
	}
}

// By flags alone: one that is up already beside one of ours, with a path of any server's.
func TestServerThatIsUp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := exec.Command(link(t, dir, ownName), "--port", "0")
	read, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(read).ReadString('\n')
	must(t, err)
	port := strings.Fields(line)[3]
	out := filepath.Join(dir, "out")
	code, stdout, stderr := call(t, "--models", "goroutine", "--again", "none", "--target", "up=http://127.0.0.1:"+port, "--pid", fmt.Sprintf("up=%d", cmd.Process.Pid),
		"--path", "/plaintext", "--connections", "4", "--blocks", "1", "--budget", "60s", "--out", out)
	// On a busy machine no trial may be valid, which leaves nothing to compare.
	if code != 0 && !strings.Contains(stderr, "nothing to compare") {
		t.Fatalf("exit %d\n%s\n%s", code, stderr, stdout)
	}
	if !strings.Contains(stdout, "\nplaintext: capacity in a short closed loop: ") {
		t.Errorf("no capacities:\n%s", stdout)
	}
	m := manifestOf(t, out)
	if !slices.Contains(m.Notes, "up is up already: its blocks do not begin with a fresh server") || m.Targets[1].Restarted || !m.Targets[0].Restarted {
		t.Errorf("manifest %+v", m)
	}
	rows, _, err := trial.ReadFile(filepath.Join(out, "trials.csv"))
	must(t, err)
	if len(rows) != 2 || rows[1].Target != "up" || rows[1].ServerPSSBytes.Or(0) == 0 || rows[1].StartToReadyUs != (trial.Float{}) || rows[1].Connections != trial.I(4) {
		t.Errorf("rows %+v", rows)
	}
}

// SIGKILL leaves a campaign no time for anything: what a command has started in a session
// of its own ends all the same.
func TestKilledWithAServerThatForks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	own, pids := link(t, dir, ownName), filepath.Join(dir, "pids")
	cmd := exec.Command(link(t, dir, "compare"), "--models", "none", "--again", "none", "--blocks", "1", "--budget", "60s", "--path", "/plaintext",
		"--target", fmt.Sprintf("mine=%s --port {port} --mode forks --pids %s", own, pids), "--out", filepath.Join(dir, "out"))
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	progress := &signalAt{sign: "calibrating plaintext", fire: func() { _ = cmd.Process.Kill() }}
	cmd.Stderr = progress
	must(t, cmd.Start())
	_ = cmd.Wait() // "signal: killed"
	text, err := os.ReadFile(pids)
	if err != nil {
		t.Fatalf("%v\n%s", err, progress.text.String())
	}
	both := strings.Fields(string(text))
	if len(both) != 2 {
		t.Fatalf("pids %q", text)
	}
	for _, p := range both {
		pid, err := strconv.Atoi(p)
		must(t, err)
		for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(10 * time.Millisecond) {
			stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
			if err != nil || bytes.Contains(stat, []byte(") Z ")) {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("process %d is still there", pid)
			}
		}
	}
}

// What --print-campaign prints is the campaign that is run without it.
func TestPrintCampaign(t *testing.T) {
	t.Parallel()
	code, first, stderr := call(t, "--print-campaign")
	if code != 0 || stderr != "" {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	for _, want := range []string{"name: default", "budget: 1m30s", "again: first", "- name: eventloop-1", "rate: {share: 0.25}", "# "} {
		if !strings.Contains(first, want) {
			t.Errorf("it lacks %q:\n%s", want, first)
		}
	}
	file := filepath.Join(t.TempDir(), "it.yaml")
	must(t, os.WriteFile(file, []byte(first), 0o644))
	if code, again, stderr := call(t, "--campaign", file, "--print-campaign"); code != 0 || again != first {
		t.Errorf("exit %d: %s\n%s", code, stderr, again)
	}
	// Flags win, wherever they stand.
	code, changed, stderr := call(t, "--budget", "3m", "--campaign", file, "--models", "prefork,stock-nethttp", "--workloads", "wait", "--path", "/x", "--seed", "9",
		"--target", "mine=./server --port {port}", "--ready", "mine=line:up: now", "--until", "3%", "--print-campaign")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	for _, want := range []string{"budget: 3m0s", "seed: 9", "until: 3%", "- name: prefork", "- name: stock-nethttp", "command: [\"./server\", --port, \"{port}\"]", "ready: {line: \"up: now\"}", "path: /x", "wait: 10ms"} {
		if !strings.Contains(changed, want) {
			t.Errorf("it lacks %q:\n%s", want, changed)
		}
	}
	if strings.Contains(changed, "eventloop-1") || strings.Contains(changed, "name: spin") {
		t.Errorf("it has what was not picked:\n%s", changed)
	}
}
