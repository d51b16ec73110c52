package campaign

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A go command that is stopped leaves its temporary files behind, so they have to be
// where they are removed with everything else.
func TestBuildKeepsToItsFolder(t *testing.T) {
	bin, folder := t.TempDir(), t.TempDir()
	must(t, os.WriteFile(filepath.Join(bin, "go"), []byte("#!/bin/sh\necho \"$GOTMPDIR\" >&2\necho \"$@\" >&2\nexit 3\n"), 0o755))
	t.Setenv("PATH", bin)
	var said []string
	err := Source{Root: t.TempDir()}.Build(t.Context(), folder, nil, func(line string) { said = append(said, line) })
	if err == nil || len(said) != 2 || filepath.Dir(said[0]) != folder || !strings.Contains(said[1], " -trimpath ") {
		t.Errorf("GOTMPDIR and arguments are %q, want them below %s; %v", said, folder, err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Targets that share a server do not share its file, nor a link to it: they would
// share its pages in memory.
func TestEachTargetHasItsOwnExecutable(t *testing.T) {
	t.Parallel()
	folder, built := t.TempDir(), t.TempDir()
	targets, files := append(Targets(2), Stock(2)...), []os.FileInfo(nil)
	for _, target := range targets {
		must(t, os.WriteFile(filepath.Join(built, target.Binary), []byte(target.Binary), 0o755))
	}
	must(t, copyExecutables(folder, built, targets))
	for _, target := range targets {
		path := filepath.Join(folder, target.executable())
		text, err := os.ReadFile(path)
		must(t, err)
		info, err := os.Stat(path)
		must(t, err)
		if string(text) != target.Binary || info.Mode().Perm()&0o100 == 0 {
			t.Errorf("%s runs %q, mode %v", target.Name, text, info.Mode())
		}
		for i, other := range files {
			if os.SameFile(info, other) {
				t.Errorf("%s and %s run the same file", target.Name, targets[i].Name)
			}
		}
		files = append(files, info)
	}
}

// toyModule is a repository of a module with one server and a loadgen, both of which say
// what they are.
func toyModule(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed, and only it has revisions")
	}
	root := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", root, "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	git("init", "-q")
	writeToy(t, root, "old")
	git("add", ".")
	git("commit", "-qm", "old")
	git("tag", "v1")
	writeToy(t, root, "new")
	return root
}

func writeToy(t *testing.T, root, says string) {
	t.Helper()
	for name, text := range map[string]string{
		"go.mod":                    "module toy\n\ngo 1.26\n",
		"loadgen/main.go":           "package main\n\nfunc main() {}\n",
		"servers/goroutine/main.go": "package main\n\nfunc main() { println(\"" + says + "\") }\n",
	} {
		path := filepath.Join(root, name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte(text), 0o644))
	}
}

// The working tree and a revision of it give two executables side by side; equal sources
// give equal ones, wherever they lie.
func TestBuildOfARevision(t *testing.T) {
	t.Parallel()
	s := Source{Root: toyModule(t)}
	commit, err := s.Resolve(t.Context(), "v1")
	must(t, err)
	if len(commit) != 40 {
		t.Errorf("v1 is %q", commit)
	}
	now := Target{Name: "goroutine", Binary: "goroutine"}
	base := now.AsOf(commit, "v1")
	folder := t.TempDir()
	must(t, s.Build(t.Context(), folder, []Target{now, base}, nil))
	for name, want := range map[string]string{"goroutine": "new\n", "goroutine@v1": "old\n"} {
		out, err := exec.Command(filepath.Join(folder, name)).CombinedOutput()
		if err != nil || string(out) != want {
			t.Errorf("%s says %q, %v", name, out, err)
		}
	}
	left, err := os.ReadDir(folder)
	must(t, err)
	if len(left) != 3 {
		t.Errorf("the folder holds %v", left)
	}

	same := t.TempDir()
	writeToy(t, same, "old")
	elsewhere := t.TempDir()
	must(t, Source{Root: same}.Build(t.Context(), elsewhere, []Target{now}, nil))
	a, err := readBinary(filepath.Join(folder, "goroutine@v1"))
	must(t, err)
	b, err := readBinary(filepath.Join(elsewhere, "goroutine"))
	must(t, err)
	if a.SHA256 != b.SHA256 {
		t.Error("equal sources gave different executables")
	}

	var usage *UsageError
	if _, err := s.Resolve(t.Context(), "v2"); !errors.As(err, &usage) {
		t.Errorf("v2: %v", err)
	}
}
