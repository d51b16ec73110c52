package campaign

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A go command that is stopped leaves its temporary files behind, so they have to be
// where they are removed with everything else.
func TestBuildKeepsToItsFolder(t *testing.T) {
	bin, folder := t.TempDir(), t.TempDir()
	must(t, os.WriteFile(filepath.Join(bin, "go"), []byte("#!/bin/sh\necho \"$GOTMPDIR\" >&2\n"), 0o755))
	t.Setenv("PATH", bin)
	var said []string
	must(t, Source{Root: t.TempDir()}.Build(t.Context(), folder, nil, func(line string) { said = append(said, line) }))
	if !slices.Equal(said, []string{folder}) {
		t.Errorf("GOTMPDIR is %q, want %s", said, folder)
	}
}

// Targets that share a server do not share its file, nor a link to it: they would
// share its pages in memory.
func TestEachTargetHasItsOwnExecutable(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	targets, files := append(Targets(2), Stock(2)...), []os.FileInfo(nil)
	for _, target := range targets {
		must(t, os.WriteFile(filepath.Join(folder, target.Binary), []byte(target.Binary), 0o755))
	}
	must(t, copyExecutables(folder, targets))
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
