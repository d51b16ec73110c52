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

// answer judges what is in the folder, prints it and leaves it there as a table.
func (r *runner) answer(f flags) error {
	set, measured, doubts, err := claims.Open(r.dir)
	if err != nil {
		return err
	}
	for _, doubt := range doubts {
		fmt.Fprintln(r.stderr, doubt)
	}
	report := claims.Judge(set, measured)
	if err := claims.Formats[f.Format](r.stdout, report); err != nil {
		return err
	}
	var table bytes.Buffer
	if err := claims.CSV(&table, report); err != nil {
		return err
	}
	err = replaceFile(filepath.Join(r.dir, claims.CSVName), table.Bytes())
	if noRoom(err) && noRoom(r.stopped) {
		err = nil // it has been said
	}
	results := packagePath(r.source.Root, "results")
	fmt.Fprintf(r.stderr, "\nthis answer again:  go run %s claims %s\na page of it:       go run %[1]s report -o claims.html %[2]s\n", results, relative(r.dir))
	if !r.run.Complete() {
		fmt.Fprintf(r.stderr, "go on with it:      go run %s --resume %s\n", packagePath(r.source.Root, "scripts/claims"), relative(r.dir))
	}
	return err
}

// packagePath names the command in a folder of the module so that `go run` finds it from where we are.
func packagePath(root, folder string) string {
	here, err := os.Getwd()
	if err != nil || here != root {
		return module + "/" + folder
	}
	return "./" + folder
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
