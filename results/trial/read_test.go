package trial

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sample is a file of three rows with what makes CSV hard: quotes, commas, empty fields, and a quoted last column.
func sample(t testing.TB) (file []byte, rows []Trial) {
	t.Helper()
	for i := range 3 {
		tr := Trial{SchemaVersion: I(SchemaVersion), CampaignID: "c", Block: I(i), Target: `a "quoted", b`,
			Labels: "k=v", LatP50Us: F(float64(i) + 0.25), Verdict: VerdictErrors, VerdictReason: `3 resets, "ä"`}
		tr.GitRev = []string{"abc,def", "abc", ""}[i]
		rows = append(rows, tr)
	}
	lines, err := encode(rows)
	if err != nil {
		t.Fatal(err)
	}
	return append(header(), lines...), rows
}

// Wherever the file is cut, every row whose newline is left is read, and nothing else is.
func TestReadCutAtEveryByte(t *testing.T) {
	t.Parallel()
	file, rows := sample(t)
	for cut := range len(file) + 1 {
		part := file[:cut]
		got, torn, err := Read(bytes.NewReader(part))
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		want := max(0, bytes.Count(part, []byte("\n"))-1)
		if len(got) != want {
			t.Fatalf("cut at %d: %d rows, want %d", cut, len(got), want)
		}
		for i := range got {
			if got[i] != rows[i] {
				t.Fatalf("cut at %d: row %d is %+v", cut, i, got[i])
			}
		}
		if wantTorn := cut > 0 && part[cut-1] != '\n'; torn != wantTorn {
			t.Fatalf("cut at %d: torn %v", cut, torn)
		}
	}
}

func TestReadFileNamesPlaces(t *testing.T) {
	t.Parallel()
	file, _ := sample(t)
	text := string(file)
	for name, c := range map[string]struct{ from, to, says string }{
		"bad number":     {"1.25", "1,25", "line 3: not the header's 90 columns"},
		"bad value":      {"1.25", "fast", `line 3: column lat_p50_us: "fast" is not a finite number`},
		"stray quote":    {"abc\n", "a\"bc\n", "line 3: byte "},
		"other version":  {"\n3,c,,,2", "\n1,c,,,2", `schema_version is "1", this program knows "3"`},
		"no version":     {"\n3,c,,,2", "\n,c,,,2", `schema_version is "", this program knows "3"`},
		"column renamed": {"lat_p50_us", "p50", `column 47 is "p50", not "lat_p50_us"`},
		"column missing": {",git_rev", "", `the header ends before column 90, "git_rev"`},
		"column extra":   {",git_rev", ",git_rev,more", `the header has "more" as column 91, where it should end`},
		"no header":      {contract, "", `column 1 is "3", not "schema_version"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(text, c.from) {
				t.Fatalf("the sample does not hold %q", c.from)
			}
			path := filepath.Join(t.TempDir(), "t.csv")
			if err := os.WriteFile(path, []byte(strings.Replace(text, c.from, c.to, 1)), 0o644); err != nil {
				t.Fatal(err)
			}
			got, _, err := ReadFile(path)
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v, want %s ... %s", err, path, c.says)
			}
			if got != nil {
				t.Errorf("%d trials came with the error", len(got))
			}
		})
	}
}

func TestSchemaErrorIsTyped(t *testing.T) {
	t.Parallel()
	var schema *SchemaError
	_, _, err := Read(strings.NewReader("schema_version,campaign,x\n"))
	if !errors.As(err, &schema) || schema.Column != 2 || schema.Got != "campaign" || schema.Want != "campaign_id" {
		t.Errorf("got %#v", err)
	}
	for _, foreign := range []string{"\n", "a,b", "\"", "# comment\n", "\x00\x01\n", "schema_version\r\n"} {
		if _, _, err := Read(strings.NewReader(foreign)); !errors.As(err, &schema) {
			t.Errorf("%q: got %v", foreign, err)
		}
	}
}

// Spreadsheets save with CRLF. The rows are the same.
func TestReadCRLF(t *testing.T) {
	t.Parallel()
	file, rows := sample(t)
	got, torn, err := Read(bytes.NewReader(bytes.ReplaceAll(file, []byte("\n"), []byte("\r\n"))))
	if err != nil || torn || len(got) != len(rows) || got[2] != rows[2] {
		t.Errorf("%d rows, torn %v, %v", len(got), torn, err)
	}
}

func TestReadFileMissing(t *testing.T) {
	t.Parallel()
	if _, _, err := ReadFile(filepath.Join(t.TempDir(), "none.csv")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// Whatever is read can be written and read again to the same trials.
func FuzzRead(f *testing.F) {
	file, _ := sample(f)
	f.Add([]byte(""))
	f.Add(file)
	f.Add(file[:len(file)-2])
	f.Add(header())
	f.Add([]byte("a,b\n1,2\n"))
	f.Add(bytes.ReplaceAll(file, []byte("k=v"), []byte("z=%0a;a=%25")))
	f.Add(bytes.ReplaceAll(file, []byte("0.25"), []byte("1e300")))
	f.Fuzz(func(t *testing.T, data []byte) {
		trials, _, err := Read(bytes.NewReader(data))
		if err != nil {
			if trials != nil {
				t.Fatal("trials beside an error")
			}
			return
		}
		lines, err := encode(trials)
		if err != nil {
			t.Fatal(err)
		}
		again, torn, err := Read(bytes.NewReader(append(header(), lines...)))
		if err != nil || torn || len(again) != len(trials) {
			t.Fatalf("read %d trials, %d of what was written: %v", len(trials), len(again), err)
		}
		for i := range trials {
			if again[i] != oneLine(trials[i]) {
				t.Fatalf("trial %d: %+v became %+v", i, trials[i], again[i])
			}
		}
	})
}
