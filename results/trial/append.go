package trial

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/gofrs/flock"
)

// Append adds the trials to the file, or creates it with its header. All rows of a call reach the file in one write, or,
// when Append returns an error, none of them: what a failed write (a full disk) left behind is cut off again. Rows
// that were there before are never touched.
//
// A torn last line, left by a crash, is cut off before the new rows. One that has all columns and reads well is given
// its newline instead: it lacks no measurement, and deleting is final. (Read leaves such a line out, because its
// last column may have been cut. Append errs on the side of keeping.)
//
// The lock is an advisory one on the CSV file itself, which needs no file beside it and ends with the process. Append
// waits for it. It also calls fsync once, so a row whose Append has returned nil survives a loss of power: call it after
// measuring, not while.
func Append(path string, trials ...Trial) error {
	if len(trials) == 0 {
		return nil
	}
	rows, err := encode(trials)
	if err != nil {
		return fmt.Errorf("append to %s: %w", path, err)
	}
	f, unlock, err := openLocked(path)
	if err != nil {
		return fmt.Errorf("append to %s: %w", path, err)
	}
	defer unlock()
	info, err := f.Stat()
	if err == nil {
		err = appendRows(f, info.Size(), rows)
	}
	if err != nil {
		return fmt.Errorf("append trials: %w", atPath(path, err))
	}
	return nil
}

// openLocked opens the file, creating it if need be, and holds its lock until unlock, which closes the file too.
func openLocked(path string) (f *os.File, unlock func(), err error) {
	for {
		lock := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(0o644))
		for err = lock.Lock(); errors.Is(err, syscall.EINTR); err = lock.Lock() {
		}
		if err != nil {
			return nil, nil, fmt.Errorf("lock: %w", err)
		}
		f, err = os.OpenFile(path, os.O_RDWR, 0)
		if err == nil && sameFile(lock, f) {
			return f, func() { f.Close(); lock.Close() }, nil
		}
		// While waiting for the lock the file was removed or replaced: what we hold is the old one.
		if err == nil {
			f.Close()
		}
		lock.Close()
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, nil, err
		}
	}
}

func sameFile(lock *flock.Flock, f *os.File) bool {
	a, errA := lock.Stat()
	b, errB := f.Stat()
	return errA == nil && errB == nil && os.SameFile(a, b)
}

// store is what appending needs of a file; tests put one with a full disk in its place.
type store interface {
	io.ReaderAt
	io.WriterAt
	Truncate(size int64) error
	Sync() error
}

// appendRows adds whole lines to a file of that size whose lock is held.
func appendRows(f store, size int64, rows []byte) error {
	at, before, err := appendPoint(f, size)
	if err != nil {
		return err
	}
	if at < size {
		if err := f.Truncate(at); err != nil {
			return fmt.Errorf("cut off the torn last line: %w", err)
		}
	}
	_, err = f.WriteAt(append(before, rows...), at)
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		// A caller that sees an error may try again, so nothing of this call may stay.
		if undo := f.Truncate(at); undo != nil {
			err = errors.Join(err, fmt.Errorf("cut off what was written of the failed row: %w", undo))
		}
		return err
	}
	return nil
}

// headLimit bounds the search for the end of the header and of the first row, both of which are about a kilobyte.
const headLimit = 64 << 10

// appendPoint checks that the file is ours and says where new rows go and what has to stand before them:
//
//	empty, or torn in the header    at 0     the header
//	ends with a newline             at size  nothing
//	torn, reads as a whole row      at size  its newline
//	torn                            after the last newline, nothing
func appendPoint(f store, size int64) (at int64, before []byte, err error) {
	head := make([]byte, min(size, headLimit))
	if _, err := f.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return 0, nil, fmt.Errorf("read the header: %w", err)
	}
	first, rest, found := bytes.Cut(head, []byte("\n"))
	if !found && bytes.HasPrefix(header(), head) {
		return 0, header(), nil
	}
	if err := checkHeaderLine(first); err != nil {
		return 0, nil, err
	}
	if !found { // a header of our columns, written by something else, that lacks only its newline
		return size, []byte("\n"), nil
	}
	if row, _, whole := bytes.Cut(rest, []byte("\n")); whole {
		if _, err := decodeRow(row); err != nil {
			return 0, nil, err // decodeRow sees it as line 2, which it is
		}
	}
	tail, err := lastLine(f, size)
	if err != nil || len(tail) == 0 {
		return size, nil, err
	}
	if _, err := decodeRow(tail); err == nil {
		return size, []byte("\n"), nil
	}
	return size - int64(len(tail)), nil, nil
}

// decodeRow reads one line without its newline.
func decodeRow(line []byte) (Trial, error) {
	trials, err := decode(append(append(header(), line...), '\n'))
	if err != nil {
		return Trial{}, err
	}
	if len(trials) != 1 {
		return Trial{}, errors.New("an empty line")
	}
	return trials[0], nil
}

// lastLine returns what follows the last newline of a file that has one.
func lastLine(f io.ReaderAt, size int64) ([]byte, error) {
	var tail []byte
	for end := size; end > 0; {
		begin := max(0, end-4096)
		chunk := make([]byte, end-begin)
		if _, err := f.ReadAt(chunk, begin); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("read the last line: %w", err)
		}
		if i := bytes.LastIndexByte(chunk, '\n'); i >= 0 {
			return append(chunk[i+1:], tail...), nil
		}
		tail = append(chunk, tail...)
		end = begin
	}
	return tail, nil
}
