package article

import (
	"slices"
	"strings"

	"modelbench/results/claims"
)

// section is a part of the article with its claims.
type section struct {
	ID     string
	Title  string
	Groups []group
}

// group are the claims of a section that stand on one side.
type group struct {
	Title string // empty: there is but one
	Wide  bool   // it has the whole width
	Cards []card
}

// parts are the article's sections in its order, by the word with which places in them begin.
var parts = []struct{ place, title string }{
	{"Introduction", "Concurrency as such"},
	{"Threading", "Threading"},
	{"Processes", "Processes"},
	{"Asyncio", "Asyncio"},
	{"Comparison", "Comparing the techniques"},
	{choosingPlace, "Choosing the right technique"},
}

const choosingPlace = "Choosing"

// newSections sorts cards into sections by their places. Places that the article does not have come before choosing.
func newSections(cards []card) (list []section) {
	order := []string{}
	for _, p := range parts[:len(parts)-1] {
		order = append(order, p.place)
	}
	of := map[string][]card{}
	for _, c := range cards {
		name, _, _ := strings.Cut(c.Place, ",")
		name = strings.TrimSpace(name)
		if !slices.Contains(order, name) && name != choosingPlace {
			order = append(order, name)
		}
		of[name] = append(of[name], c)
	}
	for i, name := range append(order, choosingPlace) {
		if len(of[name]) == 0 {
			continue
		}
		s := section{ID: "part-" + string(rune('a'+i%26)), Title: name}
		for _, p := range parts {
			if p.place == name {
				s.ID, s.Title = strings.ToLower(name), p.title
			}
		}
		s.Groups = groups(of[name])
		list = append(list, s)
	}
	return list
}

// groups are what is said in passing, then pros beside cons; where there are none of both, all claims are one group.
func groups(cards []card) []group {
	has := func(side claims.Side) bool {
		return slices.ContainsFunc(cards, func(c card) bool { return c.Side == side })
	}
	if !has(claims.Pro) || !has(claims.Con) {
		return []group{{Wide: true, Cards: lone(cards)}}
	}
	sides := map[claims.Side][]card{}
	for _, c := range cards {
		c.Deep = true
		sides[c.Side] = append(sides[c.Side], c)
	}
	list := []group{}
	if text := sides[claims.Text]; len(text) > 0 {
		list = append(list, group{"Said in the text", true, lone(text)})
	}
	return append(list, group{"Pros", false, sides[claims.Pro]}, group{"Cons", false, sides[claims.Con]})
}

// lone gives the whole width to a card that is the only one of a row.
func lone(cards []card) []card {
	if len(cards) == 1 {
		cards[0].Broad = true
	}
	return cards
}
