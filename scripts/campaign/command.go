package campaign

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"modelbench/scripts/campaign/spec"
)

// commandWithin bounds the wait for a command of the user's, unless it says otherwise.
const commandWithin = 10 * time.Second

// startCommand starts a target's command under a guard and waits until it serves.
func startCommand(ctx context.Context, l *launcher, work string, t Target) (*server, error) {
	ports, err := reservePorts()
	if err != nil {
		return nil, err
	}
	s := &server{target: t, ports: ports, http: ports.http(), echo: ports.echo()}
	fail := func(err error) (*server, error) {
		if _, stopErr := s.stop(ctx); stopErr != nil {
			err = errors.Join(err, stopErr)
		}
		return nil, fmt.Errorf("start %s: %w", t.Name, err)
	}
	if s.scratch, err = os.MkdirTemp(work, "dir-"); err != nil {
		return fail(err)
	}
	check, err := newReadyCheck(t, s)
	if err != nil {
		return fail(err)
	}
	begin := time.Now()
	if s.proc, s.pid, err = l.startGuarded(s.fill(check.line)); err != nil {
		return fail(err)
	}
	within := t.Ready.Within
	if within == 0 {
		within = commandWithin
	}
	waiting, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	err = check.wait(waiting, s.proc.done)
	switch {
	case err == nil:
		s.toReady = time.Since(begin)
		return s, nil
	case ctx.Err() != nil:
		return fail(context.Cause(ctx))
	case errors.Is(err, errEnded):
		hint := ""
		if s.proc.err == nil {
			hint = " (a server that goes into the background by itself has to be told not to)"
		}
		return fail(fmt.Errorf("%w: %s%s", errEnded, s.proc.diagnosis(), hint))
	}
	return fail(fmt.Errorf("%v within %v; it said: %s", err, within, orNothing(s.proc.stderr.String())))
}

// fill is the target's command with its placeholders filled in.
func (s *server) fill(line func(string)) child {
	fill := strings.NewReplacer(s.placeholders()...).Replace
	c := child{name: s.target.Name, dir: fill(s.target.Dir), stdout: line, stderr: line}
	for _, word := range s.target.Command {
		c.args = append(c.args, fill(word))
	}
	for name, value := range s.target.Env {
		c.env = append(c.env, name+"="+fill(value))
	}
	return c
}

// placeholders are spec's, each with what it stands for.
func (s *server) placeholders() []string {
	_, httpPort, _ := net.SplitHostPort(s.http)
	_, echoPort, _ := net.SplitHostPort(s.echo)
	return []string{spec.PortMark, httpPort, spec.HTTPMark, s.http, spec.EchoPortMark, echoPort, spec.EchoMark, s.echo, spec.DirMark, s.scratch}
}

// startGuarded starts a command under a guard (see MaybeGuard) and returns the guard,
// which ends when the command does, and the command's own pid, whose tree is to be
// accounted. What it prints on either output is kept for messages.
func (l *launcher) startGuarded(c child) (*process, int, error) {
	ropeEnd, rope, err := os.Pipe()
	if err != nil {
		return nil, 0, err
	}
	defer ropeEnd.Close()
	pids, pidsEnd, err := os.Pipe()
	if err != nil {
		return nil, 0, errors.Join(err, rope.Close())
	}
	defer pids.Close()
	c.path, c.args = "/proc/self/exe", append([]string{guardFlag}, c.args...)
	c.stdin, c.extra, c.rope = ropeEnd, []*os.File{pidsEnd}, rope
	c.keepStdout = true
	proc, err := l.start(c)
	if closeErr := pidsEnd.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, 0, errors.Join(err, rope.Close())
	}
	text, _ := bufio.NewReader(pids).ReadString('\n') // an end without a line: it could not be started
	pid, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		pid = 0
	}
	return proc, pid, nil
}

// program is the file that a command runs, where that can be told.
func (t Target) program() string {
	name := t.Command[0]
	if strings.Contains(name, "{") {
		return ""
	}
	if strings.ContainsRune(name, filepath.Separator) {
		return filepath.Join(t.Dir, name)
	}
	return name
}

// closeRope lets go of a guard's rope: it kills what is left of its command.
func closeRope(rope io.Closer) {
	if rope != nil {
		_ = rope.Close() // closed before: it has been let go of
	}
}
