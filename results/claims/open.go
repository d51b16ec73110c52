package claims

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"modelbench/results/claims/complexity"
	"modelbench/results/folder"
)

// Open reads a folder of claims: the rules that it was judged by, or else Default, and what was measured. Claims are those that the
// run was asked for. What of it is not there was not measured; a folder in which nothing was is an error. The doubts are for the user.
func Open(dir string) (set Set, m Measured, doubts []string, err error) {
	if set, err = Rules(dir); err != nil {
		return Set{}, Measured{}, nil, err
	}
	if m, doubts, err = Read(dir, set); err != nil {
		return Set{}, Measured{}, nil, err
	}
	if m.Run != nil && m.Run.Asked != nil && len(m.Run.Asked.Claims) > 0 {
		if set, err = set.Only(m.Run.Asked.Claims...); err != nil {
			return Set{}, Measured{}, nil, fmt.Errorf("%s: %w", filepath.Join(dir, RunName), err)
		}
	}
	return set, m, doubts, nil
}

// Rules are the claims that lie in a folder, or Default.
func Rules(dir string) (Set, error) {
	path := filepath.Join(dir, RulesName)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		path, text, err = RulesName, Default, nil
	}
	if err != nil {
		return Set{}, err
	}
	return Parse(path, text)
}

// Read reads what was measured of the experiments of a set, whatever it was measured for.
func Read(dir string, set Set) (m Measured, doubts []string, err error) {
	if _, err := os.Stat(dir); err != nil {
		return Measured{}, nil, err
	}
	m = Measured{Experiments: map[string]Campaign{}, Python: map[string]Campaign{}}
	for _, e := range set.Experiments {
		for _, twin := range []struct {
			path string
			to   map[string]Campaign
		}{{filepath.Join(dir, e.Name), m.Experiments}, {filepath.Join(dir, PythonName, e.Name), m.Python}} {
			if _, err := os.Stat(twin.path); errors.Is(err, fs.ErrNotExist) {
				continue
			}
			f, err := folder.Open(twin.path)
			switch {
			case errors.Is(err, folder.ErrNoTrial):
				doubts = append(doubts, err.Error()+": it is left out")
				continue
			case err != nil:
				return Measured{}, nil, err
			}
			doubts = append(doubts, f.Doubts()...)
			twin.to[e.Name] = Campaign{twin.path, f.Trials}
		}
	}
	if m.Code, err = code(dir); err != nil {
		return Measured{}, nil, err
	}
	if m.Run, err = run(dir); err != nil {
		return Measured{}, nil, err
	}
	if len(m.Experiments)+len(m.Python)+len(m.Code) == 0 && m.Run == nil {
		return Measured{}, nil, fmt.Errorf("%s: neither %s nor the folder of an experiment is in it: is it a folder of scripts/claims?", dir, RunName)
	}
	return m, doubts, nil
}

func code(dir string) ([]complexity.Row, error) {
	path := filepath.Join(dir, complexity.FileName)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	rows, err := complexity.Read(strings.NewReader(string(text)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return rows, nil
}

func run(dir string) (*Run, error) {
	path := filepath.Join(dir, RunName)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	r := &Run{}
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}
