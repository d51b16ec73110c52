package choose

import (
	"fmt"
	"slices"
	"strings"
)

// faultScript measures what a crash takes with it, block by block and with a fresh server each: 64 connections ask, and after two seconds
// one more asks for the fault.
func (c *chooser) faultScript(targets []string) string {
	return c.build(targets) + `
crash() { # name, model, flags
  name=$1; model=$2; shift 2
  for block in 1 2 3 4 5 6; do
    : >.bin/server.txt
    .bin/$model --http 127.0.0.1:18081 --echo= --admin= --log-level error --allow-faults "$@" >.bin/server.txt 2>&1 & server=$!
    until grep -q ready .bin/server.txt || ! kill -0 $server; do sleep 0.1; done
    (sleep 2; curl -s -o .bin/fault.txt -X POST http://127.0.0.1:18081/fault/exit) & fault=$!
    .bin/loadgen -c 64 -w 500ms -d 4s --label campaign_id=faults --label block=$block --label model=$model --label workload=plaintext \
      --label fault=exit --csv faults.csv $name=http://127.0.0.1:18081/plaintext
    wait $fault; kill $server 2>.bin/kill.txt; wait $server
  done
}
` + strings.TrimSuffix(c.calls("crash", targets), "\n")
}

// build makes the executables.
func (c *chooser) build(targets []string) string {
	var models []string
	for _, name := range targets {
		models = append(models, "./servers/"+c.trialOf(name).Model)
	}
	slices.Sort(models)
	return "mkdir -p .bin && go build -o .bin/ ./loadgen " + strings.Join(slices.Compact(models), " ")
}

// calls are a line for each target.
func (c *chooser) calls(function string, targets []string) string {
	var b strings.Builder
	for _, name := range targets {
		words, _ := c.serve(name)
		fmt.Fprintf(&b, "%s %s %s\n", function, quote(name), strings.Join(words, " "))
	}
	return b.String()
}

// serve is a target's model and flags, as it was measured; can is false for what is none of our servers, of which alone it is known how to
// make them crash and count.
func (c *chooser) serve(target string) (words []string, can bool) {
	t := c.trialOf(target)
	flags, can := c.flags(t)
	if !can || t.Target != target {
		return nil, false
	}
	words = []string{t.Model}
	for _, f := range figures(t) {
		words = append(words, "--"+f.key, fmt.Sprint(f.value))
	}
	for _, f := range flags {
		words = append(words, quote(f))
	}
	return words, true
}
