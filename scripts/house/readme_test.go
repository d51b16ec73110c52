package house

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

const root = "../.."

// blocks are the commands of README.md: what stands between ```sh and ```.
func blocks(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, m := range regexp.MustCompile("(?ms)^```sh\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
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
		"go run ./scripts/compare", "go run ./scripts/compare --budget 15s --blocks 1 --models goroutine,eventloop --workloads plaintext,wait --out " + dir + "/run",
		"go run ./scripts/peers", "go run ./scripts/peers plaintext --servers goroutine,eventloop --blocks 1 -d 300ms",
		"go test ./...", "go test -run '^$' ./...", // the tests themselves are running now
		".bin/goroutine ", dir + "/bin/goroutine --echo= --admin= ",
		".bin/eventloop ", dir + "/bin/eventloop --echo= --admin= ",
		".bin/", dir + "/bin/",
		"-d 10s", "-d 300ms -w 100ms",
		"-d 4s", "-d 600ms",
		"-R 20k", "-R 1k", // a test machine may be busy with the other tests
		"trials.csv", dir + "/trials.csv",
	}
	for _, port := range []string{"8081", "8082", "8083"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		replace = append(replace, "127.0.0.1:"+port, l.Addr().String())
	}
	if !strings.Contains(block, "go build") { // an earlier block has built what this one uses
		build := exec.Command("go", "build", "-o", dir+"/bin/", "./loadgen", "./results", "./servers/goroutine", "./servers/eventloop")
		build.Dir = root
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("build: %v\n%s", err, out)
		}
	}
	return strings.NewReplacer(replace...).Replace(block)
}

// TestReadme runs every command of README.md.
func TestReadme(t *testing.T) {
	t.Parallel()
	wants := []string{ // what a reader must see of each block
		"plaintext, 64 connections",
		"ok  \tmodelbench/servers/app",
		"Requests/sec:",
		"server CPU per request",
		"plaintext: GET /plaintext, 64 connections",
	}
	all := blocks(t)
	if len(all) != len(wants) {
		t.Fatalf("README.md has %d blocks of commands, the test expects %d", len(all), len(wants))
	}
	for i, block := range all {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			script := shorter(t, block)
			out, err := bash(t, script)
			if err != nil || !strings.Contains(out, wants[i]) {
				t.Errorf("%v; want %q in what it prints\n--- commands:\n%s--- printed:\n%s", err, wants[i], script, out)
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
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	end := func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // with all that it started
	hung := time.AfterFunc(2*time.Minute, end)
	defer hung.Stop()
	err := cmd.Wait()
	end()
	return out.String(), err
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
