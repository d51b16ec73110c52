package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"os"
	"strconv"
	"time"

	"github.com/rs/zerolog"

	"modelbench/servers/admin"
	"modelbench/servers/daemon"
)

// The supervisor serves the admin address: what the workers count is in the page,
// so it can say it whatever they are at, also of those that are dead. What only
// a process knows of itself (its heap, its goroutines, profiles) it has to be
// asked: each worker serves the same pages on a Unix socket, to which /worker/N/
// leads.
//
//	--admin: supervisor  /stats  /metrics       from the page
//	                     /worker/0/debug/pprof/ --> Unix socket of worker 0
//	                     /worker/1/debug/pprof/ --> Unix socket of worker 1

// adminSocket is where the worker with a process id serves its pages.
func adminSocket(prefix string, pid int) string { return fmt.Sprintf("%s%d", prefix, pid) }

// admin is what the supervisor shows. It drains once ctx has ended.
func (s *supervisor) admin(ctx context.Context) *admin.Server {
	return &admin.Server{
		Model: "prefork", Flags: &s.flags.Flags, Parts: s.parts,
		Draining: func() bool { return ctx.Err() != nil },
		Pages: []admin.Page{{
			Pattern: "GET /worker/{n}/{rest...}", Path: "/worker/N/", Says: "all this for worker N alone, from 0",
			Handler: http.HandlerFunc(s.leadToWorker),
		}},
	}
}

// parts are the slots, each with all that its processes have done.
func (s *supervisor) parts() []admin.Part {
	var parts []admin.Part
	for _, now := range s.status() {
		w := &admin.Worker{PID: now.PID, State: now.State, Restarts: now.Restarts, Replaced: now.Replaced, LastDeath: now.LastDeath}
		p := admin.Part{Name: "worker", Number: now.Worker, Tallies: now.Tallies[:], Worker: w}
		if now.PID != 0 {
			w.UptimeS = time.Since(now.Started).Seconds()
			p.Ask = func(ctx context.Context) *admin.Process { return s.ask(ctx, now.PID) }
		}
		parts = append(parts, p)
	}
	return parts
}

// ask has a worker say what its process is like; nil: it does not answer.
func (s *supervisor) ask(ctx context.Context, pid int) *admin.Process {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://worker/stats", nil)
	if err != nil {
		return nil
	}
	reply, err := s.transport(pid).RoundTrip(request)
	if err != nil {
		return nil
	}
	defer reply.Body.Close()
	var st admin.Stats
	if json.NewDecoder(reply.Body).Decode(&st) != nil {
		return nil
	}
	return &st.Process
}

// transport leads to a worker. It keeps no connection: the next request may be for
// the process after this one.
func (s *supervisor) transport(pid int) *http.Transport {
	return &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", adminSocket(s.sockets, pid))
		},
	}
}

// leadToWorker answers with the page of a worker.
func (s *supervisor) leadToWorker(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || n < 0 || n >= len(s.slots) {
		http.Error(w, fmt.Sprintf("no such worker; they are numbered from 0 to %d", len(s.slots)-1), http.StatusNotFound)
		return
	}
	now := s.slots[n].status()
	if now.PID == 0 {
		http.Error(w, fmt.Sprintf("worker %d is %s", n, now.State), http.StatusServiceUnavailable)
		return
	}
	(&httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.Scheme, p.Out.URL.Host = "http", "worker"
			p.Out.URL.Path, p.Out.URL.RawPath = "/"+r.PathValue("rest"), ""
		},
		Transport: s.transport(now.PID),
		ErrorLog:  log.New(io.Discard, "", 0),
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, fmt.Sprintf("worker %d does not answer: %v", n, err), http.StatusBadGateway)
		},
	}).ServeHTTP(w, r)
}

// showWorker serves a worker's own pages for the supervisor, until the returned
// function is called. Without them it serves its clients all the same.
func showWorker(parent *inherited, host *daemon.Host, log zerolog.Logger) (stop func()) {
	if parent.Admin == "" {
		return func() {}
	}
	l, err := net.Listen("unix", adminSocket(parent.Admin, os.Getpid()))
	if err != nil {
		log.Warn().Err(err).Msg("admin pages of this worker")
		return func() {}
	}
	self := []admin.Part{{Name: "worker", Number: parent.Slot, Tallies: host.Parts}}
	return (&admin.Server{
		Model: "prefork", Flags: host.Flags, Draining: host.Rules.Draining,
		Parts: func() []admin.Part { return self },
	}).Serve(l)
}
