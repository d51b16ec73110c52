package trial

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
)

// A test binary started with these set is a child that appends: see TestMain.
const (
	childFile  = "TRIAL_TEST_FILE"
	childID    = "TRIAL_TEST_ID"
	childLimit = "TRIAL_TEST_FILE_SIZE_LIMIT"
)

const perChild = 20

func TestMain(m *testing.M) {
	if path := os.Getenv(childFile); path != "" {
		if err := childAppend(path, os.Getenv(childID)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func childAppend(path, id string) error {
	if limit := os.Getenv(childLimit); limit != "" {
		n, err := strconv.ParseUint(limit, 10, 64)
		if err != nil {
			return err
		}
		if err := limitFileSize(n); err != nil {
			return err
		}
		return Append(path, Trial{TrialID: id, VerdictReason: string(bytes.Repeat([]byte("x"), 2000))})
	}
	for i := range perChild {
		if err := Append(path, Trial{TrialID: id, Block: I(i)}, Trial{TrialID: id, Block: I(i), OrderInBlock: I(1)}); err != nil {
			return err
		}
	}
	return nil
}

func child(path, id string, env ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), childFile+"="+path, childID+"="+id), env...)
	return cmd
}

func mustRead(t *testing.T, path string) []Trial {
	t.Helper()
	got, torn, err := ReadFile(path)
	if err != nil || torn {
		t.Fatalf("torn %v, error %v", torn, err)
	}
	return got
}

// Processes and goroutines append at once to a file that does not exist yet: one header, no row lost, both rows
// of each call side by side, each writer's in its order.
func TestAppendConcurrently(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "trials.csv")
	const processes, goroutines = 4, 8
	var wg sync.WaitGroup
	for p := range processes {
		wg.Go(func() {
			if out, err := child(path, fmt.Sprintf("process %d", p)).CombinedOutput(); err != nil {
				t.Errorf("process %d: %v\n%s", p, err, out)
			}
		})
	}
	for g := range goroutines {
		wg.Go(func() {
			if err := childAppend(path, fmt.Sprintf("goroutine %d", g)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got := mustRead(t, path)
	if want := (processes + goroutines) * perChild * 2; len(got) != want {
		t.Fatalf("%d rows, want %d", len(got), want)
	}
	next := map[string]int64{}
	for i := 0; i < len(got); i += 2 {
		a, b := got[i], got[i+1]
		if a.TrialID != b.TrialID || a.Block != b.Block || b.OrderInBlock != I(1) {
			t.Fatalf("rows %d and %d of one call are apart: %+v, %+v", i, i+1, a, b)
		}
		if a.Block.Or(-1) != next[a.TrialID] {
			t.Fatalf("%s: block %s after %d", a.TrialID, a.Block, next[a.TrialID]-1)
		}
		next[a.TrialID]++
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("files left beside the trials: %v, %v", entries, err)
	}
}

// A file torn anywhere takes new rows, and keeps every row that was whole.
func TestAppendAfterTearAnywhere(t *testing.T) {
	t.Parallel()
	file, rows := sample(t)
	fresh := Trial{SchemaVersion: I(SchemaVersion), TrialID: "new"}
	line, err := encode([]Trial{fresh})
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(file) + 1 {
		m := &memory{data: bytes.Clone(file[:cut]), room: 1 << 20}
		if err := appendRows(m, int64(cut), line); err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		got, torn, err := Read(bytes.NewReader(m.data))
		if err != nil || torn {
			t.Fatalf("cut at %d: torn %v, %v", cut, torn, err)
		}
		whole := max(0, bytes.Count(file[:cut], []byte("\n"))-1)
		if len(got) == 0 || got[len(got)-1] != fresh {
			t.Fatalf("cut at %d: the new row is missing", cut)
		}
		got = got[:len(got)-1]
		for i := range whole {
			if got[i] != rows[i] {
				t.Fatalf("cut at %d: row %d is %+v", cut, i, got[i])
			}
		}
		switch len(got) - whole {
		case 0:
		case 1: // kept because only its last column can be short
			kept := got[whole]
			kept.GitRev = rows[whole].GitRev
			if kept != rows[whole] {
				t.Fatalf("cut at %d: a torn row was kept: %+v", cut, kept)
			}
		default:
			t.Fatalf("cut at %d: %d rows from nowhere", cut, len(got)-whole)
		}
	}
	// The row of an editor that writes no final newline is kept whole.
	m := &memory{data: bytes.Clone(file[:len(file)-1]), room: 1 << 20}
	if err := appendRows(m, int64(len(m.data)), line); err != nil || !bytes.Equal(m.data, append(file, line...)) {
		t.Errorf("%v: a row without its newline was not kept: %q", err, m.data)
	}
}

// memory is a file on a disk with so much room, whose other operations fail on demand.
type memory struct {
	data           []byte
	room           int
	sync, truncate error
	writes         int
}

var errFull = errors.New("no space left on device")

func (m *memory) ReadAt(p []byte, at int64) (int, error) {
	return bytes.NewReader(m.data).ReadAt(p, at)
}

func (m *memory) WriteAt(p []byte, at int64) (int, error) {
	m.writes++
	fits := min(len(p), max(0, m.room-int(at)))
	m.data = append(m.data[:at], p[:fits]...)
	if fits < len(p) {
		return fits, errFull
	}
	return fits, nil
}

func (m *memory) Truncate(size int64) error {
	if m.truncate == nil {
		m.data = m.data[:size]
	}
	return m.truncate
}

func (m *memory) Sync() error { return m.sync }

// The disk fills up after any number of bytes of a new row: the file is afterwards what it was, less a torn line.
func TestAppendToFullDisk(t *testing.T) {
	t.Parallel()
	file, _ := sample(t)
	line, err := encode([]Trial{{TrialID: "new"}, {TrialID: "newer"}})
	if err != nil {
		t.Fatal(err)
	}
	lastRow := bytes.LastIndexByte(file[:len(file)-1], '\n') + 1
	for name, c := range map[string]struct{ before, after []byte }{
		"new file":        {nil, nil},
		"whole":           {file, file},
		"torn":            {file[:lastRow+9], file[:lastRow]},
		"without newline": {file[:len(file)-1], file[:len(file)-1]},
	} {
		for room := len(c.before); room < len(c.after)+len(line); room++ {
			m := &memory{data: bytes.Clone(c.before), room: room}
			if err := appendRows(m, int64(len(m.data)), line); !errors.Is(err, errFull) {
				t.Fatalf("%s, room %d: %v", name, room, err)
			}
			if !bytes.Equal(m.data, c.after) {
				t.Fatalf("%s, room %d: the file is now %q", name, room, m.data)
			}
			if m.writes != 1 {
				t.Fatalf("%s: %d writes for one call", name, m.writes)
			}
		}
	}
}

func TestAppendRollsBackWhatWasNotSynced(t *testing.T) {
	t.Parallel()
	file, _ := sample(t)
	m := &memory{data: bytes.Clone(file), room: 1 << 20, sync: io.ErrUnexpectedEOF}
	if err := appendRows(m, int64(len(file)), []byte("1,row\n")); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
	if !bytes.Equal(m.data, file) {
		t.Errorf("rows stay behind: %q", m.data[len(file):])
	}
}

// When even the roll back fails, both errors are told, the rows before are there, and the next append mends the file.
func TestAppendWhenRollBackFails(t *testing.T) {
	t.Parallel()
	file, rows := sample(t)
	line, err := encode([]Trial{{TrialID: "new"}})
	if err != nil {
		t.Fatal(err)
	}
	m := &memory{data: bytes.Clone(file), room: len(file) + 10, truncate: os.ErrPermission}
	if err := appendRows(m, int64(len(file)), line); !errors.Is(err, errFull) || !errors.Is(err, os.ErrPermission) {
		t.Errorf("got %v", err)
	}
	if got, torn, err := Read(bytes.NewReader(m.data)); err != nil || !torn || len(got) != len(rows) {
		t.Errorf("%d rows, torn %v, %v", len(got), torn, err)
	}
	m.truncate, m.room = nil, 1<<20
	if err := appendRows(m, int64(len(m.data)), line); err != nil || !bytes.Equal(m.data, append(file, line...)) {
		t.Errorf("%v: %q", err, m.data)
	}
}

func TestAppendRefusesForeignFiles(t *testing.T) {
	t.Parallel()
	file, _ := sample(t)
	for name, content := range map[string][]byte{
		"other header":         []byte("time,value\n1,2\n"),
		"no newline":           []byte("a letter"),
		"one column more":      bytes.Replace(file, []byte("git_rev"), []byte("git_rev,more"), 1),
		"other schema_version": bytes.Replace(file, []byte("\n3,c"), []byte("\n1,c"), 1),
		"large and no newline": bytes.Repeat([]byte("a"), headLimit+1),
	} {
		path := filepath.Join(t.TempDir(), "trials.csv")
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		var schema *SchemaError
		if err := Append(path, Trial{}); !errors.As(err, &schema) || schema.Path != path {
			t.Errorf("%s: got %v, want a schema error that names the file", name, err)
		}
		after, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(after, content) {
			t.Errorf("%s: the refused file was changed", name)
		}
	}
}

func TestAppendNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "trials.csv")
	if err := Append(path); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("appending nothing made a file: %v", err)
	}
	if err := Append(filepath.Join(path, "in", "no", "folder.csv"), Trial{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// Rows longer than the pieces in which the end of the file is searched.
func TestLastLineOfAnyLength(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 4095, 4096, 4097, 12000} {
		tail := bytes.Repeat([]byte("x"), n)
		data := append([]byte("head\n"), tail...)
		got, err := lastLine(bytes.NewReader(data), int64(len(data)))
		if err != nil || !bytes.Equal(got, tail) {
			t.Errorf("%d bytes: got %d, %v", n, len(got), err)
		}
	}
}
