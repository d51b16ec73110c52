package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func call(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, diag bytes.Buffer
	code = run(t.Context(), args, &out, &diag)
	return code, out.String(), diag.String()
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"--rounds 0":           "--rounds: 0 is less than 1",
		"-d 1500ms":            "--duration: 1.5s is not in whole seconds",
		"--client-cpu 0":       "--client-cpu: 0 is the server's core",
		"--url http://x/":      "--url: it and --pid belong together",
		"--server nginx":       `--server: "nginx" is not c-epoll or eventloop`,
		"--with k6":            `--with: "k6" is not one of h2load, hey, ab`,
		"--with hey,hey":       `--with: "hey" is empty or named twice`,
		"--engine epoll,epoll": `--engine: "epoll" is empty or named twice`,
		"--with hey -p 2":      "--pipeline: hey knows no pipelining",
		"--with ab":            "--with: ab waits for ever for c-epoll",
		"-p 0":                 "--pipeline: 0 is less than 1",
		"--nonsense":           "unknown flag --nonsense",
		"-c 0":                 "--connections: 0 is less than 1",
	} {
		code, stdout, stderr := call(t, strings.Fields(args)...)
		if code != exitUsage || stdout != "" || !strings.HasPrefix(stderr, "versus: "+want) {
			t.Errorf("%s: exit %d, %q", args, code, stderr)
		}
	}
	if code, stdout, _ := call(t, "--help"); code != 0 || !strings.Contains(stdout, "--pipeline") {
		t.Errorf("--help: exit %d, %q", code, stdout)
	}
}

// fakeClients puts programs on the PATH that say what the real ones have said once, so that
// nothing needs to be installed.
func fakeClients(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range append([]string{reference}, extras...) {
		script := fmt.Sprintf("#!/bin/sh\ncat <<'END'\n%sEND\n", report(t, name))
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
}

// Every client runs for as long as it is told, with as many connections.
func TestCommandLines(t *testing.T) {
	f := &flags{Connections: 7, Pipeline: 3, Engine: []string{"epoll", "uring"}, With: extras}
	fakeClients(t)
	dir := t.TempDir()
	all, err := f.clients(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range all {
		args := c.args(2*time.Second, "URL")
		args[0] = c.name
		got = append(got, strings.ReplaceAll(strings.Join(args, " "), dir, "DIR"))
	}
	want := []string{
		"loadgen-epoll -t 1 -c 7 -p 3 -d 2s -w 0s --engine epoll URL",
		"loadgen-uring -t 1 -c 7 -p 3 -d 2s -w 0s --engine uring URL",
		"wrk -t 1 -c 7 -d 2s -s DIR/pipeline.lua URL",
		"h2load --h1 -t 1 -c 7 -m 3 -D 2 URL",
		"hey -cpus 1 -c 7 -z 2s URL",
		"ab -q -k -c 7 -t 2 -n 2000000 URL",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}
