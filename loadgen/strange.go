package main

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/kong"
)

// answers are what to tell hands that know a flag from another load generator which is
// called otherwise here, or cannot be had.
var answers = map[string]string{
	"-A":                    "here it is --header 'Accept: TYPE'",
	"-D":                    "here it is --body @FILE",
	"-a":                    "here it is --header 'Authorization: Basic BASE64'",
	"-k":                    "connections are kept alive anyway, and https is not spoken here",
	"-o":                    "here it is --json FILE, --csv FILE, --hdr FILE or --series FILE",
	"-disable-compression":  "compression is asked for by --header alone",
	"--disable-compression": "compression is asked for by --header alone",
	"-disable-keepalive":    "here it is --no-keepalive",
	"--disable-keepalive":   "here it is --no-keepalive",
	"--insecure":            "https is not spoken here: load the server's plain HTTP port",
	"--no-tui":              "here it is --progress none",
}

// strangeFlag returns an error about the first flag in args that there is not, or nil.
// Kong's own would offer all the letters there are, and words that have nothing in common
// with what was meant.
func strangeFlag(model *kong.Node, args []string) error {
	letters, words := map[rune]*kong.Flag{}, map[string]*kong.Flag{}
	for _, f := range model.Flags {
		words[f.Name] = f
		if f.Short != 0 {
			letters[f.Short] = f
		}
	}
	for i := 0; i < len(args) && args[i] != "--"; i++ {
		if answer := answers[args[i]]; answer != "" {
			return fmt.Errorf("unknown flag %s: %s", args[i], answer)
		}
		word, isWord := strings.CutPrefix(args[i], "--")
		if isWord {
			name, _, hasValue := strings.Cut(word, "=")
			f := words[name]
			if f == nil {
				return fmt.Errorf("unknown flag --%s%s", name, nearest(words, name))
			}
			if !f.IsBool() && !hasValue {
				i++ // the next one is its value
			}
			continue
		}
		rest, isLetters := strings.CutPrefix(args[i], "-")
		for isLetters && rest != "" {
			letter, size := utf8.DecodeRuneInString(rest)
			rest = rest[size:]
			f := letters[letter]
			if f == nil {
				return unknownLetter(letters, letter)
			}
			if !f.IsBool() {
				if rest == "" {
					i++
				}
				break
			}
		}
	}
	return nil
}

func unknownLetter(letters map[rune]*kong.Flag, letter rune) error {
	if answer := answers["-"+string(letter)]; answer != "" {
		return fmt.Errorf("unknown flag -%c: %s", letter, answer)
	}
	return fmt.Errorf("unknown flag -%c%s", letter, otherCase(letters, letter))
}

// nearest offers the flag whose name differs least, if that is by a third of its letters or
// fewer: two slips in --conections, none that would make --foo a flag.
func nearest(words map[string]*kong.Flag, name string) string {
	best, least := "", len(name)/3+1
	for word, f := range words {
		d := distance(name, word)
		if !f.Hidden && (d < least || d == least && best != "" && word < best) {
			best, least = word, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(", did you mean \"--%s\"?", best)
}

// distance is how many letters have to be put in, taken out or changed to make b of a
// (Levenshtein's).
func distance(a, b string) int {
	row := make([]int, len(b)+1) // of what is read of a, to each beginning of b
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0]++
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// otherCase offers the letter in the other case, if there is such a flag.
func otherCase(letters map[rune]*kong.Flag, letter rune) string {
	other := unicode.ToUpper(letter)
	if other == letter {
		other = unicode.ToLower(letter)
	}
	if f := letters[other]; f != nil && !f.Hidden {
		return fmt.Sprintf(", did you mean -%c (--%s)?", other, f.Name)
	}
	return ""
}
