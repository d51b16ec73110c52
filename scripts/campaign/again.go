package campaign

import (
	"fmt"
	"slices"
	"strings"

	"modelbench/results/trial"
)

// NoAgain is the value of Config.Again for a campaign without an A/A arm.
const NoAgain = "none"

// again makes the A/A arm of a target: the same under another name, with an executable
// file and, in each block, a process of its own.
func (t Target) again() Target {
	t.Name += trial.AgainSuffix
	t.Variant = strings.TrimSpace(t.Variant + " " + trial.AgainVariant)
	return t
}

// isAgain tells whether the target is another's A/A arm.
func (t Target) isAgain() bool {
	_, is := trial.Trial{Target: t.Name, Variant: t.Variant}.Again()
	return is
}

// models are the targets without the A/A arm. It is not calibrated: it could only repeat
// what is known of the target.
func models(targets []Target) []Target {
	return slices.DeleteFunc(slices.Clone(targets), Target.isAgain)
}

// addAgain appends the A/A arm that c.Again asks for, unless it is there.
func (c *Config) addAgain() error {
	if c.Again == "" {
		c.Again = c.Targets[0].Name
	}
	if c.Again == NoAgain {
		return nil
	}
	at := slices.IndexFunc(c.Targets, func(t Target) bool { return t.Name == c.Again && !t.isAgain() })
	if at < 0 {
		return &UsageError{"--again", fmt.Sprintf("%q is none of the targets; %s is no second run of any", c.Again, NoAgain)}
	}
	arm := c.Targets[at].again()
	if !slices.ContainsFunc(c.Targets, func(t Target) bool { return t.Name == arm.Name }) {
		c.Targets = append(slices.Clip(c.Targets), arm)
	}
	return nil
}
