// Package begun makes a process that was started only to be seen to run do that, and nothing
// else: as it is initialised it says so, waits for the end of its standard input, and ends.
//
// It imports syscall alone, so Go initialises it soon after the runtime, before most of what
// else the program is linked with: tables and regular expressions of libraries, which have
// nothing to do with what a process costs, take another 0.3 ms before the first line of main.
package begun

import "syscall"

const (
	// Mark is the environment variable, with any value, that makes a process such a one.
	Mark = "MODELBENCH_PROBE_BEGUN"
	// File is the descriptor that it writes one byte to, and closes.
	File = 3
)

func init() {
	if _, marked := syscall.Getenv(Mark); !marked {
		return
	}
	if n, _ := syscall.Write(File, []byte{1}); n != 1 {
		syscall.Exit(1)
	}
	_ = syscall.Close(File)
	var b [1]byte
	for {
		n, err := syscall.Read(0, b[:])
		if n <= 0 && err != syscall.EINTR { // its end: whoever started us wants ours, or is dead
			syscall.Exit(0)
		}
	}
}
