package trial

import (
	"bytes"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// limitFileSize makes the kernel refuse to let any file grow beyond n bytes: a short write, then EFBIG.
func limitFileSize(n uint64) error {
	signal.Ignore(syscall.SIGXFSZ)
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: n})
}

// The kernel itself cuts a write short: the file keeps its rows, the writer learns of it.
func TestAppendCutShortByTheKernel(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "trials.csv")
	if err := Append(path, Trial{TrialID: "first"}, Trial{TrialID: "second"}); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	out, err := child(path, "third", fmt.Sprintf("%s=%d", childLimit, len(before)+100)).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "file too large") {
		t.Errorf("the child says %q, %v", out, err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("%v: the file grew by %q", err, after[min(len(before), len(after)):])
	}
	if err := Append(path, Trial{TrialID: "third"}); err != nil || len(mustRead(t, path)) != 3 {
		t.Errorf("appending afterwards: %v", err)
	}
}
