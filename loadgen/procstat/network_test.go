package procstat

import (
	"os"
	"path/filepath"
	"testing"
)

// network is a recorded /proc in which process 1 looks at itself.
func network(t *testing.T, files map[string]string) Network {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "1", "net"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("1", filepath.Join(dir, "self")); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, "1", "net", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return readNetwork(dir)
}

func TestNetwork(t *testing.T) {
	t.Parallel()
	before := network(t, map[string]string{
		"netstat": "TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 1 20 30\n",
		"snmp":    "Tcp: OutSegs RetransSegs InErrs\nTcp: 1000 400 7\n"})
	after := network(t, map[string]string{
		"netstat": "TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 1 25 35\n",
		"snmp":    "Tcp: OutSegs RetransSegs InErrs\nTcp: 2000 403 7\n"})
	if got := after.Since(before); got != (Network{true, 5, 3}) {
		t.Errorf("grew by %+v, want 5 and 3", got)
	}
	unknown := network(t, map[string]string{"netstat": "TcpExt: ListenOverflows\nTcpExt: 25\n"})
	for _, n := range []Network{unknown, after.Since(unknown), unknown.Since(before), readNetwork(t.TempDir())} {
		if n != (Network{}) {
			t.Errorf("%+v of files that are not there", n)
		}
	}
}

// The kernel at hand has both counters.
func TestReadNetwork(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/net/snmp"); err != nil {
		t.Skip("no such files here")
	}
	if n := ReadNetwork(); !n.Known || n.Retransmits < 0 || n.Overflows < 0 {
		t.Errorf("read %+v", n)
	}
}
