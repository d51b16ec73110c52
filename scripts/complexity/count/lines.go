package count

import (
	"go/scanner"
	"go/token"
	"strings"
)

// lines is how many lines of the declarations have code on them: each line that a token begins on, is on or ends on.
func (p part) lines() int {
	code := map[int]bool{}
	tokens := token.NewFileSet()
	text := p.text[p.name]
	file := tokens.AddFile(p.name, -1, len(text))
	var s scanner.Scanner
	s.Init(file, text, nil, 0) // without comments
	for {
		at, tok, literal := s.Scan()
		if tok == token.EOF {
			return len(code)
		}
		if tok == token.SEMICOLON && literal == "\n" || !p.holds(p.start+token.Pos(file.Offset(at))) {
			continue // a line break is not written as code
		}
		first := file.Line(at)
		for line := first; line <= first+strings.Count(literal, "\n"); line++ { // more than one: a string in back quotes
			code[line] = true
		}
	}
}
