package campaign

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"modelbench/results/trial"
)

const (
	countWithin = 5 * time.Second // for one answer
	// countAskers is how often the server is asked for its number, each time over a connection of its own: of two processes
	// that answer in turn or at random, all 16 answers come from one in 1 of 2^15 cases.
	countAskers = 16
)

// count compares what was counted with what was sent: lost_updates is the number of POST /count that were answered less the
// increase of what GET /count says.
//
// Processes of which each counts for itself (prefork with --counter racy, mutex or atomic) have no number that anyone could
// ask for: each answers with its own. The largest then counts, which is the best that can be said for the server; what it lacks
// is lost to whoever asks. It is an increase only where all began at 0: in a fresh server.
type count struct {
	server *server

	before, after uint64
	why           string // they are not known
}

func (c *count) begin(ctx context.Context, _ *load) error {
	least, most, err := c.ask(ctx)
	switch {
	case err != nil:
		c.why = err.Error()
	case least != most:
		c.why = fmt.Sprintf("its processes count for themselves, from %d to %d so far: with fresh: true each begins at 0", least, most)
	}
	c.before = most
	return nil
}

func (c *count) end(ctx context.Context) error {
	if c.why != "" {
		return nil
	}
	_, most, err := c.ask(ctx)
	if err != nil {
		c.why = err.Error()
	}
	c.after = most
	return nil
}

// ask puts GET /count several times and returns the least and the largest answer.
func (c *count) ask(ctx context.Context) (least, most uint64, err error) {
	for i := range countAskers {
		n, err := getCount(ctx, "http://"+c.server.http+"/count")
		if err != nil {
			return 0, 0, err
		}
		if i == 0 {
			least = n
		}
		least, most = min(least, n), max(most, n)
	}
	return least, most, nil
}

// getCount asks for the number once.
func getCount(ctx context.Context, url string) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, countWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	resp, err := plainClient.Do(req)
	if err != nil {
		return 0, fmt.Errorf("GET /count was not answered (%w)", cause(err))
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 64))
	if err != nil {
		return 0, fmt.Errorf("the answer to GET /count broke off (%w)", cause(err))
	}
	n, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	if resp.StatusCode != http.StatusOK || err != nil {
		return 0, fmt.Errorf("GET /count was answered with %d and %q, which is no number", resp.StatusCode, text)
	}
	return n, nil
}

// fill leaves lost_updates empty where it is not known: requests that failed may or may not have been counted.
func (c *count) fill(t *trial.Trial, _ ownPart) {
	open := t.Due.Or(0) - t.Completed.Or(0)
	if c.why == "" && open != 0 {
		c.why = fmt.Sprintf("%d of %d requests were not answered, and may have been counted", open, t.Due.Or(0))
	}
	if c.why == "" {
		t.LostUpdates = trial.I(t.Completed.Or(0) - int64(c.after-c.before))
	} else if t.Verdict == trial.VerdictOK {
		t.Verdict, t.VerdictReason = trial.VerdictErrors, "count: "+c.why
	}
}
