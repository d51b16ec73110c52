package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// A will is what a supervisor tells a worker in the environment variable willEnv:
// who it is, and which open files it inherits.
type will struct {
	Slot    int      // number of the worker, from 0
	Seat    int      // its place in the page
	Workers int      // how many slots there are
	Admin   string   // what the name of its admin socket begins with; "": it has none
	Files   []string // names, from descriptor 3 on; a name may come more than once
}

const willEnv = "MODELBENCH_PREFORK_WORKER"

// Names of the files in a will.
const (
	fileLife     = "life"     // the end of a pipe: end-of-file when the supervisor is gone, however it went
	fileNews     = "news"     // the end of a pipe: a byte says that the worker accepts
	filePage     = "page"     // see page
	fileCounter  = "counter"  // see openCounter; only where the workers share one
	fileListener = "listener" // what daemon.Inherit takes, in its order
)

// leave adds files to what the process will inherit. They stay the caller's, to
// be closed after the start.
func (w *will) leave(cmd *exec.Cmd, name string, files ...*os.File) {
	for _, f := range files {
		w.Files = append(w.Files, name)
		cmd.ExtraFiles = append(cmd.ExtraFiles, f)
	}
}

// sign puts the will into the environment of the process.
func (w *will) sign(cmd *exec.Cmd) error {
	text, err := json.Marshal(w)
	cmd.Env = append(cmd.Environ(), willEnv+"="+string(text))
	return err
}

// inherited is what a worker has from its supervisor.
type inherited struct {
	will
	files map[string][]*os.File // by name
}

// inheritance returns what this process has inherited; nil if it is no worker.
func inheritance() (*inherited, error) {
	text, ok := os.LookupEnv(willEnv)
	if !ok {
		return nil, nil
	}
	os.Unsetenv(willEnv)
	p := &inherited{files: make(map[string][]*os.File)}
	if err := json.Unmarshal([]byte(text), &p.will); err != nil {
		return nil, fmt.Errorf("%s is for the supervisor to set: %w", willEnv, err)
	}
	for i, name := range p.Files {
		p.files[name] = append(p.files[name], os.NewFile(uintptr(3+i), name))
	}
	return p, nil
}

// file is the inherited file of that name; nil if there is none, or more than one.
func (p *inherited) file(name string) *os.File {
	if f := p.files[name]; len(f) == 1 {
		return f[0]
	}
	return nil
}

// ready tells the supervisor that the worker accepts connections.
func (p *inherited) ready() error {
	news := p.file(fileNews)
	_, err := news.Write([]byte{1})
	if err = errors.Join(err, news.Close()); err != nil {
		return fmt.Errorf("tell the supervisor: %w", err)
	}
	return nil
}

// orphaned calls gone when the supervisor is no more. It blocks until then.
func (p *inherited) orphaned(gone func()) {
	p.file(fileLife).Read(make([]byte, 1)) // nothing is ever written
	gone()
}
