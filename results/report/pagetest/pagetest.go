// Package pagetest checks what is true of every HTML page that results writes, whatever it is about. It is for tests.
package pagetest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"html"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Largest is how many bytes a page may have that is sent by mail.
const Largest = 2_500_000

// Markup is a page without what stands in its scripts and styles.
func Markup(page string) string {
	var b strings.Builder
	for _, name := range []string{"style", "script"} {
		b.Reset()
		for {
			begin := strings.Index(page, "<"+name)
			if begin < 0 {
				break
			}
			inside := begin + strings.Index(page[begin:], ">") + 1
			end := inside + strings.Index(page[inside:], "</"+name+">")
			b.WriteString(page[:inside] + "</" + name + ">")
			page = page[end+len("</"+name+">"):]
		}
		page = b.String() + page
	}
	return page
}

// Elements are those of a page, as a browser would see them.
func Elements(t testing.TB, page string) (list []xml.StartElement) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(Markup(page)))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := d.Token()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, is := token.(xml.StartElement); is {
			list = append(list, e.Copy())
		}
	}
}

// SelfContained checks that nothing in a page leads out of it, that what it leads to is there, once, and that it stays small enough to be
// sent by mail.
func SelfContained(t testing.TB, name, page string) {
	t.Helper()
	ids, links := map[string]bool{}, []string{}
	for _, e := range Elements(t, page) {
		for _, attr := range e.Attr {
			switch key := attr.Name.Local; {
			case key == "id":
				if ids[attr.Value] {
					t.Errorf("%s: two elements are %q", name, attr.Value)
				}
				ids[attr.Value] = true
			case slices.Contains([]string{"src", "href", "srcset", "action", "data", "poster"}, key):
				links = append(links, attr.Value)
			case strings.HasPrefix(key, "on"):
				t.Errorf("%s: a handler stands in the markup, where the policy forbids it: %s", name, key)
			}
		}
	}
	if len(links) == 0 {
		t.Errorf("%s: no link at all", name)
	}
	for _, link := range links {
		if id, inside := strings.CutPrefix(link, "#"); inside && !ids[id] || !inside && !strings.HasPrefix(link, "data:") {
			t.Errorf("%s leads to %.80q", name, link)
		}
	}
	for _, style := range regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindAllStringSubmatch(page, -1) {
		if strings.Contains(style[1], "@import") || strings.Contains(style[1], "url(") {
			t.Errorf("%s: the style fetches something", name)
		}
	}
	if len(page) > Largest {
		t.Errorf("%s: %d bytes", name, len(page))
	}
}

// Policy checks that the page's policy names the hash of every script that is there, and of no other.
func Policy(t testing.TB, page string) {
	t.Helper()
	policy := regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)
	if policy == nil || !strings.HasPrefix(policy[1], "default-src &#39;none&#39;;") {
		t.Fatalf("policy %q", policy)
	}
	hashes := 0
	for _, m := range regexp.MustCompile(`(?s)<script>(.*?)</script>`).FindAllStringSubmatch(page, -1) {
		sum := sha256.Sum256([]byte(m[1]))
		if !strings.Contains(html.UnescapeString(policy[1]), "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
			t.Errorf("the policy forbids a script: %.60q", m[1])
		}
		hashes++
	}
	if hashes != 3 || strings.Count(policy[1], "sha256-") != hashes {
		t.Errorf("%d scripts under %q", hashes, policy[1])
	}
}

// Accessible checks that each table has a caption and headed columns, each part a heading that names it, each chart a figure with its
// caption, and that no heading leaves a level out.
func Accessible(t testing.TB, page string) {
	t.Helper()
	body := Markup(page)
	for _, table := range regexp.MustCompile(`(?s)<table.*?</table>`).FindAllString(body, -1) {
		if !strings.Contains(table, "<caption>") || !strings.Contains(table, `<th scope="col"`) {
			t.Errorf("no caption or no headed columns: %.80s", table)
		}
	}
	for _, m := range regexp.MustCompile(`<section [^>]*aria-labelledby="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		if !strings.Contains(body, `<h2 id="`+m[1]+`"`) {
			t.Errorf("no heading %s", m[1])
		}
	}
	figures := regexp.MustCompile(`(?s)<figure[ >].*?</figure>`).FindAllString(body, -1)
	if charts := strings.Count(body, `class="chart"`); len(figures) != charts {
		t.Errorf("%d figures for %d charts", len(figures), charts)
	}
	for _, f := range figures {
		if !strings.Contains(f, "<figcaption") {
			t.Errorf("no caption: %.80s", f)
		}
	}
	if strings.Count(body, "<h1>") != 1 || !strings.Contains(body, `<html lang="en">`) || !strings.Contains(body, "<noscript>") {
		t.Error("no title, language or word for those without scripts")
	}
	last := byte('1')
	for _, m := range regexp.MustCompile(`<h([1-6])[ >]([^<]*)`).FindAllStringSubmatch(body, -1) {
		if m[1][0] > last+1 {
			t.Errorf("a heading leaves a level out: h%s after h%c: %q", m[1], last, m[2])
		}
		last = m[1][0]
	}
}
