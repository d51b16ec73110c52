package daemon

import (
	"io"
	"time"

	"github.com/rs/zerolog"
)

// NewLog makes the logger that the flags ask for, writing to w. Every line names
// the model; a worker process adds its number.
func NewLog(f *Flags, model string, w io.Writer) zerolog.Logger {
	if f.LogFormat == "console" {
		w = zerolog.ConsoleWriter{Out: w, TimeFormat: time.TimeOnly, NoColor: true}
	}
	level, err := zerolog.ParseLevel(f.LogLevel)
	if err != nil { // the parser lets only levels through
		level = zerolog.InfoLevel
	}
	return zerolog.New(w).Level(level).With().Timestamp().Str("model", model).Logger()
}
