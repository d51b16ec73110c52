package house

import (
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// A rule says what of this module, and which libraries, a package may import
// beyond the standard library, and why not more. "x/..." stands for a whole tree.
type rule struct {
	may    []string // packages of this module
	libs   []string // import paths of other modules, by prefix
	reason string
}

const (
	kong   = "github.com/alecthomas/kong"
	procfs = "github.com/prometheus/procfs"
	unix   = "golang.org/x/sys/unix"
)

var rules = map[string]rule{
	"servers/app": {nil, nil,
		"the work is the same for every model and knows none of them, nor any codec"},
	"servers/protocol": {[]string{"servers/app"}, []string{"github.com/valyala/fasthttp"},
		"a session owns no socket, clock or goroutine; it alone uses the codec, so that all models share one parser"},
	"servers/clock": {nil, nil,
		"reading the time is not a reason to know anything else"},
	"servers/memory": {nil, nil,
		"giving memory back is between the caller and the runtime"},
	"servers/socket": {nil, nil,
		"what a driver sends is between it and the kernel"},
	"servers/blocking": {[]string{"servers/protocol", "servers/clock", "servers/memory", "servers/socket"}, nil,
		"the blocking driver is a model's core: nothing but the standard library between it and the reader"},
	"servers/daemon": {[]string{"servers/app", "servers/protocol"}, []string{kong, "github.com/rs/zerolog", unix},
		"what the mains share must not know which model it serves; of the app it makes what flags ask for"},
	"servers/admin": {[]string{"servers/daemon"}, []string{"github.com/prometheus/client_golang"},
		"the pages for the operator: they read what daemon counts, and no server without them links their libraries"},
	"servers/goroutine": {[]string{"servers/admin", "servers/protocol", "servers/blocking", "servers/daemon"}, []string{"github.com/rs/zerolog", unix},
		"a model is its driver and a main; its variants wrap a session (--serial) and a socket (--os-threads)"},
	"servers/prefork": {[]string{"servers/admin", "servers/app", "servers/blocking", "servers/daemon"}, []string{"github.com/rs/zerolog", unix},
		"a model is its driver and a main, and here a supervisor, with memory and a counter that the workers share"},
	"servers/eventloop": {[]string{"servers/admin", "servers/protocol", "servers/daemon", "servers/clock", "servers/memory", "servers/socket"}, []string{"github.com/panjf2000/gnet/v2", "github.com/rs/zerolog"},
		"the only importer of gnet; it drives sessions itself and must not lean on the blocking driver"},
	"servers/stock": {[]string{"servers/app", "servers/daemon"}, []string{"github.com/rs/zerolog", "github.com/valyala/fasthttp"},
		"the control: fasthttp as a server, where protocol has it as a codec; no session and no driver of ours comes near it"},
	"servers/servertest": {[]string{"servers/protocol", "servers/servertest/cases"}, []string{"github.com/prometheus/client_golang/prometheus/testutil/promlint"},
		"the suite knows what the session says, and no model; it has the metrics judged by those who set the rules"},
	"servers/servertest/cases": {nil, []string{"golang.org/x/tools/txtar"},
		"conversations are data"},

	"loadgen/pace": {nil, nil,
		"when requests are due is arithmetic: no clock, no socket"},
	"loadgen/wire": {nil, nil,
		"recognising replies must not share a parser with the servers: a bug on both ends would cancel out"},
	"loadgen/record": {nil, []string{"github.com/HdrHistogram/hdrhistogram-go"},
		"samples know nothing of how they were got"},
	"loadgen/procstat": {nil, []string{procfs, unix},
		"what a process tree has used, for anyone's server"},
	"loadgen/uring": {nil, []string{unix},
		"rings and requests: what travels through them is the caller's business"},
	"loadgen/engine": {[]string{"loadgen/pace", "loadgen/wire", "loadgen/record", "loadgen/uring"}, []string{unix},
		"the engine prints nothing, parses no flag and knows no CSV, so that a plan and its report stay plain data"},
	"loadgen/hdrlog": {[]string{"loadgen/engine", "loadgen/record"}, nil,
		"a format for other programs: intervals in, text out"},
	"loadgen/series": {[]string{"loadgen/engine", "loadgen/record"}, nil,
		"a format for other programs: intervals in, text out"},
	"loadgen/outfile": {nil, nil,
		"how bytes reach a file, whatever they mean"},
	"loadgen/report": {[]string{"loadgen/record"}, []string{"github.com/HdrHistogram/hdrhistogram-go"},
		"a document that anyone may read and merge: it knows histograms, and neither engine nor flags"},
	"loadgen/slo": {[]string{"loadgen/pace", "loadgen/record"}, nil,
		"an objective is judged by samples alone, whoever took them"},
	"loadgen/watch": {[]string{"loadgen/engine", "loadgen/record"}, nil,
		"hands intervals on to whoever wants them, and looks at none of them"},
	"loadgen/search": {nil, nil,
		"what to run next is decided without a clock or a socket, by whoever runs it"},
	"loadgen/completion": {nil, []string{kong},
		"makes scripts of any command line's model"},
	"loadgen/figure": {nil, nil,
		"writes numbers for people, whatever they are about"},
	"loadgen/live": {[]string{"loadgen/engine", "loadgen/figure", "loadgen/record", "loadgen/watch"},
		[]string{"charm.land/bubbletea/v2", "github.com/NimbleMarkets/ntcharts/v2/canvas/runes", "github.com/charmbracelet/colorprofile", "github.com/charmbracelet/x/ansi", unix},
		"a reader of a run like any other: it shows what intervals say; of ntcharts it takes the glyphs, as the rest starts programs"},
	"loadgen": {[]string{"loadgen/...", "results/stats", "results/trial"}, []string{kong},
		"the load generator serves anyone's server: it knows ours only by their address; a rotation says how sure it is by the same mathematics as a campaign"},

	"results/trial": {nil, []string{"github.com/gofrs/flock", "github.com/jszwec/csvutil", procfs},
		"the row is a contract that others import; it depends on none of them"},
	"results/stats": {nil, []string{"github.com/aclements/go-moremath/stats", "gonum.org/v1/gonum/stat/distuv"},
		"pure mathematics: numbers in, numbers out; distributions are nobody's to write again"},
	"results/histlog": {nil, []string{"github.com/HdrHistogram/hdrhistogram-go"},
		"a file of histograms is a contract beside the rows, for tools that know nothing of ours"},
	"results/analysis": {[]string{"results/stats", "results/trial"}, nil,
		"findings are made of rows: it neither measures, nor parses flags, nor writes"},
	"results/folder": {[]string{"results/trial"}, nil,
		"reads what a campaign wrote, whoever asks"},
	"results/gate": {[]string{"results/analysis"}, nil,
		"judges ratios, wherever they come from"},
	"results/change": {[]string{"results/analysis", "results/folder", "results/gate", "results/stats", "results/trial"}, nil,
		"before and after are two analyses"},
	"results/compare": {[]string{"results/analysis", "results/change", "results/stats", "results/trial"}, nil,
		"writes what the analysis finds"},
	"results/report/sheet": {nil, nil,
		"what all pages share knows nothing of what they say"},
	"results/report/pagetest": {nil, nil,
		"checks pages by what stands in them, whoever wrote it"},
	"results/report/article": {[]string{"results/analysis", "results/choosing", "results/claims", "results/claims/complexity", "results/folder", "results/report/sheet", "results/stats", "results/trial"}, nil,
		"a page says what was judged and answered elsewhere; of the measurements themselves it reads the rows"},
	"results/report": {[]string{"results/analysis", "results/folder", "results/histlog", "results/report/sheet", "results/stats", "results/trial"}, []string{"github.com/HdrHistogram/hdrhistogram-go"},
		"a page says what the analysis says; of the measurements themselves it reads the rows and the latencies"},
	"results/claims": {[]string{"results/analysis", "results/claims/complexity", "results/folder", "results/stats", "results/trial"}, []string{"github.com/goccy/go-yaml"},
		"claims are judged by rows alone, whoever measured them; which measures may be believed is the analysis' business"},
	"results/claims/complexity": {nil, []string{"github.com/jszwec/csvutil"},
		"a file is a contract between who counts and who judges"},
	"results/choose": {[]string{"results/analysis", "results/claims/complexity", "results/folder", "results/stats", "results/trial"}, []string{"github.com/goccy/go-yaml"},
		"an answer is made of findings, and what is lacking is a command that it prints and does not run"},
	"results/choosing": {[]string{"results/choose", "results/claims/complexity", "results/folder"}, []string{"github.com/goccy/go-yaml"},
		"questions are data, and choose answers them as it would anybody's"},
	"results/export": {[]string{"results/analysis", "results/folder", "results/stats", "results/trial"}, []string{"golang.org/x/perf/benchfmt"},
		"formats of other tools, written by their own library where there is one"},
	"results/plot": {[]string{"results/analysis", "results/stats"}, []string{"github.com/HdrHistogram/hdrhistogram-go", "gonum.org/v1/plot", "golang.org/x/image/font"},
		"pictures of what was found: it neither reads files nor judges, and axes, fonts and formats are a library's"},
	"results": {[]string{"results/...", "loadgen/outfile"}, []string{kong},
		"results reads CSV, whoever wrote it"},

	"scripts/campaign": {[]string{"scripts/campaign/spec", "results/histlog", "results/stats", "results/trial"}, []string{"github.com/HdrHistogram/hdrhistogram-go", "github.com/gofrs/flock", procfs, "github.com/vbauerster/mpb/v8", unix},
		"a campaign drives binaries as a user does: it imports neither servers nor loadgen, so any target can take their place"},
	"scripts/campaign/spec": {nil, []string{"github.com/goccy/go-yaml", "github.com/mattn/go-shellwords"},
		"a campaign's description is data: it is read and written without knowing how it is run"},
	"scripts/compare": {[]string{"scripts/campaign", "scripts/campaign/spec", "results/analysis", "results/change", "results/compare", "results/gate"}, []string{kong},
		"the command wires a campaign to its table"},
	"scripts/claims": {[]string{"scripts/campaign", "scripts/campaign/spec", "scripts/complexity/count", "results/claims", "results/claims/complexity", "results/trial"}, []string{kong, "github.com/goccy/go-yaml", "github.com/gofrs/flock"},
		"the command runs campaigns one after the other and hands what they wrote to the judge: no verdict is made here"},
	"scripts/versus": {[]string{"scripts/campaign", "scripts/rig", "results/stats"}, []string{kong, unix},
		"compares programs by running them"},
	"scripts/rig": {nil, []string{procfs, unix},
		"starts and ends programs for the scripts that compare them, and knows nothing of what is measured"},
	"scripts/peers": {[]string{"scripts/campaign", "scripts/rig", "results/stats", "results/trial"}, []string{kong, unix},
		"puts programs side by side by running them, ours like anyone's; of a campaign it takes the table of targets and how they are built"},
	"scripts/truth/capture": {nil, nil,
		"a capture is read by nobody who sends: it is the witness beside loadgen"},
	"scripts/truth": {[]string{"scripts/campaign", "scripts/rig", "scripts/truth/capture"}, []string{kong, unix},
		"checks programs by running them, and by what others saw of it"},
	"scripts/complexity": {[]string{"results/claims/complexity", "scripts/complexity/count"}, []string{kong},
		"the command wires what is counted to a table and a file"},
	"scripts/complexity/count": {[]string{"results/claims/complexity"}, []string{"github.com/fzipp/gocyclo", "github.com/goccy/go-yaml", "github.com/uudashr/gocognit", "golang.org/x/tools/go/packages"},
		"reads source and runs none of it; well-known figures are a library's to count"},
	"scripts/probe": {[]string{"scripts/probe/begun"}, []string{kong, unix},
		"a program that others run: it starts what it measures, and that is itself"},
	"scripts/probe/begun": {nil, nil,
		"whatever it imported would be brought up before it says that the process runs"},
	"scripts/python": {nil, nil,
		"tests of programs in another language"},
	"scripts/house": {nil, nil,
		"tests of the repository as a whole"},
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func list(t *testing.T) (all []pkg) {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "modelbench/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestImports(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, p := range list(t) {
		name := strings.TrimPrefix(p.ImportPath, "modelbench/")
		seen[name] = true
		r, ok := rules[name]
		if !ok {
			t.Errorf("package %s has no rule: say in scripts/house what it may import, and why", name)
			continue
		}
		for _, imp := range p.Imports {
			if !r.allows(imp) {
				t.Errorf("%s must not import %s: %s", name, imp, r.reason)
			}
		}
	}
	for name := range rules {
		if !seen[name] {
			t.Errorf("the rule for %s is about a package that does not exist", name)
		}
	}
}

func (r rule) allows(imp string) bool {
	if own, ok := strings.CutPrefix(imp, "modelbench/"); ok {
		return slices.ContainsFunc(r.may, func(may string) bool {
			tree, whole := strings.CutSuffix(may, "/...")
			return own == may || whole && strings.HasPrefix(own, tree+"/")
		})
	}
	if first, _, _ := strings.Cut(imp, "/"); !strings.Contains(first, ".") {
		return true // the standard library
	}
	return slices.ContainsFunc(r.libs, func(lib string) bool { return imp == lib || strings.HasPrefix(imp, lib+"/") })
}

func TestRule(t *testing.T) {
	t.Parallel()
	r := rule{may: []string{"a", "b/..."}, libs: []string{"x.org/lib"}}
	for imp, want := range map[string]bool{
		"modelbench/a": true, "modelbench/a/c": false, "modelbench/b/c": true, "modelbench/b": false, "modelbench/c": false,
		"x.org/lib": true, "x.org/lib/sub": true, "x.org/library": false, "y.org/lib": false, "net/http": true, "unsafe": true,
	} {
		if r.allows(imp) != want {
			t.Errorf("%s: allowed is %v", imp, !want)
		}
	}
}
