package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// A tty is a terminal at which a test sits.
type tty struct {
	t    *testing.T
	us   *os.File // the person's side
	them *os.File // the program's
	mu   sync.Mutex
	cond sync.Cond
	seen bytes.Buffer
	over bool
}

func newTTY(t *testing.T, width, height uint16) *tty {
	t.Helper()
	us, them, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	y := &tty{t: t, us: us, them: them}
	y.cond.L = &y.mu
	y.resize(width, height)
	read := make(chan struct{})
	go func() {
		defer close(read)
		io.Copy(y, us) // ends with an error when nobody has the other side open any more
		y.mu.Lock()
		y.over = true
		y.cond.Broadcast()
		y.mu.Unlock()
	}()
	t.Cleanup(func() { them.Close(); <-read; us.Close() })
	return y
}

func (y *tty) Write(b []byte) (int, error) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.cond.Broadcast()
	return y.seen.Write(b)
}

func (y *tty) resize(width, height uint16) {
	if err := pty.Setsize(y.them, &pty.Winsize{Cols: width, Rows: height}); err != nil {
		y.t.Fatal(err)
	}
}

// shown returns what has been written from a position on.
func (y *tty) shown(from int) string {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.seen.String()[from:]
}

// all returns everything that has been written by the time it is called: what has been
// read from our side may be less.
func (y *tty) all() string {
	y.t.Helper()
	const end = "\x00end of the test"
	if _, err := io.WriteString(y.them, end); err != nil {
		y.t.Fatal(err)
	}
	until := y.wait(0, end) - len(end) // first: what is shown grows meanwhile
	return y.shown(0)[:until]
}

// wait returns the position behind the first occurrence of text from a position on.
func (y *tty) wait(from int, text string) int {
	y.t.Helper()
	late := time.AfterFunc(time.Minute, func() { y.mu.Lock(); y.over = true; y.cond.Broadcast(); y.mu.Unlock() })
	defer late.Stop()
	y.mu.Lock()
	defer y.mu.Unlock()
	for {
		if i := strings.Index(y.seen.String()[from:], text); i >= 0 {
			return from + i + len(text)
		}
		if y.over {
			y.t.Fatalf("no %q in %q", text, y.seen.String()[from:])
		}
		y.cond.Wait()
	}
}

// start runs loadgen with this terminal as its own, but for standard output.
func (y *tty) start(stdout io.Writer, env []string, args ...string) *exec.Cmd {
	y.t.Helper()
	self, err := os.Executable()
	if err != nil {
		y.t.Fatal(err)
	}
	cmd := &exec.Cmd{Path: self, Args: append([]string{"loadgen"}, args...), Env: append(os.Environ(), append([]string{"TERM=xterm-256color", "NO_COLOR="}, env...)...),
		Stdin: y.them, Stdout: stdout, Stderr: y.them, SysProcAttr: &syscall.SysProcAttr{Setsid: true, Setctty: true}}
	if err := cmd.Start(); err != nil {
		y.t.Fatal(err)
	}
	y.t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return cmd
}

func (y *tty) modes() *unix.Termios {
	modes, err := unix.IoctlGetTermios(int(y.them.Fd()), unix.TCGETS)
	if err != nil {
		y.t.Fatal(err)
	}
	return modes
}

// The panel as a person has it: drawn, resized, and gone after Ctrl-C or kill, with the
// partial report on standard output and the terminal as it was.
func TestPanel(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	for name, end := range map[string]func(*tty, *exec.Cmd){
		"Ctrl-C":  func(y *tty, _ *exec.Cmd) { fmt.Fprint(y.us, "\x03") },
		"SIGTERM": func(_ *tty, cmd *exec.Cmd) { cmd.Process.Signal(unix.SIGTERM) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := newTTY(t, 100, 30)
			before := y.modes()
			var report bytes.Buffer
			cmd := y.start(&report, nil, "-c", "4", "-d", "1h", "-w", "0", url+"/")
			at := y.wait(0, "measuring")
			at = y.wait(at, "\u2588") // a sparkline, so something was measured
			for _, size := range [][2]uint16{{40, 10}, {20, 3}, {0, 0}, {200, 50}} {
				y.resize(size[0], size[1])
				at = y.wait(at, "measuring")
			}
			end(y, cmd)
			cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != 0 && code != 4 {
				t.Errorf("exit code %d", code)
			}
			if out := report.String(); !strings.HasPrefix(out, "Running 1h0m0s test @ ") || strings.Contains(out, "\x1b") || !strings.Contains(out, "Interrupted") {
				t.Errorf("standard output is %q", out)
			}
			if after := y.modes(); !reflect.DeepEqual(before, after) {
				t.Errorf("the terminal's modes were %+v and are %+v", before, after)
			}
			shown := y.all()
			for _, mode := range []string{"\x1b[?1049", "\x1b[?47", "\x1b[?2004h", "\x1b[?1000", "\x1b[0 q", "\x1b[1 q", "\x1b[2 q", "\x1b[c", "\x1b[6n", "$p", "\x1b]", "\x1b[>"} {
				if strings.Contains(shown, mode) {
					t.Errorf("the terminal was sent %q in %q", mode, shown)
				}
			}
			if strings.LastIndex(shown, "\x1b[?25l") > strings.LastIndex(shown, "\x1b[?25h") {
				t.Error("the cursor stays hidden")
			}
			if left := shown[strings.LastIndex(shown, "\x1b[J")+1:]; strings.Contains(left, "measuring") {
				t.Errorf("of the panel remains %q", left)
			}
		})
	}
}

func TestPanelColours(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	const cyan = "\x1b[36m"
	for _, tt := range []struct {
		env    string
		colour bool
	}{{"NO_COLOR=", true}, {"NO_COLOR=1", false}} {
		y := newTTY(t, 100, 30)
		cmd := y.start(io.Discard, []string{tt.env}, "-c", "4", "-d", "1h", "-w", "0", url+"/")
		y.wait(y.wait(0, "measuring"), "\u2588") // so the panel is drawn, with figures
		cmd.Process.Signal(unix.SIGTERM)
		cmd.Wait()
		if shown := y.all(); strings.Contains(shown, cyan) != tt.colour {
			t.Errorf("%s: colour %v in %q", tt.env, !tt.colour, shown)
		}
	}
}

// A terminal that cannot move its cursor gets lines.
func TestPlainOnDumbTerminal(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	y := newTTY(t, 100, 30)
	cmd := y.start(io.Discard, []string{"TERM=dumb"}, "-c", "4", "-d", "100s", "-n", "60", "-w", "0", url+"/")
	cmd.Wait()
	y.wait(0, "measuring")
	if shown := y.all(); strings.Contains(shown, "\x1b") {
		t.Errorf("a dumb terminal was sent %q", shown)
	}
}

// A background job neither stops, whatever the terminal's modes, nor draws anything. Only
// the word on an invalid measurement, which comes behind the report, meets the tostop that
// the user has asked for.
func TestBackground(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	y := newTTY(t, 100, 30)
	cmd := exec.Command("sh", "-c", `stty tostop; set -m; "$0" -c 4 -d 100 -n 60 -w 0 "$1" >"$2" & wait $!; code=$?; stty -tostop; echo exit $code`, "", url+"/", "")
	dir := t.TempDir()
	if err := os.Symlink(self, dir+"/loadgen"); err != nil {
		t.Fatal(err)
	}
	cmd.Args[3], cmd.Args[5] = dir+"/loadgen", dir+"/report"
	cmd.Env = append(os.Environ(), "TERM=xterm-256color")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = y.them, y.them, y.them
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	y.wait(0, "exit ")
	report := string(content(t, dir+"/report"))
	ended := "exit 0"
	if busy.MatchString(report) {
		ended = fmt.Sprint("exit ", 128+int(unix.SIGTTOU))
	} else {
		contains(t, report, "\nVerdict: ok\n")
	}
	if shown := y.all(); strings.Contains(shown, "measuring") || !strings.Contains(shown, ended) {
		t.Errorf("in the background: %q, want %s", shown, ended)
	}
}
