package daemon

import (
	"fmt"
	"runtime"
	"time"

	"modelbench/servers/app"
	"modelbench/servers/protocol"
)

// Flags are the settings that every server has. A main embeds them in its
// command line and adds what only its model knows.
type Flags struct {
	HTTP  string `name:"http" placeholder:"ADDR" default:"${http}" help:"Serve HTTP/1.1 at this address; \"\" turns it off, port 0 picks a free one (${default})."`
	Echo  string `name:"echo" placeholder:"ADDR" default:"${echo}" help:"Serve TCP echo at this address (${default})."`
	Admin string `name:"admin" placeholder:"ADDR" default:"${admin}" help:"Serve /healthz, /stats, /metrics and /debug/pprof/ at this address; for the operator alone (${default})."`

	Procs    int `placeholder:"N" default:"0" help:"CPU budget: at most this many cores (0: all ${cpus})."`
	MaxConns int `placeholder:"N" default:"0" help:"Connections beyond N, over all processes, are closed at once (0: what the file descriptor limit allows)."`

	HeaderTimeout  time.Duration `placeholder:"D" default:"10s" help:"From a request's first byte to the end of its head (${default})."`
	RequestTimeout time.Duration `placeholder:"D" default:"30s" help:"From a request's first byte to its last, head and body together (${default})."`
	IdleTimeout    time.Duration `placeholder:"D" default:"60s" help:"Between requests (${default})."`
	WriteTimeout   time.Duration `placeholder:"D" default:"10s" help:"For a client that does not read its reply (${default})."`
	MaxHeader      int           `placeholder:"BYTES" default:"16384" help:"Size of a request head (${default})."`
	MaxBody        int           `placeholder:"BYTES" default:"1048576" help:"Size of a request body (${default})."`
	Drain          time.Duration `placeholder:"D" default:"10s" help:"How long SIGTERM waits for requests in flight (${default})."`

	Counter string `enum:"${counters}" default:"${counter}" placeholder:"MODE" help:"How /count keeps its number. racy: it reads, gives way and writes, which loses increments; mutex; atomic${shared} (${default})."`

	AllowFaults bool `help:"Serve POST /fault/{exit,segv,hang,spin,leak}, with which any client can make this server go wrong."`

	LogLevel  string `enum:"debug,info,warn,error" default:"info" help:"One of ${enum} (${default})."`
	LogFormat string `enum:"console,json" default:"console" help:"One of ${enum}; to standard error (${default})."`

	Shape Shape `kong:"-"`
}

// A Shape is what a server is made of, as far as its limits depend on that. A
// main sets it once its flags are known, before it listens. The zero value is one
// process that needs nothing.
type Shape struct {
	Processes int // that accept; 0: one
	Held      int // descriptors that the model needs for itself, in each
	Most      int // connections that the model can have at most, in each; 0: any number
}

// CPUs is the CPU budget in cores, at least 1.
func (f *Flags) CPUs() int {
	if f.Procs > 0 {
		return f.Procs
	}
	return runtime.NumCPU()
}

// Rules are the session rules that the flags ask for.
func (f *Flags) Rules() *protocol.Rules {
	rules := &protocol.Rules{
		MaxHead:        f.MaxHeader,
		MaxBody:        f.MaxBody,
		HeadTimeout:    f.HeaderTimeout,
		RequestTimeout: f.RequestTimeout,
		IdleTimeout:    f.IdleTimeout,
		DrainGrace:     min(f.Drain/2, drainGrace),
		App:            app.App{Counter: f.counter()},
	}
	if f.AllowFaults {
		rules.App.Fault = fail
	}
	return rules
}

// counter is what keeps the number within this process. A number that processes
// share is prefork's to keep.
func (f *Flags) counter() app.Counter {
	switch f.Counter {
	case "racy":
		return new(app.Racy)
	case "mutex":
		return new(app.Mutex)
	}
	return new(app.Atomic)
}

// drainGrace is long enough for clients that ask all the time, on a busy machine,
// and short enough for whoever waits for the server to stop.
const drainGrace = 500 * time.Millisecond

// mostProcs is how many cores --procs can name. Threads, loops and workers follow it,
// and Go ends a process that has 10,000 threads.
const mostProcs = 1024

// Validate reports the first setting that cannot be kept, by its flag. It is
// called by the command-line parser, before any socket is opened.
func (f *Flags) Validate() error {
	if err := f.Rules().Validate(); err != nil {
		return fmt.Errorf("--%w", err)
	}
	switch {
	case f.HTTP == "" && f.Echo == "":
		return fmt.Errorf("--http and --echo are both off: nothing to serve")
	case f.Procs < 0 || f.Procs > mostProcs:
		return fmt.Errorf("--procs is %d; it must be from 1 to %d, or 0 for all", f.Procs, mostProcs)
	case f.MaxConns < 0:
		return fmt.Errorf("--max-conns is %d; it must be at least 1, or 0 for what the limit allows", f.MaxConns)
	case f.WriteTimeout <= 0 || f.WriteTimeout > protocol.Longest:
		return fmt.Errorf("--write-timeout is %v; it must be above 0 and at most %v", f.WriteTimeout, protocol.Longest)
	case f.Drain < 0 || f.Drain > protocol.Longest:
		return fmt.Errorf("--drain is %v; it must be from 0 to %v", f.Drain, protocol.Longest)
	}
	return nil
}
