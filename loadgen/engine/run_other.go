//go:build !linux

package engine

import "context"

// Run needs Linux.
func Run(context.Context, Plan) (*Report, error) { return nil, ErrUnsupported }
