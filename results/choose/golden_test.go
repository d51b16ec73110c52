package choose

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"modelbench/results/trial"
)

var update = flag.Bool("update", false, "rewrite testdata from what Text says now")

// golden are answers of each kind.
func golden() map[string]func(t *testing.T) *Advice {
	three := wait(map[string]truth{"goroutine": base, "prefork": base.times(1.3, 1, 3), "eventloop": base.times(0.8, 1, 1)})
	three.drift = 0.05
	return map[string]func(t *testing.T) *Advice{
		"recommendation": func(t *testing.T) *Advice {
			w := scaled()
			return advise(t, need("wait", func(n *Need) { n.Connections, n.P99, n.Memory = 64, 5000, 512<<20 }), w)
		},
		"tie": func(t *testing.T) *Advice {
			w := wait(map[string]truth{"goroutine": base, "prefork": base.times(1.2, 1, 1), "eventloop": base})
			return advise(t, need("wait", func(n *Need) { n.Simple = []string{"goroutine"} }), w)
		},
		"none": func(t *testing.T) *Advice {
			return advise(t, need("wait", func(n *Need) { n.P99 = 1000 }), three)
		},
		"undecided": func(t *testing.T) *Advice {
			w := wait(map[string]truth{"goroutine": base, "eventloop": base.times(0.85, 1, 1)})
			w.noise, w.edit = 0.2, func(t *trial.Trial) {
				if b, _ := t.Block.Get(); b == 3 {
					t.Verdict, t.VerdictReason = trial.VerdictDrift, "the kernel took 12% longer after than before"
				}
			}
			return advise(t, need("wait"), w)
		},
		"interpolated": func(t *testing.T) *Advice {
			return advise(t, need("wait", func(n *Need) { n.Connections = 128 }), scaled())
		},
		"not-measured": func(t *testing.T) *Advice {
			return advise(t, need("wait", func(n *Need) {
				n.Connections, n.Rate, n.Isolation, n.SharedState, n.Memory = 5000, 20_000, true, true, 20<<20
			}), three)
		},
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, make := range golden() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got bytes.Buffer
			if err := Text(&got, make(t)); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("got\n%s\nwant\n%s", got.Bytes(), want)
			}
		})
	}
}
