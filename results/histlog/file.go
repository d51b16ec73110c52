package histlog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// ErrForeign is wrapped by the error for a file that is no log of histograms.
var ErrForeign = errors.New("not an HdrHistogram log")

// Append adds a line for each entry, or creates the file with its header, in which begin
// is when the campaign began. All lines of a call reach the file, and the disk, in one
// write; when Append returns an error, none of them stays. A torn last line is cut off
// before. One process appends at a time: the caller sees to that.
func Append(path string, begin time.Time, entries ...Entry) (err error) {
	lines, err := encode(entries)
	if err != nil || len(entries) == 0 {
		return err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("append histograms to %s: %w", path, err)
		}
	}()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	at, err := wholeUntil(f)
	if err != nil {
		return err
	}
	if at == 0 {
		lines = append([]byte(header(begin)), lines...)
	}
	if err := f.Truncate(at); err != nil {
		return fmt.Errorf("cut off a torn line: %w", err)
	}
	if _, err = f.WriteAt(lines, at); err == nil {
		err = f.Sync()
	}
	if err != nil {
		if undo := f.Truncate(at); undo != nil {
			err = errors.Join(err, fmt.Errorf("cut off what was written: %w", undo))
		}
	}
	return err
}

// lastPart is how much of a file's end is read for the last newline; a line is a few
// kilobytes.
const lastPart = 1 << 20

// wholeUntil is where the file's last whole line ends: 0 for an empty file and for one that
// is torn in its header.
func wholeUntil(f *os.File) (int64, error) {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return 0, err
	}
	head := make([]byte, min(info.Size(), int64(len(header(time.Time{})))+16))
	if _, err := f.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	whole, ours := checkHeader(head)
	if !ours {
		return 0, ErrForeign
	}
	if !whole {
		return 0, nil
	}
	tail := make([]byte, min(info.Size(), lastPart))
	from := info.Size() - int64(len(tail))
	if _, err := f.ReadAt(tail, from); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	at := bytes.LastIndexByte(tail, '\n')
	if at < 0 {
		return 0, fmt.Errorf("%w: a line of more than %d bytes", ErrForeign, lastPart)
	}
	return from + int64(at) + 1, nil
}

// checkHeader tells whether text begins as our files do, and whether the header's last
// line is whole.
func checkHeader(text []byte) (whole, ours bool) {
	first, _, _ := strings.Cut(header(time.Time{}), "\n")
	begins, _, _ := bytes.Cut(text, []byte("\n"))
	if string(begins) != first && !strings.HasPrefix(first, string(text)) {
		return false, false
	}
	return bytes.Contains(text, []byte("_Histogram\"\n")), true
}

// ReadFile reads the entries of a file, in order. torn says that a last line without a
// newline was left out. A campaign of twelve blocks has some 300 of about 2 KB.
func ReadFile(path string) (entries []Entry, torn bool, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, false, fmt.Errorf("read histograms: %w", err)
	}
	end := bytes.LastIndexByte(text, '\n') + 1
	torn = end < len(text)
	if _, ours := checkHeader(text); !ours {
		return nil, torn, fmt.Errorf("read histograms: %s: %w", path, ErrForeign)
	}
	number := 0
	for line := range strings.Lines(string(text[:end])) {
		number++
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' || line[0] == '"' {
			continue
		}
		e, err := decode(line)
		if err != nil {
			return nil, torn, fmt.Errorf("read histograms: %s: line %d: %w", path, number, err)
		}
		entries = append(entries, e)
	}
	return entries, torn, nil
}
