package choose

import (
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"modelbench/results/trial"
)

// The script as a user runs it, for one target, one block, on another port and in another folder: the rows are what choose asked for.
func TestScriptsMeasure(t *testing.T) {
	t.Parallel()
	w := wait(map[string]truth{"prefork": base})
	w.edit = func(t *trial.Trial) { t.Workers = trial.I(2) }
	n := need("wait", func(n *Need) { n.Isolation = true })
	a := advise(t, n, w)
	if len(a.Missing) != 1 {
		t.Fatalf("%+v", a.Missing)
	}
	dir := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	here := strings.NewReplacer(".bin", dir, "faults.csv", filepath.Join(dir, "faults.csv"), "127.0.0.1:18081", l.Addr().String(), "1 2 3 4 5 6", "1")
	output := ""
	for _, m := range a.Missing {
		cmd := exec.Command("sh", "-c", here.Replace(m.Command))
		cmd.Dir = filepath.Join("..", "..")
		out, err := cmd.CombinedOutput()
		if output += string(out); err != nil {
			t.Logf("the script ends with %v, as its last server does", err)
		}
	}
	trials, torn, err := trial.ReadFile(filepath.Join(dir, "faults.csv"))
	if err != nil || torn || len(trials) != 1 {
		t.Fatalf("%v, %d trials:\n%s", err, len(trials), output)
	}
	if f := trials[0]; f.Fault != "exit" || f.Target != "prefork" || f.Block.Or(0) != 1 || f.ErrReset.Or(0)+f.ErrEOF.Or(0) == 0 {
		t.Errorf("%+v\n%s", f, output)
	}
}
