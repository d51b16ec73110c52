// Package sheet is what all HTML pages of results have in common: their style, the chart libraries, the code that draws charts, sorts
// tables and hands out downloads, and the policy that lets a browser run that and nothing else.
//
// A page writes its data as JSON into a script of the type application/json with the id data, with marks, a list of targets and how each
// looks, and again, which copy of a target is whose. Its own scripts add to drawings, by the name that an element of the class chart
// has in data-chart. See assets/base.js and assets/start.js.
package sheet

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"strings"
)

//go:embed assets
var assets embed.FS

// vendored are the libraries in the order in which they are run: Plot looks for d3.
var vendored = []string{"vendor/d3.min.js", "vendor/plot.umd.min.js"}

// asset returns an embedded file. It is part of the program, so it is there.
func asset(name string) string {
	text, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// Sheet is a page's style and code, and the policy under which a browser runs them. A template writes each of them as it is.
type Sheet struct {
	Style   template.CSS
	Scripts []template.JS
	Policy  string
}

// New adds a page's own style and scripts to what all have. They are part of the program: nothing that a user wrote may be in them.
//
// The policy allows these scripts by their hashes, and no fetching at all: that the page needs no network is enforced where it is read.
// Styles must be free, as the chart library writes some into its drawings.
func New(style string, scripts ...string) Sheet {
	s := Sheet{Style: template.CSS(asset("base.css") + style + asset("print.css"))}
	var hashes strings.Builder
	add := func(text string) {
		s.Scripts = append(s.Scripts, template.JS(text))
		sum := sha256.Sum256([]byte(text))
		hashes.WriteString(" 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'")
	}
	for _, name := range vendored {
		add(asset(name))
	}
	add("'use strict';\n" + asset("base.js") + strings.Join(scripts, "") + asset("start.js"))
	s.Policy = "default-src 'none'; script-src" + hashes.String() + "; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
	return s
}

// Inline is a file as a link that holds it. Base64 has no character that would have to be escaped.
func Inline(media string, content []byte) template.URL {
	return template.URL("data:" + media + ";base64," + base64.StdEncoding.EncodeToString(content))
}
