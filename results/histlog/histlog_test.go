package histlog

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

var begin = time.Date(2026, 11, 23, 16, 9, 22, 475e6, time.UTC)

func entry(t *testing.T, id string, values ...int64) Entry {
	t.Helper()
	h := hdrhistogram.New(1, int64(time.Hour), 3)
	for _, v := range values {
		if err := h.RecordValue(v); err != nil {
			t.Fatal(err)
		}
	}
	return Entry{id, begin.Add(3 * time.Second), 581 * time.Millisecond, h}
}

func file(t *testing.T, entries ...Entry) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "histograms.hlog")
	for _, e := range entries {
		if err := Append(path, begin, e); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func same(t *testing.T, got, want []Entry) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d entries, want %d", len(got), len(want))
	}
	for i := range want {
		if g, w := got[i], want[i]; g.TrialID != w.TrialID || !g.Start.Equal(w.Start) || g.Length != w.Length || !g.Latency.Equals(w.Latency) {
			t.Errorf("entry %d is %+v, want %+v", i, g, w)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	want := []Entry{entry(t, "one/1/echo/goroutine", 1000, 2000, 55e6), entry(t, "a, b;Tag=c%", 7), entry(t, "empty")}
	got, torn, err := ReadFile(file(t, want...))
	if err != nil || torn {
		t.Fatal(torn, err)
	}
	same(t, got, want)
}

// The library's own reader is one of the other tools.
func TestOthersReadIt(t *testing.T) {
	t.Parallel()
	path := file(t, entry(t, "one/1/echo/goroutine", 1000, 55e6), entry(t, "one/1/echo/pre fork", 3000))
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := hdrhistogram.NewHistogramLogReader(f)
	for _, want := range []struct {
		tag   string
		count int64
	}{{"one%2F1%2Fecho%2Fgoroutine", 2}, {"one%2F1%2Fecho%2Fpre%20fork", 1}} {
		h, err := r.NextIntervalHistogram()
		if err != nil || h == nil {
			t.Fatal(h, err)
		}
		if h.Tag() != want.tag || h.TotalCount() != want.count || h.StartTimeMs() != begin.Add(3*time.Second).UnixMilli() {
			t.Errorf("tag %q, %d values, from %d", h.Tag(), h.TotalCount(), h.StartTimeMs())
		}
	}
	if h, err := r.NextIntervalHistogram(); h != nil || err != nil {
		t.Errorf("a third: %v, %v", h, err)
	}
}

// Cut anywhere, what is whole is read, and appending goes on after it.
func TestCutAnywhere(t *testing.T) {
	t.Parallel()
	want := []Entry{entry(t, "one", 1000, 2000), entry(t, "two", 3000)}
	path := file(t, want...)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(text) + 1 {
		if err := os.WriteFile(path, text[:cut], 0o644); err != nil {
			t.Fatal(err)
		}
		whole := max(0, strings.Count(string(text[:cut]), "\n")-5)
		got, torn, err := ReadFile(path)
		if err != nil || torn != (cut > 0 && text[cut-1] != '\n') {
			t.Fatalf("cut at %d: torn %v, %v", cut, torn, err)
		}
		same(t, got, want[:whole])
		if err := Append(path, begin, want[1]); err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		got, torn, err = ReadFile(path)
		if err != nil || torn {
			t.Fatalf("cut at %d and appended to: torn %v, %v", cut, torn, err)
		}
		same(t, got, append(want[:whole:whole], want[1]))
	}
}

func TestForeignFilesAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"time,value\n1,2\n", "x", "#[a comment]\n"} {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := Append(path, begin, entry(t, "one", 1)); !errors.Is(err, ErrForeign) {
			t.Errorf("%q: append: %v", text, err)
		}
		if _, _, err := ReadFile(path); !errors.Is(err, ErrForeign) {
			t.Errorf("%q: read: %v", text, err)
		}
		if after, _ := os.ReadFile(path); string(after) != text {
			t.Errorf("%q became %q", text, after)
		}
	}
}

func TestDamagedLinesAreNamed(t *testing.T) {
	t.Parallel()
	path := file(t, entry(t, "one", 1000))
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{"Tag=one": "one", "HISTFAA": "HISTFBB", "0.581": "soon", "Tag=one,": "Tag=%zz,"} {
		damaged := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(damaged, []byte(strings.Replace(string(text), from, to, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, _, err := ReadFile(damaged); err == nil || !strings.Contains(err.Error(), damaged+": line 6: ") {
			t.Errorf("%s for %s: %v", to, from, err)
		}
	}
}
