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
