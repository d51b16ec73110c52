package article

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"modelbench/results/choosing"
	"modelbench/results/claims"
	"modelbench/results/folder"
)

// Is tells whether a path is a folder of claims, and so this package's to write about.
func Is(path string) bool {
	for _, name := range []string{claims.RunName, claims.RulesName} {
		if info, err := os.Stat(filepath.Join(path, name)); err == nil && info.Mode().IsRegular() {
			return true
		}
	}
	return false
}

// Load reads a folder of claims and judges them. The doubts are for the user.
func Load(dir string) (s Source, doubts []string, err error) {
	set, measured, doubts, err := claims.Open(dir)
	if err != nil {
		return Source{}, nil, err
	}
	s.Report, s.Complexity = claims.Judge(set, measured), measured.Code
	if measured.Run != nil {
		s.Run = *measured.Run
	}
	for _, python := range []bool{false, true} {
		campaigns := measured.Experiments
		if python {
			campaigns = measured.Python
		}
		for _, e := range set.Experiments {
			c, ran := campaigns[e.Name]
			if !ran {
				continue
			}
			one := Experiment{Name: e.Name, Python: python}
			if one.Folder, err = folder.Open(c.Folder); err != nil {
				return Source{}, nil, err
			}
			if one.Raw, err = os.ReadFile(one.CSV); err != nil {
				return Source{}, nil, err
			}
			s.Experiments = append(s.Experiments, one)
		}
	}
	if s.Rules, err = os.ReadFile(filepath.Join(dir, claims.RulesName)); errors.Is(err, fs.ErrNotExist) {
		s.Rules, err = slices.Clone(claims.Default), nil
	}
	if err != nil {
		return Source{}, nil, fmt.Errorf("read the claims: %w", err)
	}
	if slices.ContainsFunc(s.Report.Findings, func(f claims.Finding) bool { return f.Claim.Factor != "" }) {
		why := ""
		if s.Choices, why, err = choices(dir); err != nil {
			return Source{}, nil, err
		}
		if why != "" {
			doubts = append(doubts, why)
		}
	}
	return s, doubts, nil
}

// choices asks the trials the questions of choosing. Trials that cannot be asked any are a doubt, in why, and leave the rest of the page alone.
func choices(dir string) (list []choosing.Answered, why string, err error) {
	factors, err := choosing.Parse(choosing.Default)
	if err != nil {
		return nil, "", err
	}
	folders, _, _, err := folder.OpenAll([]string{dir})
	if err == nil {
		list, err = choosing.Of(folders, filepath.Base(dir), factors)
	}
	if err != nil {
		return nil, fmt.Sprintf("%s: nothing can be chosen: %v", dir, err), nil
	}
	return list, "", nil
}
