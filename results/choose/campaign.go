package choose

import (
	"fmt"
	"math"
	"time"

	"github.com/goccy/go-yaml"

	"modelbench/results/folder"
	"modelbench/results/trial"
)

// description is what of a campaign's file is used again: targets and workloads as the user wrote them, entry by entry, and where they ran.
type description struct {
	ServerCPUs string          `yaml:"server_cpus"`
	ClientCPUs string          `yaml:"client_cpus"`
	Targets    []yaml.MapSlice `yaml:"targets"`
	Workloads  []yaml.MapSlice `yaml:"workloads"`
}

// entry is a target or a workload of a campaign's file; its keys keep their order. The library reads and writes it as it is, so that keys
// that mean nothing here (a method, a ready check) come along.
type entry yaml.MapSlice

// get is a key's value; nil: the entry has no such key.
func (e entry) get(key string) any {
	for _, item := range e {
		if item.Key == key {
			return item.Value
		}
	}
	return nil
}

// slice is the entry as the library writes it in order.
func (e entry) slice() yaml.MapSlice { return yaml.MapSlice(e) }

// set replaces a key's value, or adds the key. The receiver's items are not changed.
func (e entry) set(key string, value any) entry {
	changed := make(entry, 0, len(e)+1)
	found := false
	for _, item := range e {
		if item.Key == key {
			item.Value, found = value, true
		}
		changed = append(changed, item)
	}
	if !found {
		changed = append(changed, yaml.MapItem{Key: key, Value: value})
	}
	return changed
}

// describe reads the campaigns' files. Instead of one that cannot be read the trials are asked, and it is said.
func (c *chooser) describe() {
	for _, f := range c.folders {
		var d description
		if len(f.Campaign) == 0 {
			continue
		}
		if err := yaml.Unmarshal(f.Campaign, &d); err != nil {
			c.advice.Caveats = append(c.advice.Caveats, fmt.Sprintf("%s of %s cannot be read, and commands are made without it: %v", folder.CampaignName, f.Path, err))
			continue
		}
		c.described = append(c.described, d)
	}
}

// written is the entry of that name in the campaigns' files; nil: none has it.
func (c *chooser) written(of func(description) []yaml.MapSlice, name string) entry {
	for _, d := range c.described {
		for _, e := range of(d) {
			if e := entry(e); e.get("name") == name {
				return e
			}
		}
	}
	return nil
}

// loads are the need's workloads as a campaign's file asks for them; ok is false where it cannot.
func (c *chooser) loads() (workloads []entry, ok bool) {
	for _, share := range c.need.Workloads {
		e, can := c.workload(share.Workload)
		if !can {
			return nil, false
		}
		workloads = append(workloads, e)
	}
	return workloads, true
}

// plan is a campaign to be run.
type plan struct {
	blocks    int
	workloads []entry
	of        func(trial.Trial) bool // whether the target of a trial takes part, if it is to be measured at all
	each      float64                // seconds that a trial takes, about
	noise     bool                   // with an A/A arm
}

// campaign is the command that measures the workloads in the same blocks, with the campaign's file on its standard input; and what has to be
// said beside it. It is empty where no target is known how to start.
func (c *chooser) campaign(p plan) (command, note string) {
	targets, unknown := c.targets(p.of)
	if len(unknown) > 0 {
		note = "; " + list(unknown) + " is left out, as it is not known how it was started"
	}
	if len(targets) == 0 {
		return "", ""
	}
	seconds := 40 + float64(p.blocks*(len(targets)+1)*len(p.workloads))*p.each
	file := yaml.MapSlice{
		{Key: "budget", Value: (time.Duration(math.Ceil(max(90, seconds)/10)) * 10 * time.Second).String()},
		{Key: "blocks", Value: p.blocks},
	}
	if !p.noise {
		file = append(file, yaml.MapItem{Key: "again", Value: "none"})
	}
	for _, d := range c.described[:min(1, len(c.described))] {
		if d.ServerCPUs != "" {
			file = append(file, yaml.MapItem{Key: "server_cpus", Value: d.ServerCPUs})
		}
		if d.ClientCPUs != "" {
			file = append(file, yaml.MapItem{Key: "client_cpus", Value: d.ClientCPUs})
		}
	}
	file = append(file, yaml.MapItem{Key: "targets", Value: plain(targets)}, yaml.MapItem{Key: "workloads", Value: plain(p.workloads)})
	text, err := yaml.MarshalWithOptions(file, yaml.IndentSequence(true))
	if err != nil {
		panic(err) // texts, numbers and lists can always be written
	}
	return fmt.Sprintf("go run ./scripts/compare --campaign /dev/stdin <<'EOF'\n%sEOF", text), note
}

// plain are the entries as the library writes them in order.
func plain(entries []entry) []yaml.MapSlice {
	list := make([]yaml.MapSlice, len(entries))
	for i, e := range entries {
		list[i] = e.slice()
	}
	return list
}
