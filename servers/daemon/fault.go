package daemon

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"

	"modelbench/servers/app"
)

// fail has this process go wrong; see app.Fault. It returns if the process goes on.
func fail(f app.Fault, amount uint64) error {
	switch f {
	case app.Exit:
		os.Exit(ExitFailed)
	case app.Segv:
		return dieOfSegv()
	case app.Hang:
		return hang(time.Duration(amount))
	case app.Loop:
		for app.Spin(1<<20) != 0 { // it never is
		}
	case app.Leak:
		leak(int(amount))
	}
	return nil
}

// hang stops this process for d, or until someone continues it when d is 0. Who
// continues it after d must be another process: a shell, which stops it too, so that
// the two come in order.
func hang(d time.Duration) error {
	self := os.Getpid()
	if d == 0 {
		return os.NewSyscallError("kill", syscall.Kill(self, syscall.SIGSTOP))
	}
	const script = `kill -STOP "$1"; sleep "$2"; kill -CONT "$1"`
	seconds := strconv.FormatFloat(d.Seconds(), 'f', 3, 64)
	if err := exec.Command("sh", "-c", script, "sh", strconv.Itoa(self), seconds).Run(); err != nil {
		return fmt.Errorf("hang with the help of a shell: %w", err)
	}
	return nil
}

// leaked is what leaks have taken. Nobody gives it back.
var leaked struct {
	sync.Mutex
	blocks [][]byte
}

// leak takes n bytes. The kernel gives memory only where it is touched.
func leak(n int) {
	block := make([]byte, n)
	for i := 0; i < n; i += 4 << 10 {
		block[i] = 1
	}
	leaked.Lock()
	defer leaked.Unlock()
	leaked.blocks = append(leaked.blocks, block)
}
