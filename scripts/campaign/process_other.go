//go:build !linux

package campaign

import (
	"errors"
	"os/exec"
)

// errNotLinux is what a campaign says elsewhere: without a death signal it could
// not promise that no process stays behind, and loadgen's engine is epoll.
var errNotLinux = errors.New("running a campaign needs Linux")

func tie(*exec.Cmd) error    { return errNotLinux }
func spare(*exec.Cmd)        {}
func killGroup(int)          {}
func killAll([]int)          {}
func ended(int) bool         { return false }
func groupMembers(int) []int { return nil }
func descendants(int) []int  { return nil }
func processes() map[int]kin { return nil }
