package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/rs/zerolog"
	fastprefork "github.com/valyala/fasthttp/prefork"

	"modelbench/servers/daemon"
)

// prefork is the life of the master and of each child, which is this program again.
//
// The library's faults stay: its master gives up for good after GOMAXPROCS/2 exits of
// children (at least one), however far apart. But it knows no signal at all and
// would leave its children behind, so that much is ours: SIGTERM goes on to the
// children, and it ends the master through a hook. Children that lose their master
// otherwise end within half a second, by the library's own OnMasterDeath.
//
// The children inherit one listener, which is the library's default; with its
// Reuseport they would have one each, with TCP_DEFER_ACCEPT and TCP_FASTOPEN.
func prefork(ctx context.Context, f *flags, log zerolog.Logger, ready func(daemon.Listeners) error) error {
	log = log.With().Int("pid", os.Getpid()).Logger()
	s := stockFastHTTP(log)
	p := fastprefork.New(s)
	p.OnMasterDeath = func() { os.Exit(daemon.ExitFailed) }
	if fastprefork.IsChild() {
		// The library sends SIGTERM to children that have ours already: here a second
		// signal is no impatience, as it is where the daemon listens for them.
		signal.Reset(os.Interrupt, syscall.SIGTERM)
		ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
		defer stop()
		p.ServeFunc = func(l net.Listener) error {
			// The library has begun to watch its parent, whoever that is by now: of a master
			// that died before, nobody else would take note.
			if os.Getenv(masterVariable) != strconv.Itoa(os.Getppid()) {
				p.OnMasterDeath()
			}
			return serve(ctx, server{s.Serve, s.ShutdownWithContext}, l, f.Drain, log)
		}
		return p.ListenAndServe(f.HTTP)
	}

	m := &master{log: log, drain: f.Drain, children: make(map[int]*exec.Cmd)}
	p.CommandProducer = m.start
	p.OnChildRecover = m.replaced
	p.ShutdownGracePeriod = f.Drain + overstay
	// Children that are not up yet find what came meanwhile in the listener's queue.
	p.OnMasterReady = func([]int) error { return ready(daemon.Listeners{HTTP: m.bound}) }
	defer context.AfterFunc(ctx, m.stop)()
	return m.verdict(p.ListenAndServe(f.HTTP))
}

// masterVariable tells a child its master's process id.
const masterVariable = "MODELBENCH_STOCK_MASTER"

// overstay is how much longer than --drain a child may take before it is killed.
const overstay = 2 * time.Second

// errStopping makes the library's master end, from its hook.
var errStopping = errors.New("stopping")

// A master knows the children that the library has started.
type master struct {
	log   zerolog.Logger
	drain time.Duration
	bound *net.TCPListener // a duplicate of the library's, from the first child on

	mu       sync.Mutex
	stopping bool
	children map[int]*exec.Cmd // by process id; those replaced are taken out
}

// start starts a child as the library does by default, but for two things. Standard
// output carries the ready line and nothing more. And the listener is passed on as a
// duplicate: exec makes what net gave the library blocking, for all who share it, so
// that a child that is up when another is started might never return from Accept.
func (m *master) start(files []*os.File) (*exec.Cmd, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stopping {
		return nil, errStopping
	}
	if m.bound == nil {
		l, err := net.FileListener(files[0])
		if err != nil {
			return nil, fmt.Errorf("find the listener's address: %w", err)
		}
		m.bound = l.(*net.TCPListener)
	}
	passed, err := (&daemon.Listeners{HTTP: m.bound}).Files()
	if err != nil {
		return nil, fmt.Errorf("pass on the listener: %w", err)
	}
	defer passed[0].Close()
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the child's program: %w", err)
	}
	cmd := exec.Command(self, os.Args[1:]...)
	cmd.Env = append(os.Environ(), "FASTHTTP_PREFORK_CHILD=1", masterVariable+"="+strconv.Itoa(os.Getpid()))
	cmd.Stderr = os.Stderr
	cmd.ExtraFiles = passed
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start a child: %w", err)
	}
	m.children[cmd.Process.Pid] = cmd
	m.log.Info().Int("child", cmd.Process.Pid).Msg("child started")
	return cmd, nil
}

// replaced is called when a child has died and another has taken its place.
func (m *master) replaced(old, _ int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.children, old)
}

// stop has the children drain. The library's master ends when the first has ended,
// since start then fails; it waits for the others.
func (m *master) stop() {
	m.log.Info().Dur("at_most", m.drain).Msg("draining")
	m.signal(syscall.SIGTERM)
	time.AfterFunc(m.drain+overstay, func() { m.signal(syscall.SIGKILL) })
}

// signal sends sig to all children, and keeps more from being started.
func (m *master) signal(sig syscall.Signal) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stopping = true
	for _, c := range m.children {
		c.Process.Signal(sig) // an error says that it has ended
	}
}

// verdict is what the end of the library's master means; no child is left then.
func (m *master) verdict(err error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.bound != nil {
		m.bound.Close()
	}
	asked := errors.Is(err, errStopping) || errors.Is(err, fastprefork.ErrOverRecovery)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("--http: %w (is a server from an earlier run still up? port 0 picks a free one)", err)
	case !m.stopping || !asked:
		return fmt.Errorf("run the children: %w", err)
	}
	for pid, c := range m.children {
		if !drained(c.ProcessState) {
			return fmt.Errorf("drain: child %d did not end well: %v", pid, c.ProcessState)
		}
	}
	return nil
}

// drained reports whether a child has finished what it had in flight: it says so, or
// the signal came before it could listen for it, and so before it accepted anything.
func drained(s *os.ProcessState) bool {
	status, ok := s.Sys().(syscall.WaitStatus)
	return s.Success() || ok && status.Signaled() && status.Signal() == syscall.SIGTERM
}
