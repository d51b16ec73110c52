package analysis

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"modelbench/results/stats"
)

// Unit is how the figures of one row are written: all in the unit that suits the median, so that the ends of its interval can
// be read against it.
type Unit struct {
	per    float64 // base units in one of this
	suffix string
	digits int // after the point
}

// Number is v in the unit, without the unit.
func (u Unit) Number(v float64) string { return strconv.FormatFloat(v/u.per, 'f', u.digits, 64) }

// Text is v with the unit.
func (u Unit) Text(v float64) string { return u.Number(v) + u.suffix }

// scaled picks the greatest step that leaves at least 1, and the digits that leave three significant ones.
func scaled(median float64, steps ...Unit) Unit {
	u := steps[0]
	for _, s := range steps[1:] {
		if median >= s.per*0.9995 { // 999.6 would be written 1000
			u = s
		}
	}
	switch v := median / u.per; {
	case v >= 99.95:
		u.digits = 0
	case v >= 9.995:
		u.digits = 1
	default:
		u.digits = 2
	}
	return u
}

// PerSecond is the unit for rates near this one, of which the base unit is one per second.
func PerSecond(median float64) Unit {
	return scaled(median, Unit{1, "/s", 0}, Unit{1e3, "k/s", 0}, Unit{1e6, "M/s", 0})
}

// Microseconds is the unit for times near this one, of which the base unit is the microsecond.
func Microseconds(median float64) Unit {
	return scaled(median, Unit{1, " us", 0}, Unit{1e3, " ms", 0}, Unit{1e6, " s", 0})
}

// Memory is the unit for sizes near this one, of which the base unit is the byte.
func Memory(median float64) Unit {
	return scaled(median, Unit{1, " B", 0}, Unit{1 << 10, " KiB", 0}, Unit{1 << 20, " MiB", 0}, Unit{1 << 30, " GiB", 0})
}

// Short is a whole or nearly whole number for a heading: 64, 6.4k, 20k, 1.5M.
func Short(v float64) string {
	for _, s := range []Unit{{1e6, "M", 0}, {1e3, "k", 0}} {
		if v >= s.per {
			return strconv.FormatFloat(v/s.per, 'g', 4, 64) + s.suffix
		}
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// RatioText writes the ratio and its interval. Two digits after the point; three where two would hide the figure itself or,
// in a ratio that was decided to differ from 1, that the interval leaves 1 out.
func (c *Comparison) RatioText() (ratio, interval string) {
	digits := 2
	switch hidden := c.Lo > 1 && c.Lo < 1.005 || c.Hi < 1 && c.Hi >= 0.995; {
	case c.Estimate >= 10:
		digits = 1
	case c.Estimate < 0.1, c.Decided() && hidden:
		digits = 3
	}
	text := func(v float64) string { return strconv.FormatFloat(v, 'f', digits, 64) }
	return text(c.Estimate) + "x", fmt.Sprintf("[%s, %s]", text(c.Lo), text(c.Hi))
}

// Inverse is the same seen from the other side; with is who was compared.
func (c *Comparison) Inverse(with string) *Comparison {
	inverse := *c
	inverse.With, inverse.Estimate, inverse.Lo, inverse.Hi = with, 1/c.Estimate, 1/c.Hi, 1/c.Lo
	switch c.Verdict {
	case stats.Slower:
		inverse.Verdict = stats.Faster
	case stats.Faster:
		inverse.Verdict = stats.Slower
	}
	return &inverse
}

// Percent writes a level or a fraction: 95%, 96.9%.
func Percent(fraction float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(100*fraction, 'f', 1, 64), ".0") + "%"
}

// Shares is the unit for fractions, in percent.
func Shares(near float64) Unit {
	u := scaled(near, Unit{0.01, "%", 0})
	u.digits = min(1, u.digits)
	return u
}

// Plain is the unit of what has none. Whole numbers are written as such.
func Plain(near float64) Unit {
	if near == math.Trunc(near) {
		return Unit{1, "", 0}
	}
	return scaled(near, Unit{1, "", 0})
}
