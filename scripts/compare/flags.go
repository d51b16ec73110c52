package main

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"modelbench/results/gate"
	"modelbench/scripts/campaign"
	"modelbench/scripts/campaign/spec"
)

// flags are the command line. Lists are parsed by kong: a,b,c. What a campaign's file
// says as well has no default here but in its help: only what was given wins over it.
type flags struct {
	Campaign      string `placeholder:"FILE" help:"Run the campaign that this file describes. Other flags win over what it says."`
	PrintCampaign bool   `help:"Print the campaign that these flags make as a file for --campaign, with explanations, and run nothing."`

	Budget    time.Duration `default:"90s" help:"Time to spend, from after the build to the table; it ends on a whole block."`
	Blocks    int           `default:"0" placeholder:"N" help:"Blocks to run; 0: as many as the budget allows. Six are the least that can tell a difference from chance."`
	Models    []string      `default:"${models}" placeholder:"NAME" help:"Which of our targets to compare: ${default}; or none."`
	WithStock bool          `help:"Compare popular libraries as they ship as well: net/http, fasthttp and fasthttp's prefork. Not in echo, which they do not serve. Give it a longer --budget."`
	Base      string        `placeholder:"REV" help:"Compare each of our targets with itself as of this git revision, as NAME@REV."`
	Baseline  string        `placeholder:"NAME" help:"Compare every target with this one, not with the best in each measure."`
	FailIf    []string      `placeholder:"RULE" sep:"none" help:"Exit with 3 if a measure has changed against --base or --baseline by more than this, for certain: 'cpu_us_per_req>+3%', 'throughput<-5%'. May be repeated."`
	Until     share         `placeholder:"WIDTH" help:"Stop early, once there are blocks for all comparisons and each interval of CPU per request, or of throughput in a closed loop, is this narrow: 3% is from 3% below to 3% above."`
	Again     string        `placeholder:"NAME" help:"The target that runs twice, to show what this machine makes of two that are the same (default: the first, with --base none; none: no target)."`

	Target      []string          `sep:"none" placeholder:"NAME=..." help:"Compare your own server, too: NAME=COMMAND to start, with {port} or {http} (host:port) in it for HTTP, {echo-port} or {echo} for TCP echo, {dir} for an empty folder; or NAME=http://host:port or NAME=tcp://host:port, which is up already. May be repeated."`
	Ready       map[string]string `mapsep:"none" placeholder:"NAME=CHECK" help:"When a --target serves: port (it accepts connections, the default), line:TEXT or regexp:RE (on its output), http:/path (answered with 2xx)."`
	ReadyWithin time.Duration     `default:"10s" help:"How long to wait for that."`
	PID         map[string]string `name:"pid" mapsep:"none" placeholder:"NAME=PID" help:"Whose CPU and memory count for a --target that is up already: a pid, or the name of a process."`

	Workloads   []string `default:"${workloads}" placeholder:"NAME" help:"What to load them with: ${default}."`
	Connections int      `placeholder:"N" help:"Connections of every workload, in the place of its own number."`
	Path        []string `sep:"none" placeholder:"/PATH" help:"Load them with GET requests of this path, at the --rate, instead of the workloads unless --workloads names some. May be repeated."`
	Rate        string   `default:"25%" help:"Of the workloads of --path: a share of what the slowest target reaches in a short closed loop (25%), requests per second (20k), or closed, which compares capacities."`

	ServerCPUs string `name:"server-cpus" placeholder:"LIST" help:"CPUs that the servers are tied to, such as 0-1,3; the --procs of ours become as many."`
	ClientCPUs string `name:"client-cpus" placeholder:"LIST" help:"CPUs that loadgen is tied to."`

	Seed int64  `default:"0" placeholder:"N" help:"Of every random order; 0 draws one and writes it down."`
	Out  string `placeholder:"DIR" help:"Folder for trials.csv and manifest.json; must not exist or be empty (default: a new one under results/runs)."`

	Resume string `placeholder:"DIR" help:"Go on with the campaign in this folder, which was killed, stopped or failed: all is as it was, but --budget, --baseline and --fail-if may be given."`

	given map[string]bool // flags that were given, by name
	rules []gate.Rule     // of FailIf
}

// parse turns the command line into a campaign that may lack its folders, and what
// Validate adds.
func (c command) parse() (cfg campaign.Config, f flags, err error) {
	if err := c.parseFlags(&f); err != nil {
		return cfg, f, err
	}
	if err := f.parseRules(); err != nil {
		return cfg, f, err
	}
	make := f.config
	if f.Resume != "" {
		make = f.resume
	}
	if cfg, err = make(); err != nil {
		return cfg, f, err
	}
	cfg.Command, cfg.Abort = append([]string{"compare"}, c.args...), c.abort
	checked := cfg // with what Validate adds
	return cfg, f, checked.Validate()
}

func (c command) parseFlags(f *flags) error {
	helped := false
	parser, err := kong.New(f,
		kong.Name("compare"),
		kong.Description("Compares the concurrency models on this machine, and any server of yours with them, and says which does what better."),
		kong.Vars{"models": names(campaign.Targets(runtime.NumCPU()), targetName),
			"workloads": names(campaign.Workloads(runtime.NumCPU()), workloadName)},
		kong.Writers(c.stdout, c.stderr),
		kong.Exit(func(int) { helped = true })) // --help has been printed; whatever else parsing says is void
	if err != nil {
		return fmt.Errorf("set up the command line: %w", err)
	}
	parsed, err := parser.Parse(c.args)
	if helped {
		return errHelped
	}
	if err != nil {
		return &campaign.UsageError{Problem: err.Error()}
	}
	f.given = map[string]bool{}
	for _, p := range parsed.Path {
		if p.Flag != nil {
			f.given[p.Flag.Name] = true
		}
	}
	return nil
}

// parseRules checks what is compared with what, and reads the gate.
func (f *flags) parseRules() error {
	if f.Base != "" && f.Baseline != "" {
		return &campaign.UsageError{Flag: "--baseline", Problem: "with --base each target is compared with itself as of that revision"}
	}
	if len(f.FailIf) > 0 && f.Base == "" && f.Baseline == "" {
		return &campaign.UsageError{Flag: "--fail-if", Problem: "changed against what? Name --base REV or --baseline TARGET"}
	}
	for _, text := range f.FailIf {
		rule, err := gate.Parse(text)
		if err != nil {
			return &campaign.UsageError{Flag: "--fail-if", Problem: err.Error()}
		}
		f.rules = append(f.rules, rule)
	}
	return nil
}

// config is the campaign of the file, or the default one, with what the flags say.
func (f *flags) config() (cfg campaign.Config, err error) {
	cpus, err := campaign.CPUs("--server-cpus", f.ServerCPUs)
	if err != nil {
		return cfg, err
	}
	cfg = campaign.Default(cpus)
	if f.Campaign != "" {
		if cfg, err = campaign.Load(f.Campaign); err != nil {
			return cfg, err
		}
	}
	cfg.Out = f.Out
	if f.given["budget"] {
		if cfg.Budget = f.Budget; f.Budget == 0 {
			return cfg, &campaign.UsageError{Flag: "--budget", Problem: "0s is no time to spend"}
		}
	}
	if f.given["blocks"] {
		cfg.Blocks = f.Blocks
	}
	if f.given["seed"] {
		cfg.Seed = f.Seed
	}
	if f.given["until"] {
		cfg.Until = float64(f.Until)
	}
	if f.given["server-cpus"] {
		cfg.ServerCPUs = f.ServerCPUs
	}
	if f.given["client-cpus"] {
		cfg.ClientCPUs = f.ClientCPUs
	}
	switch {
	case f.given["again"]:
		cfg.Again = f.Again
	case f.Base != "": // each target has a second of its own already, and time is better spent on these
		cfg.Again = spec.None
	}
	if err := f.targets(&cfg, cpus); err != nil {
		return cfg, err
	}
	return cfg, f.workloads(&cfg, cpus)
}

// resume is the campaign that --resume names. Other flags would make another one of it.
func (f *flags) resume() (campaign.Config, error) {
	for _, name := range slices.Sorted(maps.Keys(f.given)) {
		switch name {
		case "resume", "budget", "baseline", "fail-if": // what is made of the answer is no part of the campaign
		default:
			return campaign.Config{}, &campaign.UsageError{Flag: "--" + name, Problem: "a campaign that is resumed stays as it was: of the flags that make it only --budget can be given"}
		}
	}
	cfg, err := campaign.Resume(f.Resume)
	if err == nil {
		err = f.checkBaseline(cfg.Targets)
	}
	if f.given["budget"] && err == nil {
		if cfg.Budget = f.Budget; f.Budget == 0 {
			err = &campaign.UsageError{Flag: "--budget", Problem: "0s is no time to spend"}
		}
	}
	return cfg, err
}

func targetName(t campaign.Target) string     { return t.Name }
func workloadName(w campaign.Workload) string { return w.Name }

func names[T any](rows []T, name func(T) string) string {
	var list []string
	for _, r := range rows {
		list = append(list, name(r))
	}
	return strings.Join(list, ",")
}
