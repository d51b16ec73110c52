package trial

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Group is one of the contract's groups of columns.
type Group string

// The groups in the order in which their columns stand.
const (
	Identity Group = "identity"
	Factors  Group = "factors"
	Timing   Group = "timing"
	Counts   Group = "counts"
	Response Group = "responses"
	Cost     Group = "cost"
	Fairness Group = "fairness"
	Validity Group = "validity"
	Host     Group = "machine"
)

// firstOf names the column with which each group begins.
var firstOf = map[string]Group{
	"schema_version":    Identity,
	"target":            Factors,
	"start_to_ready_us": Timing,
	"due":               Counts,
	"throughput_rps":    Response,
	"server_cpu_user_s": Cost,
	"worker_share_max":  Fairness,
	"verdict":           Validity,
	"host_id":           Host,
}

// Column is a column of the contract.
type Column struct {
	Name  string
	Group Group

	field []int // reflect's path to the field
}

var (
	columns = listColumns()
	byName  = indexColumns()
)

var (
	// ErrUnknownColumn is what Set's error wraps when the name is not a column of the contract.
	ErrUnknownColumn = errors.New("no such column")
	// ErrMeasured is what SetLabel's error wraps when the key is a column that is not a factor.
	ErrMeasured = errors.New("that column is measured, not chosen: a label needs another name")
)

func listColumns() []Column {
	var all []Column
	var group Group
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Trial]()) {
		name := f.Tag.Get("csv")
		if name == "" {
			continue // the embedded Machine itself; its fields follow
		}
		if g, begins := firstOf[name]; begins {
			group = g
		}
		all = append(all, Column{Name: name, Group: group, field: f.Index})
	}
	return all
}

func indexColumns() map[string]Column {
	index := map[string]Column{}
	for _, c := range columns {
		index[c.Name] = c
	}
	return index
}

// Columns returns the columns in the order of the file. The slice is the caller's.
func Columns() []Column { return slices.Clone(columns) }

// Text returns the column of a trial as the file holds it: empty when it was not measured.
func (c Column) Text(t Trial) string {
	v := reflect.ValueOf(t).FieldByIndex(c.field)
	if s, ok := v.Interface().(fmt.Stringer); ok {
		return s.String()
	}
	return v.String()
}

// Set fills the named column from text, in the form the file holds it; empty text clears it. The error names the
// column, and wraps ErrUnknownColumn when there is none of that name. t is unchanged after an error.
func Set(t *Trial, column, text string) error {
	c, known := byName[column]
	if !known {
		return fmt.Errorf("column %q: %w", column, ErrUnknownColumn)
	}
	v := reflect.ValueOf(t).Elem().FieldByIndex(c.field)
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if err := u.UnmarshalText([]byte(text)); err != nil {
			return fmt.Errorf("column %s: %w", column, err)
		}
		return nil
	}
	v.SetString(text)
	return nil
}

// SetLabel does what a flag --label key=value means: a key that is an identity or factor column fills that column, any
// other key becomes a label, and so a factor too. Columns that are measured are refused, so that no label can pass for
// a measurement.
func SetLabel(t *Trial, key, value string) error {
	c, known := byName[key]
	switch {
	case !known:
		labels, err := t.Labels.With(key, value)
		if err != nil {
			return err
		}
		t.Labels = labels
		return nil
	case key == "schema_version" || key == "labels" || (c.Group != Identity && c.Group != Factors):
		return fmt.Errorf("label %s: %w", key, ErrMeasured)
	}
	return Set(t, key, value)
}

// CellID is a stable, readable name of a trial's cell, derived from its factors alone and so equal in every block:
//
//	eventloop/plaintext/loops=2/connections=64/arrivals=closed
//
// Target and workload come first, then every other factor that is set as column=value in the order of the columns, then
// the labels. The model is left out where the target bears its name, and the url where there is a target: the port of
// a server that picked a free one must not make another cell of it. A slash inside a value is written %2F.
func CellID(t Trial) string {
	parts := []string{escape(t.Target, "%/"), escape(t.Workload, "%/")}
	for _, c := range columns {
		text := c.Text(t)
		switch {
		case c.Group != Factors, text == "":
		case c.Name == "target", c.Name == "workload", c.Name == "labels":
		case c.Name == "url" && t.Target != "":
		case c.Name == "model" && t.Model == t.Target:
		default:
			parts = append(parts, c.Name+"="+escape(text, "%/"))
		}
	}
	if t.Labels != "" {
		parts = append(parts, escape(string(t.Labels), "/"))
	}
	return strings.Join(parts, "/")
}
