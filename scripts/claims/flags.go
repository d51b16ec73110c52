package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/alecthomas/kong"

	"modelbench/results/claims"
	"modelbench/scripts/campaign"
)

const (
	wholeBudget = 30 * time.Minute
	claimBudget = time.Minute
)

// flags are the command line.
type flags struct {
	Claim        []int    `sep:"," placeholder:"N" help:"Test these claims alone: of the experiments that they name, only the targets and workloads that they name, in 60s unless --budget says otherwise. One claim is judged for itself, several together."`
	Experiment   []string `placeholder:"NAME" help:"Run these experiments alone."`
	List         bool     `help:"List the claims with their experiments and the time that each takes, and run nothing."`
	Confirmatory bool     `help:"Leave out descriptive experiments, by which no claim is decided."`
	WithPython   bool     `help:"Run CPython's counterparts, too, and show their figures beside ours. Takes python3, and, unless --budget says otherwise, as much time again."`
	WrongFoot    bool     `help:"Check the experiments instead: beside the stand-ins of each claim (or of those that --claim names), servers are measured that should turn its verdict (wrongfoot.yaml), and it is judged with either. Takes as long as 8 blocks need, at most 15m."`
	Rules        string   `placeholder:"FILE" help:"Take the claims from this file, not from results/claims/claims.yaml."`

	Budget time.Duration `placeholder:"TIME" help:"Time to spend, from after the build to the answer (default: 30m; with --claim 60s). Experiments run one after the other, the most telling first; what there is no time for is named."`
	Blocks int           `placeholder:"N" help:"Blocks of each experiment (default: as its file says, 12 where claims are decided; with --claim fewer, if no more fit). 6 are the least that decide anything. Without --claim descriptive experiments and those of CPython have no more than their file says."`
	Seed   int64         `placeholder:"N" help:"Of every random order; 0 draws one and writes it down."`

	Format string `default:"text" enum:"text,markdown,csv,json" help:"Of the answer: ${enum}."`
	Out    string `placeholder:"DIR" help:"Folder for what is measured and found; must not exist or be empty (default: a new one under results/runs)."`
	Resume string `placeholder:"DIR" help:"Go on with the run in this folder, which was killed, stopped or failed: all is as it was, but --budget and --format may be given."`

	given map[string]bool // flags that were given, by name
}

func (c command) parse() (f flags, err error) {
	helped := false
	parser, err := kong.New(&f,
		kong.Name("claims"),
		kong.Description("Puts what an article claims of threads, processes and asyncio to the test on this machine, and says claim by claim whether it holds."),
		kong.Writers(c.stdout, c.stderr),
		kong.Exit(func(int) { helped = true })) // --help has been printed; whatever else parsing says is void
	if err != nil {
		return f, fmt.Errorf("set up the command line: %w", err)
	}
	parsed, err := parser.Parse(c.args)
	if helped {
		return f, errHelped
	}
	if err != nil {
		return f, &campaign.UsageError{Problem: err.Error()}
	}
	f.given = map[string]bool{}
	for _, p := range parsed.Path {
		if p.Flag != nil {
			f.given[p.Flag.Name] = true
		}
	}
	return f, f.check()
}

// check refuses what cannot be, before anything is read.
func (f *flags) check() error {
	refuse := func(flag, format string, args ...any) error {
		return &campaign.UsageError{Flag: flag, Problem: fmt.Sprintf(format, args...)}
	}
	switch {
	case f.given["budget"] && f.Budget <= 0:
		return refuse("--budget", "%v is no time to spend", f.Budget)
	case f.given["blocks"] && f.Blocks < 1:
		return refuse("--blocks", "%d is not a number of blocks", f.Blocks)
	case f.Seed < 0:
		return refuse("--seed", "%d is negative", f.Seed)
	case f.WrongFoot && (f.Experiment != nil || f.WithPython || f.List || f.Confirmatory || f.Rules != "" || f.given["format"]):
		return refuse("--wrong-foot", "of the other flags only --claim, --budget, --blocks, --seed and --out go with it")
	case f.Claim != nil && f.Experiment != nil:
		return refuse("--experiment", "with --claim the claims say which")
	}
	if f.Resume == "" {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(f.given)) {
		switch name {
		case "resume", "budget", "format": // how long, and in what form, is no part of what is measured
		default:
			return refuse("--"+name, "a run that is resumed stays as it was: of the flags that make it only --budget can be given")
		}
	}
	return nil
}

// pick is what the flags want of the experiments.
func (f *flags) pick() pick {
	p := pick{claims: slices.Clone(f.Claim), experiments: f.Experiment, python: f.WithPython, confirmatory: f.Confirmatory, blocks: f.Blocks, seed: f.Seed}
	slices.Sort(p.claims)
	p.claims = slices.Compact(p.claims)
	return p
}

// budget is the time to spend.
func (f *flags) budget() time.Duration {
	budget := wholeBudget
	switch {
	case f.Budget > 0:
		return f.Budget
	case f.WrongFoot:
		return footBudget
	case f.Claim != nil:
		budget = claimBudget
	}
	if f.WithPython {
		budget *= 2
	}
	return budget
}

// rules are the claims: those of the file that is named, or ours.
func (f *flags) rules() (set claims.Set, text []byte, err error) {
	if f.Rules == "" {
		set, err = claims.Parse("results/claims/claims.yaml", claims.Default)
		return set, claims.Default, err
	}
	if text, err = os.ReadFile(f.Rules); err != nil {
		return set, nil, &campaign.UsageError{Flag: "--rules", Problem: err.Error()}
	}
	if set, err = claims.Parse(filepath.Clean(f.Rules), text); err != nil {
		return set, nil, &campaign.UsageError{Problem: err.Error()}
	}
	return set, text, nil
}
