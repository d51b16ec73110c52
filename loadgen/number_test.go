package main

import (
	"strings"
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	for s, want := range map[string]time.Duration{
		"30": 30 * time.Second, "0": 0, "1.5": 1500 * time.Millisecond, ".5": 500 * time.Millisecond, "-1": -time.Second,
		"30s": 30 * time.Second, "2m": 2 * time.Minute, "1h": time.Hour, "1h30m": 90 * time.Minute, "500ms": 500 * time.Millisecond,
	} {
		if got, err := parseDuration(s); err != nil || got != want {
			t.Errorf("%s: %v, %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "s", "soon", "1m30", "5x", "1e3", "1.2.3", "99999999999", " 5"} {
		if got, err := parseDuration(s); err == nil {
			t.Errorf("%q is taken for %v", s, got)
		}
	}
}

func TestParseCount(t *testing.T) {
	for s, want := range map[string]int64{
		"0": 0, "64": 64, "-1": -1, "1k": 1000, "1K": 1000, "1.5M": 1_500_000, "0.001k": 1, "0.0123M": 12300,
		"9007199254740993": 9007199254740993, "8.2k": 8200, "1.1M": 1_100_000,
	} {
		if got, err := parseCount(s); err != nil || got != want {
			t.Errorf("%s: %d, %v, want %d", s, got, err, want)
		}
	}
	for _, s := range []string{"", "k", "1.5", "0.0001k", "many", "1m", "1kk", "1e400M", "NaN", "infk", "1e300", "99999999999999999999"} {
		if got, err := parseCount(s); err == nil {
			t.Errorf("%q is taken for %d", s, got)
		}
	}
}

// Whatever is read is what Go reads, where Go reads it.
func FuzzNumbers(f *testing.F) {
	for _, s := range []string{"30", "1.5", "30s", "1h30m", "1k", "1.5M", "-1", "", "k", "1e3", "0x10", "NaN", "infk", "1_000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := parseDuration(s)
		if want, goErr := time.ParseDuration(s); goErr == nil && (err != nil || d != want) {
			t.Errorf("duration %q: %v, %v, want %v", s, d, err, want)
		}
		n, err := parseCount(s)
		if k, kErr := parseCount(s + "k"); err == nil && kErr == nil && (k != 1000*n || strings.HasSuffix(s, "k")) {
			t.Errorf("%q is %d, with a k %d", s, n, k)
		}
	})
}
