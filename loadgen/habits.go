package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/alecthomas/kong"
)

// elsewhere are flags that hands know from other load generators. They are not listed in
// the help by themselves: what they stand for names them.
type elsewhere struct {
	Q       rate          `name:"q" short:"q" hidden:""` // oha's: of all connections; hey's is of each worker
	R       rate          `name:"r" short:"r" hidden:""` // bombardier's
	Z       time.Duration `name:"z" short:"z" hidden:""` // hey's and oha's
	T       time.Duration `name:"T" short:"T" hidden:""` // wrk's; hey's is a content type
	Latency bool          `short:"L" hidden:""`          // wrk's: shows percentiles, which always are shown here
	Script  string        `short:"s" hidden:""`          // wrk's, which cannot be had here
}

// adopt puts what was given by another tool's name where it belongs, and settles what depends
// on whether a flag was given at all.
func (f *flags) adopt(ctx *kong.Context) error {
	given := givenIn(ctx)
	for _, names := range [][]string{{"rate", "q", "r"}, {"duration", "z"}, {"timeout", "T"}} {
		first := ""
		for _, name := range names {
			switch {
			case given[name] && first != "":
				return usageError{fmt.Errorf("--%s and --%s mean the same: give one of them", first, name)}
			case given[name]:
				first = name
			}
		}
	}
	e := &f.Elsewhere
	switch {
	case given["script"]:
		return usageError{errors.New("--script: there are no scripts here; --method, --header and --body make the request, --pipeline sends several at once")}
	case given["q"]:
		f.Rate = e.Q
	case given["r"]:
		f.Rate = e.R
	}
	for _, name := range []string{"rate", "q", "r"} {
		if given[name] && f.Rate == 0 { // a script's empty variable must not become all there is
			return usageError{fmt.Errorf("--%s: must not be 0: leave it out for a closed loop", name)}
		}
	}
	if given["z"] {
		f.Duration = e.Z
	}
	if given["T"] {
		f.Timeout = e.T
	}
	if f.Requests > 0 && !given["warmup"] {
		f.Warmup = 0 // who asks for so many requests means all that the server gets
	}
	return nil
}

// givenIn returns the names of the flags that stand on the command line.
func givenIn(ctx *kong.Context) map[string]bool {
	given := map[string]bool{}
	for _, p := range ctx.Path {
		if p.Flag != nil {
			given[p.Flag.Name] = true
		}
	}
	return given
}
