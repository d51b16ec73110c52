package main

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"modelbench/scripts/campaign"
	"modelbench/scripts/campaign/spec"
)

// workloads picks the workloads: those named, of the file or else of our own table, and
// those of --path.
func (f *flags) workloads(cfg *campaign.Config, cpus int) error {
	switch {
	case f.given["workloads"]:
		known := cfg.Workloads
		for _, w := range campaign.Workloads(cpus) {
			if !slices.ContainsFunc(known, func(has campaign.Workload) bool { return has.Name == w.Name }) {
				known = append(slices.Clip(known), w)
			}
		}
		var err error
		if cfg.Workloads, err = campaign.PickWorkloads(known, f.Workloads); err != nil {
			return err
		}
	case len(f.Path) > 0:
		cfg.Workloads = nil
	}
	rate, err := f.rate()
	if err != nil {
		return err
	}
	for _, path := range f.Path {
		var taken []string
		for _, w := range cfg.Workloads {
			taken = append(taken, w.Name)
		}
		w, err := campaign.PathWorkload(path, taken)
		if err != nil {
			return err
		}
		w.Rate = rate
		cfg.Workloads = append(slices.Clip(cfg.Workloads), w)
	}
	if f.given["connections"] {
		if f.Connections < 1 {
			return &campaign.UsageError{Flag: "--connections", Problem: fmt.Sprintf("%d is not a number of connections", f.Connections)}
		}
		cfg.Workloads = slices.Clone(cfg.Workloads)
		for i := range cfg.Workloads {
			cfg.Workloads[i].Connections = f.Connections
		}
	}
	return f.twice(cfg.Workloads)
}

// twice refuses a --path, the last of the workloads, that another loads in the same way: it would take time from all, and
// count twice in the correction for many comparisons.
func (f *flags) twice(all []campaign.Workload) error {
	for i := len(all) - len(f.Path); i < len(all); i++ {
		for _, other := range all[:i] {
			same := other // how long its turns are makes no other load
			same.Name, same.Slice, same.WarmRounds = all[i].Name, all[i].Slice, all[i].WarmRounds
			if reflect.DeepEqual(same, all[i]) {
				return &campaign.UsageError{Flag: "--path", Problem: fmt.Sprintf("%s is loaded in the same way by %s already: name one of them, or another --rate", all[i].Path, other.Name)}
			}
		}
	}
	return nil
}

// rate is what --rate says of the workloads of --path.
func (f *flags) rate() (spec.Rate, error) {
	refuse := func(format string, args ...any) (spec.Rate, error) {
		return spec.Rate{}, &campaign.UsageError{Flag: "--rate", Problem: fmt.Sprintf(format, args...)}
	}
	if f.given["rate"] && len(f.Path) == 0 {
		return refuse("it is of the workloads of --path, and there is none; a campaign's file says the rate of others")
	}
	if number, percent := strings.CutSuffix(f.Rate, "%"); percent {
		v, err := strconv.ParseFloat(number, 64)
		if err != nil || !(v > 0 && v <= 100) {
			return refuse("%q is no share: more than 0%% and at most 100%%", f.Rate)
		}
		return spec.Rate{Share: v / 100}, nil
	}
	rate, err := spec.ParseRate(f.Rate)
	if err != nil {
		return refuse("%q is no rate: closed, 25%%, or requests per second such as 500, 20k or 1.5M", f.Rate)
	}
	return rate, nil
}
