package main

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"modelbench/results/claims/complexity"
)

const root = "../.."

func TestTable(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	if code := run([]string{"--root", root}, &stdout, &stderr); code != 0 {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	for _, want := range []string{"a proxy", "lines", "primitives", " goroutine\n", " prefork\n", " eventloop\n", " goroutine --os-threads\n"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("the table has no %q:\n%s", want, &stdout)
		}
	}
}

// The file and what is printed are the same rows, and every model has something of everything.
func TestCSV(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), complexity.FileName)
	var stdout, nothing, stderr bytes.Buffer
	if code := run([]string{"--root", root, "--csv", "-"}, &stdout, &stderr); code != 0 {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	if code := run([]string{"--root", root, "--csv", file}, &nothing, &stderr); code != 0 || nothing.Len() > 0 {
		t.Fatalf("exit code %d, printed %q: %s", code, &nothing, &stderr)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, stdout.Bytes()) {
		t.Errorf("the file has\n%s\nprinted was\n%s", text, &stdout)
	}
	rows, err := complexity.Read(&stdout)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range complexity.Models(rows)[:3] {
		names = append(names, m.Model)
		for _, figure := range complexity.Figures {
			if n, _ := m.Figure(figure); n == 0 {
				t.Errorf("%s of %s is 0", figure, m.Model)
			}
		}
	}
	if want := []string{"goroutine", "prefork", "eventloop"}; !reflect.DeepEqual(names, want) {
		t.Errorf("models %v", names)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--lines"}, 2, "--lines"},
		{[]string{"--root", t.TempDir()}, 1, "servers/blocking"},
		{[]string{"--root", root, "--csv", filepath.Join(t.TempDir(), "no", "folder.csv")}, 1, "--csv"},
	} {
		var stdout, stderr bytes.Buffer
		if code := run(c.args, &stdout, &stderr); code != c.code || !strings.Contains(stderr.String(), c.says) {
			t.Errorf("%v: exit code %d, %q", c.args, code, &stderr)
		}
	}
}
