package campaign

import (
	"bytes"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// tie binds a child's life to ours: see launcher.
func tie(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	return nil
}

// spare takes the death signal off a child that was tied.
func spare(cmd *exec.Cmd) { cmd.SysProcAttr.Pdeathsig = 0 }

// killGroup sends SIGKILL to every member of a process group, its leader gone or not.
func killGroup(pgid int) {
	_ = syscall.Kill(-pgid, syscall.SIGKILL) // nobody left to kill is no error
}

// killAll sends SIGKILL to each of the processes. They were listed just now, and a
// process id is not given to another process before all others have had their turn.
func killAll(pids []int) {
	for _, pid := range pids {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// ended tells whether a child of ours has ended, reaped or not.
func ended(pid int) bool {
	var info unix.Siginfo
	err := unix.Waitid(unix.P_PID, pid, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
	return err == unix.ECHILD || err == nil && info.Signo != 0
}

// groupMembers lists the processes of a group that still run.
func groupMembers(pgid int) []int {
	if syscall.Kill(-pgid, 0) != nil {
		return nil // the usual case, at the cost of one system call
	}
	var members []int
	for pid, s := range processes() {
		if s.pgid == pgid {
			members = append(members, pid)
		}
	}
	return members
}

// descendants lists the children of a process that still run, theirs, and so on.
func descendants(pid int) []int {
	children := map[int][]int{}
	for child, s := range processes() {
		children[s.ppid] = append(children[s.ppid], child)
	}
	var found []int
	for next := children[pid]; len(next) > 0; next = next[1:] {
		found = append(found, next[0])
		next = append(next, children[next[0]]...)
	}
	return found
}

// processes lists what runs on this machine. Zombies are left out: they hold
// nothing, and whoever made them is about to reap them.
func processes() map[int]kin {
	dirs, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	all := make(map[int]kin, len(dirs))
	for _, d := range dirs {
		pid, err := strconv.Atoi(d.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile("/proc/" + d.Name() + "/stat")
		if err != nil {
			continue // it has ended since
		}
		// pid (comm) state ppid pgrp ...: comm may hold anything, so start after the last parenthesis.
		f := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if len(f) < 3 || f[0] == "Z" {
			continue
		}
		ppid, _ := strconv.Atoi(f[1]) // the kernel's own figures
		pgid, _ := strconv.Atoi(f[2])
		all[pid] = kin{ppid, pgid}
	}
	return all
}
