package campaign

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	preflightWithin = 5 * time.Second // for one answer
	preflightHangs  = 2               // a target that keeps us waiting so often is not asked for more
)

// cell is a target with a workload.
type cell struct{ target, workload string }

// LeftOut is a cell that is not measured, and why.
type LeftOut struct {
	Target   string `json:"target"`
	Workload string `json:"workload"`
	Why      string `json:"why"` // as in: answers GET /x with 404

	// Uncalibrated says that it answered, but gave no usable result in the calibration, which is not repeated.
	Uncalibrated bool `json:"uncalibrated,omitempty"`
}

// leaveOut leaves a cell out of what follows, and says so.
func (r *runner) leaveOut(out LeftOut) {
	r.leftOut[cell{out.Target, out.Workload}] = true
	if !slices.Contains(r.manifest.LeftOut, out) { // it may have been resumed
		r.manifest.LeftOut = append(r.manifest.LeftOut, out)
	}
	text := out.String()
	r.report.LeftOut = append(r.report.LeftOut, text)
	r.fail("%s", text)
}

// String says it to a person.
func (o LeftOut) String() string {
	return fmt.Sprintf("%s %s: left out of %s", o.Target, o.Why, o.Workload)
}

// preflight has each target that was not asked before answer one request of each
// workload. What answers wrongly, refuses or hangs is left out of that workload, and that
// is said: a server that has no such route would else be compared by how fast it says so.
func (r *runner) preflight(ctx context.Context, servers []*server) {
	reasons := make([]map[string]string, len(servers))
	var wg sync.WaitGroup
	for i, s := range servers {
		if r.asked[s.target.Name] {
			continue
		}
		r.asked[s.target.Name] = true
		wg.Go(func() { reasons[i] = ask(ctx, s, r.cfg.Workloads) })
	}
	wg.Wait()
	if ctx.Err() != nil {
		return // what was not answered by then says nothing
	}
	for i, s := range servers {
		for _, w := range r.cfg.Workloads {
			if why, wrong := reasons[i][w.Name]; wrong {
				r.leaveOut(LeftOut{Target: s.target.Name, Workload: w.Name, Why: why})
			}
		}
	}
}

// ask puts one request of each workload, one after the other: a server that takes one
// connection at a time is a server, too. It returns what was wrong, by workload.
func ask(ctx context.Context, s *server, workloads []Workload) map[string]string {
	wrong := map[string]string{}
	hangs := 0
	for _, w := range workloads {
		if !w.loads(s.target) || w.probes(s.target) {
			continue
		}
		if hangs == preflightHangs {
			wrong[w.Name] = fmt.Sprintf("was not asked for %v, as it had not answered %d times before", w, hangs)
			continue
		}
		within, cancel := context.WithTimeout(ctx, preflightWithin)
		why := answers(within, s, w)
		if why != "" && within.Err() != nil {
			hangs++
			why = fmt.Sprintf("does not answer %v within %v", w, preflightWithin)
		}
		cancel()
		if why != "" {
			wrong[w.Name] = why
		}
	}
	return wrong
}

// answers says what is wrong with the answer to one request; empty: nothing.
func answers(ctx context.Context, s *server, w Workload) string {
	if w.TCPEcho {
		if err := echoes(ctx, s.echo, w.PayloadBytes); err != nil {
			return fmt.Sprintf("gives no echo of %d bytes (%v)", w.PayloadBytes, err)
		}
		return ""
	}
	req, err := http.NewRequestWithContext(ctx, w.method(), w.url(s.http, s.echo), strings.NewReader(w.Body))
	if err != nil {
		return fmt.Sprintf("cannot be asked for %v (%v)", w, err)
	}
	for name, value := range w.Headers {
		req.Header.Set(name, value)
		if strings.EqualFold(name, "Host") {
			req.Host = value
		}
	}
	resp, err := plainClient.Do(req)
	if err != nil {
		return fmt.Sprintf("does not answer %v (%v)", w, cause(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 399 {
		return fmt.Sprintf("answers %v with %d", w, resp.StatusCode)
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return fmt.Sprintf("breaks off its answer to %v (%v)", w, cause(err))
	}
	return ""
}

// cause is an error without the URL that the client puts in front of it.
func cause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// echoes sends a message of so many bytes and wants it back.
func echoes(ctx context.Context, addr string, size int) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return cause(err)
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	sent, got := make([]byte, size), make([]byte, size)
	for i := range sent {
		sent[i] = 'a' + byte(i%26)
	}
	failed := make(chan error, 1)
	go func() { // a server may send back before it has read all
		_, err := conn.Write(sent)
		failed <- err
	}()
	_, err = io.ReadFull(conn, got)
	if err != nil {
		_ = conn.Close() // so that the write ends
	}
	if writeErr := <-failed; err == nil {
		err = writeErr
	}
	switch {
	case err != nil:
		return cause(err)
	case !bytes.Equal(sent, got):
		return errors.New("other bytes came back")
	}
	return nil
}
