package campaign

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// guardFlag is the first argument with which an executable of ours becomes a guard.
const guardFlag = "--guard-command"

const (
	guardFailed  = 127 // the command could not be started, as a shell says it
	guardSignal  = 128 // plus the signal that ended the command, as a shell says it
	guardPidFile = 3   // the descriptor that the command's pid is written to
)

// MaybeGuard makes this process the guard of a command if it was started as one, and
// does not return then. The main function of whatever runs campaigns calls it first, as
// a campaign starts its own executable as the guards.
//
// A command of the user's may be a script that starts others, in groups and sessions of
// their own, and exit. The kernel kills a campaign's children with it, but not theirs:
// so between the two stands a process that does nothing but wait.
//
//	campaign ── pipe ──> guard ──> command ──> its children, wherever they go
//
// The guard adopts whatever in its tree loses its parent (PR_SET_CHILD_SUBREAPER), so
// nothing gets out of it. When the command has ended, or the pipe has (the campaign says
// so, or is dead, by SIGKILL too), it kills what is left and exits as the command did.
func MaybeGuard() {
	if len(os.Args) > 2 && os.Args[1] == guardFlag {
		os.Exit(guard(os.Args[2:]))
	}
}

func guard(argv []string) int {
	runtime.LockOSThread() // the command's death signal comes when the thread that made it ends
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		fmt.Fprintln(os.Stderr, "adopt the command's children:", err)
		return guardFailed
	}
	asked := make(chan os.Signal, 8)
	signal.Notify(asked, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	syscall.CloseOnExec(guardPidFile)
	pid, err := startGuarded(argv)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return guardFailed
	}
	report := os.NewFile(guardPidFile, "pid")
	_, _ = fmt.Fprintln(report, pid) // whoever wanted to know may be gone, which the pipe says as well
	_ = report.Close()
	cut := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // nothing is ever written: this waits for its end
		close(cut)
	}()
	children := make(chan os.Signal, 1)
	signal.Notify(children, syscall.SIGCHLD)
	status, ended := syscall.WaitStatus(0), false
	for !ended {
		if status, ended = reap(pid); ended {
			break
		}
		select {
		case s := <-asked:
			_ = syscall.Kill(pid, s.(syscall.Signal)) // it may have ended just now
		case <-cut:
			ended, status = true, syscall.WaitStatus(syscall.SIGKILL)
		case <-children:
		}
	}
	slay()
	if status.Signaled() {
		fmt.Fprintf(os.Stderr, "(it was ended by a signal: %v)\n", status.Signal())
		return guardSignal + int(status.Signal())
	}
	return status.ExitStatus()
}

// startGuarded starts the command in a process group of its own.
func startGuarded(argv []string) (pid int, err error) {
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return 0, err
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return 0, err
	}
	defer null.Close()
	pid, err = syscall.ForkExec(path, argv, &syscall.ProcAttr{
		Env: os.Environ(), Files: []uintptr{null.Fd(), 1, 2},
		Sys: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
	})
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return pid, err
}

// reap waits for whoever has ended, the adopted included, and tells whether the command has.
func reap(command int) (status syscall.WaitStatus, ended bool) {
	for {
		var s syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &s, syscall.WNOHANG, nil)
		switch {
		case err == syscall.EINTR:
		case err != nil || pid <= 0:
			return status, ended
		case pid == command:
			status, ended = s, true
		}
	}
}

// slay kills all there is below us and returns once it has been waited for. What is
// forked meanwhile is ours as soon as its parent is dead, and so has its turn.
func slay() {
	for {
		for {
			pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
			if err == syscall.ECHILD {
				return
			}
			if pid <= 0 && err != syscall.EINTR {
				break
			}
		}
		killAll(descendants(os.Getpid()))
		time.Sleep(time.Millisecond)
	}
}
