package live

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"modelbench/loadgen/record"
)

var update = flag.Bool("update", false, "write the golden frames anew")

// scenes are frames of runs that a person may come to see.
func scenes() map[string]frame {
	connecting := planOf(0, "127.0.0.1:8080")
	begun := newState(factsOf(&connecting))
	var intervals, rotation [][]record.Samples
	for i := range 30 {
		n := 20_000 + 4000*int(math.Round(3*math.Sin(float64(i)/3)))
		intervals = append(intervals, []record.Samples{samples(n, 250*ms)})
		bad := samples(n/2, 250*ms)
		if i == 20 {
			bad.Errors[record.Timeout], bad.Errors[record.Reset], bad.Up, bad.ConnectFailed = 40, 2, 62, 5
			bad.Due += 1042
		}
		rotation = append(rotation, []record.Samples{samples(n, 250*ms), bad, samples(0, 250*ms)})
	}
	bad := story(planOf(20_000, "a"), append(intervals, rotation[20][1:2])...)
	return map[string]frame{
		"1 connecting":                 begun.frame(),
		"2 warming up":                 story(planOf(0, "a")).frame(),
		"3 closed loop":                story(planOf(0, "a"), intervals...).frame(),
		"4 open loop, rate missed":     bad.frame(),
		"5 rotation, closed loop":      story(planOf(0, "goroutine", "prefork", "a-target-with-quite-a-long-name"), rotation...).frame(),
		"6 rotation, open loop, empty": story(planOf(20_000, "old", "new")).frame(),
	}
}

// The panel as it stands on terminals of several widths. Colours are left out.
func TestGoldenFrames(t *testing.T) {
	var b strings.Builder
	all := scenes()
	for i := range len(all) {
		for name, f := range all {
			if !strings.HasPrefix(name, fmt.Sprint(i+1)) {
				continue
			}
			for _, width := range []int{110, 80, 50, 20} {
				fmt.Fprintf(&b, "== %s, %d columns\n", name[2:], width)
				for line := range strings.Lines(ansi.Strip(f.view(width, 24))) {
					b.WriteString(strings.TrimRight(line, " \n") + "\n")
				}
			}
		}
	}
	file := filepath.Join("testdata", "frames.txt")
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != b.String() {
		t.Errorf("%v; after a look at them, write the frames anew with -update:\n%s", err, b.String())
	}
}

// No line is ever wider than the terminal, and the last one is empty, for the cursor.
func TestFramesFit(t *testing.T) {
	for name, f := range scenes() {
		rows := strings.Count(f.view(100, 24), "\n")
		for width := range 300 {
			view := f.view(width, 24)
			for line := range strings.SplitSeq(view, "\n") {
				if ansi.StringWidth(line) > width {
					t.Errorf("%s at %d columns: %q", name, width, line)
				}
			}
			if !strings.HasSuffix(view, "\n") || strings.Count(view, "\n") != rows {
				t.Errorf("%s at %d columns is %q", name, width, view)
			}
		}
	}
}

// Colour says what a person should look at, and nothing says it that is not so.
func TestColours(t *testing.T) {
	red, yellow := strings.Split(wrong.Styled("|"), "|")[0], strings.Split(doubt.Styled("|"), "|")[0]
	for name, f := range scenes() {
		view := f.view(100, 24)
		if hasErrors := strings.HasPrefix(name, "4") || strings.HasPrefix(name, "5"); strings.Contains(view, red) != hasErrors {
			t.Errorf("%s: errors %v, red %v", name, hasErrors, !hasErrors)
		}
		if missed := strings.HasPrefix(name, "4"); strings.Contains(view, yellow) != missed {
			t.Errorf("%s: missed %v, yellow %v", name, missed, !missed)
		}
	}
}

// A terminal of few rows shows the top of the panel, and the cursor below it.
func TestFramesOfFewRows(t *testing.T) {
	f := scenes()["3 closed loop"]
	whole := strings.Split(f.view(100, 24), "\n")
	for height, rows := range map[int]int{24: 6, 7: 6, 6: 5, 3: 2, 2: 1, 1: 1, 0: 1} {
		if got, want := f.view(100, height), strings.Join(append(whole[:rows:rows], ""), "\n"); got != want {
			t.Errorf("of %d rows:\n%s, want\n%s", height, got, want)
		}
	}
}

func TestSpark(t *testing.T) {
	for _, tt := range []struct {
		values []float64
		width  int
		want   string
	}{
		{nil, 3, "   "}, {[]float64{0, 0}, 3, "   "}, {[]float64{1}, 3, "█  "}, {[]float64{1e-9, 1}, 2, "▁█"},
		{[]float64{0, 1, 2, 3, 4, 5, 6, 7, 8}, 9, " ▁▂▃▄▅▆▇█"}, {[]float64{9, 4, 8}, 2, "▄█"}, {[]float64{4, 4}, 0, ""},
	} {
		if got := spark(tt.values, tt.width); got != tt.want {
			t.Errorf("%v in %d columns: %q, want %q", tt.values, tt.width, got, tt.want)
		}
	}
}

func TestBar(t *testing.T) {
	for _, tt := range []struct {
		done  float64
		width int
		want  string
	}{{0, 4, "░░░░"}, {1, 4, "████"}, {0.5, 4, "██░░"}, {0.625, 4, "██▌░"}, {0.99999, 2, "██"}, {0.5, 0, ""}, {0.5, -3, ""}} {
		if got := bar(tt.done, tt.width); got != tt.want {
			t.Errorf("%g in %d columns: %q, want %q", tt.done, tt.width, got, tt.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		done, width := rapid.Float64Range(0, 1).Draw(t, "done"), rapid.IntRange(0, 200).Draw(t, "width")
		if got := utf8.RuneCountInString(bar(done, width)); got != width {
			t.Errorf("%d columns wide", got)
		}
	})
}

// What is removed is what stands there after the terminal has broken its lines.
func TestErase(t *testing.T) {
	view := strings.Repeat("x", 100) + "\n" + wrong.Styled("short") + "\n\n" + strings.Repeat("y", 40) + "\n"
	for width, rows := range map[int]int{200: 4, 100: 4, 99: 5, 40: 6, 39: 7, 20: 5 + 1 + 1 + 2} {
		if got, want := erase(view, width), fmt.Sprintf("\x1b[%dA\x1b[J", rows); got != want {
			t.Errorf("at %d columns: %q, want %q", width, got, want)
		}
	}
}

// A frame four times a second must not cost the load anything worth speaking of: what is
// allocated stays until the end of the run, as the collector is off.
func TestFrameGarbage(t *testing.T) {
	s := story(planOf(20_000, "a"), []record.Samples{samples(20_000, 250*ms)})
	var sink int
	if n := testing.AllocsPerRun(100, func() {
		f := s.frame()
		sink += len(f.view(110, 24))
	}); n > 100 {
		t.Errorf("%g allocations for a frame", n)
	}
}

func BenchmarkFrame(b *testing.B) {
	s := story(planOf(20_000, "a"), []record.Samples{samples(20_000, 250*ms)})
	b.ReportAllocs()
	for b.Loop() {
		f := s.frame()
		f.view(110, 24)
	}
}

// The model draws the newest frame, and nothing when all is over.
func TestModel(t *testing.T) {
	all := scenes()
	var m tea.Model = model{frame: all["1 connecting"], width: 80, height: 24}
	if m.Init() != nil {
		t.Error("the panel asks for something")
	}
	m, cmd := m.Update(all["3 closed loop"])
	v := m.View()
	if cmd != nil || !strings.HasPrefix(v.Content, "measuring") || v.Cursor.Y != strings.Count(v.Content, "\n") || v.Cursor.X != 0 || v.AltScreen {
		t.Errorf("command %v, view %+v", cmd != nil, v)
	}
	if m, cmd = m.Update(overMsg{}); cmd == nil || m.View().Content != "" {
		t.Errorf("in the end: %q", m.View().Content)
	}
}
