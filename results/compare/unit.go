package compare

import (
	"fmt"
	"strconv"
	"strings"

	"modelbench/results/stats"
)

// unit is how the figures of one row are written: all in the unit that suits the median, so that the ends of its interval can
// be read against it.
type unit struct {
	per    float64 // base units in one of this
	suffix string
	digits int // after the point
}

func (u unit) number(v float64) string { return strconv.FormatFloat(v/u.per, 'f', u.digits, 64) }

func (u unit) String(v float64) string { return u.number(v) + u.suffix }

// scaled picks the greatest step that leaves at least 1, and the digits that leave three significant ones.
func scaled(median float64, steps ...unit) unit {
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

func perSecond(median float64) unit {
	return scaled(median, unit{1, "/s", 0}, unit{1e3, "k/s", 0}, unit{1e6, "M/s", 0})
}

func microseconds(median float64) unit {
	return scaled(median, unit{1, " us", 0}, unit{1e3, " ms", 0}, unit{1e6, " s", 0})
}

func memory(median float64) unit {
	return scaled(median, unit{1, " B", 0}, unit{1 << 10, " KiB", 0}, unit{1 << 20, " MiB", 0}, unit{1 << 30, " GiB", 0})
}

// short is a whole or nearly whole number for a heading: 64, 6.4k, 20k, 1.5M.
func short(v float64) string {
	for _, s := range []unit{{1e6, "M", 0}, {1e3, "k", 0}} {
		if v >= s.per {
			return strconv.FormatFloat(v/s.per, 'g', 4, 64) + s.suffix
		}
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// ratioText writes a ratio and its interval. Two digits after the point; three where two would hide the figure itself or,
// in a ratio that was decided to differ from 1, that the interval leaves 1 out.
func ratioText(r stats.Ratio, decided bool) (ratio, interval string) {
	lo, hi := r.Interval.Lo, r.Interval.Hi
	digits := 2
	switch hidden := lo > 1 && lo < 1.005 || hi < 1 && hi >= 0.995; {
	case r.Estimate >= 10:
		digits = 1
	case r.Estimate < 0.1, decided && hidden:
		digits = 3
	}
	text := func(v float64) string { return strconv.FormatFloat(v, 'f', digits, 64) }
	return text(r.Estimate) + "x", fmt.Sprintf("[%s, %s]", text(lo), text(hi))
}

// percent writes a level or a fraction: 95%, 96.9%.
func percent(fraction float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(100*fraction, 'f', 1, 64), ".0") + "%"
}
