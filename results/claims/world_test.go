package claims

import (
	"modelbench/results/claims/complexity"
	"modelbench/results/trial"
)

// campaigns is a folder in which each kind of test has trials, CPython's among them.
func campaigns() (string, Measured) {
	const rules = `source: A small article
stand_ins:
  - {name: T, is: two cores, stands_for: threads without a GIL}
  - {name: T1, is: one core, stands_for: threads under a GIL, python: py-threads}
  - {name: A, is: one loop, stands_for: asyncio, python: py-asyncio}
  - {name: P, is: two workers, stands_for: processes, python: py-processes}
  - {name: unused, is: nothing, stands_for: nothing}
experiments:
  - {name: cpu, asks: Who computes?}
  - {name: idle, asks: What do quiet ones cost?}
  - {name: faults, asks: Who notices?}
  - {name: late, asks: And later?}
claims:
  - id: 1
    claim: Two cores are better than one
    place: "Threading, cons 1"
    technique: threading
    side: con
    kind: confirmatory
    tests:
      - {name: two cores over one, experiment: cpu, workload: spin, measure: throughput, ratio: T / T1, above: 1.3}
      - {name: one loop over one core, experiment: cpu, workload: spin, measure: throughput, ratio: A / T1, within: 5%}
      - {name: how many there are, experiment: cpu, workload: spin, measure: throughput, value: T1, above: 100, context: true}
    python: It is.
    go: It is.
  - id: 2
    claim: A loop is light
    place: "Asyncio, pros 2"
    technique: asyncio
    side: pro
    kind: confirmatory
    tests:
      - {name: "memory of a quiet connection, one loop over threads whose name is so long that a terminal has to break it in two", experiment: idle, measure: pss_per_idle, ratio: A / T, below: 0.5}
      - {name: the same over processes, experiment: idle, measure: pss_per_idle, ratio: A / P, above: 2}
      - {name: in all, experiment: late, workload: later, measure: pss, value: A, below: 20MiB}
    python: So.
    go: So.
  - id: 3
    claim: Processes lose half
    place: "Processes, pros 1"
    technique: processes
    side: pro
    kind: confirmatory
    tests:
      - {name: lost, experiment: faults, workload: exit, measure: conns_lost_share, value: P, above: 55%}
      - {name: how often any, experiment: faults, workload: exit, measure: conns_lost_share, frequency: P, below: 0.5}
    python: So.
    go: So.
  - id: 4
    claim: No technique is best
    place: "Choosing"
    technique: choosing
    side: text
    kind: confirmatory
    factor: type of task
    tests:
      - {name: each is worse somewhere, winners: [T, A], cells: [cpu/spin/throughput, idle/i2000/pss], beaten: all}
    python: So.
    go: So.
  - id: 5
    claim: Loops are hard to read
    place: "Asyncio, cons 1"
    technique: asyncio
    side: con
    kind: proxy
    tests:
      - {name: lines, count: eventloop / goroutine, figure: lines}
      - {name: states, count: goroutine, figure: states}
    python: So.
    go: So.
  - id: 6
    claim: Later is better
    place: "Conclusion"
    technique: all
    side: text
    kind: confirmatory
    tests:
      - {name: later, experiment: late, workload: later, measure: throughput, ratio: T / T1, above: 1.3}
    python: So.
    go: So.
`
	w := newWorld(11)
	w.throughput("cpu", "spin", 12, map[string]float64{"T": 1900, "T1": 1000, "T1-again": 1002, "A": 1004})
	w.throughput("python/cpu", "spin", 6, map[string]float64{"py-threads": 120, "py-asyncio": 121})
	for b := 1; b <= 12; b++ {
		for target, per := range map[string]float64{"T": 4400, "A": 900, "P": 4600} {
			for name, n := range map[string]int{"i0": 0, "i500": 500, "i2000": 2000} {
				w.trial("idle", target, name, b, func(t *trial.Trial) {
					t.ServerPSSBytes = trial.I(int(12e6 + per*float64(n) + float64(b%3)*2e4))
					if n > 0 {
						t.IdleConnections = trial.I(n)
					}
					if b == 5 && target == "P" {
						t.Verdict = trial.VerdictDrift
					}
				})
			}
		}
		w.trial("faults", "P", "exit", b, func(t *trial.Trial) { t.Connections, t.ConnsLost = trial.I(64), trial.I(31+b%3) })
	}
	w.m.Code = []complexity.Row{{Model: "goroutine", Folder: "a", Lines: 100}, {Model: "goroutine", Folder: "b", Lines: 100, States: 3}, {Model: "eventloop", Folder: "c", Lines: 500}}
	w.m.Run = &Run{Dropped: []Dropped{{Experiment: "late", Why: "no time was left"}, {Experiment: "idle", Python: true, Why: "there is no python3"}}}
	return rules, w.m
}
