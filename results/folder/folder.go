// Package folder reads what a campaign left behind: its folder, or a lone CSV file of trials.
//
//	trials.csv       one row for each trial
//	manifest.json    how they came about; a lone CSV file has none
//	histograms.hlog  latencies, an HdrHistogram log with a line for each trial
//	campaign.yaml    the campaign as it was run
//
// Several campaigns lie together in the folder of the claims, one folder for each experiment, and it can be given for all of them:
//
//	run.json              what ran; a folder that has it is one of claims
//	cpu/ wait/ ...        campaigns
//	python/cpu/ ...       the same with CPython's servers: only where python is given itself
//
// It changes nothing there, and may read a folder that a campaign is still writing to. The files' writer is package
// scripts/campaign; a program that measures in another way needs none but the CSV.
package folder

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"modelbench/results/trial"
)

// Names of the files in a campaign's folder.
const (
	TrialsName     = "trials.csv"
	ManifestName   = "manifest.json"
	HistogramsName = "histograms.hlog"
	CampaignName   = "campaign.yaml"
)

// Folder is what was found. Its slices are the caller's.
type Folder struct {
	Path   string // as it was given, or as it was found within the folder of claims that was
	Claims string // that folder; empty: the campaign's own was given
	CSV    string // path of the trials
	Trials []trial.Trial
	// Torn says that the last line of the trials has no end, after a crash or because it is being written just now; it is left out.
	Torn bool
	// Loose is how many trials were left out because their blocks were not finished, as the manifest says: a campaign was killed
	// or stopped in the middle of them, or is in it just now.
	Loose int
	// Manifest is nil where there is none.
	Manifest *Manifest
	// Histograms is the path of the latencies' log; empty where there is none.
	Histograms string
	// Campaign is the text of the campaign as it was run; nil where there is none.
	Campaign []byte
}

// Open reads the folder of a campaign, or a CSV file of trials. The error names the file, and a folder that is none of a campaign
// is told apart from one that a campaign has written no trial to.
func Open(path string) (Folder, error) {
	f := Folder{Path: path, CSV: path}
	info, err := os.Stat(path)
	if err != nil {
		return Folder{}, err
	}
	dir := filepath.Dir(path)
	if info.IsDir() {
		dir, f.CSV = path, filepath.Join(path, TrialsName)
	} else if filepath.Base(path) != TrialsName {
		dir = "" // a file of another name is on its own, whatever lies beside it
	}
	if dir != "" {
		if err := f.beside(dir); err != nil {
			return Folder{}, err
		}
	}
	f.Trials, f.Torn, err = trial.ReadFile(f.CSV)
	switch {
	case err == nil:
		f.leaveLooseOut()
		return f, nil
	case !info.IsDir() || !errors.Is(err, fs.ErrNotExist):
		return Folder{}, err
	case f.Manifest == nil:
		return Folder{}, fmt.Errorf("%s: neither %s nor %s is in it: is it the folder of a campaign or of claims (which has %s)?", path, TrialsName, ManifestName, RunName)
	}
	return Folder{}, fmt.Errorf("%s: %w (it is %s)", path, ErrNoTrial, f.Manifest.Status)
}

// ErrNoTrial is what the error of Open wraps where a campaign was begun and has no row yet.
var ErrNoTrial = errors.New("the campaign has written no trial")

// leaveLooseOut keeps the trials of whole blocks.
func (f *Folder) leaveLooseOut() {
	if f.Manifest == nil || f.Manifest.Whole == nil {
		return
	}
	all := len(f.Trials)
	f.Trials = slices.DeleteFunc(f.Trials, func(t trial.Trial) bool { return !slices.Contains(f.Manifest.Whole, int(t.Block.Or(0))) })
	f.Loose = all - len(f.Trials)
}

// beside reads what lies beside the trials.
func (f *Folder) beside(dir string) error {
	path := filepath.Join(dir, ManifestName)
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	default:
		f.Manifest = &Manifest{}
		if err := json.Unmarshal(text, f.Manifest); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	if f.Campaign, err = os.ReadFile(filepath.Join(dir, CampaignName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	histograms := filepath.Join(dir, HistogramsName)
	if _, err := os.Stat(histograms); err == nil {
		f.Histograms = histograms
	}
	return nil
}

// builds doubts the targets that are not the same executable in all the folders: their blocks count together, though what was
// measured is several programs.
func builds(folders []Folder) []string {
	paths := map[string]map[string]string{} // target -> checksum -> the first folder that has it
	for _, f := range folders {
		if f.Manifest == nil {
			continue
		}
		for _, t := range f.Manifest.Targets {
			sum, name := f.Manifest.Binaries[t.Binary].SHA256, t.Name
			if f.Claims != "" { // in which a program that measures itself may be called as a server is elsewhere
				name += " (" + t.Binary + ")"
			}
			if paths[name] == nil {
				paths[name] = map[string]string{}
			}
			if _, has := paths[name][sum]; !has && sum != "" {
				paths[name][sum] = f.Path
			}
		}
	}
	var doubts []string
	for _, name := range slices.Sorted(maps.Keys(paths)) {
		if len(paths[name]) > 1 {
			doubts = append(doubts, fmt.Sprintf("%s is another executable in each of %s: their blocks count together as one target's",
				name, strings.Join(slices.Sorted(maps.Values(paths[name])), ", ")))
		}
	}
	return doubts
}
