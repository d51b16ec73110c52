package trial

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
)

// Machine is where a trial ran: the last group of columns.
type Machine struct {
	HostID    string `csv:"host_id"`    // tells machines apart without naming them: see ThisMachine
	Kernel    string `csv:"kernel"`     // release on Linux, elsewhere the system's name
	CPUModel  string `csv:"cpu_model"`  // empty where the kernel does not say (many ARM machines)
	CPUs      Int    `csv:"cpus"`       // CPUs this process may use
	GoVersion string `csv:"go_version"` // that built the program which writes the row
	GitRev    string `csv:"git_rev"`    // of that program, with -dirty; empty when it was built without (go run)
}

// ThisMachine describes the machine and the running program. What cannot be found out stays empty. It reads files, so
// call it once, not per trial.
//
// HostID is 32 bits of a keyed hash of /etc/machine-id, or of the host's name where there is none: the same after a
// reboot and for every user, useless for finding the machine, and too short to prove a guess of the name right.
func ThisMachine() Machine {
	m := machineAt("/")
	m.CPUs = I(runtime.NumCPU())
	m.GoVersion = runtime.Version()
	if info, ok := debug.ReadBuildInfo(); ok {
		m.GitRev = revision(info.Settings)
	}
	if m.Kernel == "" {
		m.Kernel = runtime.GOOS
	}
	return m
}

// machineAt reads what files tell, below a root that tests point at a recorded tree.
func machineAt(root string) Machine {
	var m Machine
	identity := readLine(filepath.Join(root, "etc/machine-id"))
	if identity == "" && root == "/" {
		identity, _ = os.Hostname()
	}
	m.HostID = hostID(identity)
	m.Kernel = readLine(filepath.Join(root, "proc/sys/kernel/osrelease"))
	m.CPUModel = cpuModel(root)
	return m
}

// hostID follows machine-id(5): the id itself is confidential, a keyed hash of it may be published.
func hostID(identity string) string {
	if identity == "" {
		return ""
	}
	mac := hmac.New(sha256.New, []byte("modelbench trial host_id"))
	mac.Write([]byte(identity))
	return hex.EncodeToString(mac.Sum(nil)[:4])
}

func revision(settings []debug.BuildSetting) string {
	var rev, dirty string
	for _, s := range settings {
		switch {
		case s.Key == "vcs.revision":
			rev = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "-dirty"
		}
	}
	if rev == "" {
		return ""
	}
	return rev + dirty
}

func readLine(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(b), "\n")
	return strings.TrimSpace(line)
}
