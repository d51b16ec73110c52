package trial

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"
)

func TestSet(t *testing.T) {
	t.Parallel()
	var tr Trial
	for column, text := range map[string]string{
		"block": "3", "offered_rps": "1500.5", "keepalive": "true", "target": "a/b", "labels": "b=2;a=1",
		"started_at_utc": "2026-01-31T13:00:00+01:00", "cpus": "2",
	} {
		if err := Set(&tr, column, text); err != nil {
			t.Error(err)
		}
	}
	want := Trial{Block: I(3), OfferedRPS: F(1500.5), Keepalive: B(true), Target: "a/b", Labels: "a=1;b=2",
		StartedAt: T(time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)), Machine: Machine{CPUs: I(2)}}
	if tr != want {
		t.Errorf("got %+v\nwant %+v", tr, want)
	}
	if err := Set(&tr, "block", ""); err != nil || tr.Block != (Int{}) {
		t.Errorf("clearing: %v, block %q", err, tr.Block)
	}
}

func TestSetRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ column, text, says string }{
		{"blok", "3", `column "blok": no such column`},
		{"Block", "3", `column "Block": no such column`},
		{"", "3", `column "": no such column`},
		{"block", "3.5", `column block: "3.5" is not a whole number`},
		{"block", " 3", `column block: " 3" is not a whole number`},
		{"wait_us", "NaN", `column wait_us: "NaN" is not a finite number`},
		{"wait_us", "inf", `column wait_us: "inf" is not a finite number`},
		{"wait_us", "10ms", `column wait_us: "10ms" is not a finite number`},
		{"keepalive", "1", `column keepalive: "1" is neither true nor false`},
		{"started_at_utc", "today", `column started_at_utc: "today" is not a time such as 2026-01-31T12:00:00.000Z`},
		{"labels", "novalue", `column labels: "novalue" is not a label key=value`},
		{"labels", "a=1;a=2", `column labels: label "a" occurs twice`},
		{"labels", "a=%zz", `column labels: "a=%zz" is not a label key=value`},
	} {
		tr := Trial{Block: I(7), WaitUs: F(7), Labels: "a=7"}
		before := tr
		err := Set(&tr, c.column, c.text)
		if err == nil || err.Error() != c.says {
			t.Errorf("Set(%q, %q): %v, want %s", c.column, c.text, err, c.says)
		}
		if got, want := errors.Is(err, ErrUnknownColumn), strings.Contains(c.says, "no such"); got != want {
			t.Errorf("Set(%q): unknown column: %v", c.column, got)
		}
		if tr != before {
			t.Errorf("Set(%q, %q) changed the trial it refused", c.column, c.text)
		}
	}
}

func TestSetLabel(t *testing.T) {
	t.Parallel()
	var tr Trial
	for _, kv := range [][2]string{{"block", "3"}, {"campaign_id", "c"}, {"model", "m"}, {"kernel_args", "x=1;y"}, {"gc", "off"}} {
		if err := SetLabel(&tr, kv[0], kv[1]); err != nil {
			t.Error(err)
		}
	}
	want := Trial{Block: I(3), CampaignID: "c", Model: "m", Labels: "gc=off;kernel_args=x%3D1%3By"}
	if tr != want {
		t.Errorf("got %+v\nwant %+v", tr, want)
	}
	for _, key := range []string{"lat_p99_us", "verdict", "due", "schema_version", "labels", "host_id", "measure_s"} {
		if err := SetLabel(&tr, key, "1"); !errors.Is(err, ErrMeasured) {
			t.Errorf("label %s: %v, want a refusal", key, err)
		}
	}
	if err := SetLabel(&tr, "", "1"); err == nil {
		t.Error("a label without a name passed")
	}
	if err := SetLabel(&tr, "block", "x"); err == nil {
		t.Error("a bad value passed")
	}
	if tr != want {
		t.Errorf("a refused label changed the trial: %+v", tr)
	}
}

func TestLabelsSurvive(t *testing.T) {
	t.Parallel()
	var l Labels
	want := map[string]string{"a=b": "c;d", "%": "100%", "zeile": "ä\n\t", "empty": ""}
	for k, v := range want {
		var err error
		if l, err = l.With(k, v); err != nil {
			t.Fatal(err)
		}
	}
	got, err := l.Map()
	if err != nil || len(got) != len(want) {
		t.Fatalf("%q: %v, %v", l, got, err)
	}
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%q: got %q, want %q", k, got[k], v)
		}
	}
	if strings.ContainsAny(string(l), "\n\t") {
		t.Errorf("control characters stand in %q", l)
	}
}

func TestCellID(t *testing.T) {
	t.Parallel()
	full := Trial{Target: "eventloop", Model: "eventloop", Workload: "plaintext", URL: "http://127.0.0.1:8083/plaintext",
		Loops: I(2), Connections: I(64), Arrivals: ArrivalsClosed, Keepalive: B(true), Labels: "gc=off"}
	const want = "eventloop/plaintext/loops=2/connections=64/arrivals=closed/keepalive=true/gc=off"
	if got := CellID(full); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	same := full
	same.URL, same.Block, same.Seed, same.LatP50Us, same.CampaignID = "http://127.0.0.1:1/", I(4), I(9), F(1), "x"
	if CellID(same) != want {
		t.Errorf("what is no factor changes the cell: %s", CellID(same))
	}
	// Every other factor makes another cell.
	for _, c := range columns {
		if c.Group != Factors || c.Name == "url" {
			continue
		}
		other := full
		for _, v := range []string{"a/b", "x=y", "77", "false"} {
			if Set(&other, c.Name, v) == nil {
				break
			}
		}
		if CellID(other) == want {
			t.Errorf("another %s, the same cell", c.Name)
		}
	}
	bare := Trial{URL: "http://127.0.0.1:80/a%b"}
	if got := CellID(bare); got != "//url=http:%2F%2F127.0.0.1:80%2Fa%25b" {
		t.Errorf("got %s", got)
	}
}

func TestOnlyMeasurementsAreMeasured(t *testing.T) {
	t.Parallel()
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if _, measured := F(v).Get(); measured {
			t.Errorf("F(%v) counts as measured", v)
		}
	}
	if _, known := T(time.Time{}).Get(); known {
		t.Error("the zero time counts as known")
	}
	if F(3).Or(1) != 3 || (Float{}).Or(1) != 1 || I(3).Or(1) != 3 || (Int{}).Or(1) != 1 {
		t.Error("Or prefers the wrong value")
	}
	if v, known := B(true).Get(); !v || !known {
		t.Error("B(true) is lost")
	}
	if s := F(1e6).String() + " " + F(0.1).String() + " " + F(1e-7).String(); s != "1000000 0.1 0.0000001" {
		t.Errorf("numbers are written %s", s)
	}
}
