package report

import (
	"embed"
	"html/template"
	"strings"

	"modelbench/results/report/sheet"
)

//go:embed assets
var assets embed.FS

// layout is all templates; report.html is the page.
var layout = template.Must(template.New("").ParseFS(assets, "assets/*.html"))

// asset returns an embedded file. It is part of the program, so it is there.
func asset(name string) string {
	text, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// newSheet is the page's style and code: what all pages have, and its own charts.
func newSheet() sheet.Sheet {
	var scripts strings.Builder
	for _, name := range []string{"intervals.js", "curves.js", "memory.js", "time.js"} {
		scripts.WriteString(asset(name))
	}
	return sheet.New(asset("style.css"), scripts.String())
}
