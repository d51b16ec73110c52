package campaign

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"modelbench/results/trial"
)

// An interval is a row of loadgen's --series, as far as a fault's effect is read from it. Times are since the load began.
type interval struct {
	start, end time.Duration
	measured   time.Duration // how much of it was measured; 0: warm-up, or waiting for the last replies
	due        int
	completed  int
	lag        time.Duration // longest
}

// rows reads them.
type rows struct {
	csv *csv.Reader
	at  map[string]int // column by name; nil: the header was not read
}

func newRows(from io.Reader) *rows {
	r := &rows{csv: csv.NewReader(from)}
	r.csv.ReuseRecord = true
	return r
}

// next returns the next interval, and io.EOF after the last.
func (r *rows) next() (interval, error) {
	fields, err := r.csv.Read()
	if err == nil && r.at == nil {
		r.at = map[string]int{}
		for i, name := range fields {
			r.at[name] = i
		}
		for _, name := range []string{"start_s", "end_s", "measured_s", "due", "completed", "lag_max_us"} {
			if _, has := r.at[name]; !has {
				return interval{}, fmt.Errorf("loadgen's series has no column %s", name)
			}
		}
		fields, err = r.csv.Read()
	}
	if err != nil {
		return interval{}, err
	}
	value := func(name string, unit time.Duration) time.Duration {
		text := fields[r.at[name]]
		if text == "" { // not measured
			return 0
		}
		v, wrong := strconv.ParseFloat(text, 64)
		if wrong != nil {
			err = fmt.Errorf("loadgen's series: column %s: %w", name, wrong)
		}
		return time.Duration(v * float64(unit))
	}
	return interval{
		start: value("start_s", time.Second), end: value("end_s", time.Second), measured: value("measured_s", time.Second),
		due: int(value("due", 1)), completed: int(value("completed", 1)), lag: value("lag_max_us", time.Microsecond),
	}, err
}

// What counts as back.
const (
	backShare  = 0.99                   // of the rate before, over backFor and from then to the end
	sightShare = 0.9                    // of it, in the interval with which that begins: one holds too few requests for more
	backFor    = 100 * time.Millisecond // at least so long
)

// recovery is the time from a fault until requests complete at the rate of before again, and go on to: the first interval at or
// after it that begins 100 ms with 99% of that rate, where 99% are reached from there to the end as well. It is 0 where the rate never
// fell, and empty where it did not come back while that was watched, or there was none before. What is still answered after the end counts as completed then.
func recovery(all []interval, fault time.Duration) trial.Float {
	completed, measured := 0, time.Duration(0) // before
	var after []interval
	late := 0
	for _, i := range all {
		switch {
		case i.end <= fault:
			completed += i.completed
			measured += i.measured
		case i.measured > 0:
			after = append(after, i)
		default:
			late += i.completed
		}
	}
	if completed == 0 || measured == 0 {
		return trial.Float{}
	}
	rate := float64(completed) / measured.Seconds()
	reaches := func(these []interval, more int, share, spare float64) bool {
		n, length := more, time.Duration(0)
		for _, i := range these {
			n += i.completed
			length += i.measured
		}
		return float64(n)+spare >= share*rate*length.Seconds()
	}
	for k := range after {
		begins, length := 0, time.Duration(0)
		for ; k+begins < len(after) && length < backFor; begins++ {
			length += after[k+begins].measured
		}
		if length < backFor { // nothing is known of what follows
			break
		}
		if reaches(after[k:k+1], 0, sightShare, 1) && reaches(after[k:k+begins], 0, backShare, 1) && reaches(after[k:], late, backShare, 1) {
			return trial.F(float64(max(0, after[k].start-fault).Microseconds()) / 1e3)
		}
	}
	return trial.Float{}
}

// late says why what was seen before a fault, and so what it is compared with, is not what was asked for; nil: it is.
func late(all []interval, fault time.Duration) error {
	due, completed := 0, 0
	for _, i := range all {
		if i.end > fault {
			continue
		}
		due += i.due
		completed += i.completed
		if i.lag > watchEvery {
			return fmt.Errorf("a request left %v late before the fault, which is more than the %v that recovery is known to", i.lag.Round(time.Millisecond), watchEvery)
		}
	}
	if float64(completed) < backShare*float64(due)-1 {
		return fmt.Errorf("only %d of %d requests were completed before the fault", completed, due)
	}
	return nil
}
