package main

import (
	"strings"
	"testing"

	"modelbench/loadgen/record"
)

// Which statuses replies had is said, as far as a line has room.
func TestStatusesAreNamed(t *testing.T) {
	s := &record.Samples{Due: 66730}
	s.Errors[record.Status] = 66730
	s.Statuses[500], s.Statuses[503] = 66000, 730
	for _, want := range []string{"  err_status 66730: 500 (66000), 503 (730): the reply", "404 (1), 405 (1), and others: the reply"} {
		var text strings.Builder
		writeErrors(&text, s)
		if !strings.Contains(text.String(), want) {
			t.Errorf("%s does not say %q", text.String(), want)
		}
		for code := 404; code < 410; code++ {
			s.Statuses[code] = 1
		}
		s.Statuses[403] = 2
	}
}
