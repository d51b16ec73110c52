package campaign

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/cwriter"
	"github.com/vbauerster/mpb/v8/decor"
)

// Watch shows a campaign's events to a person: a bar on a terminal, a line for each
// step elsewhere. show is for Config.Events; done takes the bar away and must be
// called before anything else is written to w.
func Watch(w io.Writer) (show func(Event), done func()) {
	if f, ok := w.(*os.File); ok && drawable(int(f.Fd())) {
		b := newBar(w, false)
		return b.show, b.done
	}
	return func(e Event) {
		if line := plainLine(e); line != "" {
			fmt.Fprintln(w, line)
		}
	}, func() {}
}

// drawable tells whether a bar can be seen: on a terminal that knows its size (a serial
// line does not, and a bar would be cut to nothing) and can move its cursor.
func drawable(fd int) bool {
	width, height, err := cwriter.GetSize(fd)
	return err == nil && width > 0 && height > 0 && os.Getenv("TERM") != "dumb"
}

// plainLine is an event as one line; empty: not worth one.
func plainLine(e Event) string {
	switch e.Kind {
	case Planned, Notice:
		return e.Text
	case Failure:
		return "failed: " + e.Text
	case Calibrating, Rotating:
		return fmt.Sprintf("%3.0f%%  %-22s  %s left", 100*fraction(e.Elapsed, e.Left), stepName(e), clock(e.Left))
	}
	return ""
}

// stepName says what is going on from this event on; empty: no change.
func stepName(e Event) string {
	switch e.Kind {
	case Calibrating:
		return "calibrating " + e.Workload
	case BlockBegins:
		return fmt.Sprintf("block %d/%d starts", e.Block, e.Blocks)
	case Rotating:
		return strings.TrimSpace(fmt.Sprintf("block %d/%d %s %s", e.Block, e.Blocks, e.Workload, e.Target))
	}
	return ""
}

// fraction is how much of the expected time is over.
func fraction(elapsed, left time.Duration) float64 {
	if elapsed+left <= 0 {
		return 0
	}
	return float64(elapsed) / float64(elapsed+left)
}

func clock(d time.Duration) string { return roundUp(d, time.Second).String() }

// position is where a campaign stands between two events: the last event and when
// it came. A step that takes longer than expected holds the position still.
type position struct {
	event Event
	came  time.Time
}

func (p position) at(now time.Time) (elapsed, left time.Duration) {
	passed := min(max(0, now.Sub(p.came)), p.event.Step)
	return p.event.Elapsed + passed, max(0, p.event.Left-passed)
}

const (
	barTotal   = 1000 // thousandths of the expected time
	barRefresh = 200 * time.Millisecond
)

// bar draws events on a terminal. show is called from the campaign's goroutine; one
// of its own moves the bar in between.
type bar struct {
	progress *mpb.Progress
	bar      *mpb.Bar
	events   chan Event
	ended    chan struct{}
	step     chan string // holds one: what the decorators show
	left     chan string
}

// newBar draws on w. always does so on what is no terminal, too.
func newBar(w io.Writer, always bool) *bar {
	b := &bar{events: make(chan Event), ended: make(chan struct{}), step: make(chan string, 1), left: make(chan string, 1)}
	b.progress = mpb.New(mpb.WithOutput(w), mpb.WithWidth(64), mpb.WithRefreshRate(barRefresh), mpb.ContainerOptional(mpb.WithAutoRefresh(), always))
	b.bar = b.progress.AddBar(barTotal, mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Any(latest(b.step), decor.WC{W: 22, C: decor.DindentRight})),
		mpb.AppendDecorators(decor.Percentage(decor.WC{W: 5}), decor.Any(latest(b.left), decor.WC{W: 12})))
	go b.run()
	return b
}

// latest makes a decorator's function that repeats the last text put into c. It
// never waits: the bar is drawn whether there is news or not.
func latest(c <-chan string) decor.DecorFunc {
	text := ""
	return func(decor.Statistics) string {
		select {
		case text = <-c:
		default:
		}
		return text
	}
}

// put replaces what c holds. One goroutine puts.
func put(c chan string, text string) {
	select {
	case <-c:
	default:
	}
	c <- text
}

func (b *bar) run() {
	defer close(b.ended)
	tick := time.NewTicker(barRefresh)
	defer tick.Stop()
	var p position
	for {
		select {
		case e, more := <-b.events:
			if !more {
				return
			}
			p = position{e, time.Now()}
			if name := stepName(e); name != "" {
				put(b.step, name)
			}
			if e.Kind == Notice || e.Kind == Failure || e.Kind == Planned {
				fmt.Fprintln(b.progress, plainLine(e))
			}
		case <-tick.C:
		}
		elapsed, left := p.at(time.Now())
		put(b.left, clock(left)+" left")
		// One short of the total: at the total the bar would count as complete and go.
		b.bar.SetCurrent(min(barTotal-1, max(b.bar.Current(), int64(barTotal*fraction(elapsed, left)))))
	}
}

func (b *bar) show(e Event) { b.events <- e }

func (b *bar) done() {
	close(b.events)
	<-b.ended
	b.bar.Abort(true)
	b.progress.Wait()
}
