package campaign

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

const (
	workPrefix = "modelbench-work-"
	workTries  = 100
)

// errTaken is for a folder that could not be kept, time and again.
var errTaken = errors.New("others took it away each time")

// WorkFolder makes a folder under dir (empty: the system's for temporary files) and
// returns how to remove it.
//
// A process that is killed cannot remove its folder, so the next one does: each holds
// a lock in its folder, which the kernel lets go of with the process, and a folder
// whose lock is free is nobody's.
func WorkFolder(dir string) (path string, remove func(), err error) {
	if dir == "" {
		dir = os.TempDir()
	}
	sweep(dir)
	for range workTries {
		path, err = os.MkdirTemp(dir, workPrefix)
		if err != nil {
			break
		}
		lock := flock.New(filepath.Join(path, "lock"))
		held := false
		held, err = lock.TryLock()
		// Another one's sweep may have come before the lock, and taken the folder away.
		if held && exists(lock.Path()) {
			return path, func() {
				_ = os.RemoveAll(path)
				_ = lock.Close()
			}, nil
		}
		_ = os.RemoveAll(path)
		_ = lock.Close()
	}
	if err == nil {
		err = errTaken
	}
	return "", nil, fmt.Errorf("make a folder for the executables and lock it: %w", err)
}

// sweep removes the folders that nobody holds. What it may not remove stays. A folder is
// moved out of the way first, in one step: removing takes several, and a folder that has
// just been made could be locked between two of them.
func sweep(dir string) {
	stale, _ := filepath.Glob(filepath.Join(dir, workPrefix+"*")) // fails for a bad pattern alone
	for _, path := range stale {
		lock := flock.New(filepath.Join(path, "lock"))
		if held, err := lock.TryLock(); err == nil && held {
			if grave := path + "-swept"; os.Rename(path, grave) == nil {
				_ = os.RemoveAll(grave)
			}
		}
		_ = lock.Close()
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
