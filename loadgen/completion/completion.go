// Package completion writes scripts that make a shell complete a command's flags.
//
// The scripts are made from kong's model of the command line and then stand alone: the
// shell does not run the program at each press of a key, as the libraries for kong have
// it do (kong-completion and kongplete, through posener/complete), and zsh and fish show
// what each flag is for, which those cannot. What comes after a flag is completed where
// it is known: the values of an enum or of a tag values:"a,b", and files where the
// placeholder says FILE.
package completion

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Shells are those that there is a script for.
var Shells = []string{"bash", "zsh", "fish"}

// Write writes the script that makes the shell complete the flags of app.
func Write(w io.Writer, shell string, app *kong.Application) error {
	flags := flagsOf(app)
	var script string
	switch shell {
	case "bash":
		script = bash(app.Name, flags)
	case "zsh":
		script = zsh(app.Name, flags)
	case "fish":
		script = fish(app.Name, flags)
	default:
		return fmt.Errorf("%q is none of %s", shell, strings.Join(Shells, ", "))
	}
	if _, err := io.WriteString(w, script); err != nil {
		return fmt.Errorf("write the completion script: %w", err)
	}
	return nil
}

// A flag is what a script says of one.
type flag struct {
	long, short string // without dashes; short may be ""
	about       string // the first sentence of its help
	value       string // the placeholder; "" for a flag without value
	choice      []string
	files       bool
	repeated    bool
}

func flagsOf(app *kong.Application) (all []flag) {
	for _, f := range app.Flags {
		if f.Hidden {
			continue
		}
		about, _, _ := strings.Cut(f.Help, ". ")
		one := flag{long: f.Name, about: strings.TrimSuffix(about, "."), repeated: f.IsCumulative()}
		if f.Short != 0 {
			one.short = string(f.Short)
		}
		if !f.IsBool() {
			one.value = f.FormatPlaceHolder()
			one.files = strings.HasPrefix(one.value, "FILE")
			one.choice = choice(f)
		}
		all = append(all, one)
	}
	return all
}

// choice returns the values that a flag may have, nil if they cannot be listed.
func choice(f *kong.Flag) []string {
	values := f.Enum
	if values == "" {
		values = f.Tag.Get("values")
	}
	if values == "" {
		return nil
	}
	return slices.DeleteFunc(strings.Split(values, ","), func(s string) bool { return s == "" })
}

// words returns how the flag is written: --long, and -s if it has a letter.
func (f *flag) words() []string {
	if f.short == "" {
		return []string{"--" + f.long}
	}
	return []string{"--" + f.long, "-" + f.short}
}

// bash splits --flag=value into three words, unless the user has changed that.
const bashFunction = `# bash completion for %[1]s
_%[1]s() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} IFS=$'\n'
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD-2]}
	fi
	COMPREPLY=()
	case $prev in
%[2]s	esac
	if [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W $'%[3]s' -- "$cur"))
	fi
}
complete -F _%[1]s %[1]s
`

func bash(name string, flags []flag) string {
	var cases strings.Builder
	var words, opaque []string
	for i := range flags {
		f := &flags[i]
		words = append(words, f.words()...)
		pattern := strings.Join(f.words(), "|")
		switch {
		case f.files:
			fmt.Fprintf(&cases, "\t%s)\n\t\tcompopt -o filenames 2>/dev/null\n\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n\t\treturn ;;\n", pattern)
		case f.choice != nil:
			fmt.Fprintf(&cases, "\t%s)\n\t\tCOMPREPLY=($(compgen -W $'%s' -- \"$cur\"))\n\t\treturn ;;\n", pattern, strings.Join(f.choice, `\n`))
		case f.value != "":
			opaque = append(opaque, pattern)
		}
	}
	if opaque != nil {
		fmt.Fprintf(&cases, "\t%s)\n\t\treturn ;;\n", strings.Join(opaque, "|"))
	}
	return fmt.Sprintf(bashFunction, name, cases.String(), strings.Join(words, `\n`))
}

// zshFunction works from a file in $fpath and from source <(...).
const zshFunction = `#compdef %[1]s
_%[1]s() {
	_arguments -s -S \
%[2]s		'*:url:'
}
if [[ $funcstack[1] == _%[1]s ]]; then
	_%[1]s "$@"
else
	compdef _%[1]s %[1]s
fi
`

func zsh(name string, flags []flag) string {
	var specs strings.Builder
	about := strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `:`, `\:`)
	for i := range flags {
		f := &flags[i]
		action := ""
		switch {
		case f.files:
			action = "_files"
		case f.choice != nil:
			action = "(" + strings.Join(f.choice, " ") + ")"
		}
		for _, word := range f.words() {
			// A flag excludes its other name, unless it may be given again.
			spec := "(" + strings.Join(f.words(), " ") + ")" + word
			if f.repeated {
				spec = "*" + word
			}
			if f.value != "" {
				if strings.HasPrefix(word, "--") {
					spec += "="
				} else {
					spec += "+"
				}
			}
			spec += "[" + about.Replace(f.about) + "]"
			if f.value != "" {
				spec += ":" + about.Replace(f.value) + ":" + action
			}
			fmt.Fprintf(&specs, "\t\t%s \\\n", quote(spec))
		}
	}
	return fmt.Sprintf(zshFunction, name, specs.String())
}

func fish(name string, flags []flag) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# fish completion for %[1]s\ncomplete -c %[1]s -f\n", name)
	for i := range flags {
		f := &flags[i]
		fmt.Fprintf(&b, "complete -c %s -l %s", name, f.long)
		if f.short != "" {
			fmt.Fprintf(&b, " -s %s", f.short)
		}
		switch {
		case f.files:
			b.WriteString(" -r -F")
		case f.choice != nil:
			fmt.Fprintf(&b, " -x -a %s", quoteFish(strings.Join(f.choice, " ")))
		case f.value != "":
			b.WriteString(" -x")
		}
		fmt.Fprintf(&b, " -d %s\n", quoteFish(f.about))
	}
	return b.String()
}

// quote makes one word of s for sh and zsh.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// quoteFish makes one word of s for fish, which knows \\ and \' between single quotes.
func quoteFish(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
