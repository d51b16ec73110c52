package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// server returns the URL to load and how to stop what was started for it.
func (f *flags) server(ctx context.Context, dir string) (url string, stop func(), err error) {
	if f.URL != "" {
		if err := pin(f.PID, f.ServerCPU); err != nil {
			return "", nil, err
		}
		return f.URL, func() {}, nil
	}
	if err := build(ctx, dir, "./servers/eventloop"); err != nil {
		return "", nil, err
	}
	cmd := exec.Command(filepath.Join(dir, "eventloop"), "--loops", "1", "--procs", "1", "--http", "127.0.0.1:0", "--echo", "", "--admin", "", "--log-level", "error")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = startPinned(cmd, f.ServerCPU)
	}
	if err != nil {
		return "", nil, fmt.Errorf("start the server: %w", err)
	}
	stop = func() { end(cmd) }
	var ready struct {
		Ready bool
		HTTP  string
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &ready)
	}
	if err == nil && !ready.Ready {
		err = fmt.Errorf("it says %q", line)
	}
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("wait for the server to be ready: %w", err)
	}
	return "http://" + ready.HTTP + "/plaintext", stop, nil
}

// endTimeout is how long a server may take to stop before it is killed.
const endTimeout = 5 * time.Second

func end(cmd *exec.Cmd) {
	cmd.Process.Signal(syscall.SIGTERM)
	kill := time.AfterFunc(endTimeout, func() { cmd.Process.Kill() })
	cmd.Wait()
	kill.Stop()
}
