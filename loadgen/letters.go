package main

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/kong"
)

// strangeLetter returns an error about the first one-letter flag in args that there is
// not, or nil. Kong's own would offer all the letters there are.
func strangeLetter(model *kong.Node, args []string) error {
	letters, words := map[rune]*kong.Flag{}, map[string]*kong.Flag{}
	for _, f := range model.Flags {
		words[f.Name] = f
		if f.Short != 0 {
			letters[f.Short] = f
		}
	}
	for i := 0; i < len(args) && args[i] != "--"; i++ {
		word, isWord := strings.CutPrefix(args[i], "--")
		if isWord {
			name, _, hasValue := strings.Cut(word, "=")
			if f := words[name]; f != nil && !f.IsBool() && !hasValue {
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
				return fmt.Errorf("unknown flag -%c%s", letter, otherCase(letters, letter))
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
