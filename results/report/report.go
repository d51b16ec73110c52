// Package report writes what a campaign came to as one HTML file that people pass on: the answer first, then the charts, the doubts,
// the machine, every trial, and the rows themselves to download.
//
// The file needs no network and asks for none: a policy in it forbids that. Its charts are drawn by libraries that are part of the
// program; without JavaScript the sentences and tables remain. It follows the reader's preference for light or dark. Equal input
// gives equal bytes, since no clock is read.
//
//	Source --rows--> analysis.Of --> findings --> cards, tables  (HTML, written here)
//	       --rows--> analysis.Members ----------> time, memory \
//	       --latencies by trial_id, merged -----> curves        } JSON in the page, drawn by assets/*.js
//
// Names of targets, addresses, notes and labels come from whoever measured, so nothing of them is trusted: all of it goes through
// html/template.
package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/HdrHistogram/hdrhistogram-go"

	"modelbench/results/analysis"
	"modelbench/results/folder"
	"modelbench/results/histlog"
	"modelbench/results/trial"
)

// Source is a campaign's folder, or a lone CSV file of trials, with what the page shows of it.
type Source struct {
	folder.Folder
	Name      string                             // by which the page calls it
	Raw       []byte                             // the CSV file as it is, to download
	Latencies map[string]*hdrhistogram.Histogram // by trial_id, in nanoseconds; nil where there is no log
}

// Load reads what the page needs beside the trials. The doubts are for the user.
func Load(f folder.Folder) (s Source, doubts []string, err error) {
	s = Source{Folder: f, Name: name(f)}
	if s.Raw, err = os.ReadFile(f.CSV); err != nil {
		return Source{}, nil, err
	}
	if f.Histograms == "" {
		return s, nil, nil
	}
	entries, torn, err := histlog.ReadFile(f.Histograms)
	if err != nil {
		return Source{}, nil, err
	}
	if torn {
		doubts = append(doubts, fmt.Sprintf("%s: the last line has no end: it is left out", f.Histograms))
	}
	s.Latencies = make(map[string]*hdrhistogram.Histogram, len(entries))
	for _, e := range entries { // where a trial has two, the later counts
		s.Latencies[e.TrialID] = e.Latency
	}
	return s, doubts, nil
}

// name is short and says nothing of where the folder lies on somebody's disk.
func name(f folder.Folder) string {
	if f.Manifest != nil && f.Manifest.CampaignID != "" {
		return f.Manifest.CampaignID
	}
	return filepath.Base(f.CSV)
}

// Write writes the page. Its error wraps analysis.ErrNothing when there is no trial; trials of which none may be believed make a
// page that says so.
func Write(w io.Writer, sources []Source, opts analysis.Options) error {
	var trials []trial.Trial
	for _, s := range sources {
		trials = append(trials, s.Trials...)
	}
	a, err := analysis.Of(trials, opts)
	if err != nil {
		return err
	}
	p, err := newPage(a, analysis.Members(trials), sources)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	if err := layout.ExecuteTemplate(out, "report.html", p); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// indented is the analysis as results compare --format json writes it.
func indented(a *analysis.Analysis) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetIndent("", "  ")
	err := enc.Encode(a)
	return buf.Bytes(), err
}
