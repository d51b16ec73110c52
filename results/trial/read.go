package trial

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/jszwec/csvutil"
)

// ReadFile reads a file of trials: see Read. Errors name the file. It takes no lock: of a row that is being
// appended at that moment it sees nothing, or a torn line.
func ReadFile(path string) (trials []Trial, torn bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, false, fmt.Errorf("read trials: %w", err)
	}
	defer f.Close()
	trials, torn, err = Read(f)
	return trials, torn, atPath(path, err)
}

// Read returns all whole rows. A row is whole when its newline is there: what follows the last newline was torn by a
// crash or is still being written, is left out even if it looks complete (its last value may not be), and is reported
// by torn. An empty input, and one torn inside its header, hold no trials and are no error.
//
// The error is a *SchemaError for another header or version. Any other bad row fails the whole read with its line and
// column: guessing at a damaged measurement is worse than none.
func Read(r io.Reader) (trials []Trial, torn bool, err error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, false, fmt.Errorf("read trials: %w", err)
	}
	end := bytes.LastIndexByte(data, '\n') + 1
	torn = end < len(data)
	if end == 0 {
		if !bytes.HasPrefix(header(), data) {
			return nil, torn, checkHeaderLine(data)
		}
		return nil, torn, nil
	}
	trials, err = decode(data[:end])
	if err != nil {
		return nil, torn, err
	}
	return trials, torn, nil
}

// decode reads whole lines, the header among them.
func decode(lines []byte) ([]Trial, error) {
	first, _, _ := bytes.Cut(lines, []byte("\n"))
	if err := checkHeaderLine(first); err != nil {
		return nil, err
	}
	r := csv.NewReader(bytes.NewReader(lines))
	dec, err := csvutil.NewDecoder(r)
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	var trials []Trial
	for {
		var t Trial
		switch err := dec.Decode(&t); {
		case errors.Is(err, io.EOF):
			return trials, nil
		case err != nil:
			return nil, rowError(err)
		}
		line, _ := r.FieldPos(0)
		if err := checkVersion(t.SchemaVersion, line); err != nil {
			return nil, err
		}
		trials = append(trials, t)
	}
}

// rowError says where a row is bad, in the words of someone who has the file open.
func rowError(err error) error {
	var bad *csvutil.DecodeError
	if errors.As(err, &bad) {
		return fmt.Errorf("line %d: column %s: %w", bad.Line, bad.Field, bad.Err)
	}
	var syntax *csv.ParseError
	if errors.As(err, &syntax) {
		if errors.Is(err, csv.ErrFieldCount) {
			return fmt.Errorf("line %d: not the header's %d columns", syntax.Line, len(columns))
		}
		return fmt.Errorf("line %d: byte %d: %w", syntax.Line, syntax.Column, syntax.Err)
	}
	return err
}

// atPath puts the file's name into an error.
func atPath(path string, err error) error {
	if err == nil {
		return nil
	}
	var schema *SchemaError
	if errors.As(err, &schema) {
		schema.Path = path // made by this very call, so nobody else holds it
		return err
	}
	return fmt.Errorf("%s: %w", path, err)
}
