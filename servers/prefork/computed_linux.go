package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// computed is how long a process has run on a core so far; 0 if it cannot be told.
func computed(pid int) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// Fields 14 and 15 are the time in user mode and in the kernel (proc_pid_stat(5)).
	// Field 3 is the first after the name, which is in brackets and may have any in it.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) <= 15-3 {
		return 0
	}
	user, _ := strconv.ParseInt(string(fields[14-3]), 10, 64)
	kernel, _ := strconv.ParseInt(string(fields[15-3]), 10, 64)
	return time.Duration(user+kernel) * (time.Second / ticksPerSecond)
}

// ticksPerSecond is the kernel's USER_HZ, the unit of these times on every machine
// that Go runs on.
const ticksPerSecond = 100
