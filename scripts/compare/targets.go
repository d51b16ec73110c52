package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"modelbench/scripts/campaign"
	"modelbench/scripts/campaign/spec"
)

// targets picks the targets: the models that are named, of the file or else of our own
// table, then the libraries, then those of the user's, of the file or of --target.
func (f *flags) targets(cfg *campaign.Config, cpus int) error {
	var models, own []campaign.Target
	for _, t := range cfg.Targets {
		if t.Binary != "" {
			models = append(models, t)
		} else {
			own = append(own, t)
		}
	}
	if f.given["models"] {
		known := models
		for _, t := range slices.Concat(campaign.Targets(cpus), campaign.Stock(cpus)) {
			known = with(known, t, false)
		}
		picked := []campaign.Target(nil)
		if !slices.Equal(f.Models, []string{spec.None}) {
			var err error
			if picked, err = campaign.PickTargets(known, f.Models); err != nil {
				return err
			}
		}
		models = picked
	}
	if f.WithStock {
		for _, t := range campaign.Stock(cpus) {
			models = with(models, t, false)
		}
	}
	added, err := f.ownTargets()
	if err != nil {
		return err
	}
	for _, t := range added {
		own = with(own, t, true)
	}
	cfg.Targets = append(models, own...)
	if err := f.checkBaseline(cfg.Targets); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, t := range cfg.Targets {
		if seen[t.Name] {
			return &campaign.UsageError{Flag: "--target", Problem: fmt.Sprintf("%s is one of ours: give yours another name", t.Name)}
		}
		seen[t.Name] = true
	}
	if len(cfg.Targets) == 0 {
		return &campaign.UsageError{Flag: "--models", Problem: "none, and no --target either: there is nothing to compare"}
	}
	return nil
}

// checkBaseline refuses a --baseline that takes no part.
func (f *flags) checkBaseline(targets []campaign.Target) error {
	if f.Baseline != "" && !slices.ContainsFunc(targets, func(t campaign.Target) bool { return t.Name == f.Baseline }) {
		return &campaign.UsageError{Flag: "--baseline", Problem: fmt.Sprintf("%q is none of the targets %s", f.Baseline, names(targets, targetName))}
	}
	return nil
}

// with is the list with the target in it, in the place of the one of its name.
func with(list []campaign.Target, t campaign.Target, replace bool) []campaign.Target {
	at := slices.IndexFunc(list, func(has campaign.Target) bool { return has.Name == t.Name })
	if at < 0 {
		return append(slices.Clip(list), t)
	}
	if replace {
		list = slices.Clone(list)
		list[at] = t
	}
	return list
}

// ownTargets are the targets of --target, with what --ready and --pid say of them.
func (f *flags) ownTargets() ([]campaign.Target, error) {
	var own []campaign.Target
	seen := map[string]bool{}
	for _, arg := range f.Target {
		name, _, _ := strings.Cut(arg, "=")
		if seen[name] {
			return nil, &campaign.UsageError{Flag: "--target", Problem: fmt.Sprintf("%s is named twice", name)}
		}
		seen[name] = true
		t, err := campaign.ParseTarget(arg, f.Ready[name], f.PID[name])
		if err != nil {
			return nil, err
		}
		if f.given["ready-within"] && len(t.Command) > 0 {
			if t.Ready.Within = f.ReadyWithin; f.ReadyWithin <= 0 {
				return nil, &campaign.UsageError{Flag: "--ready-within", Problem: fmt.Sprintf("%v is no time to wait", f.ReadyWithin)}
			}
		}
		own = append(own, t)
	}
	for _, about := range []struct {
		flag  string
		names map[string]string
	}{{"--ready", f.Ready}, {"--pid", f.PID}} {
		for name := range about.names {
			if !seen[name] {
				return nil, &campaign.UsageError{Flag: about.flag, Problem: fmt.Sprintf("there is no --target %s", name)}
			}
		}
	}
	return own, nil
}

// addBase makes revisions what they stand for now, and adds each of our targets as of the
// revision that --base names, which becomes what their names have of it.
func (f *flags) addBase(ctx context.Context, source campaign.Source, cfg *campaign.Config) error {
	for i, t := range cfg.Targets {
		if t.Rev != "" {
			commit, err := source.Resolve(ctx, t.Rev)
			if err != nil {
				return err
			}
			cfg.Targets[i].Rev = commit
		}
	}
	if f.Base == "" {
		return nil
	}
	commit, err := source.Resolve(ctx, f.Base)
	if err != nil {
		return err
	}
	var targets []campaign.Target
	for _, t := range cfg.Targets {
		targets = append(targets, t)
		if t.Binary != "" && t.Rev == "" {
			base := t.AsOf(commit, f.Base)
			targets = append(targets, base)
			for i := range cfg.Workloads { // it takes part in what the other does
				if w := &cfg.Workloads[i]; slices.Contains(w.Only, t.Name) {
					w.Only = append(slices.Clip(w.Only), base.Name)
				}
			}
		}
	}
	if len(targets) == len(cfg.Targets) {
		return &campaign.UsageError{Flag: "--base", Problem: "none of our own targets takes part"}
	}
	cfg.Targets, f.Base = targets, campaign.RevLabel(commit, f.Base)
	return nil
}
