package campaign

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"
)

func TestPlainLines(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	show, done := Watch(&out)
	for _, e := range []Event{
		{Kind: Planned, Text: "6 blocks"},
		{Kind: Calibrating, Workload: "echo", Left: 89500 * time.Millisecond},
		{Kind: BlockBegins, Block: 1, Blocks: 6},
		{Kind: Rotating, Block: 1, Blocks: 6, Workload: "spin", Elapsed: 30 * time.Second, Left: time.Minute},
		{Kind: Rotating, Block: 1, Blocks: 6, Workload: "h4", Target: "A", Elapsed: 30 * time.Second, Left: time.Minute},
		{Kind: Measured, Block: 1, Blocks: 6, Workload: "spin"},
		{Kind: Failure, Text: "prefork ended"},
		{Kind: Ended, Text: "complete"},
	} {
		show(e)
	}
	done()
	want := "6 blocks\n" +
		"  0%  calibrating echo        1m30s left\n" +
		" 33%  block 1/6 spin          1m0s left\n" +
		" 33%  block 1/6 h4 A          1m0s left\n" +
		"failed: prefork ended\n"
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

// Between two events the position moves by the clock, and stands when the step takes
// longer than it should.
func TestPosition(t *testing.T) {
	t.Parallel()
	now := time.Now()
	p := position{Event{Elapsed: 10 * time.Second, Left: 20 * time.Second, Step: 3 * time.Second}, now}
	for _, tt := range []struct{ after, elapsed, left time.Duration }{
		{-time.Second, 10, 20}, {0, 10, 20}, {time.Second, 11, 19}, {3 * time.Second, 13, 17}, {time.Minute, 13, 17},
	} {
		elapsed, left := p.at(now.Add(tt.after))
		if elapsed != tt.elapsed*time.Second || left != tt.left*time.Second {
			t.Errorf("after %v: %v and %v left", tt.after, elapsed, left)
		}
	}
	if fraction(0, 0) != 0 || fraction(time.Second, 0) != 1 || fraction(time.Second, 3*time.Second) != 0.25 {
		t.Error("fractions are wrong")
	}
}

// The bar takes every event without waiting for anybody, ends, and says aloud what a
// bar cannot show.
func TestBar(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	said := make(chan string)
	go func() {
		text, _ := io.ReadAll(r)
		said <- string(text)
	}()
	b := newBar(w, true)
	for i := range 100 {
		b.show(Event{Kind: Rotating, Block: 1, Blocks: 1, Workload: "wait", Elapsed: time.Duration(i) * time.Second, Left: 100 * time.Second})
	}
	b.show(Event{Kind: Failure, Text: "prefork ended"})
	b.show(Event{Kind: Ended, Elapsed: time.Second})
	b.done()
	must(t, w.Close())
	if text := <-said; !strings.Contains(text, "failed: prefork ended") || !strings.Contains(text, "block 1/1 wait") {
		t.Errorf("it drew %q", text)
	}
}
