package campaign

import (
	"os"
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
