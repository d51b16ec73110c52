package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/gofrs/flock"

	"modelbench/results/claims"
	"modelbench/scripts/campaign"
)

// lockFolder makes the folder of a run, unless it is to be taken up, and keeps others out of it until Close, or until the process
// has ended, whichever way.
func lockFolder(dir string, resume bool) (lock *flock.Flock, err error) {
	flag := "--out"
	if resume {
		flag = "--resume"
	}
	refuse := func(format string, args ...any) (*flock.Flock, error) {
		if lock != nil {
			_ = lock.Close()
		}
		return nil, &campaign.UsageError{Flag: flag, Problem: fmt.Sprintf(format, args...)}
	}
	if !resume {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return refuse("make the folder: %v", err)
		}
	}
	lock = flock.New(dir, flock.SetFlag(os.O_RDONLY))
	held, err := lock.TryLock()
	switch {
	case err != nil:
		return refuse("%v", err)
	case !held:
		return refuse("the claims are being tested in %s just now", dir)
	case resume:
		return lock, nil
	}
	entries, err := os.ReadDir(dir)
	switch {
	case err != nil:
		return refuse("%v", err)
	case len(entries) == 0:
		return lock, nil
	}
	hint := "name another folder"
	if _, err := readRun(dir); err == nil {
		hint += ", or go on with the run in it: --resume " + dir
	}
	return refuse("%s is not empty, and nothing is overwritten: %s", dir, hint)
}

// readRun reads what a folder says of its run.
func readRun(dir string) (claims.Run, error) {
	path := filepath.Join(dir, claims.RunName)
	text, err := os.ReadFile(path)
	if err != nil {
		return claims.Run{}, err
	}
	var run claims.Run
	if err := json.Unmarshal(text, &run); err != nil {
		return claims.Run{}, fmt.Errorf("%s: %w", path, err)
	}
	return run, nil
}

// takenUp reads the run that --resume names.
func takenUp(dir string) (claims.Run, error) {
	run, err := readRun(dir)
	problem := ""
	switch {
	case errors.Is(err, fs.ErrNotExist):
		problem = fmt.Sprintf("%s holds no run: %s is not there", dir, claims.RunName)
	case err != nil:
		problem = err.Error()
	case run.Asked == nil:
		problem = fmt.Sprintf("%s does not say what was asked for", filepath.Join(dir, claims.RunName))
	case run.Complete():
		problem = fmt.Sprintf("the run in %s is complete: go run ./results claims %[1]s judges it again", dir)
	default:
		return run, nil
	}
	return run, &campaign.UsageError{Flag: "--resume", Problem: problem}
}

// writeRun puts run.json into its place, whole or not at all.
func writeRun(dir string, run claims.Run) error {
	text, err := json.MarshalIndent(run, "", "  ")
	if err != nil {
		return err
	}
	return replaceFile(filepath.Join(dir, claims.RunName), append(text, '\n'))
}

// replaceFile puts text into a file, whole or not at all: it is on disk before it takes the other's place.
func replaceFile(path string, text []byte) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write %s: %w", filepath.Base(path), err)
		}
	}()
	draft := path + ".new"
	f, err := os.OpenFile(draft, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(draft))
	}
	return os.Rename(draft, path)
}

// noRoom tells whether there was no room to write.
func noRoom(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}
