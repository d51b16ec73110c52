package daemon

import (
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// A trouble is something that may go wrong a thousand times a second for as long
// as it lasts. It is logged with a line when it begins, a line now and then while
// it goes on, each after twice the time of the one before, and a line when
// nothing has gone wrong for a while:
//
//	. . . . . . . . . . . . . . . . . . . . . .             what happens
//	|         |                   |                    |
//	begins    still (+10 s)       still (+20 s)        over: how often, how long
//
// So it takes a few lines to log a night of it. Its methods may be called from
// anywhere.
type trouble struct {
	what string // of the log lines
	log  zerolog.Logger

	mu          sync.Mutex
	timer       *time.Timer // looks how it goes; nil: there is no trouble
	begun, last time.Time
	count       int           // since it began
	seen        int           // of those, at the last look
	told        int           // of those, in the log
	due         time.Time     // when the log will have the next line
	gap         time.Duration // between the last line and that
}

// quiet is how long nothing goes wrong when a trouble is over.
const quiet = 10 * time.Second

// note tells that it has gone wrong once more. The cause, which may be nil, is
// logged if it is the first.
func (t *trouble) note(cause error) {
	now := time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count++
	t.last = now
	if t.timer != nil {
		return
	}
	t.begun, t.seen, t.told = now, 1, 1
	t.gap, t.due = quiet, now.Add(quiet)
	t.log.Warn().Err(cause).Msg(t.what)
	t.timer = time.AfterFunc(quiet, t.look)
}

func (t *trouble) look() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.timer == nil {
		return // close was faster
	}
	if t.seen == t.count {
		t.end()
		return
	}
	t.seen = t.count
	if now := time.Now(); !now.Before(t.due) {
		t.log.Warn().Int("more", t.count-t.told).Msg(t.what + ", still")
		t.told = t.count
		t.gap *= 2
		t.due = now.Add(t.gap)
	}
	t.timer.Reset(quiet)
}

// end is called with the lock held.
func (t *trouble) end() {
	t.timer.Stop()
	t.timer = nil
	t.log.Warn().Int("in_all", t.count).Dur("lasted", t.last.Sub(t.begun)).Msg(t.what + ": over")
	t.count = 0
}

// close logs the last line now, if there is trouble: nobody will look any more.
func (t *trouble) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.timer != nil {
		t.end()
	}
}
