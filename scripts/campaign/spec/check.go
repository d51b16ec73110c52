package spec

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Problem is what is wrong at a path such as targets[1].name.
type Problem struct{ Path, Text string }

// NameRule is what names of targets and workloads look like: they become names of
// files, of loadgen's targets and parts of trials' identities.
const NameRule = "letters, digits and . _ + @ - (at most 64, the first a letter or digit)"

var nameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+@-]{0,63}$`)

// Named tells whether s can be the name of a target or a workload.
func Named(s string) bool {
	return nameForm.MatchString(s) && s != None && s != First && s != "loadgen" // whose file lies beside theirs
}

// Models are the servers that a target may name as its model: folders under servers.
var Models = []string{"goroutine", "prefork", "eventloop", "stock"}

// Placeholders of a target's command, directory and environment.
const (
	PortMark     = "{port}"      // the HTTP port
	HTTPMark     = "{http}"      // host:port of it
	EchoMark     = "{echo}"      // host:port of the echo port
	EchoPortMark = "{echo-port}" // the echo port
	DirMark      = "{dir}"       // an empty folder of its own, there for as long as it runs
	NumberMark   = "{n}"         // of a probe: the workload's connections
)

// Check reports everything that is wrong with a campaign, in the order of its fields.
func Check(c Campaign) []Problem {
	var k checker
	if c.Budget <= 0 {
		k.wrong("budget", "%v is no time to spend: a campaign needs a budget such as 90s", c.Budget)
	}
	if c.Name != "" && !Named(c.Name) {
		k.wrong("name", "%q is no name: %s", c.Name, NameRule)
	}
	if c.Until < 0 || c.Until >= 1 {
		k.wrong("until", "%v is not from 0%% to under 100%%", c.Until)
	}
	if len(c.Targets) == 0 {
		k.wrong("targets", "a campaign needs at least one target")
	}
	seen := map[string]bool{}
	for i, t := range c.Targets {
		path := fmt.Sprintf("targets[%d]", i)
		k.name(path, t.Name, seen)
		k.target(path, t)
	}
	if c.Again != "" && c.Again != None && !seen[c.Again] {
		k.wrong("again", "%q is not the name of a target; %s switches the repeated target off", c.Again, None)
	}
	if len(c.Workloads) == 0 {
		k.wrong("workloads", "a campaign needs at least one workload")
	}
	seen = map[string]bool{}
	for i, w := range c.Workloads {
		path := fmt.Sprintf("workloads[%d]", i)
		k.name(path, w.Name, seen)
		k.workload(path, w)
	}
	k.parts(c)
	return k.problems
}

type checker struct{ problems []Problem }

func (k *checker) wrong(path, format string, args ...any) {
	k.problems = append(k.problems, Problem{path, fmt.Sprintf(format, args...)})
}

func (k *checker) name(path, name string, seen map[string]bool) {
	switch {
	case name == "":
		k.wrong(path+".name", "%s has no name", path)
	case !Named(name):
		k.wrong(path+".name", "%q is no name: %s", name, NameRule)
	case seen[name]:
		k.wrong(path+".name", "the name %s is used twice", name)
	}
	seen[name] = true
}

func (k *checker) target(path string, t Target) {
	kinds := 0
	for _, given := range []bool{t.Model != "", len(t.Command) > 0, t.URL != ""} {
		if given {
			kinds++
		}
	}
	if kinds != 1 {
		k.wrong(path, "%s needs exactly one of model (one of ours), command (to start) and url (up already)", path)
		return
	}
	k.only(path, t)
	switch {
	case t.Model != "":
		if !slices.Contains(Models, t.Model) {
			k.wrong(path+".model", "%q is not one of %s", t.Model, strings.Join(Models, ", "))
		}
	case t.URL != "":
		if _, err := url.Parse(t.URL); err != nil || !isURL(t.URL) {
			k.wrong(path+".url", "%q is not http://host:port or tcp://host:port; what comes after is a workload's path", t.URL)
		}
		if t.PID > 0 && t.Process != "" {
			k.wrong(path+".process", "a pid or a process name, not both")
		}
	default:
		k.command(path, t)
	}
}

// only refuses what belongs to another kind of target.
func (k *checker) only(path string, t Target) {
	kind := "command"
	if t.Model != "" {
		kind = "model"
	} else if t.URL != "" {
		kind = "url"
	}
	for _, f := range []struct {
		key, kind string
		given     bool
	}{
		{"rev", "model", t.Rev != ""}, {"procs", "model", t.Procs != 0}, {"workers", "model", t.Workers != 0},
		{"loops", "model", t.Loops != 0}, {"flags", "model", t.Flags != nil},
		{"dir", "command", t.Dir != ""}, {"env", "command", t.Env != nil}, {"ready", "command", t.Ready != Ready{}}, {"echo", "command", t.Echo != nil},
		{"probe", "command", t.Probe},
		{"pid", "url", t.PID != 0}, {"process", "url", t.Process != ""},
	} {
		if f.given && f.kind != kind {
			k.wrong(path+"."+f.key, "%s is for targets with a %s, and %s has a %s", f.key, f.kind, t.Name, kind)
		}
	}
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "tcp" || u.Path != "" && u.Path != "/" {
		return false
	}
	port, err := strconv.Atoi(u.Port())
	return err == nil && port > 0 && port < 1<<16 && u.Hostname() != "" && u.User == nil && u.RawQuery == "" && u.Fragment == ""
}

func (k *checker) command(path string, t Target) {
	if t.Command[0] == "" {
		k.wrong(path+".command", "the command has no program")
	}
	if t.Probe {
		k.probe(path, t)
		return
	}
	http, echo := Marks(t)
	if !http && !echo {
		k.wrong(path+".command", "nothing tells it where to listen: %s or %s (for HTTP), %s or %s (for TCP echo) has to be in it, or in its env; "+
			"a server with a port of its own is started by hand and given as url", PortMark, HTTPMark, EchoPortMark, EchoMark)
	}
	if t.Echo != nil && *t.Echo && !echo {
		k.wrong(path+".echo", "it is said to serve TCP echo, and neither %s nor %s tells it where", EchoPortMark, EchoMark)
	}
	r, at := t.Ready, path+".ready"
	if n := len(r.Line) + len(r.Regexp) + len(r.HTTP); n != max(len(r.Line), len(r.Regexp), len(r.HTTP)) {
		k.wrong(at, "one of line, regexp and http, not several")
	}
	if _, err := regexp.Compile(r.Regexp); err != nil {
		k.wrong(at+".regexp", "%v", err)
	}
	if r.HTTP != "" && !strings.HasPrefix(r.HTTP, "/") {
		k.wrong(at+".http", "%q is no path: it begins with /", r.HTTP)
	}
	if r.HTTP != "" && !http {
		k.wrong(at+".http", "it has no HTTP port: neither %s nor %s is in its command", PortMark, HTTPMark)
	}
	if r.Within < 0 {
		k.wrong(at+".within", "%v is no time to wait", r.Within)
	}
}

// Marks tells which ports a command is told of.
func Marks(t Target) (http, echo bool) {
	texts := slices.Clone(t.Command)
	for _, v := range t.Env {
		texts = append(texts, v)
	}
	for _, s := range texts {
		http = http || strings.Contains(s, PortMark) || strings.Contains(s, HTTPMark)
		echo = echo || strings.Contains(s, EchoMark) || strings.Contains(s, EchoPortMark)
	}
	return http, echo
}

const (
	mostConnections = 1_000_000
	mostPayload     = 1 << 20
	longestSlice    = time.Minute
)

var methodForm = regexp.MustCompile(`^[!#$%&'*+.^_|~0-9A-Za-z-]{1,32}$`)

func (k *checker) workload(path string, w Workload) {
	if w.Connections < 1 || w.Connections > mostConnections {
		k.wrong(path+".connections", "%s needs connections, from 1 to %d", path, mostConnections)
	}
	if w.Alone {
		k.alone(path, w)
	} else {
		k.rotation(path, w)
	}
	k.flags(path, w)
	if w.Wait < 0 || w.Wait > longestSlice {
		k.wrong(path+".wait", "%v is not from 0s to %v", w.Wait, longestSlice)
	}
	if w.Rate.Share > 0 && w.Rate.RPS > 0 {
		k.wrong(path+".rate", "a share or a rate, not both")
	}
	if w.Echo {
		k.echo(path, w)
		return
	}
	if w.Payload != 0 {
		k.wrong(path+".payload", "payload is for TCP echo; an HTTP request has a body")
	}
	if w.Path != "" && !isPath(w.Path) {
		k.wrong(path+".path", "%q is no path of a request: it begins with / and has no spaces", w.Path)
	}
	if w.Method != "" && !methodForm.MatchString(w.Method) {
		k.wrong(path+".method", "%q is no HTTP method", w.Method)
	}
	for name, value := range w.Headers {
		if !methodForm.MatchString(name) || strings.ContainsAny(value, "\r\n\x00") {
			k.wrong(path+".headers", "%q is no header", name+": "+value)
		}
	}
	if strings.HasPrefix(w.Body, "@") {
		k.wrong(path+".body", "a body that begins with @ cannot be sent")
	}
}

func (k *checker) echo(path string, w Workload) {
	if w.Payload < 1 || w.Payload > mostPayload {
		k.wrong(path+".payload", "%s needs a payload, from 1 to %d bytes", path, mostPayload)
	}
	for _, f := range []struct {
		key   string
		given bool
	}{{"path", w.Path != ""}, {"method", w.Method != ""}, {"headers", w.Headers != nil}, {"body", w.Body != ""}, {"spin", w.Spin != 0}, {"wait", w.Wait != 0}} {
		if f.given {
			k.wrong(path+"."+f.key, "%s is for HTTP, and %s is TCP echo", f.key, w.Name)
		}
	}
}

func isPath(s string) bool {
	if !strings.HasPrefix(s, "/") || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return false
	}
	_, err := url.ParseRequestURI(s)
	return err == nil && !strings.Contains(s, "#")
}

// Loopback tells whether a url's host is this machine's.
func Loopback(rawURL string) bool {
	u, err := url.Parse(rawURL)
	if err != nil {
		return false
	}
	if u.Hostname() == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(u.Hostname())
	return err == nil && addr.IsLoopback()
}
