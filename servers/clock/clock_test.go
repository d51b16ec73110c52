package clock

import (
	"testing"
	"time"
)

func TestTime(t *testing.T) {
	a := Now()
	b := Now()
	if a <= 0 || b < a {
		t.Errorf("the clock read %d, then %d", a, b)
	}
	if got := a.After(time.Second).Until(a); got != time.Second {
		t.Errorf("a second after is in %v", got)
	}
	if !Time(0).Deadline().IsZero() {
		t.Error("no time is a deadline")
	}
	if late := time.Until(b.After(time.Hour).Deadline()); late > time.Hour || late < 59*time.Minute {
		t.Errorf("a deadline in an hour is in %v", late)
	}
}
