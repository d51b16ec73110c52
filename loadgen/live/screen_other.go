//go:build !unix

package live

import (
	"io"
	"os"
)

// terminal knows of none: elsewhere than on Unix there is no load to be shown.
func terminal(io.Writer) (*os.File, bool) { return nil, false }

// A screen is never made here.
type screen struct {
	io.Writer
	resized chan os.Signal
}

func newScreen(*os.File) *screen { return &screen{} }
func (*screen) release()         {}
func (*screen) size() (w, h int) { return 0, 0 }
func (*screen) claim() bool      { return false }
func (*screen) ours() bool       { return false }
func (*screen) silence()         {}
