package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"modelbench/results/claims"
	"modelbench/results/trial"
)

// load is a workload as far as theory is concerned.
type load struct {
	Name        string
	Only        []string
	Connections int
	Idle        int
	Spin        float64
	Wait        duration
	Requests    int
	Count       bool
	Echo        bool
	Rate        any
	Heavy       struct{ Connections int }
	Fault       struct{ Kind string }
}

type duration time.Duration

// UnmarshalYAML implements yaml.InterfaceUnmarshaler.
func (d *duration) UnmarshalYAML(read func(any) error) error {
	var text string
	if err := read(&text); err != nil {
		return err
	}
	v, err := time.ParseDuration(text)
	*d = duration(v)
	return err
}

// experiment is a campaign's file as theory reads it. That the file is right is for others to test.
type experiment struct {
	Targets   []server
	Workloads []load
}

func readExperiment(name string) (e experiment, err error) {
	text, err := experiments.ReadFile("experiments/" + name + ".yaml")
	if err != nil {
		return e, err
	}
	if err = yaml.Unmarshal(text, &e); err == nil && (len(e.Targets) == 0 || len(e.Workloads) == 0) {
		err = fmt.Errorf("%s: %d targets, %d workloads", name, len(e.Targets), len(e.Workloads))
	}
	return e, err
}

func (s server) told(flag string, value ...string) bool {
	i := slices.Index(s.Flags, flag)
	return i >= 0 && (len(value) == 0 || i+1 < len(s.Flags) && s.Flags[i+1] == value[0])
}

// units are how many computations the server runs at once: cores, and what it has to use them.
func (s server) units() int {
	switch {
	case s.told("--serial"):
		return 1
	case s.Model == "prefork":
		return min(s.Procs, s.Workers)
	case s.Model == "eventloop" && !s.told("--offload"):
		return min(s.Procs, s.Loops)
	}
	return s.Procs
}

// overlap is how many waits the server has at once, of as many as there are connections.
func (s server) overlap(connections int) int {
	switch {
	case s.told("--serial"):
		return 1
	case s.told("--block-loop"):
		return min(s.Loops, connections)
	}
	return connections
}

const (
	spinTime = 2.5e-9 // seconds of an iteration
	heavyUs  = 50e3
	slotUs   = 10e3 // that Go lets a goroutine compute for while another one waits
	quietUs  = 500
	mib      = 1 << 20
)

// theory is what a server must come to under a load if it is what it is said to be: arithmetic of who computes and who waits at the same
// time, and figures of costs that were measured once and are the same in all that follows. It fills in a trial.
func (s server) theory(w load, t *trial.Trial) {
	t.Connections, t.MeasureS = trial.I(w.Connections), trial.F(1)
	cpuUs := map[string]float64{"goroutine": 8, "prefork": 9, "eventloop": 7}[s.Model]
	if s.told("--os-threads") {
		cpuUs = 10
	}
	closed := w.Rate == "closed"
	switch {
	case s.Command != "":
		s.probe(w, t)
		return
	case w.Spin > 0:
		one := w.Spin * spinTime
		t.ThroughputRPS, t.ServerCPUUserS, t.ServerCPUSysS = trial.F(float64(s.units())/one), trial.F(float64(s.units())), trial.F(0.001)
		cpuUs += one * 1e6
	case w.Requests > 0 && w.Wait > 0:
		rounds := math.Ceil(float64(w.Requests) / float64(s.overlap(w.Connections)))
		t.LatMaxUs = trial.F(rounds * time.Duration(w.Wait).Seconds() * 1e6)
	case w.Wait > 0:
		t.ThroughputRPS = trial.F(float64(s.overlap(w.Connections)) / time.Duration(w.Wait).Seconds() * 0.98)
	case w.Count:
		s.counter(t)
	case closed:
		t.ThroughputRPS = trial.F(1e6 / cpuUs)
	}
	t.ServerCPUUsPerReq, t.LatP99Us, t.LatP50Us = trial.F(cpuUs), trial.F(s.light(w.Heavy.Connections)), trial.F(quietUs/2)
	t.LightP99Us = t.LatP99Us
	s.memory(w, t)
	s.fault(w, t)
	t.Orders = trial.I(s.orders())
}

// light is the p99 of light requests beside heavy ones: on a loop they wait for each that is in their way to end, beside preemptive
// schedulers for each to have had its slot.
func (s server) light(heavy int) float64 {
	n := float64(heavy)
	switch {
	case heavy == 0:
		return quietUs
	case s.told("--serial"), s.Model == "eventloop" && !s.told("--offload"):
		return quietUs + heavyUs*math.Ceil(n/float64(s.units()))
	case s.Model == "prefork":
		return slotUs * (1 + math.Ceil(n/float64(s.units())))
	case heavy < s.units():
		return 1.2 * quietUs
	}
	return slotUs * (n + 1) / float64(s.units())
}

func (s server) memory(w load, t *trial.Trial) {
	base, each, threads := 10.0*mib, 8.0*1024, 8
	switch {
	case s.told("--os-threads"):
		each, threads = 24*1024, 8+w.Connections+w.Idle
	case s.Model == "prefork":
		base = 6 * mib * float64(1+s.Workers)
	case s.Model == "eventloop":
		each = 512
	}
	t.ServerPSSBytes, t.ServerThreads = trial.I(int64(base+each*float64(w.Connections+w.Idle))), trial.I(threads)
}

// fault is what a process that ends or stops takes with it: its share of the connections and, of queues that are its own, of the new ones.
func (s server) fault(w load, t *trial.Trial) {
	if w.Fault.Kind == "" {
		return
	}
	processes := 1
	if s.Model == "prefork" {
		processes = s.Workers
	}
	failed := 0.0
	if w.Fault.Kind == "hang" && (processes == 1 || s.told("--listener", "reuseport")) || processes == 1 {
		failed = 1 / float64(processes)
	}
	t.ConnsLost, t.NewConns, t.NewConnsFailed = trial.I(w.Connections/processes), trial.I(100), trial.I(int64(100*failed))
	t.Fault = w.Fault.Kind
	if s.Model == "prefork" { // somebody starts another
		t.RecoveryMs = trial.F(200)
	}
}

// counter is what /count loses and how fast it is.
func (s server) counter(t *trial.Trial) {
	rps, lost := 100e3, 0
	switch {
	case s.told("--counter", "rpc"):
		rps = 20e3
	case s.told("--counter", "racy") && !(s.Model == "eventloop" && s.units() == 1): // one loop lets nobody in between
		lost = 500
	case s.Model == "prefork" && s.told("--counter", "atomic"): // of its own in each worker
		lost = 5000
	}
	t.ThroughputRPS, t.LostUpdates = trial.F(rps), trial.I(lost)
}

func (s server) orders() int {
	if s.told("--serial") || s.Model == "eventloop" && s.units() == 1 {
		return 1
	}
	return 10 * s.units()
}

// probe is what a program that measures itself prints: what starting costs, and how many tasks never end.
func (s server) probe(w load, t *trial.Trial) {
	for kind, us := range map[string]float64{"goroutine": 1, "thread": 20, "process": 1000} {
		if strings.HasPrefix(s.Command, "probe start --kind "+kind) {
			t.StartToReadyUs = trial.F(us * float64(w.Connections))
		}
	}
	t.Due, t.Completed = trial.I(100), trial.I(100)
	if strings.HasPrefix(s.Command, "probe lock-order --kind threads") {
		t.Completed = trial.I(40)
	}
}

// theoryBlocks are enough for any correction.
const theoryBlocks = 12

// measure is an experiment carried out in theory. All values of a block drift alike, and each has its own noise.
func (e experiment) measure(name string) claims.Campaign {
	rng := rand.New(rand.NewPCG(1, uint64(len(name))))
	c := claims.Campaign{Folder: name}
	for b := 1; b <= theoryBlocks; b++ {
		drift := math.Exp(0.1 * rng.NormFloat64())
		for _, w := range e.Workloads {
			for _, s := range e.Targets {
				if len(w.Only) > 0 && !slices.Contains(w.Only, s.Name) {
					continue
				}
				t := trial.Trial{CampaignID: name, TrialID: fmt.Sprintf("%s/%d/%s/%s", name, b, w.Name, s.Name), Block: trial.I(b), Target: s.Name, Workload: w.Name,
					Arrivals: trial.ArrivalsClosed, Verdict: trial.VerdictOK}
				if w.Rate != "closed" {
					t.Arrivals = trial.ArrivalsConstant
				}
				if w.Idle > 0 {
					t.IdleConnections = trial.I(w.Idle)
				}
				s.theory(w, &t)
				for _, v := range []*trial.Float{&t.ThroughputRPS, &t.ServerCPUUsPerReq, &t.LatP99Us, &t.LightP99Us, &t.StartToReadyUs} {
					if x, measured := v.Get(); measured {
						shift := math.Exp(0.005 * rng.NormFloat64())
						if w.Wait == 0 { // what waits takes as long in any weather
							shift *= drift
						}
						*v = trial.F(x * shift)
					}
				}
				c.Trials = append(c.Trials, t)
			}
		}
	}
	return c
}
