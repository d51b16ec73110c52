package daemon

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	"unsafe"

	"modelbench/servers/protocol"
)

// A script is a session that asks for one thing after the other.
type script []protocol.Next

func (s *script) Step(_, out []byte) (int, []byte, protocol.Next) {
	next := (*s)[0]
	*s = (*s)[1:]
	return 1, append(out, "said"...), next
}
func (s *script) Expired(out []byte) []byte { return out }
func (s *script) Idle() bool                { return len(*s) == 0 }

func show(t *Tally) string {
	return fmt.Sprintf("open %d waiting %d computing %d accepted %d requests %d in %d out %d pauses %d spins %d",
		t.Open.Load(), t.Waiting.Load(), t.Computing.Load(), t.Accepted.Load(), t.Requests.Load(),
		t.BytesIn.Load(), t.BytesOut.Load(), t.Pauses.Load(), t.Spins.Load())
}

// What a conversation does is counted as it does it, and no longer.
func TestTally(t *testing.T) {
	h := &Host{Flags: &Flags{MaxConns: 1}, Parts: NewTallies(2), Pick: func() int { return 0 }}
	set := h.newConns()
	c := set.add(nil, &script{
		{Do: protocol.Compute},
		{Do: protocol.Pause, For: time.Second},
		{Do: protocol.Pause}, // only a write
		{Do: protocol.Read, Answered: 2},
		{Do: protocol.Pause, For: time.Second},
	})
	if c.Part() != 0 {
		t.Errorf("it is counted in part %d", c.Part())
	}
	if set.add(nil, nil) != nil {
		t.Error("a second connection was let in")
	}
	for i, want := range []string{
		"open 1 waiting 0 computing 1 accepted 1 requests 0 in 1 out 4 pauses 0 spins 1",
		"open 1 waiting 1 computing 0 accepted 1 requests 0 in 2 out 8 pauses 1 spins 1",
		"open 1 waiting 0 computing 0 accepted 1 requests 0 in 3 out 12 pauses 1 spins 1",
		"open 1 waiting 0 computing 0 accepted 1 requests 2 in 4 out 16 pauses 1 spins 1",
		"open 1 waiting 1 computing 0 accepted 1 requests 2 in 5 out 20 pauses 2 spins 1",
	} {
		if c.Step(nil, nil); show(h.Parts[0]) != want {
			t.Errorf("after step %d: %s, want %s", i+1, show(h.Parts[0]), want)
		}
	}
	c.Done(fmt.Errorf("write: %w", os.ErrDeadlineExceeded)) // in the middle of a pause
	if got := show(h.Parts[0]); got != "open 0 waiting 0 computing 0 accepted 1 requests 2 in 5 out 20 pauses 2 spins 1" {
		t.Errorf("at the end: %s", got)
	}
	if n := h.Parts[0].WriteTimeouts.Load(); n != 1 {
		t.Errorf("%d write timeouts", n)
	}
	if n := h.Parts[0].RefusedFull.Load() + h.Parts[1].RefusedFull.Load(); n != 1 {
		t.Errorf("%d refused", n)
	}
}

// A step that computes elsewhere while its connection is closed leaves nothing
// behind.
func TestTallyOver(t *testing.T) {
	h := &Host{Flags: &Flags{MaxConns: 1}, Parts: NewTallies(1)}
	c := h.newConns().add(nil, &script{{Do: protocol.Compute}, {Do: protocol.Pause, For: time.Second}})
	c.Step(nil, nil)
	c.Done(errors.New("reset"))
	if c.Step(nil, nil); h.Parts[0].Waiting.Load() != 0 || h.Parts[0].Computing.Load() != 0 || h.Parts[0].WriteTimeouts.Load() != 0 {
		t.Errorf("left behind: %s", show(h.Parts[0]))
	}
}

func TestTallySize(t *testing.T) {
	if size := unsafe.Sizeof(Tally{}); size%64 != 0 {
		t.Errorf("a tally has %d bytes: two of them share a cache line", size)
	}
}

// A limit that would overflow further on is refused by its flag.
func TestValidate(t *testing.T) {
	for flag, spoil := range map[string]func(*Flags){
		"--procs":         func(f *Flags) { f.Procs = mostProcs + 1 },
		"--write-timeout": func(f *Flags) { f.WriteTimeout = protocol.Longest + 1 },
		"--drain":         func(f *Flags) { f.Drain = protocol.Longest + 1 },
		"--idle-timeout":  func(f *Flags) { f.IdleTimeout = protocol.Longest + 1 },
	} {
		f := Flags{HTTP: "x", HeaderTimeout: 1, RequestTimeout: 1, IdleTimeout: 1, WriteTimeout: 1, MaxHeader: 64}
		if err := f.Validate(); err != nil {
			t.Fatal(err)
		}
		spoil(&f)
		if err := f.Validate(); err == nil || !strings.HasPrefix(err.Error(), flag+" ") {
			t.Errorf("%s: %v", flag, err)
		}
	}
}
