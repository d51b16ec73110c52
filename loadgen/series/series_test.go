package series

import (
	"bytes"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"modelbench/loadgen/engine"
	"modelbench/loadgen/record"
)

var update = flag.Bool("update", false, "rewrite FORMAT.md from the columns")

func TestFormatDocument(t *testing.T) {
	var want bytes.Buffer
	want.WriteString(`# What --series writes

CSV with a header: a row for every interval (` + "`--interval`" + `) and target, written when the interval is over. An empty field means "not measured";
a percentile with fewer than ten samples beyond it is empty too. Over all rows of a target the counts add up to those of the report.

This page is made from the columns of the package (` + "`go test ./loadgen/series -update`" + `).

| column | |
|---|---|
`)
	seen := map[string]bool{}
	for _, c := range Columns() {
		fmt.Fprintf(&want, "| `%s` | %s |\n", c.Name, c.Doc)
		if c.Doc == "" || seen[c.Name] {
			t.Errorf("column %s is not documented, or is there twice", c.Name)
		}
		seen[c.Name] = true
	}
	if *update {
		if err := os.WriteFile("FORMAT.md", want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile("FORMAT.md"); err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("FORMAT.md does not list the columns (error %v): run go test ./loadgen/series -update", err)
	}
}

// interval is one second with so many requests of a millisecond, half as many of which failed.
func interval(start time.Duration, n int) *engine.Interval {
	iv := &engine.Interval{Start: start, End: start + time.Second, Phase: engine.Measuring, Targets: make([]record.Samples, 2)}
	s := &iv.Targets[1]
	s.Init(1)
	s.Due, s.Sent, s.Completed = uint64(n+n/2), uint64(n+n/2), uint64(n)
	s.Errors[record.Status] = uint64(n / 2)
	s.Replies, s.Left, s.Bytes = s.Completed, s.Sent, 1000
	s.Measured, s.Up, s.ThreadCPU[0] = time.Second/2, 7, time.Second/8
	for range n {
		s.Latency.Add(time.Millisecond)
	}
	return iv
}

func TestRows(t *testing.T) {
	var out bytes.Buffer
	w := New(&out, []string{"a", "b,\"c"})
	w.Tell(&engine.Interval{End: time.Second / 2, Targets: make([]record.Samples, 2)})
	w.Tell(interval(time.Second/2, 40))
	w.Tell(&engine.Interval{Start: 3 * time.Second / 2, End: 2 * time.Second, Phase: engine.Done, Targets: make([]record.Samples, 2)})
	if w.Err() != nil {
		t.Fatal(w.Err())
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(rows) != 7 {
		t.Fatalf("%d rows, error %v", len(rows), err)
	}
	want := map[string]string{"start_s": "0.500000", "end_s": "1.500000", "phase": "measure", "target": `b,"c`, "measured_s": "0.500000",
		"due": "60", "sent": "60", "completed": "40", "unfinished": "0", "err_status": "20", "err_reset": "0", "connections_up": "7",
		"throughput_rps": "80.00", "sent_rps": "120.00", "read_bytes": "1000", "lat_p50_us": "1000", "lat_p90_us": "", "lat_max_us": "1000",
		"service_p50_us": "", "lag_p99_us": "", "client_cpu_share": "0.2500"}
	for i, name := range rows[0] {
		if value, checked := want[name]; checked && rows[4][i] != value {
			t.Errorf("%s is %q, want %q", name, rows[4][i], value)
		}
		delete(want, name)
		if strings.HasSuffix(name, "_rps") && rows[1][i] != "" {
			t.Errorf("%s is %q where nothing was measured", name, rows[1][i])
		}
	}
	if len(want) != 0 {
		t.Errorf("no columns %v", want)
	}
	if rows[1][2] != "warmup" || rows[6][2] != "done" {
		t.Errorf("phases %s and %s", rows[1][2], rows[6][2])
	}
}

type full struct{ calls int }

func (f *full) Write([]byte) (int, error) {
	f.calls++
	return 0, errors.New("no space left")
}

func TestFirstErrorStays(t *testing.T) {
	out := &full{}
	w := New(out, []string{"a", "b"})
	for range 3 {
		w.Tell(interval(0, 1))
	}
	if w.Err() == nil || out.calls != 1 {
		t.Errorf("error %v after %d calls", w.Err(), out.calls)
	}
}
