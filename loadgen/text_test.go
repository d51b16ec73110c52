package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTargetNames(t *testing.T) {
	for arg, want := range map[string]string{
		"http://h:1/a?b=c": "h:1", "x=http://h:1/": "x", "tcp://h:1": "h:1", "a-b=tcp://h:1": "a-b",
		"h:1": "h:1", "h": "h", "x=h:1/a=b": "x", "h:1/a=b": "h:1", "h/?u=http://b": "h", "1.2": "1.2", "1a": "1a", "http://1/": "1", ":1": "127.0.0.1:1", "x=:1/": "x", "[::1]:1": "[::1]:1",
	} {
		if got, err := newTarget(arg); err != nil || got.name != want {
			t.Errorf("%s: %q, %v, want %q", arg, got.name, err, want)
		}
	}
	for _, arg := range []string{"=http://h:1/", "http://u:p@h:1/", "http//h:1", "https://h/", "http:/h", "http:h", "tcp:h:1", "", "x=", ":1x", "a\tb=tcp://h:1", "\x1b[31m=tcp://h:1", "http://%zz/", "1", "x=80", "80/x", "80?x", "80#x"} {
		if got, err := newTarget(arg); err == nil {
			t.Errorf("%s was accepted as %q", arg, got.name)
		}
	}
}

// What is not there yet is not made, not even for a moment: another run may be about to.
func TestCheckCSVTouchesNothing(t *testing.T) {
	dir := t.TempDir()
	link, file := filepath.Join(dir, "link.csv"), filepath.Join(dir, "trials.csv")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	if err := checkCSV(link); err != nil {
		t.Error(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 || entries[0].Name() != "link.csv" {
		t.Errorf("there is now %v, %v", entries, err)
	}
	missing := filepath.Join(dir, "no", "trials.csv")
	if err := checkCSV(missing); err == nil || err.Error() != "--csv: create "+missing+": no such file or directory" {
		t.Errorf("error %v", err)
	}
}
