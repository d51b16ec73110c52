package choose

import (
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"modelbench/results/folder"
	"modelbench/results/trial"
)

// ourModels are the servers of this project, of which it is known how they are started.
const ourModels = "goroutine prefork eventloop stock"

// targets are the entries of those targets that have to be measured and that keep takes, and the names of those of which it is not known how they were started.
func (c *chooser) targets(keep func(trial.Trial) bool) (entries []entry, unknown []string) {
	most := int64(0)
	for _, t := range c.trials {
		most = max(most, t.Procs.Or(0))
	}
	for _, t := range c.distinct() {
		if !keep(t) {
			continue
		}
		e := c.target(t)
		if e == nil {
			unknown = append(unknown, t.Target)
			continue
		}
		if c.need.Cores > 0 {
			for _, f := range figures(t) {
				if f.value == most { // what had the whole budget is given the whole of the one asked for
					e = e.set(f.key, c.need.Cores)
				}
			}
		}
		if c.need.Blocking && !slices.Contains(strings.Fields(t.Variant), BlockingWord) {
			e = e.set("name", t.Target+"-"+BlockingWord).set("variant", strings.TrimSpace(t.Variant+" "+BlockingWord))
			if t.Model == "eventloop" { // the one server that carries a pause out in two ways; the others' handlers block as they are
				flags, _ := c.flags(t)
				e = e.set("flags", append(slices.Clone(flags), "--block-loop"))
			}
		}
		entries = append(entries, e)
	}
	return entries, unknown
}

// target is one's entry: as in the campaign's file, else from its trials; nil: not known.
func (c *chooser) target(t trial.Trial) entry {
	if e := c.written(func(d description) []yaml.MapSlice { return d.Targets }, t.Target); e != nil {
		return e
	}
	flags, known := c.flags(t)
	if !known {
		return nil
	}
	e := entry{{Key: "name", Value: t.Target}, {Key: "model", Value: t.Model}}
	if t.Variant != "" {
		e = e.set("variant", t.Variant)
	}
	for _, f := range figures(t) {
		e = e.set(f.key, f.value)
	}
	if len(flags) > 0 {
		e = e.set("flags", flags)
	}
	return e
}

// figure is a number of a target that is a flag of its server and a column of its trials.
type figure struct {
	key   string
	value int64
}

func figures(t trial.Trial) []figure {
	all := []figure{{"procs", t.Procs.Or(0)}, {"workers", t.Workers.Or(0)}, {"loops", t.Loops.Or(0)}}
	return slices.DeleteFunc(all, func(f figure) bool { return f.value <= 0 })
}

// distinct is a trial of each target to be measured, in the order of their names: of the candidates that are not rejected, or, where there
// are none, of all.
func (c *chooser) distinct() []trial.Trial {
	of := map[string]trial.Trial{}
	for _, t := range c.trials {
		if _, again := t.Again(); again || t.Target == "" || faulty(t) {
			continue
		}
		i := slices.IndexFunc(c.candidates, func(k *Candidate) bool { return isOf(t, k.Target) })
		if len(c.candidates) > 0 && (i < 0 || c.candidates[i].Status == Rejected) {
			continue
		}
		if _, has := of[t.Target]; !has {
			of[t.Target] = t
		}
	}
	var list []trial.Trial
	for _, name := range slices.Sorted(maps.Keys(of)) {
		list = append(list, of[name])
	}
	return list
}

// flags are those that the target was started with beside its figures; known is false for what is not one of our servers, or is a
// variant that no manifest tells the flags of.
func (c *chooser) flags(t trial.Trial) (flags []string, known bool) {
	if !slices.Contains(strings.Fields(ourModels), t.Model) {
		return nil, false
	}
	for _, f := range c.folders {
		if args, has := manifestArgs(f.Manifest, t); has {
			for i := 0; i < len(args); i++ {
				if slices.Contains([]string{"--procs", "--workers", "--loops"}, args[i]) {
					i++
					continue
				}
				flags = append(flags, args[i])
			}
			return flags, true
		}
	}
	if t.Listener != "" {
		return []string{"--listener", t.Listener}, true
	}
	_, figured := t.Loops.Get()
	return nil, t.Variant == "" || t.Model == "eventloop" && figured && t.Variant == "one-loop"
}

func manifestArgs(m *folder.Manifest, t trial.Trial) ([]string, bool) {
	if m == nil || m.CampaignID != t.CampaignID {
		return nil, false
	}
	for _, info := range m.Targets {
		if info.Name == t.Target && info.Binary == t.Model {
			return info.Args, true
		}
	}
	return nil, false
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
