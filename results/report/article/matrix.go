package article

import (
	"slices"

	"modelbench/results/claims"
)

// matrix is who leads where: a row for each cell, a column for each target.
type matrix struct {
	Targets []string
	Rows    []matrixRow
}

type matrixRow struct {
	Cell    string
	Measure string
	Entries []matrixEntry
}

// matrixEntry is how a target does in a cell.
type matrixEntry struct {
	Word string
	Icon string
}

// newMatrix has all cells of the question, those without a winner too.
func newMatrix(w *claims.Winners, found []claims.CellWinner) *matrix {
	m := &matrix{Targets: w.Targets}
	for _, c := range w.Cells {
		i := slices.IndexFunc(found, func(f claims.CellWinner) bool { return f.Cell == c })
		row := matrixRow{Cell: c.Experiment, Measure: c.Measure}
		if c.Workload != c.Experiment {
			row.Cell += ", " + c.Workload
		}
		if measure, err := claims.MeasureOf(c.Measure); err == nil {
			row.Measure = measure.Name
		}
		for _, target := range w.Targets {
			e := matrixEntry{"not measured", "none"}
			switch {
			case i < 0 || len(found[i].Leaders)+len(found[i].Beaten) == 0:
			case slices.Contains(found[i].Beaten, target):
				e = matrixEntry{"beaten", "down"}
			case len(found[i].Beaten) == 0:
				e = matrixEntry{"not told apart", "open"}
			case len(found[i].Leaders) == 1:
				e = matrixEntry{"leads", "up"}
			default:
				e = matrixEntry{"not beaten", "up"}
			}
			row.Entries = append(row.Entries, e)
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}
