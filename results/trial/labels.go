package trial

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Labels are factors that have no column of their own, written k=v;k=v in the order of the keys. In keys and values
// the bytes %, ; and = and control characters are percent-encoded (%3B), everything else stands as it is. The zero
// value has no labels. It is a string so that a Trial stays comparable; only With and UnmarshalText make one.
type Labels string

// With returns the labels with one added or replaced. The key must not be empty.
func (l Labels) With(key, value string) (Labels, error) {
	if key == "" {
		return l, errors.New("a label needs a name before the =")
	}
	all, err := l.Map()
	if err != nil {
		return l, err
	}
	all[key] = value
	return encodeLabels(all), nil
}

// Map returns a fresh map of the labels, which the caller owns.
func (l Labels) Map() (map[string]string, error) {
	all := map[string]string{}
	if l == "" {
		return all, nil
	}
	for pair := range strings.SplitSeq(string(l), ";") {
		k, v, found := strings.Cut(pair, "=")
		key, errKey := url.PathUnescape(k)
		value, errValue := url.PathUnescape(v)
		if !found || key == "" || errKey != nil || errValue != nil {
			return nil, fmt.Errorf("%q is not a label key=value", pair)
		}
		if _, twice := all[key]; twice {
			return nil, fmt.Errorf("label %q occurs twice", key)
		}
		all[key] = value
	}
	return all, nil
}

// UnmarshalText implements encoding.TextUnmarshaler: it checks the text and brings it into the canonical form.
func (l *Labels) UnmarshalText(text []byte) error {
	all, err := Labels(text).Map()
	if err != nil {
		return err
	}
	*l = encodeLabels(all)
	return nil
}

func encodeLabels(all map[string]string) Labels {
	pairs := make([]string, 0, len(all))
	for _, key := range slices.Sorted(maps.Keys(all)) {
		pairs = append(pairs, escape(key, "%;=")+"="+escape(all[key], "%;="))
	}
	return Labels(strings.Join(pairs, ";"))
}

// escape percent-encodes control characters and the bytes of special, which has to hold '%' to be reversible.
func escape(s, special string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == 0x7f || strings.IndexByte(special, c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
