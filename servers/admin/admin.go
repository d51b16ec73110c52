// Package admin is how a server is looked at while it runs: the pages at --admin.
//
//	/healthz       200 "ok", or 503 "draining" from the signal to the end of the drain
//	/stats         JSON: see Stats
//	/metrics       the same for Prometheus, with what Go and the system know of the process
//	/debug/pprof/  profiles: net/http/pprof
//
// It reads the Tallies that the connections are counted in, and only when it is
// asked: a server that nobody looks at spends nothing on it, and no lock or
// counter here is on the way of a request. It belongs to the operator: who reaches
// the address may take a profile, so it is on the loopback by default.
//
// This is net/http, whatever the model: pages must answer when the model does not.
package admin

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"modelbench/servers/daemon"
)

// A Server is what is shown. Its functions are called from many goroutines.
type Server struct {
	Model    string
	Flags    *daemon.Flags
	Draining func() bool
	// Parts are the parts of the server at this moment, always in the same order.
	Parts func() []Part
	// Pages are those that only this server has.
	Pages []Page
}

// A Page is listed by its path, with a line that says what it is.
type Page struct {
	Pattern    string // as for http.ServeMux
	Path, Says string
	Handler    http.Handler
}

// Start is Serve for a listener that may be turned off: nil.
func (s *Server) Start(l *net.TCPListener) (stop func()) {
	if l == nil {
		return func() {}
	}
	return s.Serve(l)
}

// Serve serves the pages at l, which it takes over. The returned function ends
// that, with what is being answered.
func (s *Server) Serve(l net.Listener) (stop func()) {
	server := &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      2 * time.Minute, // a profile is taken for as long as ?seconds= says, which must be less
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(io.Discard, "", 0), // it would say at each try that descriptors have run out
	}
	done := make(chan struct{})
	go func() {
		server.Serve(l) // until stop
		close(done)
	}()
	return func() {
		server.Close()
		<-done
	}
}

// handler has a mux of its own: anyone may have added to http.DefaultServeMux.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.index)
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /stats", s.stats)
	mux.Handle("GET /metrics", s.metrics())
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	for _, p := range s.Pages {
		mux.Handle(p.Pattern, p.Handler)
	}
	return mux
}

func (s *Server) index(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintf(w, "modelbench %s\n\n"+
		"/healthz        200 ok, or 503 draining\n"+
		"/stats          what the server does and has done, as JSON\n"+
		"/metrics        the same for Prometheus\n"+
		"/debug/pprof/   profiles of this process\n", s.Model)
	for _, p := range s.Pages {
		fmt.Fprintf(w, "%-15s %s\n", p.Path, p.Says)
	}
}

func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	if s.Draining() {
		http.Error(w, "draining", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}
