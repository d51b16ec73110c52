package campaign

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func TestWorkFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mine, remove, err := WorkFolder(dir)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(mine, "server"), nil, 0o755))
	// What a killed process left: a folder whose lock is free.
	stale := filepath.Join(dir, workPrefix+"stale")
	must(t, os.Mkdir(stale, 0o755))
	must(t, os.WriteFile(filepath.Join(stale, "lock"), nil, 0o600))
	other := filepath.Join(dir, "not-ours")
	must(t, os.Mkdir(other, 0o755))

	second, removeSecond, err := WorkFolder(dir)
	must(t, err)
	if !exists(filepath.Join(mine, "server")) || !exists(other) || exists(stale) || second == mine {
		t.Error("the wrong folders were swept")
	}
	remove()
	removeSecond()
	left, err := os.ReadDir(dir)
	must(t, err)
	if len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

// Many at once: each ends up with a folder of its own, which stays until removed.
func TestWorkFoldersAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				path, remove, err := WorkFolder(dir)
				if err != nil {
					t.Error(err)
					return
				}
				file := filepath.Join(path, "server")
				if err := os.WriteFile(file, nil, 0o755); err != nil {
					t.Error(err)
				}
				sweep(dir)
				if !exists(file) {
					t.Error("a folder in use was swept")
				}
				remove()
			}
		})
	}
	wg.Wait()
}
