// Package complexity is the file complexity.csv: how much code each concurrency model's driver is, as counted from its source.
//
// It owns the file's form and nothing else: what is counted, and how, is the business of scripts/complexity, which writes it. All
// figures are counts. They are a proxy: they say how much there is to read and to keep in mind, not how hard it is.
package complexity

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/jszwec/csvutil"
)

// FileName is what the file is called in a folder of claims.
const FileName = "complexity.csv"

// Row is what one folder contributes to a model. A model that lies in several folders has a row for each; nothing is summed up.
type Row struct {
	Model      string `csv:"model"`      // goroutine; of a variant, what it adds to its model: goroutine --os-threads
	Folder     string `csv:"folder"`     // from the module's root, with slashes
	Files      int    `csv:"files"`      // that hold something of the driver
	Lines      int    `csv:"lines"`      // with code on them: no comments, no blank lines
	Functions  int    `csv:"functions"`  // declared, methods among them
	Branches   int    `csv:"branches"`   // if, for, case, && and ||
	Cognitive  int    `csv:"cognitive"`  // cognitive complexity, summed over functions
	States     int    `csv:"states"`     // what has to be remembered from one event to the next, written down as such
	Primitives int    `csv:"primitives"` // uses of what concurrency is made of: go, channels, locks, atomics, timers, processes ...
}

// Figures are the names of what is counted, as Row.Figure takes them, in the order of the columns.
var Figures = []string{"files", "lines", "functions", "branches", "cognitive", "states", "primitives"}

// Figure is the count of that name; false if there is none of that name.
func (r Row) Figure(name string) (int, bool) {
	i := slices.Index(Figures, name)
	if i < 0 {
		return 0, false
	}
	return [...]int{r.Files, r.Lines, r.Functions, r.Branches, r.Cognitive, r.States, r.Primitives}[i], true
}

// Add returns the sum of two rows, with the model of the first and no folder.
func (r Row) Add(o Row) Row {
	return Row{r.Model, "", r.Files + o.Files, r.Lines + o.Lines, r.Functions + o.Functions, r.Branches + o.Branches,
		r.Cognitive + o.Cognitive, r.States + o.States, r.Primitives + o.Primitives}
}

// Models are the rows summed up by model, in the order in which the models first appear.
func Models(rows []Row) []Row {
	var all []Row
	for _, r := range rows {
		i := slices.IndexFunc(all, func(s Row) bool { return s.Model == r.Model })
		if i < 0 {
			r.Folder = ""
			all = append(all, r)
			continue
		}
		all[i] = all[i].Add(r)
	}
	return all
}

// Write writes rows with a header.
func Write(w io.Writer, rows []Row) error {
	text, err := csvutil.Marshal(rows)
	if err != nil {
		return fmt.Errorf("write %s: %w", FileName, err)
	}
	_, err = w.Write(text)
	return err
}

// Read reads what Write wrote. A file with another header, a figure that is no count or a row without a model is refused; the
// error says what and, where it can, on which line.
func Read(r io.Reader) ([]Row, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	want, err := csvutil.Header(Row{}, "csv")
	if err != nil {
		return nil, err
	}
	lines := csv.NewReader(bytes.NewReader(text))
	rows, err := csvutil.NewDecoder(lines)
	if errors.Is(err, io.EOF) {
		return nil, errors.New("it is empty, without so much as a header")
	} else if err != nil {
		return nil, err
	}
	if got := rows.Header(); !slices.Equal(got, want) {
		return nil, fmt.Errorf("its header is %q where %q is expected", got, want)
	}
	var all []Row
	for {
		var row Row
		err := rows.Decode(&row)
		line, _ := lines.FieldPos(0)
		switch {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, fmt.Errorf("line %d: %w", line, err)
		case row.Model == "" || row.Folder == "":
			return nil, fmt.Errorf("line %d: it names no model or no folder", line)
		}
		for _, name := range Figures {
			if n, _ := row.Figure(name); n < 0 {
				return nil, fmt.Errorf("line %d: %s is %d, which is no count", line, name, n)
			}
		}
		all = append(all, row)
	}
}
