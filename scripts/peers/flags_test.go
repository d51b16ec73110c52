package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modelbench/scripts/campaign"
	"modelbench/scripts/rig"
)

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{"json"}, `"json" is not one of plaintext, echo, pipeline, idle`},
		{[]string{"echo", "idle", "echo"}, "echo is asked for twice"},
		{[]string{"--fast"}, "unknown flag --fast"},
		{[]string{"--servers", "apache"}, `--servers: "apache" is not one of goroutine, prefork, eventloop, stock-fasthttp, stock-nethttp, nginx, c-epoll`},
		{[]string{"--servers", "nginx,nginx"}, `--servers: "nginx" is named twice`},
		{[]string{"--servers="}, "--servers: names nothing, and there is no --server"},
		{[]string{"--server", "new"}, `--server: "new" is not NAME=COMMAND`},
		{[]string{"--server", "=x {http}"}, `--server: "=x {http}" is not NAME=COMMAND`},
		{[]string{"--server", "a/b=x {http}"}, `--server: "a/b=x {http}" is not NAME=COMMAND`},
		{[]string{"--server", "new=x --http 127.0.0.1:80"}, "--server: the command of new holds neither {http} nor {echo}: where does it listen?"},
		{[]string{"--server", "nginx=x {http}"}, "--server: another server is called nginx"},
		{[]string{"--to", "new"}, `--to: "new" is not one of the servers measured: goroutine,`},
		{[]string{"--servers", "goroutine", "--to", "nginx"}, `--to: "nginx" is not one of the servers measured: goroutine`},
		{[]string{"--blocks", "0"}, "--blocks: 0 is less than 1"},
		{[]string{"--connections", "0"}, "--connections: 0 is less than 1"},
		{[]string{"--active=-1"}, "--active: -1 is less than 0"},
		{[]string{"--server-cpu=-1"}, "--server-cpu: -1 is less than 0"},
		{[]string{"--client-cpu", "0"}, "--client-cpu: 0 is the servers' core"},
		{[]string{"--duration", "1ms"}, "--duration: 1ms is shorter than 100ms"},
		{[]string{"--duration", "soon"}, "--duration"},
		{[]string{"--settle", "0s"}, "--settle: 0s is no time to wait"},
		{[]string{"--active-rate", "100"}, "--active-for: 2s of 100 requests/s is too short: a p99 needs 1100 requests"},
	} {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := call(t, tt.args...)
			if code != exitUsage || !strings.HasPrefix(stderr, "peers: "+tt.says) || !strings.Contains(stderr, "run it with --help") || stdout != "" {
				t.Errorf("exit %d, stdout %q, stderr %q, want %q", code, stdout, stderr, tt.says)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := call(t, "--help")
	if code != 0 || stderr != "" || !strings.Contains(stdout, strings.Join(allNames, ",")) || !strings.Contains(stdout, "plaintext, echo, pipeline, idle") {
		t.Errorf("exit %d, stderr %q, stdout\n%s", code, stderr, stdout)
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	f, err := parse(nil, nil, nil)
	must(t, err)
	if !slices.Equal(f.Modes, []string{"plaintext", "echo", "pipeline", "idle"}) || !slices.Equal(f.Servers, allNames) || f.Seed == 0 {
		t.Errorf("%+v", f)
	}
}

// Every name of --servers has something behind it.
func TestEveryNameIsAServer(t *testing.T) {
	t.Parallel()
	for _, name := range allNames {
		if name == "nginx" || name == rig.Bare {
			continue
		}
		if !slices.ContainsFunc(ours(), func(row campaign.Target) bool { return row.Name == name }) {
			t.Errorf("%s is no target of campaigns", name)
		}
	}
}

// What is not installed is left out aloud. It changes PATH, and so is alone.
func TestLeftOut(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	f, err := parse([]string{"--servers", "goroutine,c-epoll"}, nil, nil)
	must(t, err)
	all, missing, err := f.list(t.Context(), t.TempDir())
	must(t, err)
	if len(all) != 1 || all[0].Name != "goroutine" || !slices.Equal(missing, []string{"c-epoll is left out: gcc is not installed (apt-get install gcc libc6-dev)"}) {
		t.Errorf("%+v, %q", all, missing)
	}
}

// What ratios are taken to when what was asked for does not take part.
func TestReferences(t *testing.T) {
	t.Parallel()
	all := []rig.Server{{Name: "goroutine"}, {Name: "nginx"}, {Name: rig.Bare}}
	for _, tt := range []struct {
		to    []string
		among []rig.Server
		want  string
		says  string
	}{
		{nil, all, rig.Bare, ""},
		{nil, all[:2], "goroutine", "c-epoll is not here: ratios are to goroutine instead\n"},
		{[]string{"nginx", "goroutine"}, all, "nginx goroutine", ""},
		{[]string{"nginx", "goroutine"}, all[:1], "goroutine", "no ratios to nginx, which does not take part\n"},
		{[]string{"nginx"}, []rig.Server{all[0], all[2]}, rig.Bare, "no ratios to nginx, which does not take part\n"},
	} {
		var diag bytes.Buffer
		b := &bench{flags: &flags{To: tt.to, Servers: allNames}, diag: &diag}
		if got := strings.Join(b.references(tt.among), " "); got != tt.want || diag.String() != tt.says {
			t.Errorf("%v among %v: %s, %q; want %s, %q", tt.to, tt.among, got, diag.String(), tt.want, tt.says)
		}
	}
}

// A file that is none of trials is refused, and left as it is.
func TestForeignCSV(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "notes.csv")
	must(t, os.WriteFile(file, []byte("a,b\n1,2\n"), 0o644))
	code, _, stderr := call(t, "--csv", file)
	if code != exitUsage || !strings.HasPrefix(stderr, "peers: --csv: "+file) || read(t, file) != "a,b\n1,2\n" {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// What a --server runs by the name of one of ours is built as well.
func TestOurTargets(t *testing.T) {
	t.Parallel()
	f, err := parse([]string{"--servers", "stock-nethttp", "--server", "x=eventloop --offload 2 --http {http}", "--server", "y=/tmp/goroutine --http {http}"}, nil, nil)
	must(t, err)
	var names []string
	for _, target := range f.ourTargets() {
		names = append(names, target.Name+":"+target.Binary)
	}
	if want := []string{"eventloop:eventloop", "stock-nethttp:stock"}; !slices.Equal(names, want) {
		t.Errorf("built are %q, want %q", names, want)
	}
}

func TestIdleConnections(t *testing.T) {
	t.Parallel()
	f := &flags{Connections: 15000, Active: 64, descriptors: 20000}
	if n, bound := f.idleConnections(); n != 15000 || bound != "" {
		t.Errorf("%d, %q", n, bound)
	}
	f.descriptors = 4096
	if n, bound := f.idleConnections(); n != 4096-64-spareDescriptors || !strings.HasPrefix(bound, "3520 idle connections instead of 15000: a process may have 4096 descriptors") {
		t.Errorf("%d, %q", n, bound)
	}
}

func TestNginxConf(t *testing.T) {
	t.Parallel()
	conf := nginx("/usr/sbin/nginx", 1234).Files["nginx.conf"]
	golden(t, "nginx.conf", []byte(strings.NewReplacer("{http}", "127.0.0.1:20001", "{dir}", "/dir").Replace(conf)))
}
