package trial

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// The optional values below keep what was measured apart from what was not: their zero value is "not measured",
// and is written as an empty field. They hold no pointer, so a Trial can be copied and compared with ==.

// Float is a number or nothing.
type Float struct {
	v  float64
	ok bool
}

// F is a measured number. NaN and the infinities are what 0/0 and x/0 leave behind, not measurements, and give an
// empty Float.
func F(v float64) Float {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Float{}
	}
	return Float{v: v, ok: true}
}

// Get returns the number, and false when it was not measured.
func (f Float) Get() (v float64, measured bool) { return f.v, f.ok }

// Or returns the number, or the given one when it was not measured.
func (f Float) Or(otherwise float64) float64 {
	if f.ok {
		return f.v
	}
	return otherwise
}

// String is the field as the file holds it: the shortest decimal that reads back as the same number.
func (f Float) String() string {
	if !f.ok {
		return ""
	}
	return strconv.FormatFloat(f.v, 'f', -1, 64)
}

// MarshalText implements encoding.TextMarshaler.
func (f Float) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler. Empty text is not measured; NaN and infinities are refused.
func (f *Float) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*f = Float{}
		return nil
	}
	v, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("%q is not a finite number", text)
	}
	*f = F(v)
	return nil
}

// Int is a whole number or nothing.
type Int struct {
	v  int64
	ok bool
}

// I is a measured whole number.
func I[T ~int | ~int32 | ~int64 | ~uint32](v T) Int { return Int{v: int64(v), ok: true} }

// Get returns the number, and false when it was not measured.
func (i Int) Get() (v int64, measured bool) { return i.v, i.ok }

// Or returns the number, or the given one when it was not measured.
func (i Int) Or(otherwise int64) int64 {
	if i.ok {
		return i.v
	}
	return otherwise
}

// String is the field as the file holds it.
func (i Int) String() string {
	if !i.ok {
		return ""
	}
	return strconv.FormatInt(i.v, 10)
}

// MarshalText implements encoding.TextMarshaler.
func (i Int) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler. Empty text is not measured.
func (i *Int) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*i = Int{}
		return nil
	}
	v, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return fmt.Errorf("%q is not a whole number", text)
	}
	*i = I(v)
	return nil
}

// Bool is true, false or nothing.
type Bool struct {
	v, ok bool
}

// B is a known truth value.
func B(v bool) Bool { return Bool{v: v, ok: true} }

// Get returns the value, and false when it is not known.
func (b Bool) Get() (v, known bool) { return b.v, b.ok }

// String is the field as the file holds it: "true", "false" or nothing.
func (b Bool) String() string {
	if !b.ok {
		return ""
	}
	return strconv.FormatBool(b.v)
}

// MarshalText implements encoding.TextMarshaler.
func (b Bool) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler. Empty text is not known.
func (b *Bool) UnmarshalText(text []byte) error {
	switch string(text) {
	case "":
		*b = Bool{}
	case "true":
		*b = B(true)
	case "false":
		*b = B(false)
	default:
		return fmt.Errorf("%q is neither true nor false", text)
	}
	return nil
}

// timeLayout has milliseconds always, so that the fields sort as text.
const timeLayout = "2006-01-02T15:04:05.000Z"

// Time is a moment in UTC to the millisecond, or nothing.
type Time struct {
	ms int64
	ok bool
}

// T is a moment. One whose year has not four digits cannot be written and gives an empty Time; so does time.Time's zero.
func T(t time.Time) Time {
	t = t.UTC()
	if t.IsZero() || t.Year() < 0 || t.Year() > 9999 {
		return Time{}
	}
	return Time{ms: t.UnixMilli(), ok: true}
}

// Get returns the moment in UTC, and false when there is none.
func (t Time) Get() (at time.Time, known bool) {
	if !t.ok {
		return time.Time{}, false
	}
	return time.UnixMilli(t.ms).UTC(), true
}

// String is the field as the file holds it: RFC 3339 in UTC with milliseconds.
func (t Time) String() string {
	at, known := t.Get()
	if !known {
		return ""
	}
	return at.Format(timeLayout)
}

// MarshalText implements encoding.TextMarshaler.
func (t Time) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler. Any RFC 3339 time is accepted; empty text is no time.
func (t *Time) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*t = Time{}
		return nil
	}
	at, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return fmt.Errorf("%q is not a time such as 2026-01-31T12:00:00.000Z", text)
	}
	*t = T(at)
	return nil
}
