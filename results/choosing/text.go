package choosing

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"modelbench/results/choose"
)

// Formats are the ways in which the answers are written.
var Formats = map[string]func(io.Writer, []Answered) error{"text": Text, "json": JSON}

// JSON writes what FORMAT.md describes.
func JSON(w io.Writer, all []Answered) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(map[string]any{"factors": all}); err != nil {
		return fmt.Errorf("write the answers: %w", err)
	}
	return nil
}

// Text writes the answers for a person: of each question the outcome and the command that tells more.
func Text(w io.Writer, all []Answered) error {
	b := bufio.NewWriter(w)
	for i, a := range all {
		if i > 0 {
			b.WriteByte('\n')
		}
		choose.Wrap(b, "", strings.ToUpper(a.Factor[:1])+a.Factor[1:]+". "+a.Asks)
		for _, one := range a.Answers {
			fmt.Fprintln(b)
			choose.Wrap(b, "  ", one.Question+":")
			choose.Wrap(b, "    ", strings.ToUpper(string(one.Outcome)[:1])+string(one.Outcome)[1:]+": "+one.Answer+".")
			for _, said := range one.Rejected {
				choose.Wrap(b, "    ", "Rejected: "+said+".")
			}
			if len(one.Missing) > 0 {
				choose.Wrap(b, "    ", "To be measured: "+strings.Join(one.Missing, "; ")+".")
			}
			fmt.Fprintf(b, "    %s\n", one.Command)
			if one.Measure != "" {
				fmt.Fprintf(b, "    %s\n", one.Measure)
			}
		}
		fmt.Fprintln(b)
		choose.Wrap(b, "  ", "So "+a.Conclusion+".")
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write the answers: %w", err)
	}
	return nil
}
