package figure

import (
	"testing"
	"time"
)

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 1: "1ns", 999: "999ns", 1000: "1.00us", 9999: "10.0us", 123456: "123us", 999_499: "999us", 999_500: "1.00ms",
		12_345_678: "12.3ms", 999_400_000: "999ms", 999_900_000: "1.00s", 90 * time.Second: "90.0s",
	} {
		if got := Span(d); got != want {
			t.Errorf("%d ns: %s, want %s", d, got, want)
		}
	}
}

func TestSize(t *testing.T) {
	for b, want := range map[float64]string{0: "0.00B", 1023: "1023.00B", 1024: "1.00KB", 1.5 * (1 << 20): "1.50MB", 1 << 30: "1.00GB", 1 << 40: "1.00TB"} {
		if got := Size(b); got != want {
			t.Errorf("%g: %s, want %s", b, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.25: "0.2", 12.5: "12.5", 42: "42", 99.94: "99.9", 99.95: "100", 999: "999", 1000: "1,000", 20013.4: "20,013", 1234567: "1,234,567"} {
		if got := Count(v); got != want {
			t.Errorf("%g: %s, want %s", v, got, want)
		}
	}
}

func TestClock(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.0s", 6240 * time.Millisecond: "6.2s", 59949 * time.Millisecond: "59.9s", 59950 * time.Millisecond: "1m00s",
		66 * time.Second: "1m06s", time.Hour - 501*time.Millisecond: "59m59s", time.Hour - time.Millisecond: "1h00m", 125 * time.Minute: "2h05m",
	} {
		if got := Clock(d); got != want {
			t.Errorf("%v: %s, want %s", d, got, want)
		}
	}
}
