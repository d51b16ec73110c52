//go:build !linux

package procstat

import (
	"errors"
	"time"
)

func processClock(int) (time.Duration, error) {
	return 0, errors.New("process CPU clocks need Linux")
}
