package article

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"html/template"

	"modelbench/results/analysis"
	"modelbench/results/claims"
	"modelbench/results/claims/complexity"
	"modelbench/results/report/sheet"
)

// download is a file inside the page.
type download struct {
	Name, What string
	URL        template.URL
}

// downloads are the verdicts as a table and for programs, what was judged, what was counted, and the trials. Trials are compressed: as they
// are, they would be most of the page.
func downloads(s Source) ([]download, error) {
	var list []download
	var table, text bytes.Buffer
	if err := errors.Join(claims.CSV(&table, s.Report), claims.JSON(&text, s.Report)); err != nil {
		return nil, err
	}
	list = append(list, download{claims.CSVName, "every test with its figures, a row each (results/claims/FORMAT.md)", sheet.Inline("text/csv;charset=utf-8", table.Bytes())},
		download{"claims.json", "the same for programs, with the trials behind each figure", sheet.Inline("application/json;charset=utf-8", text.Bytes())})
	if s.Rules != nil {
		list = append(list, download{claims.RulesName, "the claims as they were judged", sheet.Inline("text/yaml;charset=utf-8", s.Rules)})
	}
	if len(s.Complexity) > 0 {
		var buf bytes.Buffer
		if err := complexity.Write(&buf, s.Complexity); err != nil {
			return nil, err
		}
		list = append(list, download{complexity.FileName, "what was counted in the source of each model", sheet.Inline("text/csv;charset=utf-8", buf.Bytes())})
	}
	for _, e := range s.Experiments {
		packed, err := pack(e.Raw)
		if err != nil {
			return nil, err
		}
		name, of := e.Name, e.Name
		if e.Python {
			name, of = "python-"+e.Name, e.Name+", CPython"
		}
		list = append(list, download{name + ".csv.gz", fmt.Sprintf("%s of %s, a row each", analysis.Count(len(e.Trials)+e.Loose, "trial", "trials"), of),
			sheet.Inline("application/gzip", packed)})
	}
	return list, nil
}

func pack(text []byte) ([]byte, error) {
	var buf bytes.Buffer
	w, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}
