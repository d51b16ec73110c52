// Package figure writes quantities for people: three digits and the unit that fits.
package figure

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Span writes a duration with three digits in the unit that fits: 84.2us, 1.20ms, 90.0s.
func Span(d time.Duration) string {
	switch v := float64(d); {
	case d == 0:
		return "0s"
	case v < 1e3:
		return fmt.Sprintf("%dns", d)
	case v < 999.5e3:
		return digits(v/1e3) + "us"
	case v < 999.5e6:
		return digits(v/1e6) + "ms"
	default:
		return digits(v/1e9) + "s"
	}
}

func digits(v float64) string {
	switch {
	case v < 9.995:
		return fmt.Sprintf("%.2f", v)
	case v < 99.95:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

// Size writes bytes as wrk does: units of 1024 with two decimals.
func Size(bytes float64) string {
	for _, unit := range []string{"B", "KB", "MB", "GB"} {
		if bytes < 1024 {
			return fmt.Sprintf("%.2f%s", bytes, unit)
		}
		bytes /= 1024
	}
	return fmt.Sprintf("%.2fTB", bytes)
}

// Count writes a number with a comma between thousands: 20,013. Below 100 it has a
// decimal if it needs one, as a slow rate does: 12.5.
func Count(v float64) string {
	if v < 99.95 && v > 0 {
		return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
	}
	s := strconv.FormatFloat(v, 'f', 0, 64)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Clock writes a stretch of time as a person counts it: 6.2s, 1m06s, 2h05m.
func Clock(d time.Duration) string {
	switch {
	case d < time.Minute-50*time.Millisecond:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < time.Hour-500*time.Millisecond:
		s := int(d.Round(time.Second).Seconds())
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	}
	m := int(d.Round(time.Minute).Minutes())
	return fmt.Sprintf("%dh%02dm", m/60, m%60)
}
