package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"modelbench/results/folder"
	"modelbench/results/trial"
)

// formatVersion is of the JSON document: it grows when a key goes or changes its meaning. Trials have their own, schema_version.
const formatVersion = 1

type document struct {
	Format    int        `json:"format_version"`
	Campaigns []campaign `json:"campaigns"`
	LeftOut   int        `json:"trials_left_out"`
	Trials    []row      `json:"trials"`
}

// campaign is a folder, or a file, that trials came from.
type campaign struct {
	Path     string          `json:"path"`
	Torn     bool            `json:"torn"`
	Loose    int             `json:"trials_of_unfinished_blocks"` // left out, whatever Input.All says
	Manifest json.RawMessage `json:"manifest"`                    // as it is in the file; null where there is none
}

// JSON writes one object with the manifests and an array of trials: all their columns, numbers as numbers, null for what was not
// measured. A trial of which only a part may be believed is there as it was measured, and says which part.
func JSON(w io.Writer, in Input) error {
	doc := document{Format: formatVersion, Campaigns: []campaign{}, Trials: []row{}}
	for _, f := range in.Folders {
		c := campaign{Path: f.Path, Torn: f.Torn, Loose: f.Loose, Manifest: json.RawMessage("null")}
		if f.Manifest != nil {
			text, err := os.ReadFile(filepath.Join(filepath.Dir(f.CSV), folder.ManifestName))
			if err != nil {
				return fmt.Errorf("read the manifest: %w", err)
			}
			c.Manifest = text
		}
		doc.Campaigns = append(doc.Campaigns, c)
	}
	for _, t := range in.trials() {
		if in.keeps(t) {
			doc.Trials = append(doc.Trials, row(t))
		} else {
			doc.LeftOut++
		}
	}
	out := json.NewEncoder(w)
	out.SetIndent("", " ")
	out.SetEscapeHTML(false)
	if err := out.Encode(doc); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}

// row is a trial, whose object has the columns in their order and then what of it may be believed.
type row trial.Trial

// MarshalJSON implements json.Marshaler.
func (r row) MarshalJSON() ([]byte, error) {
	t := trial.Trial(r)
	var b bytes.Buffer
	for _, c := range trial.Columns() {
		value, err := jsonValue(t, c)
		if err != nil {
			return nil, fmt.Errorf("trial %s: %s: %w", t.TrialID, c.Name, err)
		}
		fmt.Fprintf(&b, "%q:%s,", c.Name, value)
	}
	keys := []string{}
	for _, m := range believed(t) {
		keys = append(keys, m.Column)
	}
	list, err := json.Marshal(keys)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "{%s\"believed\":%s}", b.Bytes(), list), nil
}

func jsonValue(t trial.Trial, c trial.Column) ([]byte, error) {
	value := c.Text(t)
	switch {
	case c.Name == "labels":
		labels, err := t.Labels.Map()
		if err != nil {
			return nil, err
		}
		return json.Marshal(labels)
	case value == "":
		return []byte("null"), nil
	case kinds[c.Name] == text:
		return json.Marshal(value)
	}
	return []byte(value), nil // numbers and truth values are written in a CSV file as in JSON
}
