//go:build unix

package live

import (
	"io"
	"os"
	"os/signal"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// terminal returns w as a terminal, if it is one.
func terminal(w io.Writer) (*os.File, bool) {
	f, isFile := w.(*os.File)
	if !isFile {
		return nil, false
	}
	_, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ)
	return f, err == nil
}

// A screen is a terminal to write to while it is ours: not while this process is in the
// background, and not after it was stopped, until it is claimed again. What is written at
// other times is dropped, as it would land amid what the shell or another program shows.
//
// To whoever draws it is a writer and nothing more: the size of the terminal is looked
// after here, as is what a new size makes of what stands on it.
type screen struct {
	file    *os.File
	lost    atomic.Bool
	resumed chan os.Signal
	resized chan os.Signal
}

func newScreen(term *os.File) *screen {
	s := &screen{file: term, resumed: make(chan os.Signal, 1), resized: make(chan os.Signal, 1)}
	s.lost.Store(true)
	signal.Notify(s.resumed, unix.SIGCONT)
	signal.Notify(s.resized, unix.SIGWINCH)
	return s
}

// release ends the interest in signals.
func (s *screen) release() {
	signal.Stop(s.resumed)
	signal.Stop(s.resized)
}

// Size of a terminal that does not know its own, such as one on a serial line.
const (
	unknownWidth  = 80
	unknownHeight = 24
)

// size returns the terminal's columns and rows, all more than 0.
func (s *screen) size() (width, height int) {
	width, height = unknownWidth, unknownHeight
	if w, err := unix.IoctlGetWinsize(int(s.file.Fd()), unix.TIOCGWINSZ); err == nil {
		if w.Col > 0 {
			width = int(w.Col)
		}
		if w.Row > 0 {
			height = int(w.Row)
		}
	}
	return width, height
}

// claim makes the terminal ours, if this process is in the foreground.
func (s *screen) claim() bool {
	s.look()
	s.lost.Store(!s.foreground())
	return !s.lost.Load()
}

// ours reports whether the terminal has been ours all the time since it was claimed.
func (s *screen) ours() bool {
	s.look()
	if !s.foreground() {
		s.silence()
	}
	return !s.lost.Load()
}

// silence gives the terminal up until it is claimed.
func (s *screen) silence() { s.lost.Store(true) }

// look notices that the process was stopped and goes on now.
func (s *screen) look() {
	select {
	case <-s.resumed:
		s.silence()
	default:
	}
}

// foreground reports whether this process may use the terminal. A terminal that does not
// control the process, such as one of another session, has no background.
func (s *screen) foreground() bool {
	group, err := unix.IoctlGetInt(int(s.file.Fd()), unix.TIOCGPGRP)
	return err != nil || group == unix.Getpgrp()
}

// Write writes to the terminal if it is ours, and claims success in any case. Drawing
// begins in the first column, where the cursor was left: unless something was typed.
func (s *screen) Write(b []byte) (int, error) {
	if !s.ours() {
		return len(b), nil
	}
	if _, err := s.file.Write(append([]byte{'\r'}, b...)); err != nil {
		return 0, err
	}
	return len(b), nil
}
