package campaign

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// NewID names a campaign: when it began, so that folders sort by time, and its
// seed, so that two that begin in the same second differ.
func NewID(begin time.Time, seed int64) string {
	return begin.UTC().Format("20060102T150405Z") + fmt.Sprintf("-%08x", uint32(seed))
}

// checkFolder refuses a folder that a new campaign cannot have: it must not exist, or be
// empty.
func checkFolder(path string) error {
	entries, err := os.ReadDir(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return &UsageError{"--out", err.Error()}
	case len(entries) == 0:
		return nil
	}
	hint := "name another folder"
	if _, err := unfinished(path); err == nil {
		hint += ", or go on with the campaign in it: --resume " + path
	}
	return &UsageError{"--out", path + " is not empty, and a campaign never overwrites: " + hint}
}

// claimFolder makes the folder of a campaign, unless it is to be taken up, and makes sure
// that it belongs to this one: of two campaigns that claim it at the same time one
// succeeds. The lock is one on the folder itself. The kernel lets go of it however the
// process ends; until then Close does.
func claimFolder(path string, resume bool) (lock *flock.Flock, err error) {
	flag := "--resume"
	if !resume {
		flag = "--out"
		if err := checkFolder(path); err != nil {
			return nil, err
		}
		if err := os.MkdirAll(path, 0o755); err != nil {
			return nil, &UsageError{flag, fmt.Sprintf("make the folder: %v", err)}
		}
	}
	lock = flock.New(path, flock.SetFlag(os.O_RDONLY))
	held, err := lock.TryLock()
	if err == nil && !held {
		err = fmt.Errorf("a campaign is running in %s", path)
	}
	if err == nil && !resume {
		err = begin(path)
	}
	if err != nil {
		_ = lock.Close()
		return nil, &UsageError{flag, err.Error()}
	}
	return lock, nil
}

// begin makes the manifest, in a folder that is locked: the sign that it is taken.
func begin(path string) error {
	f, err := os.OpenFile(filepath.Join(path, manifestName), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s was taken by another campaign just now: name another folder", path)
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// disclaimFolder undoes what claimFolder made, for a campaign that did not begin.
func disclaimFolder(path string) {
	_ = os.Remove(filepath.Join(path, manifestName))
	_ = os.Remove(path) // stays if it holds anything else
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
