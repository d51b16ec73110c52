package export

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"modelbench/results/trial"
)

// ofTarget are the factors that belong to the target, whose name tells them apart where they have to be. As parts of the
// name of a benchmark they would keep targets from standing in one row.
var ofTarget = []string{"target", "model", "url", "procs", "workers", "loops", "variant", "listener"}

// usual are the values that go without saying: names are long enough without them.
var usual = map[string]string{"pipeline": "1", "keepalive": "true", "payload_bytes": "0", "spin_iters": "0", "wait_us": "0",
	"heavy_connections": "0", "idle_connections": "0"}

// benchName is the benchmark's name without "Benchmark": the workload, the target, then every other factor as key=value,
// labels last. It is one word; see benchText.
func benchName(t trial.Trial, target string, verdict bool) string {
	parts := []string{firstUpper(benchText(cmp.Or(t.Workload, "requests"), " /")), "target=" + benchText(target, " /")}
	for _, c := range trial.Columns() {
		text := c.Text(t)
		if c.Group != trial.Factors || text == "" || text == usual[c.Name] || c.Name == "workload" || c.Name == "labels" ||
			slices.Contains(ofTarget, c.Name) {
			continue
		}
		parts = append(parts, c.Name+"="+benchText(text, " /"))
	}
	labels, err := t.Labels.Map()
	if err != nil { // only a Trial that was not read from a file: the text as it is
		labels = map[string]string{"labels": string(t.Labels)}
	}
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		parts = append(parts, benchText(key, " /=")+"="+benchText(labels[key], " /"))
	}
	if verdict {
		parts = append(parts, "verdict="+benchText(cmp.Or(t.Verdict, "none"), " /"))
	}
	name := strings.Join(parts, "/")
	// What a name ends with after a dash is taken for GOMAXPROCS: eventloop-1 would be eventloop.
	if at := procs.FindStringIndex(name); at != nil {
		name = name[:at[0]] + "%2D" + name[at[0]+1:]
	}
	return name
}

var procs = regexp.MustCompile(`-[0-9]+$`)

// benchText writes what would break a line or a name percent-encoded: control characters, all kinds of blanks but the plain one,
// what is not UTF-8, the percent sign, and the bytes of special.
func benchText(s, special string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		plain := r == ' ' || unicode.IsGraphic(r) && !unicode.IsSpace(r) && r != utf8.RuneError
		if !plain || r == '%' || strings.ContainsRune(special, r) {
			for _, c := range []byte(s[i : i+n]) {
				fmt.Fprintf(&b, "%%%02X", c)
			}
		} else {
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

// firstUpper makes it Plaintext of plaintext: after "Benchmark", no lower case letter may follow.
func firstUpper(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
