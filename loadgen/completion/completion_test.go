package completion

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// model is a command line with a flag of each sort.
func model(t *testing.T) *kong.Application {
	t.Helper()
	parser, err := kong.New(&struct {
		URLs   []string `arg:"" optional:"" name:"url"`
		Count  int      `short:"c" placeholder:"N" help:"How many, as in 'a: b' [or so]. And more."`
		Mode   string   `enum:"auto,plain,none" default:"auto" help:"Which."`
		Shell  string   `values:"bash,zsh" help:"For whom"`
		File   string   `short:"f" placeholder:"FILE|-" help:"Where to."`
		Header []string `short:"H" sep:"none" placeholder:"'K: V'" help:"Header."`
		Quick  bool     `short:"q" help:"Quick."`
		Secret string   `hidden:""`
	}{}, kong.Name("prog"))
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model
}

func script(t *testing.T, shell string) string {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, shell, model(t)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What bash itself offers, given the words as it splits them; the last is completed.
func TestBash(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"one.csv", "one two.csv"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		words string
		want  string
	}{
		{"prog --", "--help --count --mode --shell --file --header --quick"},
		{"prog -", "--help -h --count -c --mode --shell --file -f --header -H --quick -q"},
		{"prog --c", "--count"},
		{"prog -q --m", "--mode"},
		{"prog --mode ''", "auto plain none"},
		{"prog --mode p", "plain"},
		{"prog --mode =", "auto plain none"},
		{"prog --mode = n", "none"},
		{"prog --shell z", "zsh"},
		{"prog -f one", "one two.csv|one.csv"},
		{"prog --file = one.", "one.csv"},
		{"prog -c -", ""},
		{"prog --header ''", ""},
		{"prog --secret ''", ""},
		{"prog --s", "--shell"},
		{"prog -q htt", ""},
	} {
		cmd := exec.Command("bash", "--norc", "-c", script(t, "bash")+`
COMP_WORDS=(`+tt.words+`) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_prog
printf '%s|' "${COMPREPLY[@]}"`)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		got := strings.Trim(string(out), "|")
		want := strings.ReplaceAll(tt.want, " ", "|")
		if strings.Contains(tt.want, "|") {
			want = tt.want
		}
		if err != nil || !sameSet(got, want) {
			t.Errorf("%s: %q, %v, want %q", tt.words, got, err, want)
		}
	}
}

func sameSet(a, b string) bool {
	count := map[string]int{}
	for _, s := range strings.Split(a, "|") {
		count[s]++
	}
	for _, s := range strings.Split(b, "|") {
		count[s]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

func TestZsh(t *testing.T) {
	s := script(t, "zsh")
	for _, want := range []string{
		"#compdef prog\n",
		`'(--count -c)--count=[How many, as in '\''a\: b'\'' \[or so\]]:N:' \` + "\n",
		`'(--count -c)-c+[How many, `,
		`'(--mode)--mode=[Which]:"auto":(auto plain none)' \`,
		`'(--file -f)-f+[Where to]:FILE|-:_files' \`,
		`'*--header=[Header]:'\''K\: V'\'':' \`,
		`'(--quick -q)-q[Quick]' \`,
		"compdef _prog prog\n",
	} {
		if !strings.Contains(s, want) {
			t.Errorf("no %s in\n%s", want, s)
		}
	}
	if strings.Contains(s, "secret") {
		t.Errorf("a hidden flag is offered:\n%s", s)
	}
}

func TestFish(t *testing.T) {
	s := script(t, "fish")
	for _, want := range []string{
		"complete -c prog -f\n",
		`complete -c prog -l count -s c -x -d 'How many, as in \'a: b\' [or so]'` + "\n",
		"complete -c prog -l mode -x -a 'auto plain none' -d 'Which'\n",
		"complete -c prog -l file -s f -r -F -d 'Where to'\n",
		"complete -c prog -l quick -s q -d 'Quick'\n",
	} {
		if !strings.Contains(s, want) {
			t.Errorf("no %s in\n%s", want, s)
		}
	}
}

func TestUnknownShell(t *testing.T) {
	var b strings.Builder
	if err := Write(&b, "tcsh", model(t)); err == nil || fmt.Sprint(err) != `"tcsh" is none of bash, zsh, fish` || b.Len() > 0 {
		t.Errorf("%v, %q", err, b.String())
	}
	full := errors.New("no space left")
	if err := Write(writer(func([]byte) (int, error) { return 0, full }), "bash", model(t)); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }
