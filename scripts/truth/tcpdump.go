package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"modelbench/scripts/rig"
	"modelbench/scripts/truth/capture"
)

// loadCaptured runs loadgen under a capture of the server's connections.
func (b *bench) loadCaptured(ctx context.Context, server *rig.Running, args ...string) (*outcome, *capture.Matcher, error) {
	tcpdump, file, err := b.startCapture(ctx, server)
	if err != nil {
		return nil, nil, err
	}
	o, err := b.load(ctx, server, args...)
	if err != nil {
		return nil, nil, err
	}
	// The kernel hands its last segments over when a buffer is full, or after a second.
	select {
	case <-time.After(1500 * time.Millisecond):
	case <-ctx.Done():
		return nil, nil, context.Cause(ctx)
	}
	if err := b.launch.StopOne(tcpdump); err != nil {
		return nil, nil, err
	}
	m, err := readCapture(file, server)
	return o, m, err
}

// startCapture returns once tcpdump captures. The segments go to the file.
func (b *bench) startCapture(ctx context.Context, server *rig.Running) (*rig.Process, string, error) {
	path, err := findTcpdump()
	if err != nil {
		return nil, "", err
	}
	file := filepath.Join(b.dir, "capture.pcap")
	// Segments with data alone, and of these the headers.
	filter := fmt.Sprintf("tcp port %d and (ip[2:2] - ((ip[0]&0xf)<<2) - ((tcp[12]&0xf0)>>2)) != 0", server.Addr["http"].Port())
	args := []string{path, "-i", "lo", "-n", "-U", "-s", "128", "-B", "16384", "--time-stamp-precision=nano", "-w", file}
	if os.Geteuid() == 0 {
		// It would become another user, and the kernel then no longer ends it when this
		// process is killed; nor could it write to our folder.
		args = append(args, "-Z", "root")
	}
	p, err := b.launch.Start(rig.Command{Name: "tcpdump", CPU: b.ServerCPU, Args: append(args, filter)})
	if err != nil {
		return nil, "", err
	}
	// It writes the file's header once it captures.
	for begin := time.Now(); ; {
		info, err := os.Stat(file)
		switch {
		case err == nil && info.Size() > 0:
			return p, file, nil
		case time.Since(begin) > 10*time.Second:
			return nil, "", fmt.Errorf("tcpdump does not begin: %s", p.Diagnosis())
		}
		select {
		case <-p.Done():
			return nil, "", fmt.Errorf("capture the loopback: %s\n(it takes root, or setcap cap_net_raw+eip on tcpdump)", p.Diagnosis())
		case <-ctx.Done():
			return nil, "", context.Cause(ctx)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// findTcpdump looks on the PATH and where it is kept for those who administer.
func findTcpdump() (string, error) {
	for _, name := range []string{"tcpdump", "/usr/sbin/tcpdump", "/usr/local/sbin/tcpdump"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("tcpdump is %w (apt-get install tcpdump)", rig.ErrMissing)
}

func readCapture(file string, server *rig.Running) (*capture.Matcher, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read the capture: %w", err)
	}
	defer f.Close()
	m := &capture.Matcher{Server: server.Addr["http"]}
	if err := capture.Read(f, m.Add); err != nil {
		return nil, err
	}
	if len(m.Exchanges) == 0 {
		return nil, errors.New("read the capture: there is no request with a reply in it")
	}
	return m, nil
}
