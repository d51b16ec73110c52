package folder

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"modelbench/results/trial"
)

// Names in the folder of the claims.
const (
	RunName    = "run.json"
	PythonName = "python"
)

// OpenAll opens all of them, the folder of claims as its experiments, and gives their trials together. The doubts are for the user.
func OpenAll(paths []string) (folders []Folder, trials []trial.Trial, doubts []string, err error) {
	for _, path := range paths {
		campaigns, isClaims, err := Experiments(path)
		if err != nil {
			return nil, nil, nil, err
		}
		if !isClaims {
			campaigns = []string{path}
		}
		some := false
		for _, campaign := range campaigns {
			f, err := Open(campaign)
			if isClaims && errors.Is(err, ErrNoTrial) {
				doubts = append(doubts, err.Error()+": it is left out")
				continue
			}
			if err != nil {
				return nil, nil, nil, err
			}
			some = true
			if isClaims {
				f.Claims = path
			}
			doubts = append(doubts, f.Doubts()...)
			folders, trials = append(folders, f), append(trials, f.Trials...)
		}
		if !some {
			return nil, nil, nil, fmt.Errorf("%s: none of its experiments has written a trial", path)
		}
	}
	return folders, trials, append(doubts, builds(folders)...), nil
}

// Doubts are what of the trials was left out, for the user.
func (f Folder) Doubts() (doubts []string) {
	if f.Torn {
		doubts = append(doubts, fmt.Sprintf("%s: the last line has no end, after a crash or because it is being written just now: it is left out", f.CSV))
	}
	if f.Loose > 0 {
		doubts = append(doubts, fmt.Sprintf("%s: %d trials are of blocks that were not finished: they are left out", f.CSV, f.Loose))
	}
	return doubts
}

// Experiments are the folders of the campaigns in a folder of claims, or in its folder python, in the order of their names; ok is false
// for any other path, whether there is something or not. A folder of claims without any is an error.
func Experiments(path string) (campaigns []string, ok bool, err error) {
	if info, err := os.Stat(path); err != nil || !info.IsDir() || isCampaign(path) {
		return nil, false, nil // whoever opens it says what is wrong with it
	}
	whole, err := filepath.Abs(path) // so that python is known by its name when it is given as .
	if err != nil {
		return nil, false, err
	}
	if !exists(whole, RunName) && !(filepath.Base(whole) == PythonName && exists(filepath.Dir(whole), RunName)) {
		return nil, false, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, false, err
	}
	for _, e := range entries {
		if child := filepath.Join(path, e.Name()); isCampaign(child) {
			campaigns = append(campaigns, child)
		}
	}
	if len(campaigns) == 0 {
		return nil, true, fmt.Errorf("%s: no experiment has run: it holds %s, and no folder of a campaign", path, RunName)
	}
	return campaigns, true, nil
}

func isCampaign(dir string) bool { return exists(dir, TrialsName) || exists(dir, ManifestName) }

func exists(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name))
	return err == nil
}
