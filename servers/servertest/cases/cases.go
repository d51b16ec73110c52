// Package cases holds conversations with an HTTP server as text: what a client
// sends, and what a server must make of it. The session is tested with them and
// so is every server.
//
// They stand in the .txt files beside this one, several to a file (the txtar
// format), each as
//
//	-- name --
//	200 404 open
//	has: text that the last reply must hold
//	why: the reason, with its RFC section
//
//	GET / HTTP/1.1
//	Host: x
//
// The first line has the statuses of the replies in order, without interim ones,
// and whether the server closes. What is to be sent begins after the first empty
// line. Each line ends with CR LF, unless a backslash at its end says that it has
// no end. \r, \n, \t, \xHH and \\ are single bytes; \{text*N} is N times text.
package cases

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/tools/txtar"
)

// Limits of the servers that the cases are meant for.
const (
	MaxHead = 512
	MaxBody = 1024
)

// A Case is one conversation.
type Case struct {
	Name     string
	Why      string // may be empty
	In       []byte // what the client sends
	Statuses string // of the replies, separated by spaces
	Close    bool   // the server closes after them
	Has      string // a part of the last reply; may be empty
}

//go:embed *.txt
var files embed.FS

// All returns every case, or an error that names the file and case that is not
// in the format. All callers share the cases, so none may change them.
var All = sync.OnceValues(readAll)

func readAll() ([]Case, error) {
	var all []Case
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		text, err := files.ReadFile(e.Name())
		if err != nil {
			return nil, err
		}
		for _, f := range txtar.Parse(text).Files {
			c, err := parse(f.Name, string(f.Data))
			if err != nil {
				return nil, fmt.Errorf("%s: case %q: %w", e.Name(), f.Name, err)
			}
			all = append(all, c)
		}
	}
	return all, nil
}

func parse(name, text string) (Case, error) {
	c := Case{Name: name}
	for first := true; ; first = false {
		line, rest, ok := strings.Cut(text, "\n")
		if !ok {
			return c, fmt.Errorf("no empty line before what is to be sent")
		}
		text = rest
		if line == "" {
			break
		}
		if err := c.set(line, first); err != nil {
			return c, err
		}
	}
	for len(text) > 0 {
		line, rest, _ := strings.Cut(text, "\n")
		text = rest
		if !strings.HasSuffix(line, `\`) || strings.HasSuffix(line, `\\`) {
			line += `\r\n`
		} else {
			line = strings.TrimSuffix(line, `\`)
		}
		raw, err := unescape(line)
		if err != nil {
			return c, err
		}
		c.In = append(c.In, raw...)
	}
	return c, nil
}

// set takes in one line of what is expected.
func (c *Case) set(line string, first bool) error {
	var ok bool
	var err error
	switch key, value, _ := strings.Cut(line, ": "); {
	case first:
		if c.Statuses, ok = strings.CutSuffix(line, " close"); ok {
			c.Close = true
		} else if c.Statuses, ok = strings.CutSuffix(line, " open"); !ok {
			err = fmt.Errorf("%q does not end with open or close", line)
		}
	case key == "has":
		var has []byte
		has, err = unescape(value)
		c.Has = string(has)
	case key == "why":
		c.Why = value
	default:
		err = fmt.Errorf("%q begins with neither has: nor why: of a case", line)
	}
	return err
}

func unescape(s string) (out []byte, err error) {
	for len(s) > 0 {
		if s[0] != '\\' {
			out, s = append(out, s[0]), s[1:]
			continue
		}
		switch {
		case strings.HasPrefix(s, `\r`):
			out, s = append(out, '\r'), s[2:]
		case strings.HasPrefix(s, `\n`):
			out, s = append(out, '\n'), s[2:]
		case strings.HasPrefix(s, `\t`):
			out, s = append(out, '\t'), s[2:]
		case strings.HasPrefix(s, `\\`):
			out, s = append(out, '\\'), s[2:]
		case strings.HasPrefix(s, `\x`) && len(s) >= 4:
			b, err := strconv.ParseUint(s[2:4], 16, 8)
			if err != nil {
				return nil, fmt.Errorf("bad escape %q", s[:4])
			}
			out, s = append(out, byte(b)), s[4:]
		case strings.HasPrefix(s, `\{`):
			inner, rest, ok := strings.Cut(s[2:], "}")
			text, times, ok2 := strings.Cut(inner, "*")
			n, err := strconv.Atoi(times)
			if !ok || !ok2 || err != nil {
				return nil, fmt.Errorf("bad repetition %q", s)
			}
			raw, err := unescape(text)
			if err != nil {
				return nil, err
			}
			out, s = append(out, strings.Repeat(string(raw), n)...), rest
		default:
			return nil, fmt.Errorf("bad escape %q", s)
		}
	}
	return out, nil
}
