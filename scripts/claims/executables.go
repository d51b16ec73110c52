package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"modelbench/scripts/campaign"
)

// executables are what the experiments run, built once. Each campaign has copies of them, as its targets must not share a
// file: see copies.
type executables struct {
	dir  string            // of the work folder
	sums map[string]string // SHA-256, by name
}

const (
	loadgenName = "loadgen"
	probeName   = "probe"
)

// build compiles all that the tasks run into a folder below dir.
func (c command) build(ctx context.Context, source campaign.Source, dir string, tasks []task) (executables, error) {
	x := executables{dir: dir, sums: map[string]string{}}
	built := x.built()
	if err := os.Mkdir(built, 0o755); err != nil {
		return x, err
	}
	packages := packagesOf(tasks)
	begin := time.Now()
	fmt.Fprintln(c.stderr, "building the servers and loadgen")
	if err := source.BuildPackages(ctx, built, packages, func(line string) { fmt.Fprintln(c.stderr, line) }); err != nil {
		return x, err
	}
	fmt.Fprintf(c.stderr, "built in %v\n", time.Since(begin).Round(100*time.Millisecond))
	for _, p := range packages {
		name := filepath.Base(p)
		text, err := os.ReadFile(filepath.Join(built, name))
		if err != nil {
			return x, err
		}
		sum := sha256.Sum256(text)
		x.sums[name] = hex.EncodeToString(sum[:])
	}
	return x, nil
}

// packagesOf are the packages whose executables the tasks run.
func packagesOf(tasks []task) []string {
	packages := []string{"./" + loadgenName}
	for _, t := range tasks {
		for _, target := range t.cfg.Built() {
			folder := ""
			switch {
			case target.Binary != "":
				folder = "./servers/" + target.Binary
			case target.Probe && target.Command[0] == probeName:
				folder = "./scripts/" + probeName
			}
			if folder != "" && !slices.Contains(packages, folder) {
				packages = append(packages, folder)
			}
		}
	}
	return packages
}

func (x executables) built() string { return filepath.Join(x.dir, "built") }

// copies makes the folder of executables of one campaign: a file of its own for each target, named after it, as the kernel
// would count the pages of one file once for all of them. remove takes it away again.
func (x executables) copies(cfg campaign.Config) (folder string, remove func() error, err error) {
	if folder, err = os.MkdirTemp(x.dir, "bin-"); err != nil {
		return "", nil, err
	}
	remove = func() error { return os.RemoveAll(folder) }
	for _, name := range []string{loadgenName, probeName} {
		if x.sums[name] != "" {
			err = errors.Join(err, os.Link(filepath.Join(x.built(), name), filepath.Join(folder, name)))
		}
	}
	for _, t := range cfg.Targets {
		if t.Binary == "" {
			continue
		}
		program, readErr := os.ReadFile(filepath.Join(x.built(), t.Binary))
		if readErr == nil {
			readErr = os.WriteFile(filepath.Join(folder, t.Name), program, 0o755)
		}
		if err = errors.Join(err, readErr); err != nil {
			break
		}
	}
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("copy the executables: %w", err), remove())
	}
	return folder, remove, nil
}
