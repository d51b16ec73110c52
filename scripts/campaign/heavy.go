package campaign

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"modelbench/results/trial"
)

const (
	// heavyName is the file in the campaign's folder that the heavy load's row is written to. It is there only meanwhile.
	heavyName = "heavy.csv"
	// heavyTimeout is more than a heavy request takes, with others in front of it.
	heavyTimeout = 30 * time.Second
	// heavyGrace is how long that loadgen may take to end: it waits for replies for a second.
	heavyGrace = 3 * time.Second
)

// heavies are requests that take long, beside those of the workload: a second loadgen keeps some connections busy with them in a
// closed loop, until the load has ended. What the workload's own, light requests have to wait for them is light_p99_us.
//
//	light   |connect| warmup        |------ measure ------|drain|
//	heavy               |connect|------------------------------------|
//
// They begin when half of the warm-up is over. If they were there first, the light connections would have to be accepted beside
// them, and a loop that accepts one each time it comes round takes seconds for 64: that, and no waiting of requests, is what
// would be measured.
//
// Without connections they are the control: nothing runs, and the columns are the same.
type heavies struct {
	runner   *runner
	workload Workload
	server   *server

	cancel func()        // the start, if it is still to come
	ended  chan struct{} // no start is to come any more; nil: there was to be none
	proc   *process      // nil: not started
	err    error         // why
	row    trial.Trial   // of the heavy requests
	why    string        // there is no row
}

// path is what a heavy request asks for.
func (w Workload) heavyPath() string {
	if w.Heavy.Path != "" {
		return w.Heavy.Path
	}
	return task(Workload{SpinIters: w.Heavy.Spin}).Path
}

func (h *heavies) file() string { return filepath.Join(h.runner.cfg.Out, heavyName) }

func (h *heavies) begin(ctx context.Context, ld *load) error {
	if h.workload.Heavy.Connections == 0 {
		return nil
	}
	if err := h.clear(); err != nil {
		return err
	}
	ctx, h.cancel = context.WithCancel(ctx)
	h.ended = make(chan struct{})
	go func() {
		defer close(h.ended)
		wait := time.NewTimer(h.workload.Warmup / 2)
		defer wait.Stop()
		select {
		case <-wait.C:
			h.proc, h.err = h.start(ld)
		case <-ctx.Done():
		}
	}()
	return nil
}

func (h *heavies) start(ld *load) (*process, error) {
	return h.runner.loaders.start(child{name: "loadgen (heavy)", path: filepath.Join(h.runner.cfg.Bin, loadgenName), args: []string{
		"-c", strconv.Itoa(h.workload.Heavy.Connections),
		"-d", (ld.limit() + time.Minute).String(), // longer than it is let
		"-w", "0s", "--timeout", heavyTimeout.String(),
		"--seed", strconv.FormatInt(ld.seed, 10), "--csv", h.file(),
		h.server.target.Name + "=http://" + h.server.http + h.workload.heavyPath(),
	}})
}

// end stops the heavy load and reads what it has done.
func (h *heavies) end(context.Context) error {
	if h.ended == nil {
		return nil
	}
	h.cancel()
	<-h.ended
	if h.proc == nil {
		h.why = "the load ended before they began"
		return h.err
	}
	ended := h.proc.exited()
	_, err := h.proc.stop(h.runner.abort, syscall.SIGINT, heavyGrace)
	if ended {
		h.why = "they ended early: " + h.proc.diagnosis()
	} else if rows, readErr := readRows(h.file()); readErr != nil {
		h.why = fmt.Sprintf("%v (%s)", readErr, h.proc.diagnosis())
	} else {
		h.row = rows[h.server.target.Name]
	}
	return errors.Join(err, h.clear())
}

func (h *heavies) clear() error {
	if err := os.Remove(h.file()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// fill says what the light requests had to wait, if the heavy ones were there all the while. The server's CPU time is that of
// both, and so none of a light request: server_cpu_us_per_req stays empty.
func (h *heavies) fill(t *trial.Trial, _ ownPart) {
	t.LightP99Us = t.LatP99Us
	if h.workload.Heavy.Connections == 0 {
		return
	}
	t.ServerCPUUsPerReq = trial.Float{}
	if why := h.doubt(t); why != "" && t.Verdict == trial.VerdictOK {
		t.Verdict, t.VerdictReason = trial.VerdictErrors, "heavy requests: "+why
	}
}

// doubt says why the load cannot have been beside heavy requests all the while; empty: it was.
func (h *heavies) doubt(light *trial.Trial) string {
	if h.why != "" {
		return h.why
	}
	if h.row.Completed.Or(0) == 0 {
		return fmt.Sprintf("none of %d completed (%s)", h.row.Due.Or(0), h.row.VerdictReason)
	}
	began, _ := h.row.StartedAt.Get()
	lightBegan, _ := light.StartedAt.Get()
	seconds := func(s float64) time.Duration { return time.Duration(math.Round(s*1e3)) * time.Millisecond }
	from := lightBegan.Add(seconds(light.WarmupS.Or(0)))
	if began.After(from) {
		return fmt.Sprintf("they began %v after the measured time", began.Sub(from))
	}
	if end, until := began.Add(seconds(h.row.MeasureS.Or(0))), from.Add(seconds(light.MeasureS.Or(0))); end.Before(until) {
		return fmt.Sprintf("they ended %v before the measured time did", until.Sub(end))
	}
	return ""
}
