package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"modelbench/scripts/rig"
)

// A client is a load generator: its command line for one run of a length, and how to read
// what it prints.
type client struct {
	name string
	args func(d time.Duration, url string) []string
	read func(text string) (reading, error)
	// invalid is the exit code of a run that the client itself does not believe, 0: none. Loadgen
	// has one for having been the bottleneck, which is what this comparison is after.
	invalid int
}

// reference is the client that ratios are taken to.
const reference = "wrk"

// extras are the clients of --with.
var extras = []string{"h2load", "hey", "ab"}

// packages are where Debian has them.
var packages = map[string]string{"wrk": "wrk", "h2load": "nghttp2-client", "hey": "hey", "ab": "apache2-utils"}

// clients lists who takes part, loadgen first and wrk next. dir has loadgen's executable, and
// takes what else they need.
func (f *flags) clients(dir string) ([]client, error) {
	paths := map[string]string{}
	for _, name := range append([]string{reference}, f.With...) {
		path, err := exec.LookPath(name)
		if err != nil {
			return nil, fmt.Errorf("find %s: %w (apt-get install %s)", name, err, packages[name])
		}
		paths[name] = path
	}
	all := f.loadgens(filepath.Join(dir, "loadgen"))
	wrk, err := f.wrk(paths[reference], dir)
	if err != nil {
		return nil, err
	}
	all = append(all, wrk)
	conns := strconv.Itoa(f.Connections)
	for _, name := range f.With {
		c := client{name: name}
		switch path := paths[name]; name {
		case "h2load":
			c.read = readH2load
			c.args = func(d time.Duration, url string) []string {
				return []string{path, "--h1", "-t", "1", "-c", conns, "-m", strconv.Itoa(f.Pipeline), "-D", seconds(d), url}
			}
		case "hey":
			c.read = readHey
			c.args = func(d time.Duration, url string) []string {
				return []string{path, "-cpus", "1", "-c", conns, "-z", d.String(), url}
			}
		case "ab":
			c.read = readAB
			c.args = func(d time.Duration, url string) []string {
				// -t alone means at most 50,000 requests: -n after it is more than any server can answer.
				most := strconv.Itoa(1_000_000 * int(d.Seconds()))
				return []string{path, "-q", "-k", "-c", conns, "-t", seconds(d), "-n", most, url}
			}
		}
		all = append(all, c)
	}
	return all, nil
}

func (f *flags) loadgens(path string) []client {
	one := client{name: "loadgen", read: readWrk, invalid: 4}
	args := func(more ...string) func(time.Duration, string) []string {
		return func(d time.Duration, url string) []string {
			fixed := []string{path, "-t", "1", "-c", strconv.Itoa(f.Connections), "-p", strconv.Itoa(f.Pipeline), "-d", d.String(), "-w", "0s"}
			return append(append(fixed, more...), url)
		}
	}
	if len(f.Engine) == 0 {
		one.args = args()
		return []client{one}
	}
	var all []client
	for _, engine := range f.Engine {
		c := one
		c.name, c.args = "loadgen-"+engine, args("--engine", engine)
		all = append(all, c)
	}
	return all
}

// wrkScript has wrk send so many requests at once. It finds out by itself how many
// replies that means.
const wrkScript = `init = function(args)
	local requests = {}
	for i = 1, %d do
		requests[i] = wrk.format()
	end
	all = table.concat(requests)
end

request = function()
	return all
end
`

func (f *flags) wrk(path, dir string) (client, error) {
	var script []string
	if f.Pipeline > 1 {
		file := filepath.Join(dir, "pipeline.lua")
		if err := os.WriteFile(file, fmt.Appendf(nil, wrkScript, f.Pipeline), 0o644); err != nil {
			return client{}, fmt.Errorf("write wrk's script: %w", err)
		}
		script = []string{"-s", file}
	}
	return client{name: reference, read: readWrk, args: func(d time.Duration, url string) []string {
		fixed := []string{path, "-t", "1", "-c", strconv.Itoa(f.Connections), "-d", seconds(d) + "s"}
		return append(append(fixed, script...), url)
	}}, nil
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) }

// outcome is what one run of a client came to.
type outcome struct {
	rate float64 // requests per second, as the client says
	cost float64 // CPU microseconds per request, as the kernel says
}

// run has a client load url for f.Duration.
func (f *flags) run(ctx context.Context, launch *rig.Launcher, c client, url string) (outcome, error) {
	r, p, err := f.finish(ctx, launch, c, c.args(f.Duration, url))
	if err != nil {
		return outcome{}, err
	}
	return outcome{rate: r.rate, cost: float64(p.CPU()) / float64(time.Microsecond) / r.requests}, nil
}

// finish runs a command line that ends with c's, and reads what c says.
func (f *flags) finish(ctx context.Context, launch *rig.Launcher, c client, args []string) (reading, *rig.Process, error) {
	p, err := launch.Start(rig.Command{Name: c.name, Args: args, CPU: f.ClientCPU})
	if err == nil {
		err = launch.Finish(ctx, p)
	}
	if err != nil {
		return reading{}, nil, err
	}
	var exit *exec.ExitError
	if p.Err() != nil && !(errors.As(p.Err(), &exit) && c.invalid != 0 && exit.ExitCode() == c.invalid) {
		return reading{}, nil, fmt.Errorf("run %s: %s", c.name, p.Diagnosis())
	}
	text, err := p.Output()
	if err != nil {
		return reading{}, nil, err
	}
	r, err := c.read(text)
	if err != nil {
		return reading{}, nil, fmt.Errorf("read what %s says: %w\n%s", c.name, err, strings.TrimSpace(text))
	}
	return r, p, nil
}
