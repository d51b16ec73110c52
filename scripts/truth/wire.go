package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"modelbench/results/trial"
	"modelbench/scripts/rig"
	"modelbench/scripts/truth/capture"
)

// wire captures the loopback under a gentle load and compares loadgen's service times with
// the time from each request's segment to its reply's. What lies between the two is
// loadgen's own: from its decision to send to the segment, and from the reply's to its waking up.
type wire struct {
	Duration    time.Duration `short:"d" default:"10s" help:"Of the load."`
	Rate        int           `short:"R" default:"1000" help:"Requests per second."`
	Connections int           `short:"c" default:"64" help:"Connections."`
	Stamps      bool          `name:"kernel-timestamps" help:"Have loadgen take the kernel's receive stamps, and expect half the difference."`
}

const (
	wireApart    = 20 * time.Microsecond
	stampsApart  = 10 * time.Microsecond
	capturedMost = 0.01 // share of the exchanges that loadgen and the capture may differ by: some are in flight at the end
)

func (w *wire) check() error {
	if float64(w.Rate)*w.Duration.Seconds() < 1000 {
		return usage("--rate", "%d requests/s for %v are too few for a p99", w.Rate, w.Duration)
	}
	if w.Connections < 1 {
		return usage("--connections", "%d is less than 1", w.Connections)
	}
	return nil
}

func (w *wire) title() string {
	return fmt.Sprintf("%d requests/s for %v: service time as loadgen says it and as captured", w.Rate, w.Duration)
}

func (w *wire) measure(ctx context.Context, b *bench) ([]finding, error) {
	server, err := b.serve(ctx)
	if err != nil {
		return nil, err
	}
	args := []string{"-R", fmt.Sprint(w.Rate), "-d", w.Duration.String(), "-c", fmt.Sprint(w.Connections), "-w", "0s"}
	if w.Stamps {
		args = append(args, "--kernel-timestamps")
	}
	row, m, err := b.loadCaptured(ctx, server, args...)
	if err != nil {
		return nil, err
	}
	most := wireApart
	if w.Stamps {
		most = stampsApart
	}
	return wireFindings(row, m, most), nil
}

func wireFindings(r trial.Trial, m *capture.Matcher, most time.Duration) []finding {
	service := make([]float64, 0, len(m.Exchanges))
	for _, e := range m.Exchanges {
		service = append(service, float64(e.Done-e.Sent)/1e3)
	}
	slices.Sort(service)
	all := []finding{
		within("exchanges captured", float64(r.Completed.Or(0)), capturedMost*float64(r.Completed.Or(0)), float64(len(service)), ""),
		atMost("segments out of turn", 0, float64(m.Odd), ""),
	}
	for _, q := range []struct {
		name string
		q    float64
		got  trial.Float
	}{{"p50", 0.5, r.ServiceP50Us}, {"p99", 0.99, r.ServiceP99Us}} {
		all = append(all, within(q.name, quantile(service, q.q), float64(most)/1e3, q.got.Or(math.NaN()), "us"))
	}
	return append(all, balance(r))
}

// quantile of sorted values, by nearest rank; NaN of none.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	return sorted[max(0, int(math.Ceil(q*float64(len(sorted))))-1)]
}

// loadCaptured runs loadgen under a capture of the server's connections.
func (b *bench) loadCaptured(ctx context.Context, server *rig.Running, args ...string) (trial.Trial, *capture.Matcher, error) {
	tcpdump, file, err := b.startCapture(ctx, server)
	if err != nil {
		return trial.Trial{}, nil, err
	}
	row, err := b.load(ctx, server, args...)
	if err != nil {
		return trial.Trial{}, nil, err
	}
	// The kernel hands its last segments over when a buffer is full, or after a second.
	select {
	case <-time.After(1500 * time.Millisecond):
	case <-ctx.Done():
		return trial.Trial{}, nil, context.Cause(ctx)
	}
	if err := b.launch.StopOne(tcpdump); err != nil {
		return trial.Trial{}, nil, err
	}
	m, err := readCapture(file, server)
	return row, m, err
}

// startCapture returns once tcpdump captures. The segments go to the file.
func (b *bench) startCapture(ctx context.Context, server *rig.Running) (*rig.Process, string, error) {
	path, err := findTcpdump()
	if err != nil {
		return nil, "", err
	}
	file := filepath.Join(b.dir, "capture.pcap")
	// Segments with data alone, and of these the headers. The file is opened by the shell: tcpdump
	// may give up its rights before it opens one.
	filter := fmt.Sprintf("tcp port %d and (ip[2:2] - ((ip[0]&0xf)<<2) - ((tcp[12]&0xf0)>>2)) != 0", server.Addr["http"].Port())
	p, err := b.launch.Start(rig.Command{Name: "tcpdump", CPU: b.ServerCPU, Args: []string{
		"/bin/sh", "-c", `exec "$@" -w - >"$0"`, file,
		path, "-i", "lo", "-n", "-U", "-s", "128", "-B", "16384", "--time-stamp-precision=nano", filter,
	}})
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
