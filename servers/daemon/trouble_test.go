package daemon

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
)

// troubled runs f with a trouble in time that does not pass by itself, and
// returns the lines that were logged.
func troubled(t *testing.T, f func(*trouble)) (lines []string) {
	t.Helper()
	synctest.Test(t, func(*testing.T) {
		var log bytes.Buffer
		x := &trouble{what: "it fails", log: zerolog.New(&log)}
		f(x)
		x.close()
		lines = strings.Split(strings.TrimSuffix(log.String(), "\n"), "\n")
	})
	return lines
}

func TestTroubleShort(t *testing.T) {
	t.Parallel()
	got := troubled(t, func(x *trouble) {
		for range 1000 {
			x.note(errors.New("why"))
			time.Sleep(time.Millisecond)
		}
		time.Sleep(2 * quiet)
		x.note(nil) // another one
	})
	want := []string{
		`{"level":"warn","error":"why","message":"it fails"}`,
		`{"level":"warn","more":999,"message":"it fails, still"}`,
		`{"level":"warn","in_all":1000,"lasted":999,"message":"it fails: over"}`,
		`{"level":"warn","message":"it fails"}`,
		`{"level":"warn","in_all":1,"lasted":0,"message":"it fails: over"}`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("logged\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What lasts for days stays below 10 KB of log, and is told to be over.
func TestTroubleLong(t *testing.T) {
	t.Parallel()
	const times = 2 * 24 * 3600 / 8 * 10
	got := troubled(t, func(x *trouble) {
		for range times {
			x.note(errors.New("accept4: too many open files"))
			time.Sleep(800 * time.Millisecond) // never at the moment of a line
		}
		time.Sleep(2 * quiet)
		synctest.Wait()
		if x.timer != nil {
			t.Error("it is not over")
		}
	})
	if size := len(strings.Join(got, "\n")); size > 2000 || len(got) < 5 {
		t.Errorf("%d lines, %d bytes", len(got), size)
	}
	for i, want := range []string{`"more":12,`, `"more":25,`, `"more":50,`} {
		if i+1 >= len(got) || !strings.Contains(got[i+1], want) {
			t.Errorf("line %d of\n%s\nhas no %s", i+1, strings.Join(got, "\n"), want)
		}
	}
	if last := got[len(got)-1]; !strings.Contains(last, `"in_all":216000,"lasted":172799200,`) {
		t.Errorf("the last line is %s", last)
	}
}
