package outfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A device stays the device that it is, and a full one says so.
func TestFullDevice(t *testing.T) {
	w, err := NewWhole("/dev/full")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Replace([]byte("x")); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("error %v", err)
	}
	s, err := NewStream("/dev/full")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write([]byte("x")); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("error %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat("/dev/full"); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		t.Errorf("/dev/full is now %v, %v", info.Mode(), err)
	}
}

// A reader of a pipe sees one writer from beginning to end.
func TestPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	read := make(chan string)
	go func() {
		f, err := os.Open(path)
		if err != nil {
			read <- err.Error()
			return
		}
		defer f.Close()
		text, _ := io.ReadAll(f)
		read <- string(text)
	}()
	w, err := NewWhole(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Replace([]byte("all of it")); err != nil {
		t.Error(err)
	}
	if got := <-read; got != "all of it" {
		t.Errorf("the reader got %q", got)
	}
}
