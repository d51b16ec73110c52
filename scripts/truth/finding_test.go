package main

import (
	"bytes"
	"math"
	"testing"
)

func TestFindings(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		got   finding
		holds bool
	}{
		{within("x", 500, 10, 510, "ms"), true},
		{within("x", 500, 10, 489.9, "ms"), false},
		{within("x", 500, 10, math.NaN(), "ms"), false},
		{atMost("x", 100, 100, "us"), true},
		{atMost("x", 100, 100.1, "us"), false},
		{atMost("x", 100, math.NaN(), "us"), false},
	} {
		if tt.got.holds != tt.holds {
			t.Errorf("%+v", tt.got)
		}
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	err := write(&out, "What is done", []finding{within("p95", 500, 10, 507.26, "ms"), atMost("lag", 100, 1234567, "us")})
	const want = `What is done

       expected        measured
  p95  500 +-10 ms     507.3 ms    holds
  lag  at most 100 us  1234567 us  DOES NOT HOLD
`
	if err != nil || out.String() != want {
		t.Errorf("%v\n%s", err, out.String())
	}
}

// squeeze leaves one space where there are several.
func squeeze(s string) string {
	for {
		shorter := string(bytes.ReplaceAll([]byte(s), []byte("  "), []byte(" ")))
		if shorter == s {
			return s
		}
		s = shorter
	}
}

func TestShort(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{
		0: "0", 5: "5", 0.0234: "0.023", 1.23456: "1.235", 12.3456: "12.35", 123.456: "123.5", 1234.56: "1235", 1e7: "10000000", -0.5: "-0.500",
	} {
		if got := short(v); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
	if got := short(math.NaN()); got != "NaN" {
		t.Errorf("NaN: %s", got)
	}
}
