package live

import (
	"io"
	"os"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// framesPerSecond is how often bubbletea looks whether there is something new to draw.
const framesPerSecond = 10

// closing is how long close waits for a terminal that takes nothing (Ctrl-S).
const closing = time.Second

// A panel draws frames on a terminal. Its goroutine owns the bubbletea program that does
// it, of which there is none while the terminal is not ours, and a new one afterwards and
// at every new size: a program knows where on the screen it is only as long as nobody
// else moves what stands there.
type panel struct {
	out    *screen
	frames chan frame // the newest, if it has not been taken yet
	over   chan struct{}
	last   frame

	program       *tea.Program
	ended         chan struct{} // closed when the program's Run has returned
	width, height int           // of the terminal when the program began
}

func openPanel(term *os.File, first frame) *panel {
	p := &panel{out: newScreen(term), frames: make(chan frame, 1), over: make(chan struct{}), last: first}
	go p.loop()
	return p
}

// show draws f soon, unless it is overtaken by the next. It does not wait.
func (p *panel) show(f frame) {
	select {
	case <-p.frames:
	default:
	}
	p.frames <- f // there is room: nobody else puts frames in
}

// close removes the panel and waits until that is done.
func (p *panel) close() {
	close(p.frames)
	select {
	case <-p.over:
	case <-time.After(closing):
	}
}

func (p *panel) loop() {
	defer close(p.over)
	defer p.out.release()
	for more := true; more; {
		p.draw()
		select {
		case f, ok := <-p.frames:
			if more = ok; ok {
				p.last = f
			}
		case <-p.out.resized:
		}
	}
	if p.program != nil && p.out.ours() {
		p.program.Send(overMsg{})
		<-p.ended
	}
	p.stop()
}

// draw shows the last frame, if the terminal is ours.
func (p *panel) draw() {
	width, height := p.out.size()
	switch {
	case p.program != nil && !p.out.ours():
		p.stop()
	case p.program != nil && (width != p.width || height != p.height):
		p.stop()
		if p.out.claim() {
			io.WriteString(p.out, erase(p.last.view(p.width, p.height), width)) // as it is all that can be done, it need not be checked
		}
	}
	if p.program != nil {
		p.program.Send(p.last)
	} else if p.out.claim() {
		p.width, p.height = width, height
		p.start()
	}
}

// erase returns what removes a view from a terminal that has become so many columns wide,
// and has broken lines that are longer than that, as most terminals do.
func erase(view string, width int) string {
	rows := 0
	for line := range strings.SplitSeq(strings.TrimSuffix(view, "\n"), "\n") {
		rows += max(1, (ansi.StringWidth(line)+width-1)/width)
	}
	return ansi.CursorUp(rows) + ansi.EraseScreenBelow
}

func (p *panel) start() {
	profile := colorprofile.ANSI
	if os.Getenv("NO_COLOR") != "" {
		profile = colorprofile.ASCII
	}
	p.program = tea.NewProgram(model{frame: p.last, width: p.width, height: p.height}, tea.WithOutput(p.out), tea.WithWindowSize(p.width, p.height),
		tea.WithInput(nil), tea.WithoutSignalHandler(), tea.WithFPS(framesPerSecond), tea.WithColorProfile(profile))
	p.ended = make(chan struct{})
	go func(program *tea.Program, ended chan struct{}) {
		defer close(ended)
		program.Run() // it fails if the terminal is gone: then there is nothing to show, and nobody to tell
	}(p.program, p.ended)
}

// stop ends the program without another word to the terminal.
func (p *panel) stop() {
	if p.program == nil {
		return
	}
	p.out.silence()
	p.program.Kill()
	<-p.ended
	p.program = nil
}

// A model is what bubbletea draws: the newest frame.
type model struct {
	frame         frame
	width, height int // of the terminal
	over          bool
}

// ownShape is the shape of cursor that the terminal has anyway: bubbletea encodes shapes
// as 2n+1, one more without blinking, and 0 (DECSCUSR) is to leave it alone.
const ownShape = -1

// overMsg says that the run is over and the panel is to go.
type overMsg struct{}

// Init asks for nothing.
func (m model) Init() tea.Cmd { return nil }

// Update takes in a frame or the end.
func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case frame:
		m.frame = msg
	case overMsg:
		m.over = true
		return m, tea.Quit
	}
	return m, nil
}

// View draws the panel, with the cursor on the empty line below it.
func (m model) View() tea.View {
	v := tea.View{DisableBracketedPasteMode: true}
	if !m.over {
		v.Content = m.frame.view(m.width, m.height)
	}
	v.Cursor = tea.NewCursor(0, strings.Count(v.Content, "\n"))
	v.Cursor.Shape, v.Cursor.Blink = ownShape, false
	return v
}
