package main

import (
	"errors"
	"reflect"
	"time"

	"modelbench/results/choose"
	"modelbench/results/choosing"
	"modelbench/results/folder"
)

type chooseCmd struct {
	Files []string `arg:"" name:"file" help:"Folders of campaigns or of claims, or CSV files of trials, of one machine and one build."`

	Workload    []string      `placeholder:"NAME[=WEIGHT]" group:"need" help:"Workloads of the server, such as wait,spin; left out, a folder of claims is asked about the factors of the article. With weights, which are shares of requests (wait=3,spin=1), they are taken together; without, a target has to be at least as good in each."`
	Connections int64         `placeholder:"N" group:"need" help:"Open connections. Between two numbers that were measured, values are interpolated; beyond them never. The same goes for rate and payload."`
	Rate        string        `placeholder:"RATE" group:"need" help:"Requests per second of each workload: 20k, 1.5M; or closed, for a closed loop."`
	Payload     string        `placeholder:"SIZE" group:"need" help:"Size of a message: 1KiB."`
	Where       []string      `placeholder:"COLUMN=VALUE" group:"need" help:"A further condition, by column of the trials, such as idle_connections=2000."`
	Target      []string      `placeholder:"NAME" group:"need" help:"Consider these targets alone. Without it, all but controls (one request at a time, an unguarded counter), and of the experiments of claims those that know the workload."`
	Blocking    bool          `group:"need" help:"Handlers block: only targets that were measured so, with the word blocking in their variant."`
	P99         time.Duration `name:"p99" placeholder:"TIME" group:"constraints" help:"Latency p99 at most: 5ms."`
	Memory      string        `placeholder:"SIZE" group:"constraints" help:"Server memory (PSS) at most: 512MiB."`
	Cores       int64         `placeholder:"N" group:"constraints" help:"CPU budget (column procs)."`
	Isolation   string        `enum:"none,process" default:"none" placeholder:"none|process" group:"constraints" help:"What a crash of one request's code may take with it: everything, or the share of one process. From trials of crashes only (columns fault: exit, segv, and conns_lost)."`
	SharedState bool          `group:"constraints" help:"Requests share state of which no update may be lost (column lost_updates)."`
	Objective   []string      `default:"cpu,p99,memory" placeholder:"NAME" group:"objective" help:"What to be best at: cpu (per request), p99, memory or throughput. Of several, the next is asked where those before make no difference (default ${default})."`
	Code        string        `enum:"any,simple" default:"any" placeholder:"simple|any" group:"objective" help:"simple: among equals, you prefer the targets that --simple names. A preference, not a measurement."`
	Simple      []string      `placeholder:"NAME" group:"objective" help:"Targets or models whose code you call simple, for --code simple."`

	Format string `enum:"text,json" default:"text" placeholder:"FORMAT" help:"text or json (described in results/choose/FORMAT.md) (default ${default})."`

	need choose.Need
}

// Help is shown below the flags' summary.
func (c *chooseCmd) Help() string {
	return "Exit codes: 0 a recommendation or a tie, 1 failed, 2 usage, 3 none feasible, 4 undecided or not measured."
}

// Validate is called by the parser, so what it finds is a usage error.
func (c *chooseCmd) Validate() (err error) {
	n := &c.need
	if len(c.Workload) == 0 {
		return c.alone()
	}
	if n.Workloads, n.Weighted, err = choose.ParseMix(c.Workload); err != nil {
		return err
	}
	if c.Rate != "" {
		if n.Rate, n.Closed, err = choose.ParseRate(c.Rate); err != nil {
			return err
		}
	}
	if n.Objectives, err = choose.ParseObjectives(c.Objective); err != nil {
		return err
	}
	if n.Where, err = choose.ParseWhere(c.Where); err != nil {
		return err
	}
	if n.Payload, err = bytesOf("--payload", c.Payload); err != nil {
		return err
	}
	memory, err := bytesOf("--memory", c.Memory)
	if err != nil {
		return err
	}
	switch {
	case c.Code != "simple" && len(c.Simple) > 0:
		return errors.New("--simple: goes with --code simple")
	}
	n.Connections, n.Cores, n.P99, n.Memory = c.Connections, c.Cores, float64(c.P99)/1e3, float64(memory)
	n.Isolation, n.SharedState, n.Blocking, n.Simple = c.Isolation == "process", c.SharedState, c.Blocking, c.Simple
	n.Targets, n.Simplest = c.Target, c.Code == "simple" && len(c.Simple) == 0
	return n.Validate()
}

// alone refuses what is asked of no workload: the questions about the factors bring their own.
func (c *chooseCmd) alone() error {
	rest := *c
	rest.Files, rest.Format = nil, ""
	if !reflect.DeepEqual(rest, chooseCmd{Isolation: "none", Code: "any", Objective: []string{"cpu", "p99", "memory"}}) {
		return errors.New("--workload: name at least one, such as wait: without it, a folder of claims is asked about the article's factors, and no other flag goes with that")
	}
	return nil
}

// bytesOf is a size that may be left out.
func bytesOf(flag, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	size, err := choose.ParseSize(flag, text)
	return int64(size), err
}

func (c *chooseCmd) Run(io streams) error {
	folders, _, doubts, err := folder.OpenAll(c.Files)
	io.doubt(doubts)
	if err != nil {
		return err
	}
	if len(c.Workload) == 0 {
		return c.factors(folders, io)
	}
	trials, err := choose.Read(folders)
	if err != nil {
		return err
	}
	if trials.Code, err = choosing.Code(folders); err != nil {
		return err
	}
	advice, err := trials.Ask(c.need)
	var need *choose.NeedError
	switch {
	case errors.As(err, &need):
		return usageError{err}
	case err != nil:
		return err
	}
	if err := choose.Formats[c.Format](io.stdout, advice); err != nil {
		return err
	}
	switch advice.Outcome {
	case choose.None:
		return answered{exitNone}
	case choose.Undecided:
		return answered{exitUndecided}
	}
	return nil
}

// factors answers the questions of the article from the folder of claims that was given.
func (c *chooseCmd) factors(folders []folder.Folder, io streams) error {
	if len(c.Files) != 1 || folders[0].Claims == "" {
		return usageError{errors.New("--workload: name at least one, such as wait; only a folder of claims, given alone, can do without")}
	}
	factors, err := choosing.Parse(choosing.Default)
	if err != nil {
		return err
	}
	answers, err := choosing.Of(folders, c.Files[0], factors)
	if err != nil {
		return err
	}
	if err := choosing.Formats[c.Format](io.stdout, answers); err != nil {
		return err
	}
	for _, a := range answers {
		if a.Decided > 0 {
			return nil
		}
	}
	return answered{exitUndecided}
}
