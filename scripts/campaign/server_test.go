package campaign

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// gone tells whether a process has ended. A zombie has: it waits for its parent,
// which, for an orphan, is whatever runs as process 1 here.
func gone(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || strings.Contains(string(stat), ") Z ")
}

// waitUntil polls, since the end of a process that is not our child can be learnt
// in no other way.
func waitUntil(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// allGone fails unless every process the fakes noted has ended.
func allGone(t *testing.T, bin string, atLeast int) {
	t.Helper()
	pids := notes(t, bin, "pids")
	if len(pids) < atLeast {
		t.Errorf("only %d processes were started: %v", len(pids), pids)
	}
	for _, p := range pids {
		pid, err := strconv.Atoi(p)
		must(t, err)
		if !gone(pid) {
			t.Errorf("process %d is still there", pid)
		}
	}
}

func TestStartServer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		mode   string
		within time.Duration
		starts int    // processes it takes
		err    string // part of it; empty: it comes up
	}{
		{mode: "", starts: 1},
		{mode: garbage, starts: 1},
		{mode: busyOnce, starts: 2},
		{mode: neverReady, within: 500 * time.Millisecond, starts: 1, err: "no ready line within 500ms; on stderr: "},
		{mode: diesAtOnce, starts: startAttempts, err: "start goroutine: it ended before it was ready: exit status 1; it said: cannot read its configuration"},
		{mode: panics, starts: startAttempts, err: "exit status 2; it said: panic: out of luck"},
		{mode: badAddress, starts: 1, err: `start goroutine: its ready line names no usable http address: "127.0.0.1:0"`},
	}
	for _, tt := range tests {
		t.Run("mode "+tt.mode, func(t *testing.T) {
			t.Parallel()
			bin := fakes(t, script{Servers: map[string]string{"goroutine": tt.mode}})
			l := newLauncher()
			within := tt.within
			if within == 0 {
				within = time.Minute
			}
			s, err := startServer(t.Context(), l, bin, Targets(2)[0], within)
			if tt.err == "" {
				must(t, err)
				for _, p := range s.ports {
					if p.number < portFrom || p.number >= portUntil {
						t.Errorf("port %d", p.number)
					}
				}
				if s.http != s.ports.http() || s.echo != s.ports.echo() || s.toReady <= 0 {
					t.Errorf("listens at %s and %s after %v", s.http, s.echo, s.toReady)
				}
				if killed, err := s.stop(t.Context()); killed || err != nil {
					t.Errorf("stop: killed %v, %v", killed, err)
				}
			} else if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
			must(t, l.close())
			if got := len(notes(t, bin, "pids")); got != tt.starts && tt.mode != neverReady {
				t.Errorf("%d starts, want %d", got, tt.starts)
			}
			allGone(t, bin, 0)
		})
	}
}

func TestServerThatIsNotThere(t *testing.T) {
	t.Parallel()
	l := newLauncher()
	_, err := startServer(t.Context(), l, t.TempDir(), Targets(2)[1], time.Minute)
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "start prefork") {
		t.Error(err)
	}
	must(t, l.close())
}

func TestServerThatIsCancelled(t *testing.T) {
	t.Parallel()
	bin := fakes(t, script{Servers: map[string]string{"goroutine": neverReady}})
	l := newLauncher()
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("had enough")
	go func() {
		for len(notes(t, bin, "pids")) == 0 {
			time.Sleep(5 * time.Millisecond)
		}
		cancel(why)
	}()
	if _, err := startServer(ctx, l, bin, Targets(2)[0], time.Minute); !errors.Is(err, why) {
		t.Error(err)
	}
	must(t, l.close())
	allGone(t, bin, 1)
}

func TestServerThatLeavesAChild(t *testing.T) {
	t.Parallel()
	bin := fakes(t, script{Servers: map[string]string{"goroutine": leavesChild}})
	l := newLauncher()
	s, err := startServer(t.Context(), l, bin, Targets(2)[0], time.Minute)
	must(t, err)
	if _, err := s.stop(t.Context()); err == nil || !strings.Contains(err.Error(), "left processes [") {
		t.Errorf("stop: %v", err)
	}
	must(t, l.close())
	pids := notes(t, bin, "pids")
	if len(pids) != 2 {
		t.Fatalf("processes %v", pids)
	}
	waitUntil(t, "the child's end", func() bool { return gone(atoi(pids[1])) })
}

// Stopping with an ended context leaves no grace: SIGTERM, then SIGKILL at once.
func TestServerThatHasToBeKilled(t *testing.T) {
	t.Parallel()
	bin := fakes(t, script{Servers: map[string]string{"goroutine": hidesChild}})
	l := newLauncher()
	s, err := startServer(t.Context(), l, bin, Targets(2)[0], time.Minute)
	must(t, err)
	now, cancel := context.WithCancel(t.Context())
	cancel()
	if killed, err := s.stop(now); !killed || err != nil {
		t.Errorf("killed %v, %v", killed, err)
	}
	must(t, l.close())
	pids := notes(t, bin, "pids")
	if len(pids) != 2 {
		t.Fatalf("processes %v", pids)
	}
	for _, p := range pids {
		waitUntil(t, "the end of "+p, func() bool { return gone(atoi(p)) })
	}
}

func TestLauncherKillsWhatWasForgotten(t *testing.T) {
	t.Parallel()
	bin := fakes(t, script{})
	l := newLauncher()
	_, err := startServer(t.Context(), l, bin, Targets(2)[0], time.Minute)
	must(t, err)
	if err := l.close(); err == nil || !strings.Contains(err.Error(), "was still running at the end and was killed") {
		t.Errorf("close: %v", err)
	}
	allGone(t, bin, 1)
	if _, err := l.start(child{name: "late", path: "/bin/true"}); err == nil {
		t.Error("a closed launcher still starts")
	}
}

func TestPortsAreHeld(t *testing.T) {
	t.Parallel()
	var all []port
	seen := map[int]bool{}
	for range 50 {
		p, err := reservePort()
		must(t, err)
		if seen[p.number] {
			t.Fatalf("port %d was given out twice", p.number)
		}
		seen[p.number] = true
		if !freeAddress(p.addr()) {
			t.Errorf("nobody can listen on %s", p.addr())
		}
		all = append(all, p)
	}
	for i := 0; i < len(all); i += 2 {
		ports{all[i], all[i+1]}.release()
	}
	ports{}.release()
}
