package house

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

const root = "../.."

// blocks are the commands of README.md: what stands between ```sh and ```. A block that
// runs what an earlier one has built belongs to that one.
func blocks(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	built := 0
	for _, m := range regexp.MustCompile("(?ms)^```sh\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		if strings.Contains(m[1], ".bin/") && !strings.Contains(m[1], "go build") {
			all[built] += "wait\n" + m[1] // for the servers of before, whose addresses it may use
			continue
		}
		if strings.Contains(m[1], "go build") {
			built = len(all)
		}
		all = append(all, m[1])
	}
	return all
}

// shorter makes a block quick, and keeps it out of the way of whatever else runs
// here. What remains is the reader's command: same programs, same flags.
func shorter(t *testing.T, block string) string {
	t.Helper()
	dir := t.TempDir()
	replace := []string{
		"go run ./scripts/compare --target", "go run ./scripts/compare --budget 20s --blocks 1 --models goroutine --again none --out " + dir + "/run --target",
		"go run ./scripts/compare", "go run ./scripts/compare --budget 10s --blocks 1 --models goroutine --workloads wait --out " + dir + "/run",
		"go run ./scripts/claims", "go run ./scripts/claims --claim 3 --blocks 1 --budget 5m --out " + dir + "/claims",
		"go run ./scripts/peers", "go run ./scripts/peers plaintext --servers goroutine --blocks 1 -d 300ms",
		"go test ./...", "go test ./servers/app/...", // all the others are running now
		".bin/goroutine ", dir + "/bin/goroutine --echo= --admin= ",
		".bin/eventloop ", dir + "/bin/eventloop --echo= --admin= ",
		".bin/", dir + "/bin/",
		"-d 10s", "-d 300ms -w 100ms",
		"-d 4s", "-d 400ms",
		"-R 20k", "-R 1k", // a test machine may be busy with the other tests
		"trials.csv", dir + "/trials.csv",
		"report.html", dir + "/report.html",
	}
	for _, port := range []string{"8081", "8082", "8083"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		replace = append(replace, "127.0.0.1:"+port, l.Addr().String())
	}
	return patient(strings.NewReplacer(replace...).Replace(block))
}

var listens = regexp.MustCompile(`--http \S+:(\d+)`)

// patient has a script wait until its servers listen where it would sleep for a second.
func patient(script string) string {
	var out strings.Builder
	parts := strings.Split(script, "sleep 1\n")
	for _, part := range parts[:len(parts)-1] {
		out.WriteString(part)
		for _, m := range listens.FindAllStringSubmatch(part, -1) {
			fmt.Fprintf(&out, "for try in {1..1200}; do (: </dev/tcp/127.0.0.1/%s) 2>/dev/null && break || sleep 0.05; done\n", m[1])
		}
	}
	out.WriteString(parts[len(parts)-1])
	return out.String()
}

// TestReadme runs every command of README.md.
func TestReadme(t *testing.T) {
	t.Parallel()
	wants := [][]string{ // what a reader must see of each block
		{"wait 10.0 ms"},
		{"ok  \tmodelbench/servers/app"},
		{"A GIL keeps threads from computing in parallel: "},
		{"open it in a browser", "Recommendation: eventloop", "| measure | target |"},
		{"plaintext, 64 connections", "mine"},
		{"Requests/sec:", "server CPU per request"},
		{"plaintext: GET /plaintext, 64 connections"},
	}
	all := blocks(t)
	if len(all) != len(wants) {
		t.Fatalf("README.md has %d blocks of commands, the test expects %d", len(all), len(wants))
	}
	for i, block := range all {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			if strings.Contains(block, "scripts/claims") && runtime.NumCPU() < 2 {
				t.Skip("the claims are about two CPUs, and the command says so where there is one")
			}
			script := shorter(t, block)
			out, err := bash(t, script)
			for _, want := range wants[i] {
				if err != nil || !strings.Contains(out, want) {
					t.Fatalf("%v; want %q in what it prints\n--- commands:\n%s--- printed:\n%s", err, want, script, out)
				}
			}
		})
	}
}

// bash runs a script, waits for it and returns what was printed. Nothing that it
// started outlives it.
// A command that fails ends it, but for loadgen's 4: on a busy machine the figures
// may well not be valid, which is not the README's fault.
func bash(t *testing.T, script string) (string, error) {
	t.Helper()
	cmd := exec.Command("bash", "-c", "trap 'code=$?; [ $code = 4 ] || exit $code' ERR\nset -E\n"+script+"\nwait || true")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" -ldflags=-w")) // quicker to link
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := os.Create(filepath.Join(t.TempDir(), "printed")) // no pipe: what it leaves behind would hold that open
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	end := func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // with all that it started
	hung := time.AfterFunc(5*time.Minute, end)
	defer hung.Stop()
	failed := cmd.Wait()
	end()
	printed, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(printed), failed
}

// Whatever README.md shows as a file of the repository exists.
func TestReadmeLinks(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	links := regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(string(text), -1)
	if len(links) == 0 {
		t.Error("no links found")
	}
	for _, m := range links {
		if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
			t.Error(err)
		}
	}
}
