package report

import (
	"fmt"
	"html/template"
	"strings"

	"modelbench/results/analysis"
	"modelbench/results/folder"
	"modelbench/results/report/sheet"
)

// download is a file inside the page.
type download struct {
	Name, What string
	URL        template.URL
}

// downloads are the rows and the campaigns as they were found, and the analysis.
func downloads(a *analysis.Analysis, sources []Source) ([]download, error) {
	var list []download
	for i, s := range sources {
		rows := fmt.Sprintf("%s of %s, a row each", analysis.Count(len(s.Trials)+s.Loose, "trial", "trials"), s.Name)
		if s.Loose > 0 {
			rows += fmt.Sprintf(", with the %d of blocks that were not finished", s.Loose)
		}
		list = append(list, download{numbered(folder.TrialsName, i, len(sources)), rows, sheet.Inline("text/csv;charset=utf-8", s.Raw)})
		if s.Campaign != nil {
			name := numbered(folder.CampaignName, i, len(sources))
			list = append(list, download{name, fmt.Sprintf("%s as it was run: go run ./scripts/compare --campaign %s repeats it", s.Name, name),
				sheet.Inline("text/yaml;charset=utf-8", s.Campaign)})
		}
	}
	text, err := indented(a)
	if err != nil {
		return nil, fmt.Errorf("write the analysis: %w", err)
	}
	return append(list, download{"analysis.json", "all that this page says, for programs (results/analysis/FORMAT.md)", sheet.Inline("application/json;charset=utf-8", text)}), nil
}

// numbered is trials.csv, or trials-2.csv where there are several.
func numbered(name string, i, of int) string {
	if of == 1 {
		return name
	}
	base, extension, _ := strings.Cut(name, ".")
	return fmt.Sprintf("%s-%d.%s", base, i+1, extension)
}
