package campaign

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"modelbench/results/trial"
	"modelbench/scripts/campaign/spec"
)

const (
	manifestName   = "manifest.json"
	trialsName     = "trials.csv"
	histogramsName = "histograms.hlog"
	describedName  = "campaign.yaml"

	manifestVersion = 1
)

// Status is how far a campaign came.
type Status string

// A campaign that was killed stays at Running in its manifest, until it is resumed.
const (
	Running     Status = "running"
	Complete    Status = "complete"    // all that was planned, some of which may have failed
	Interrupted Status = "interrupted" // stopped by a signal
	Failed      Status = "failed"      // could not go on
)

// Manifest is what has to be known besides the trials to understand a campaign and
// to repeat it. It is written before the first server starts, after each block and at the end.
type Manifest struct {
	Version    int       `json:"manifest_version"`
	CampaignID string    `json:"campaign_id"`
	Status     Status    `json:"status"`
	Command    []string  `json:"command"`
	Started    time.Time `json:"started_at_utc"`
	Ended      time.Time `json:"ended_at_utc,omitzero"`

	Seed        int64   `json:"seed"`
	BudgetS     float64 `json:"budget_s"`
	Until       float64 `json:"until,omitempty"` // width of intervals at which it may stop early
	Planned     int     `json:"blocks_planned"`
	WholeBlocks int     `json:"blocks_whole"`
	// Whole are the numbers of the blocks that are whole. Trials of others were left behind
	// by a campaign that ended early: valid, but no part of any comparison.
	Whole  []int   `json:"whole_blocks"`
	SpentS float64 `json:"spent_s"` // of the budget, at the end of the last whole block

	Resumed []Resumption `json:"resumed,omitempty"`

	ServerCPUs string `json:"server_cpus,omitempty"` // that the servers were tied to; absent: to none
	ClientCPUs string `json:"client_cpus,omitempty"` // that loadgen was tied to

	Git      Git               `json:"git"`
	Machine  MachineInfo       `json:"machine"`
	Binaries map[string]Binary `json:"binaries"`

	Targets   []TargetInfo   `json:"targets"`
	Workloads []WorkloadInfo `json:"workloads"`
	Rates     []Rate         `json:"rates"`

	Verdicts map[string]int `json:"verdicts"` // trials by verdict, of all blocks
	Trouble
	LeftOut  []LeftOut `json:"left_out,omitempty"` // cells that answered wrongly before the first block
	Notes    []string  `json:"notes"`
	Failures []string  `json:"failures"`

	Config Saved `json:"config"` // from which it can be resumed
}

// Git is the state of the source the binaries were built from; empty: unknown.
type Git struct {
	Revision string `json:"revision,omitempty"`
	Dirty    bool   `json:"dirty"` // files differ from the revision
}

// String is the revision, with -dirty when files differ from it: the git_rev column.
func (g Git) String() string {
	if g.Revision != "" && g.Dirty {
		return g.Revision + "-dirty"
	}
	return g.Revision
}

// TargetInfo is a target as it was started.
type TargetInfo struct {
	Name    string   `json:"name"`
	Model   string   `json:"model"`
	Variant string   `json:"variant,omitempty"`
	Binary  string   `json:"binary"` // key of binaries; empty: not known
	Args    []string `json:"args"`   // after the addresses
	Rev     string   `json:"rev,omitempty"`

	Command   []string          `json:"command,omitempty"`
	Dir       string            `json:"dir,omitempty"`
	Env       map[string]string `json:"env,omitempty"`
	URL       string            `json:"url,omitempty"`
	PID       int               `json:"pid,omitempty"`
	Process   string            `json:"process,omitempty"`
	Restarted bool              `json:"restarted"` // for each block
}

// WorkloadInfo is a workload as it was planned.
type WorkloadInfo struct {
	Name        string  `json:"name"`
	Path        string  `json:"path,omitempty"` // empty: TCP echo
	Connections int     `json:"connections"`
	SliceMs     float64 `json:"slice_ms"`
	Rounds      int     `json:"rounds"`    // slices of each target in a block
	MeasureS    float64 `json:"measure_s"` // of each target in a block
	WarmRounds  int     `json:"warm_rounds"`
	FixedRate   bool    `json:"fixed_rate"` // else closed loop

	Only    []string `json:"only,omitempty"`     // targets that take part; absent: all
	Alone   bool     `json:"alone,omitempty"`    // no rotation: slice_ms is 0, rounds is 1
	WarmupS float64  `json:"warmup_s,omitempty"` // of one that stands alone
	Fresh   bool     `json:"fresh,omitempty"`    // a server for each trial
}

// Binary is an executable that took part.
type Binary struct {
	SHA256  string            `json:"sha256"`
	Go      string            `json:"go,omitempty"`
	Modules map[string]string `json:"modules,omitempty"` // path to version
}

// MachineInfo is where the campaign ran.
type MachineInfo struct {
	HostID   string  `json:"host_id"`
	Kernel   string  `json:"kernel"`
	CPUModel string  `json:"cpu_model"`
	CPUs     int64   `json:"cpus"`
	MemoryB  uint64  `json:"memory_bytes,omitempty"`
	Governor string  `json:"cpu_governor,omitempty"` // frequency scaling of the first CPU
	Clock    string  `json:"clock_source,omitempty"`
	Load1    float64 `json:"load_1m"` // when the campaign started: a quiet machine is near 0
	Go       string  `json:"go_version"`
}

func newManifest(cfg Config, p Plan, m trial.Machine) *Manifest {
	man := &Manifest{
		Version: manifestVersion, CampaignID: cfg.ID, Status: Running, Command: cfg.Command,
		Started: time.Now().UTC(), Seed: cfg.Seed, BudgetS: cfg.Budget.Seconds(), Planned: p.Blocks,
		Until: cfg.Until, ServerCPUs: cfg.ServerCPUs, ClientCPUs: cfg.ClientCPUs,
		Git: cfg.Git, Machine: machineInfo(m), Binaries: map[string]Binary{},
		Verdicts: map[string]int{}, Notes: append([]string{}, p.Notes...), Rates: []Rate{}, Failures: []string{},
		Whole: []int{}, Config: Saved{cfg.Name, cfg.Again, cfg.Blocks, cfg.Targets, cfg.Workloads},
	}
	for _, t := range cfg.Targets {
		man.Targets = append(man.Targets, TargetInfo{Name: t.Name, Model: t.Model, Variant: t.Variant, Binary: t.binary(), Args: append([]string{}, t.Args...), Rev: t.Rev,
			Command: t.Command, Dir: t.Dir, Env: t.Env, URL: t.URL, PID: t.PID, Process: t.Process, Restarted: t.owned()})
	}
	for _, r := range p.Rotations {
		w := r.Workload
		man.Workloads = append(man.Workloads, WorkloadInfo{w.Name, w.Path, w.Connections,
			float64(w.Slice) / 1e6, r.Rounds, r.measured().Seconds(), w.WarmRounds, w.fixedRate(), w.Only, w.Alone, w.Warmup.Seconds(), w.Fresh})
	}
	return man
}

// readBinaries describes loadgen and the targets' executables. One of ours that cannot be
// read is an error: it could not be run either. A command of the user's need not be a
// file that can be told, and whether it runs is seen when it is started.
func readBinaries(folder string, targets []Target) (map[string]Binary, error) {
	b, err := readBinary(filepath.Join(folder, loadgenName))
	if err != nil {
		return nil, fmt.Errorf("describe %s: %w", loadgenName, err)
	}
	all := map[string]Binary{loadgenName: b}
	for _, t := range targets {
		switch {
		case t.Binary != "":
			if b, err = readBinary(filepath.Join(folder, t.executable())); err != nil {
				return nil, fmt.Errorf("describe %s: %w", t.Name, err)
			}
			all[t.binary()] = b
		case len(t.Command) > 0:
			if path, err := exec.LookPath(ownProgram(folder, t.program())); err == nil {
				if b, err := readBinary(path); err == nil {
					all[t.binary()] = b
				}
			}
		}
	}
	return all, nil
}

func readBinary(path string) (Binary, error) {
	f, err := os.Open(path)
	if err != nil {
		return Binary{}, err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return Binary{}, err
	}
	b := Binary{SHA256: hex.EncodeToString(sum.Sum(nil))}
	// Not every executable that can be a target is written in Go.
	if info, err := buildinfo.Read(f); err == nil {
		b.Go = info.GoVersion
		b.Modules = make(map[string]string, len(info.Deps))
		for _, d := range info.Deps {
			b.Modules[d.Path] = d.Version
		}
	}
	return b, nil
}

// write puts the manifest into the folder, whole or not at all.
func (m *Manifest) write(folder string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write the manifest: %w", err)
		}
	}()
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return replaceFile(filepath.Join(folder, manifestName), append(text, '\n'))
}

// replaceFile puts text into a file, whole or not at all: it is on disk before it takes the other's place, or a loss of
// power could leave neither.
func replaceFile(path string, text []byte) error {
	draft := path + ".new"
	f, err := os.OpenFile(draft, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(draft))
	}
	return os.Rename(draft, path)
}

// writeDescription puts the campaign as it is run into its folder: a file for --campaign,
// with the rates that were found in the place of those that were asked for. Whoever runs
// it gives the same load to the same targets, and measures it anew.
func (r *runner) writeDescription() error {
	c := r.cfg
	c.Workloads = slices.Clone(c.Workloads)
	for i, w := range c.Workloads {
		if rate, found := r.rates[w.Name]; found {
			c.Workloads[i].Rate = spec.Rate{RPS: rate.RPS}
		}
	}
	var text bytes.Buffer
	if err := c.Describe(&text); err != nil {
		return fmt.Errorf("write %s: %w", describedName, err)
	}
	if err := replaceFile(filepath.Join(c.Out, describedName), text.Bytes()); err != nil {
		return fmt.Errorf("write %s: %w", describedName, err)
	}
	return nil
}
