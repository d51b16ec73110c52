package report

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"strings"
)

//go:embed assets
var assets embed.FS

// layout is all templates; report.html is the page.
var layout = template.Must(template.New("").ParseFS(assets, "assets/*.html"))

// scripts are run in this order. Plot looks for d3, ours for both.
var scripts = []string{
	"vendor/d3.min.js", "vendor/plot.umd.min.js",
	"base.js", "intervals.js", "curves.js", "memory.js", "time.js", "start.js",
}

const style = "style.css"

// asset returns an embedded file. It is part of the program, so it is there.
func asset(name string) string {
	text, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// sheet is the page's style and code, and the policy under which a browser runs them.
type sheet struct {
	Style   template.CSS
	Scripts []template.JS
	Policy  string
}

// newSheet wraps the scripts. The policy lets a browser run these and nothing else, by their hashes, and fetch nothing at all:
// that the page needs no network is enforced where it is read. Styles must be free, as the chart library writes some into its drawings.
func newSheet() sheet {
	s := sheet{Style: template.CSS(asset(style))}
	var own strings.Builder
	own.WriteString("'use strict';\n")
	var hashes strings.Builder
	add := func(text string) {
		s.Scripts = append(s.Scripts, template.JS(text))
		sum := sha256.Sum256([]byte(text))
		hashes.WriteString(" 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'")
	}
	for _, name := range scripts {
		if strings.HasPrefix(name, "vendor/") {
			add(asset(name))
		} else {
			own.WriteString(asset(name))
		}
	}
	add(own.String())
	s.Policy = "default-src 'none'; script-src" + hashes.String() + "; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
	return s
}
