package outfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.json")
	w, err := NewWhole(path)
	if err != nil || len(names(t, dir)) != 0 {
		t.Fatalf("error %v, there is %v before anything is written", err, names(t, dir))
	}
	if err := w.Replace([]byte("one")); err != nil || content(t, path) != "one" {
		t.Errorf("%q, error %v", content(t, path), err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink("x.json", link); err != nil {
		t.Fatal(err)
	}
	if w, err = NewWhole(link); err != nil || content(t, path) != "one" {
		t.Fatalf("error %v, %q before it is replaced", err, content(t, path))
	}
	if err := w.Replace([]byte("two")); err != nil || content(t, path) != "two" {
		t.Errorf("%q, error %v", content(t, path), err)
	}
	if got := names(t, dir); len(got) != 2 {
		t.Errorf("left behind: %v", got)
	}
	if to, err := os.Readlink(link); err != nil || to != "x.json" {
		t.Errorf("the link leads to %q, %v", to, err)
	}
}

func TestStream(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.csv")
	s, err := NewStream(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil || len(names(t, dir)) != 0 {
		t.Errorf("error %v, left behind: %v", err, names(t, dir))
	}
	write(t, path, "what was there")
	if s, err = NewStream(path); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil || content(t, path) != "what was there" {
		t.Errorf("%q, error %v", content(t, path), err)
	}
	if s, err = NewStream(path); err != nil {
		t.Fatal(err)
	}
	for i, piece := range []string{"a", "b"} {
		if _, err := s.Write([]byte(piece)); err != nil || content(t, path) != "ab"[:i+1] {
			t.Errorf("%q after %d, error %v", content(t, path), i, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// What cannot be written is refused before there is anything to lose.
func TestRefused(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "no", "x")
	for _, path := range []string{dir, missing} {
		if _, err := NewWhole(path); err == nil {
			t.Errorf("%q can be replaced", path)
		}
		if _, err := NewStream(path); err == nil {
			t.Errorf("%q can be streamed to", path)
		}
	}
	if _, err := NewWhole(missing); !errors.Is(err, fs.ErrNotExist) || err.Error() != "create "+missing+": no such file or directory" {
		t.Errorf("error %v", err)
	}
}
