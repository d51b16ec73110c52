package campaign

import (
	"slices"
	"strings"
	"testing"
)

// Servers and loadgen are tied to their lists, other processes and we are not.
func TestTiedToCPUs(t *testing.T) {
	t.Parallel()
	may, err := allowedCPUs()
	must(t, err)
	last := listCPUs(may[len(may)-1:])
	cfg := config(t, script{})
	cfg.Targets, cfg.Workloads, cfg.Blocks = cfg.Targets[:1], cfg.Workloads[:1], 1
	cfg.ServerCPUs, cfg.ClientCPUs = last, last
	report, err := Run(t.Context(), cfg)
	must(t, err)
	cpus := notes(t, cfg.Bin, "cpus")
	if len(cpus) != 4 { // server and loadgen, in the calibration and in the block
		t.Errorf("%q", cpus)
	}
	for _, line := range cpus {
		if _, list, _ := strings.Cut(line, " "); list != last {
			t.Errorf("%s, want %s", line, last)
		}
	}
	m := readManifest(t, cfg.Out)
	if m.ServerCPUs != last || m.ClientCPUs != last || !slices.Contains(m.Notes, "servers and loadgen share CPU "+last) {
		t.Errorf("manifest: %q, %q, %q", m.ServerCPUs, m.ClientCPUs, m.Notes)
	}
	if r := report.Trials[0]; string(r.Labels) != "client_cpus="+last+";server_cpus="+last || !strings.Contains(r.CellID, "server_cpus="+last) {
		t.Errorf("labels %q, cell %q", r.Labels, r.CellID)
	}
	if now, err := allowedCPUs(); err != nil || !slices.Equal(now, may) {
		t.Errorf("we may now use %v, before %v", now, may)
	}
}

// Default targets are made for as many CPUs as the servers have.
func TestProcsFollowTheCPUs(t *testing.T) {
	t.Parallel()
	may, err := allowedCPUs()
	must(t, err)
	cfg := Config{Bin: "b", Out: "o", ServerCPUs: listCPUs(may[:1])}
	must(t, cfg.Validate())
	for _, target := range cfg.Targets {
		if target.Procs != 1 {
			t.Errorf("%s has --procs %d on one CPU", target.Name, target.Procs)
		}
	}
}
