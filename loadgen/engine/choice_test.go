package engine

import (
	"errors"
	"strings"
	"testing"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	forbidden := errors.New("io_uring: forbidden")
	for _, c := range []struct {
		plan   Plan
		probe  error
		want   Engine
		reason string
	}{
		{Plan{}, nil, Uring, "closed loop"},
		{Plan{}, forbidden, Epoll, "io_uring: forbidden"},
		{Plan{Connections: 7}, nil, Epoll, "fewer than 8 connections"},
		{Plan{Connections: 15, Threads: 2}, nil, Epoll, "fewer than 8 connections"},
		{Plan{Connections: 16, Threads: 2}, nil, Uring, "closed loop"},
		{Plan{Rate: 1000}, nil, Epoll, "open loop"},
		{Plan{KernelTimestamps: true}, nil, Epoll, "kernel timestamps"},
		{Plan{Engine: Epoll}, nil, Epoll, ""},
		{Plan{Engine: Uring, Rate: 1000, Connections: 1}, nil, Uring, ""},
	} {
		p := c.plan.withDefaults()
		if c.plan.Threads == 0 {
			p.Threads = 1
		}
		reason, err := p.choose(func() error { return c.probe })
		if err != nil || p.Engine != c.want || (reason == "") != (c.reason == "") || !strings.Contains(reason, c.reason) {
			t.Errorf("%+v: %s because of %q, %v; want %s, %q", c.plan, p.Engine, reason, err, c.want, c.reason)
		}
	}
	p := Plan{Engine: Uring}
	if _, err := p.choose(func() error { return forbidden }); !errors.Is(err, forbidden) {
		t.Errorf("uring that is forbidden: %v", err)
	}
}

func TestEngineUnknown(t *testing.T) {
	t.Parallel()
	p := Plan{Targets: make([]Target, 1), Engine: "kqueue"}
	if err := p.Validate(); err == nil || !strings.HasPrefix(err.Error(), `engine: "kqueue"`) {
		t.Errorf("%v", err)
	}
}
