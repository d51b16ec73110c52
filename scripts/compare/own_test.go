package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
)

// ownName is what the test binary is called as a server of the user's: one that knows
// nothing of campaigns.
const ownName = "ownserver"

// playOwnServer serves /plaintext, in one of these ways:
//
//	all      /plaintext and everything else
//	one      everything else is 404
//	never    it does not listen
//	dies     it ends in the middle of its first load
//	forks    it starts a process in a session of its own, and SIGTERM does not end it
func playOwnServer(args []string) int {
	fs := flag.NewFlagSet(ownName, flag.ContinueOnError)
	port, mode, pids := fs.String("port", "", ""), fs.String("mode", "all", ""), fs.String("pids", "", "")
	echo := fs.String("echo", "", "")
	if fs.Parse(args) != nil {
		return 2
	}
	switch *mode {
	case "never":
		fmt.Fprintln(os.Stderr, "waiting for a licence server")
		select {}
	case "forks":
		child := exec.Command("sleep", "600")
		child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if err := child.Start(); err != nil {
			panic(err)
		}
		if err := os.WriteFile(*pids, fmt.Appendf(nil, "%d %d", os.Getpid(), child.Process.Pid), 0o644); err != nil {
			panic(err)
		}
	}
	if *echo != "" {
		l, err := net.Listen("tcp", *echo)
		if err != nil {
			panic(err)
		}
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				go io.Copy(conn, conn)
			}
		}()
	}
	l, err := net.Listen("tcp", "127.0.0.1:"+*port)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("listening at port", l.Addr().(*net.TCPAddr).Port)
	var served atomic.Int64
	err = http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if *mode == "one" && !strings.HasPrefix(r.URL.Path, "/plaintext") {
			http.NotFound(w, r)
			return
		}
		// The question before the first block and the calibration's first slices are survived.
		if n := served.Add(1); *mode == "dies" && n == 50 {
			fmt.Fprintln(os.Stderr, "out of luck")
			os.Exit(1)
		}
		_, _ = io.WriteString(w, "Hello, World!")
	}))
	fmt.Fprintln(os.Stderr, err)
	return 1
}
