//go:build !linux

package trial

import "errors"

func limitFileSize(uint64) error { return errors.New("needs Linux") }
