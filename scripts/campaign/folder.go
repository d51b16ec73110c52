package campaign

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// NewID names a campaign: when it began, so that folders sort by time, and its
// seed, so that two that begin in the same second differ.
func NewID(begin time.Time, seed int64) string {
	return begin.UTC().Format("20060102T150405Z") + fmt.Sprintf("-%08x", uint32(seed))
}

// checkFolder refuses a folder that a campaign cannot have: it must not exist, or be
// empty.
func checkFolder(path string) error {
	entries, err := os.ReadDir(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return &UsageError{"--out", err.Error()}
	case len(entries) > 0:
		return &UsageError{"--out", path + " is not empty, and a campaign never overwrites: name another folder"}
	}
	return nil
}

// claimFolder makes the folder of a campaign, and makes sure that it belongs to this
// one: of two campaigns that claim it at the same time one succeeds.
func claimFolder(path string) error {
	if err := checkFolder(path); err != nil {
		return err
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return &UsageError{"--out", fmt.Sprintf("make the folder: %v", err)}
	}
	f, err := os.OpenFile(filepath.Join(path, manifestName), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return &UsageError{"--out", path + " was taken by another campaign just now: name another folder"}
	}
	if err != nil {
		return &UsageError{"--out", err.Error()}
	}
	return f.Close()
}

// sameCause tells whether two errors are the kernel's same refusal, which need not be told
// twice: of a full disk every writer complains.
func sameCause(a, b error) bool {
	var one, other syscall.Errno
	return errors.As(a, &one) && errors.As(b, &other) && one == other
}

// full tells whether there was no room to write.
func full(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}
