package main

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
)

var update = flag.Bool("update", false, "write what the scripts compare with anew")

func TestMain(m *testing.M) { testscript.Main(leakless{m}, map[string]func(){"loadgen": main}) }

// leakless fails a run of tests that leaves a goroutine behind.
type leakless struct{ *testing.M }

func (m leakless) Run() int {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		flag.Set("test.parallel", "8") // most tests wait for the end of a load
	}
	stop := tidy()
	code := m.M.Run()
	stop()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// tidy does what the collector would: each of the runs that tests make side by side has
// switched it off, for itself and for those that begin meanwhile.
func tidy() (stop func()) {
	over, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for tick := time.NewTicker(100 * time.Millisecond); ; {
			select {
			case <-tick.C:
				collect()
			case <-over:
				tick.Stop()
				return
			}
		}
	}()
	return func() { close(over); <-done }
}

// The scripts run the program as a user does. $SITE is the host:port of a server that says
// hello to whatever it is asked, $DEAD one at which nobody listens.
func TestScripts(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "Hello, World!") }))
	t.Cleanup(server.Close)
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
			env.Setenv("SITE", strings.TrimPrefix(server.URL, "http://"))
			env.Setenv("PORT", port)
			env.Setenv("DEAD", strings.TrimPrefix(dead.URL, "http://"))
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"exits": exits},
	})
}

// exits runs loadgen and fails unless it exits with the given code, or one of several:
// exits 0,4 --flag ... On a busy machine a short run may not be believed, which is 4.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits CODE ARG...")
	}
	err := ts.Exec("loadgen", args[1:]...)
	code := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("run loadgen: %v", err)
	}
	if !slices.Contains(strings.Split(args[0], ","), fmt.Sprint(code)) {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}
