package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

// Encode writes the document, indented, with a newline at its end, in one call of Write.
func (r *Report) Encode(w io.Writer) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false) // p99<5ms is to be read by people too
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("encode the report: %w", err)
	}
	_, err := w.Write(text.Bytes())
	return err
}

// ErrSchema is returned by Decode for a document of another schema_version.
var ErrSchema = errors.New("the report has another schema_version")

// Decode reads a document. It is strict: a field that is not known, anything after the
// document, or figures that do not add up (see Check) are errors.
func Decode(r io.Reader) (*Report, error) {
	dec := json.NewDecoder(r)
	dec.DisallowUnknownFields()
	var rep Report
	if err := dec.Decode(&rep); err != nil {
		return nil, fmt.Errorf("decode the report: %w", err)
	}
	if rep.SchemaVersion != SchemaVersion {
		return nil, fmt.Errorf("decode the report: %w: %d, not %d", ErrSchema, rep.SchemaVersion, SchemaVersion)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("decode the report: something follows it")
	}
	if err := rep.Check(); err != nil {
		return nil, fmt.Errorf("decode the report: %w", err)
	}
	return &rep, nil
}

// Sum returns the number of requests that failed, of whatever kind.
func (e *Errors) Sum() uint64 {
	return e.Connect + e.Reset + e.EOF + e.Timeout + e.Status + e.Malformed + e.Mismatch
}

// Check says what does not add up, if anything:
//
//   - due = completed + unfinished + errors, of every target;
//   - latency has as many samples as requests completed, failures as many as failed, and
//     each histogram has as many as its count says;
//   - the slices of a target, if there are any, add up to its measured_s, replies and left,
//     and are of targets that exist.
func (r *Report) Check() error {
	for i := range r.Targets {
		if err := r.Targets[i].check(); err != nil {
			return fmt.Errorf("target %s: %w", r.Targets[i].Name, err)
		}
	}
	return r.checkSlices()
}

func (t *Target) check() error {
	if t.Due != t.Completed+t.Unfinished+t.Errors.Sum() {
		return fmt.Errorf("%d due are not %d completed + %d unfinished + %d errors", t.Due, t.Completed, t.Unfinished, t.Errors.Sum())
	}
	if d := t.Latency; d != nil && d.Count != t.Completed {
		return fmt.Errorf("%d completed have %d latencies", t.Completed, d.Count)
	}
	if d := t.Failures; d != nil && d.Count != t.Errors.Sum() {
		return fmt.Errorf("%d errors took %d times", t.Errors.Sum(), d.Count)
	}
	for name, d := range t.distributions() {
		if *d == nil {
			continue
		}
		if _, err := (*d).Hist(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// distributions returns all that a target may have, by name.
func (t *Target) distributions() map[string]**Distribution {
	return map[string]**Distribution{"latency": &t.Latency, "service": &t.Service, "lag": &t.Lag, "late": &t.Late,
		"wake": &t.Wake, "connect": &t.Connect, "failures": &t.Failures}
}

func (r *Report) checkSlices() error {
	if len(r.Slices) == 0 {
		return nil
	}
	sums := make(map[string]*Slice)
	for i := range r.Targets {
		sums[r.Targets[i].Name] = &Slice{}
	}
	for _, s := range r.Slices {
		sum := sums[s.Target]
		if sum == nil {
			return fmt.Errorf("a slice is of %s, which is no target", s.Target)
		}
		sum.MeasuredS += s.MeasuredS
		sum.Replies += s.Replies
		sum.Left += s.Left
	}
	for i := range r.Targets {
		t := &r.Targets[i]
		sum := sums[t.Name]
		if sum.Replies != t.Replies || sum.Left != t.Left || math.Abs(sum.MeasuredS-t.MeasuredS) > 1e-6*(1+t.MeasuredS) {
			return fmt.Errorf("target %s: its slices add up to %d replies and %d left in %gs, not %d and %d in %gs",
				t.Name, sum.Replies, sum.Left, sum.MeasuredS, t.Replies, t.Left, t.MeasuredS)
		}
	}
	return nil
}
