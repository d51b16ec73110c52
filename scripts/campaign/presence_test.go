package campaign

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestPresence(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	// What a killed campaign left, and what is nobody's business.
	dead, foreign := filepath.Join(dir, presencePrefix+"dead"), filepath.Join(dir, "foreign")
	must(t, os.WriteFile(dead, []byte("dead\n"), 0o600))
	must(t, os.WriteFile(foreign, nil, 0o600))
	one, err := announce(dir, "one")
	must(t, err)
	if got := one.others(); len(got) != 0 || exists(dead) || !exists(foreign) {
		t.Errorf("alone, it sees %q; dead: %v, foreign: %v", got, exists(dead), exists(foreign))
	}
	two, err := announce(dir, "two")
	must(t, err)
	if a, b := one.others(), two.others(); !slices.Equal(a, []string{"two"}) || !slices.Equal(b, []string{"one"}) {
		t.Errorf("two see %q and %q", a, b)
	}
	two.leave()
	if got := one.others(); len(got) != 0 {
		t.Errorf("alone again, it sees %q", got)
	}
	one.leave()
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A campaign that meets another says so, once, whichever of them began first.
func TestTwoCampaignsAtOnce(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		when func(Event) bool // the other one appears
	}{
		{"there before", func(e Event) bool { return e.Kind == Planned }},
		{"joins", func(e Event) bool { return e.Kind == BlockBegins && e.Block == 1 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cfg := config(t, script{})
			cfg.Workloads = cfg.Workloads[1:]
			cfg.Events = func(e Event) {
				if tt.when(e) {
					other, err := announce(cfg.presence, "two (process 7)")
					must(t, err)
					t.Cleanup(other.leave)
				}
			}
			_, err := Run(t.Context(), cfg)
			must(t, err)
			// The first note is of the few blocks.
			want := "another campaign runs on this machine at the same time, and disturbs this one: two (process 7)"
			if m := readManifest(t, cfg.Out); len(m.Notes) != 2 || m.Notes[1] != want {
				t.Errorf("notes %q", m.Notes)
			}
		})
	}
}

// Where nobody can be seen, that is said, and measured all the same.
func TestCampaignWithoutPresence(t *testing.T) {
	t.Parallel()
	cfg := config(t, script{})
	cfg.Workloads, cfg.presence = cfg.Workloads[1:], filepath.Join(t.TempDir(), "missing")
	report, err := Run(t.Context(), cfg)
	must(t, err)
	if m := readManifest(t, cfg.Out); report.Status != Complete || len(m.Notes) != 2 || !strings.HasPrefix(m.Notes[1], "whether other campaigns run on this machine is not known: ") {
		t.Errorf("%s, notes %q", report.Status, m.Notes)
	}
}
