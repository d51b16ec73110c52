package campaign

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

func TestDrawable(t *testing.T) {
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	must(t, err)
	defer terminal.Close()
	file, err := os.Create(t.TempDir() + "/stderr")
	must(t, err)
	defer file.Close()
	for _, tt := range []struct {
		name       string
		to         *os.File
		cols, rows uint16
		term       string
		want       bool
	}{
		{"terminal", terminal, 80, 24, "xterm", true},
		{"narrow", terminal, 20, 5, "xterm", true},
		{"of unknown size", terminal, 0, 0, "xterm", false},
		{"of unknown height", terminal, 80, 0, "xterm", false},
		{"without a cursor", terminal, 80, 24, "dumb", false},
		{"file", file, 0, 0, "xterm", false},
	} {
		t.Setenv("TERM", tt.term)
		must(t, unix.IoctlSetWinsize(int(terminal.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Col: tt.cols, Row: tt.rows}))
		if got := drawable(int(tt.to.Fd())); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
