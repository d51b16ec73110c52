package histlog

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
)

const childLimit = "HISTLOG_TEST_LIMIT"

// TestMain plays a process that may not let a file grow beyond a limit and appends to the
// file given.
func TestMain(m *testing.M) {
	var limit uint64
	if _, err := fmt.Sscan(os.Getenv(childLimit), &limit); err != nil {
		os.Exit(m.Run())
	}
	signal.Ignore(syscall.SIGXFSZ)
	err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit})
	if err == nil {
		err = Append(os.Args[1], begin, entry(&testing.T{}, "third", 9000))
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// What a write leaves behind that the kernel cuts short is taken back, and the error says so.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	want := []Entry{entry(t, "one", 1000, 2000), entry(t, "two", 3000)}
	path := file(t, want...)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, path)
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", childLimit, len(before)+20))
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "file too large") {
		t.Errorf("the child says %q, %v", out, err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("%v: the file became\n%s", err, after)
	}
}
