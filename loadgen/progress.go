package main

import (
	"context"
	"io"
	"slices"
	"time"

	"modelbench/loadgen/engine"
	"modelbench/loadgen/live"
	"modelbench/loadgen/watch"
)

// load carries out a plan and meanwhile tells those who read along, among them a person at
// stderr.
func (j *job) load(ctx context.Context, p engine.Plan, stderr io.Writer) (*engine.Report, error) {
	show := live.Open(j.flags.Progress, stderr, p)
	defer show.Close()
	readers := slices.Concat(j.readers, show.Readers())
	if len(readers) > 0 {
		often := time.Second
		for _, r := range readers {
			often = min(often, r.Every)
		}
		readers = append(readers, watch.Reader{Every: often, Tell: func(*engine.Interval) { collect() }})
	}
	if p.Watch, p.Interval = watch.Split(readers...); p.Interval == 0 {
		p.Interval = j.plan.Interval
	}
	return engine.Run(ctx, p)
}
