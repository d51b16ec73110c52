package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"modelbench/results/claims"
	"modelbench/results/claims/complexity"
	"modelbench/scripts/complexity/count"
)

// writeComplexity counts the source that is being measured, for the claims that speak of code.
func writeComplexity(root, dir string) error {
	table, err := count.Default()
	if err != nil {
		return err
	}
	rows, err := table.Count(count.Source{Root: root})
	if err != nil {
		return fmt.Errorf("count the code: %w", err)
	}
	var text bytes.Buffer
	if err := complexity.Write(&text, rows); err != nil {
		return err
	}
	return replaceFile(filepath.Join(dir, complexity.FileName), text.Bytes())
}

func formatNames() string { return "text" }

// answer judges what is in the folder and prints it.
func (r *runner) answer(f flags) error {
	set, measured, doubts, err := claims.Open(r.dir)
	if err != nil {
		return err
	}
	for _, doubt := range doubts {
		fmt.Fprintln(r.stderr, doubt)
	}
	report := claims.Judge(set, measured)
	for _, f := range report.Findings {
		fmt.Fprintf(r.stdout, "%2d  %s: %s\n", f.Claim.ID, f.Claim.Claim, f.Verdict)
	}
	return nil
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func round(d time.Duration) time.Duration { return (d + time.Second - 1).Truncate(time.Second) }

// relative is the path from where we are, when that is the shorter one.
func relative(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if short, err := filepath.Rel(here, path); err == nil && len(short) < len(path) {
		return short
	}
	return path
}
