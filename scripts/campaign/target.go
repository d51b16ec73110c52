package campaign

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"modelbench/scripts/campaign/spec"
)

// address takes apart a URL that was checked.
func address(s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		return &url.URL{}
	}
	return u
}

// ParseTarget reads what --target takes: mine=COMMAND or mine=URL. ready is what --ready
// says of it and pid what --pid does, either empty.
func ParseTarget(arg, ready, pid string) (Target, error) {
	name, what, ok := strings.Cut(arg, "=")
	if !ok {
		return Target{}, &UsageError{"--target", fmt.Sprintf("%q is not name=COMMAND or name=URL", arg)}
	}
	s := spec.Target{Name: name}
	var err error
	if strings.HasPrefix(what, "http://") || strings.HasPrefix(what, "https://") || strings.HasPrefix(what, "tcp://") {
		s.URL = what
	} else if s.Command, err = spec.Split(what); err != nil {
		return Target{}, &UsageError{"--target", fmt.Sprintf("%s: the command: %v", name, err)}
	}
	if ready != "" {
		if s.Ready, err = spec.ParseReady(ready); err != nil {
			return Target{}, &UsageError{"--ready", fmt.Sprintf("%s: %v", name, err)}
		}
		if s.URL != "" {
			return Target{}, &UsageError{"--ready", name + " is up already: there is nothing to wait for"}
		}
	}
	if pid != "" {
		if s.URL == "" {
			return Target{}, &UsageError{"--pid", name + " is started here, and its pid is known"}
		}
		if s.PID, s.Process, err = parsePID(pid); err != nil {
			return Target{}, &UsageError{"--pid", fmt.Sprintf("%s: %v", name, err)}
		}
	}
	if err := checkParts([]spec.Target{s}, nil); err != nil {
		return Target{}, &UsageError{"--target", fmt.Sprintf("%s: %v", name, err)}
	}
	return NewTarget(s), nil
}

// parsePID reads a process id or the name of a process.
func parsePID(s string) (pid int, name string, err error) {
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' {
			return 0, s, nil
		}
		if n = 10*n + int(r-'0'); n > 1<<22 { // the kernel's own limit
			return 0, "", fmt.Errorf("%s is no process id", s)
		}
	}
	if n == 0 {
		return 0, "", errors.New("0 is no process id")
	}
	return n, "", nil
}
