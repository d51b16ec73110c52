package python

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"modelbench/servers/app"
)

// interpreter is the path of python3 itself, past whatever stands in front of it, or why there is none.
var interpreter = sync.OnceValues(func() (path, missing string) {
	out, err := exec.Command("python3", "-c", "import sys; print(sys.executable if sys.version_info >= (3, 9) else '')").Output()
	if err != nil {
		return "", fmt.Sprintf("there is no python3: %v", err)
	}
	if path = strings.TrimSpace(string(out)); path == "" {
		return "", "python3 is older than 3.9"
	}
	return path, ""
})

// python is the interpreter. Without one the test is skipped, and says so.
func python(t testing.TB) string {
	t.Helper()
	path, missing := interpreter()
	if missing != "" {
		t.Skip(missing)
	}
	return path
}

func execPython(t testing.TB, args ...string) *exec.Cmd { return exec.Command(python(t), args...) }

// eval runs a program that has serving.py at hand and decodes what it prints as JSON.
func eval(t *testing.T, program string, into any) {
	t.Helper()
	var stderr strings.Builder
	cmd := exec.Command(python(t), "-c", "import json, sys, serving\n"+program)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, &stderr)
	}
	if err := json.Unmarshal(out, into); err != nil {
		t.Fatalf("%v in %q", err, out)
	}
}

// The same number of iterations is the same work as in the Go servers, and durations mean the same.
func TestTheSameAsGo(t *testing.T) {
	t.Parallel()
	durations := []string{"0", "10ms", "1s", "1.5s", "1m30s", "250us", "90ns", "2h", "-1s", "", "10", "ms", "1s1", "1e3s", " 1s", "11m"}
	text, err := json.Marshal(durations)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Spun  []string
		Waits []*float64
	}
	eval(t, `
def seconds(text):
    try:
        return serving.seconds(text)
    except serving.Refused:
        return None
print(json.dumps({"Spun": [str(serving.spin(n)) for n in (0, 1, 2, 1000)], "Waits": [seconds(d) for d in `+string(text)+`]}))`, &got)
	for i, n := range []uint64{0, 1, 2, 1000} {
		if want := fmt.Sprint(app.Spin(n)); got.Spun[i] != want {
			t.Errorf("spin(%d) is %s, and %s in Go", n, got.Spun[i], want)
		}
	}
	for i, text := range durations {
		want, err := time.ParseDuration(text)
		fits := err == nil && want >= 0 && want <= app.MaxWait
		switch wait := got.Waits[i]; {
		case fits != (wait != nil):
			t.Errorf("%q: taken is %v, and %v in Go", text, wait != nil, fits)
		case fits && time.Duration(*wait*1e9+0.5) != want:
			t.Errorf("%q is %v seconds, and %v in Go", text, *wait, want)
		}
	}
}

// Between reading and writing the racy counter, another thread can come; with a lock it cannot.
func TestCounters(t *testing.T) {
	t.Parallel()
	var got struct{ Racy, Locked int }
	eval(t, `
import threading
def lost(counter, each=2000):
    threads = [threading.Thread(target=lambda: [counter.add() for _ in range(each)]) for _ in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    return 4 * each - counter.load()
sys.setswitchinterval(1e-6) # else it takes very long until one is lost
locked, racy = lost(serving.Locked()), 0
for _ in range(1000):
    racy = racy or lost(serving.Racy())
    if racy: break
print(json.dumps({"Racy": racy, "Locked": locked}))`, &got)
	if got.Racy == 0 || got.Locked != 0 {
		t.Errorf("lost without a lock: %d, with one: %d", got.Racy, got.Locked)
	}
}

// A request is the same however its bytes arrive.
func TestRequestsInPieces(t *testing.T) {
	t.Parallel()
	var got []string
	eval(t, `
stream = (b"GET /task?wait=1ms HTTP/1.1\r\nHost: x\r\n\r\n" b"POST /count HTTP/1.1\r\ncontent-LENGTH: 5\r\nConnection: close\r\n\r\nabcde"
          b"GET / HTTP/1.0\r\n\r\n" b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" b"half")
def requests(pieces):
    inbox, out = bytearray(), []
    for piece in pieces:
        inbox += piece
        while (r := serving.take(inbox)) is not None:
            out.append([r.method, r.path, r.query, r.body.decode(), r.close, r.problem])
    return json.dumps([out, inbox.decode()])
print(json.dumps(sorted({requests([stream[:i], stream[i:]]) for i in range(len(stream))} | {requests([stream[i:i+1] for i in range(len(stream))])})))`, &got)
	const want = `[[["GET", "/task", "wait=1ms", "", false, 0], ["POST", "/count", "", "abcde", true, 0], ["GET", "/", "", "", true, 0], ["GET", "/", "", "", false, 0]], "half"]`
	if len(got) != 1 || got[0] != want {
		t.Errorf("%q\nwant only %s", got, want)
	}
}
