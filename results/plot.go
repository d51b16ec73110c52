package main

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"modelbench/loadgen/outfile"
	"modelbench/results/analysis"
	"modelbench/results/folder"
	"modelbench/results/histlog"
	"modelbench/results/plot"
	"modelbench/results/trial"
)

type plotCmd struct {
	Files    []string `arg:"" name:"file" help:"Folders of campaigns or of claims, or CSV files of trials, drawn together."`
	Out      string   `short:"o" default:"charts" placeholder:"DIR" help:"Folder for the pictures, made if need be; pictures of the same name are replaced (default ${default})."`
	Format   []string `enum:"svg,png" default:"svg,png" placeholder:"FORMATS" help:"svg, png or both (default ${default})."`
	Width    int      `default:"840" placeholder:"PIXELS" help:"Width; the height is what is needed (default ${default})."`
	Baseline string   `placeholder:"TARGET" help:"Compare every target with this one, not with the best in each measure."`
}

// Validate is called by the parser, so what it finds is a usage error.
func (c *plotCmd) Validate() error {
	if err := (plot.Options{Width: c.Width}).Validate(); err != nil {
		return fmt.Errorf("--width: %w", err)
	}
	return nil
}

func (c *plotCmd) Run(io streams) error {
	folders, trials, doubts, err := folder.OpenAll(c.Files)
	if err != nil {
		return err
	}
	a, err := analysis.Of(trials, analysis.Options{Baseline: c.Baseline})
	if err != nil {
		return err
	}
	for _, wl := range a.Workloads {
		for _, note := range wl.Notes() {
			doubts = append(doubts, wl.Title+": "+note)
		}
	}
	latencies, more, err := readLatencies(folders)
	if err != nil {
		return err
	}
	charts, without, err := plot.Charts(a, latencies, plot.Options{Width: c.Width, Source: source(a, trials)})
	io.doubt(slices.Concat(doubts, more, without))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.Out, 0o777); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	for _, chart := range charts {
		for _, format := range slices.Compact(slices.Sorted(slices.Values(c.Format))) {
			path := filepath.Join(c.Out, chart.Name+"."+format)
			if err := writePicture(path, chart, format); err != nil {
				return err
			}
			fmt.Fprintf(io.stdout, "%s\n", path)
		}
	}
	return nil
}

func writePicture(path string, chart plot.Chart, format string) error {
	picture, err := plot.Formats[format](chart)
	if err != nil {
		return err
	}
	file, err := outfile.NewWhole(path)
	if err != nil {
		return err
	}
	return file.Replace(picture)
}

// readLatencies reads the histograms that lie beside trials, if any.
func readLatencies(folders []folder.Folder) (all plot.Latencies, doubts []string, err error) {
	all = plot.Latencies{}
	for _, f := range folders {
		if f.Histograms == "" {
			continue
		}
		entries, torn, err := histlog.ReadFile(f.Histograms)
		if err != nil {
			return nil, nil, err
		}
		if torn {
			doubts = append(doubts, f.Histograms+": the last line has no end: it is left out")
		}
		for _, e := range entries {
			all[e.TrialID] = e.Latency // of two, the later counts
		}
	}
	return all, doubts, nil
}

// source says where the figures come from, at the foot of a picture.
func source(a *analysis.Analysis, trials []trial.Trial) string {
	seen := map[string]bool{}
	for _, t := range trials {
		var parts []string
		if model := cmp.Or(t.CPUModel, t.HostID); model != "" {
			parts = append(parts, model)
		}
		if n, known := t.CPUs.Get(); known {
			parts = append(parts, analysis.Count(int(n), "CPU", "CPUs"))
		}
		if t.Kernel != "" {
			parts = append(parts, "kernel "+t.Kernel)
		}
		seen[strings.Join(parts, ", ")] = true
	}
	delete(seen, "")
	return strings.Join(append([]string{a.Overview.String()}, slices.Sorted(maps.Keys(seen))...), " · ")
}
