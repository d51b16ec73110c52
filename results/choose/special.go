package choose

import (
	"slices"
	"strings"

	"modelbench/results/trial"
)

// What a crash takes with it and whether updates are lost is asked of the project's own servers, which know the requests for it. Each has its
// trials alone, and a crash a server of its own.
var (
	crashLoad = entry{{Key: "name", Value: "exit"}, {Key: "alone", Value: true}, {Key: "fresh", Value: true}, {Key: "measure", Value: "1500ms"},
		{Key: "path", Value: "/plaintext"}, {Key: "connections", Value: usualConnections}, {Key: "rate", Value: 2000},
		{Key: "fault", Value: entry{{Key: "kind", Value: "exit"}, {Key: "after", Value: "400ms"}, {Key: "new", Value: 100}}.slice()}}
	countLoad = entry{{Key: "name", Value: "count"}, {Key: "alone", Value: true}, {Key: "count", Value: true}, {Key: "requests", Value: 20_000},
		{Key: "measure", Value: "10s"}, {Key: "method", Value: "POST"}, {Key: "path", Value: "/count"}, {Key: "connections", Value: usualConnections},
		{Key: "rate", Value: "closed"}}
)

// special adds the campaign of a load of its own for those targets that it can be asked of, and names the others.
func (c *chooser) special(what string, names []string, load entry) {
	var can, cannot []string
	for _, name := range names {
		if slices.Contains(strings.Fields(ourModels), c.trialOf(name).Model) {
			can = append(can, name)
		} else {
			cannot = append(cannot, name)
		}
	}
	if len(cannot) > 0 {
		c.missing(what+list(cannot)+noCommand, "", "")
	}
	if len(can) == 0 {
		return
	}
	named := func(t trial.Trial) bool {
		return slices.ContainsFunc(can, func(name string) bool { return isOf(t, name) })
	}
	command, note := c.campaign(plan{leastUseful, []entry{load}, named, 2.5, false})
	if command == "" {
		c.missing(what+list(can)+note+noCommand, "", "")
		return
	}
	c.missing(what+list(can)+note, command, c.again("NEW"))
}
