package trial

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"

	"github.com/jszwec/csvutil"
)

// SchemaError says that a file is not of this contract, and where it first departs from it.
type SchemaError struct {
	Path   string // empty when the trials did not come from a file
	Line   int    // of the row whose schema_version differs; 0 when the header differs
	Column int    // 1 is the first; 0 when the header is right and schema_version is what differs
	Got    string // the column's name, or the version; empty when the header ends too early
	Want   string // empty when the header has columns too many
}

func (e *SchemaError) Error() string {
	where := ""
	if e.Path != "" {
		where = e.Path + ": "
	}
	hint := "write to a new file, or read this one with the version that wrote it"
	switch {
	case e.Column == 0:
		return fmt.Sprintf("%sline %d: schema_version is %q, this program knows %q: %s", where, e.Line, e.Got, e.Want, hint)
	case e.Got == "":
		return fmt.Sprintf("%sthe header ends before column %d, %q: %s", where, e.Column, e.Want, hint)
	case e.Want == "":
		return fmt.Sprintf("%sthe header has %q as column %d, where it should end: %s", where, e.Got, e.Column, hint)
	}
	return fmt.Sprintf("%sheader: column %d is %q, not %q: %s", where, e.Column, e.Got, e.Want, hint)
}

// header returns the file's first line with its newline.
func header() []byte {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return []byte(strings.Join(names, ",") + "\n")
}

// checkHeader compares a header's fields with the contract.
func checkHeader(got []string) error {
	for i := range max(len(got), len(columns)) {
		e := &SchemaError{Column: i + 1}
		if i < len(got) {
			e.Got = got[i]
		}
		if i < len(columns) {
			e.Want = columns[i].Name
		}
		if e.Got != e.Want {
			return e
		}
	}
	return nil
}

// checkHeaderLine does the same for the raw line.
func checkHeaderLine(line []byte) error {
	got, err := csv.NewReader(bytes.NewReader(line)).Read()
	if err != nil { // nothing at all, or no CSV: say how it begins
		begins, _, _ := strings.Cut(string(line[:min(len(line), 40)]), ",")
		return &SchemaError{Column: 1, Got: strings.TrimSpace(begins), Want: columns[0].Name}
	}
	return checkHeader(got)
}

func checkVersion(v Int, line int) error {
	if v != I(SchemaVersion) {
		return &SchemaError{Line: line, Got: v.String(), Want: strconv.Itoa(SchemaVersion)}
	}
	return nil
}

// encode returns the trials as lines. It fills in an empty schema_version and takes line breaks and broken UTF-8 out
// of the texts, so that each trial is exactly one line whatever a reason or a label held.
func encode(trials []Trial) ([]byte, error) {
	var buf bytes.Buffer
	w := csv.NewWriter(&buf)
	enc := csvutil.NewEncoder(w)
	enc.AutoHeader = false
	for i, t := range trials {
		if t.SchemaVersion == (Int{}) {
			t.SchemaVersion = I(SchemaVersion)
		}
		if err := checkVersion(t.SchemaVersion, i+1); err != nil {
			return nil, err
		}
		if err := enc.Encode(oneLine(t)); err != nil {
			return nil, fmt.Errorf("encode trial %s: %w", t.TrialID, err)
		}
	}
	w.Flush()
	return buf.Bytes(), w.Error()
}

var lineBreaks = strings.NewReplacer("\r\n", " ", "\r", " ", "\n", " ", "\x00", " ")

func oneLine(t Trial) Trial {
	for _, text := range []*string{&t.CampaignID, &t.TrialID, &t.CellID, &t.Target, &t.Model, &t.Workload, &t.URL,
		&t.Variant, &t.Listener, &t.Arrivals, &t.Fault, (*string)(&t.Labels), &t.Verdict, &t.VerdictReason,
		&t.HostID, &t.Kernel, &t.CPUModel, &t.GoVersion, &t.GitRev} {
		*text = lineBreaks.Replace(strings.ToValidUTF8(*text, "\uFFFD"))
	}
	return t
}
