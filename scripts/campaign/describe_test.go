package campaign

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"modelbench/scripts/campaign/spec"
)

// What is written of a campaign is the same when it is read, on any machine.
func TestDescribedIsTheSame(t *testing.T) {
	t.Parallel()
	for _, cpus := range []int{1, 2, 64} {
		c := Default(cpus)
		c.Targets = append(c.Targets, Stock(cpus)...)
		c.Targets = append(c.Targets, Targets(cpus)[0].AsOf("0123456789abcdef", "v1"))
		for arg, ready := range map[string]string{
			"mine='my server' {port} a\\'b": "line:up: now", "both=x {http} {echo}": "http:/healthz", "up=http://127.0.0.1:80": "", "far=tcp://10.0.0.1:7": "",
			"echo=x {echo-port}": "regexp:^up$",
		} {
			own, err := ParseTarget(arg, ready, "")
			must(t, err)
			c.Targets = append(c.Targets, own)
		}
		c.Workloads = append(c.Workloads, Workload{Name: "h4", TCPEcho: true, PayloadBytes: 8, Connections: 4, Slice: time.Second, Rate: spec.Rate{RPS: 500}, Arrivals: spec.ArrivalsPoisson,
			Pipeline: 2, Idle: 3, Labels: map[string]string{"heavies": "4"}, Only: []string{"goroutine", "both"}})
		w, err := PathWorkload("/api/users?id=3", nil)
		must(t, err)
		c.Workloads = append(c.Workloads, w)
		var b bytes.Buffer
		must(t, c.Describe(&b))
		file := filepath.Join(t.TempDir(), "it.yaml")
		must(t, os.WriteFile(file, b.Bytes(), 0o644))
		back, err := Load(file)
		must(t, err)
		if !reflect.DeepEqual(back, c) {
			t.Errorf("%d CPUs: wrote\n%+v\nread\n%+v\n%s", cpus, c, back, b.String())
		}
		// And after it has been validated, which adds the target that runs twice.
		must(t, c.Validate())
		b.Reset()
		must(t, c.Describe(&b))
		must(t, os.WriteFile(file, b.Bytes(), 0o644))
		back, err = Load(file)
		must(t, err)
		must(t, back.Validate())
		if back.ID = c.ID; !reflect.DeepEqual(back, c) {
			t.Errorf("%d CPUs: validated\n%+v\nread\n%+v", cpus, c, back)
		}
	}
}

func TestLoadNamesThePlace(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "it.yaml")
	must(t, os.WriteFile(file, []byte("budget: 90s\nblokcs: 3\n"), 0o644))
	_, err := Load(file)
	var usage *UsageError
	if !errors.As(err, &usage) || !strings.HasPrefix(err.Error(), file+":2:1: unknown key") {
		t.Error(err)
	}
	if _, err := Load(file + ".no"); !errors.As(err, &usage) || usage.Flag != "--campaign" {
		t.Error(err)
	}
}

func TestPathWorkload(t *testing.T) {
	t.Parallel()
	taken := []string{"x", "x-2"}
	for path, want := range map[string]string{"/": "root", "/x": "x-3", "/api/users?id=3": "api-users-id-3", "/none": "root", "/..": "root", "/a.b_c/": "a.b_c",
		"/" + strings.Repeat("long", 30): strings.Repeat("long", 12)} {
		w, err := PathWorkload(path, taken)
		if err != nil || w.Name != want || w.Path != path || w.Rate.Share != rateShare {
			t.Errorf("%s: %+v, %v, want %s", path, w, err, want)
		}
	}
	for _, path := range []string{"", "x", "/a b", "http://x/", "/a#b"} {
		var usage *UsageError
		if _, err := PathWorkload(path, nil); !errors.As(err, &usage) || usage.Flag != "--path" {
			t.Errorf("%q: %v", path, err)
		}
	}
}

func TestParseTarget(t *testing.T) {
	t.Parallel()
	own, err := ParseTarget("mine=./server --port {port} 'a b'", "", "")
	must(t, err)
	if !slices.Equal(own.Command, []string{"./server", "--port", "{port}", "a b"}) || own.NoHTTP || !own.NoEcho || own.Model != ownModel {
		t.Errorf("%+v", own)
	}
	up, err := ParseTarget("up=tcp://[::1]:7000", "", "12")
	must(t, err)
	if !up.NoHTTP || up.NoEcho || up.PID != 12 || up.owned() {
		t.Errorf("%+v", up)
	}
	for _, tt := range []struct{ arg, ready, pid, says string }{
		{"mine", "", "", `--target: "mine" is not name=COMMAND or name=URL`},
		{"mine=", "", "", "--target: mine: the command: it is empty"},
		{"a/b=x {port}", "", "", `--target: a/b: "a/b" is no name`},
		{"loadgen=x {port}", "", "", `"loadgen" is no name`},
		{"mine=x", "", "", "--target: mine: nothing tells it where to listen"},
		{"mine=x {port} > log", "", "", `">" is for a shell`},
		{"up=https://x:1", "", "", "is not http://host:port"},
		{"up=http://x:1/y", "", "", "what comes after is a workload's path"},
		{"mine=x {port}", "soon", "", "--ready: mine: "},
		{"mine=x {port}", "regexp:(", "", "--target: mine: error parsing regexp"},
		{"up=http://x:1", "port", "", "--ready: up is up already"},
		{"mine=x {port}", "", "1", "--pid: mine is started here"},
		{"up=http://x:1", "", "0", "--pid: up: 0 is no process id"},
	} {
		var usage *UsageError
		if got, err := ParseTarget(tt.arg, tt.ready, tt.pid); !errors.As(err, &usage) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%+v: %+v, %v", tt, got, err)
		}
	}
}

func TestAsOf(t *testing.T) {
	t.Parallel()
	row := Targets(2)[3]
	if b := row.AsOf("0123456789abcdef", "v1.0"); b.Name != "eventloop-1@v1.0" || b.Rev != "0123456789abcdef" || b.Variant != "one-loop base v1.0" {
		t.Errorf("%+v", b)
	}
	if b := row.AsOf("0123456789abcdef", "HEAD~1"); b.Name != "eventloop-1@0123456789" || !spec.Named(b.Name) {
		t.Errorf("%+v", b)
	}
}
