package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"modelbench/loadgen/engine"
	"modelbench/loadgen/hdrlog"
	"modelbench/loadgen/outfile"
	"modelbench/loadgen/series"
	"modelbench/loadgen/watch"
)

// outputs are the files that a run is written to, beside the CSV of trials: --json when all
// is over, --hdr and --series while load is running.
type outputs struct {
	toStdout bool // --json -
	json     *outfile.Whole
	hdr      stream
	series   stream
}

// A stream is a file that grows, and what writes to it.
type stream struct {
	flag string
	file *outfile.Stream // nil if it was not asked for
	to   interface {
		Tell(*engine.Interval)
		Err() error
	}
}

// checkOutputs refuses what cannot be meant.
func (f *flags) checkOutputs() error {
	for _, c := range []struct{ flag, path string }{{"hdr", f.HDR}, {"series", f.Series}, {"csv", f.CSV}} {
		if c.path == "-" {
			return usageError{fmt.Errorf("--%s: wants a file; only --json can go to stdout", c.flag)}
		}
	}
	if f.FindMax != "" && f.HDR+f.Series != "" {
		return usageError{fmt.Errorf("--find-max: a search is many loads; --hdr and --series are of one")}
	}
	if f.Interval != time.Second && f.HDR == "" && f.Series == "" {
		return usageError{fmt.Errorf("--interval: nothing has intervals: give --series or --hdr")}
	}
	seen := make(map[string]string)
	for _, c := range []struct{ flag, path string }{{"csv", f.CSV}, {"json", f.JSON}, {"hdr", f.HDR}, {"series", f.Series}} {
		if other := seen[c.path]; other != "" && c.path != "" {
			return usageError{fmt.Errorf("--%s: --%s writes to %s already", c.flag, other, c.path)}
		}
		seen[c.path] = c.flag
	}
	return nil
}

// openOutputs makes sure that each file can be written, before there is anything to lose.
func openOutputs(f *flags, plan *engine.Plan) (*outputs, error) {
	o := &outputs{toStdout: f.JSON == "-"}
	var err error
	if f.JSON != "" && !o.toStdout {
		if o.json, err = outfile.NewWhole(f.JSON); err != nil {
			return nil, fmt.Errorf("--json: %w", err)
		}
	}
	names := make([]string, len(plan.Targets))
	for i, t := range plan.Targets {
		names[i] = t.Name
	}
	if f.HDR != "" {
		if o.hdr, err = newStream("hdr", f.HDR); err != nil {
			return nil, errors.Join(err, o.close())
		}
		o.hdr.to = hdrlog.New(o.hdr.file, names, plan.Open() || plan.NoKeepalive, time.Now)
	}
	if f.Series != "" {
		if o.series, err = newStream("series", f.Series); err != nil {
			return nil, errors.Join(err, o.close())
		}
		o.series.to = series.New(o.series.file, names)
	}
	return o, nil
}

func newStream(flag, path string) (stream, error) {
	file, err := outfile.NewStream(path)
	if err != nil {
		return stream{}, fmt.Errorf("--%s: %w", flag, err)
	}
	return stream{flag: flag, file: file}, nil
}

// readers returns who has to be told of the run, each interval of that length.
func (o *outputs) readers(interval time.Duration) (all []watch.Reader) {
	for _, s := range []*stream{&o.hdr, &o.series} {
		if s.file != nil {
			all = append(all, watch.Reader{Every: interval, Tell: s.tell})
		}
	}
	return all
}

// tell passes an interval on. A run that never came to put load on anything is no reason
// to empty a file.
func (s *stream) tell(iv *engine.Interval) {
	if iv.Start == 0 && iv.Phase == engine.Done && idle(iv) {
		return
	}
	s.to.Tell(iv)
}

func idle(iv *engine.Interval) bool {
	for i := range iv.Targets {
		if iv.Targets[i].Measured > 0 {
			return false
		}
	}
	return true
}

// finish writes what is written in the end.
func (o *outputs) finish(j *job, f *findings, stdout io.Writer) error {
	var err error
	if o.json != nil || o.toStdout {
		if err = o.document(j, f, stdout); err != nil {
			err = fmt.Errorf("--json: %w", err)
		}
	}
	return errors.Join(err, o.close())
}

func (o *outputs) document(j *job, f *findings, stdout io.Writer) error {
	doc, err := j.document(f)
	if err != nil {
		return err
	}
	if o.toStdout {
		return doc.Encode(stdout)
	}
	var text bytes.Buffer
	if err := doc.Encode(&text); err != nil {
		return err
	}
	return o.json.Replace(text.Bytes())
}

// close ends the streams and says what went wrong with them.
func (o *outputs) close() error {
	var all error
	for _, s := range []*stream{&o.hdr, &o.series} {
		if s.file == nil {
			continue
		}
		var err error
		if s.to != nil {
			err = s.to.Err()
		}
		if err = errors.Join(err, s.file.Close()); err != nil {
			all = errors.Join(all, fmt.Errorf("--%s: %w", s.flag, err))
		}
	}
	return all
}
