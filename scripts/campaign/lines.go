package campaign

import (
	"bytes"
	"strings"
	"sync"
)

const (
	maxLine   = 4096 // bytes of a line that are kept; the rest of it is dropped
	tailLines = 8    // lines of standard error that go into an error message
)

// lineWriter cuts what is written into lines and hands each over without its
// newline. Memory is bounded by maxLine whatever is written. One goroutine
// writes (os/exec's copier).
type lineWriter struct {
	each func(string)
	part []byte
}

// Write never fails: a child must not be stopped by what we make of its output.
func (w *lineWriter) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		line, rest, whole := bytes.Cut(b, []byte{'\n'})
		room := max(0, maxLine-len(w.part))
		w.part = append(w.part, line[:min(room, len(line))]...)
		if whole {
			w.flush()
		}
		b = rest
	}
	return n, nil
}

// flush hands over an unfinished last line.
func (w *lineWriter) flush() {
	line := strings.TrimRight(string(w.part), "\r")
	w.part = w.part[:0]
	if line != "" {
		w.each(line)
	}
}

// tail keeps the last lines of a child's standard error, and what a Go program says
// first when it crashes, however long the stacks after it are. Safe for concurrent use.
type tail struct {
	mu    sync.Mutex
	crash string
	lines []string
}

func (t *tail) add(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.crash == "" && (strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ")) {
		t.crash = line
	}
	if len(t.lines) == tailLines {
		t.lines = append(t.lines[:0], t.lines[1:]...)
	}
	t.lines = append(t.lines, line)
}

// String joins the lines with " | ", oldest first. Of a crash it is what was said
// first: the end of a stack tells nobody anything.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.crash != "" {
		return t.crash
	}
	return strings.Join(t.lines, " | ")
}
