package main

import (
	"fmt"
	"strings"
	"testing"
)

func TestParseSources(t *testing.T) {
	tests := []struct{ text, want string }{
		{"127.0.0.1", "127.0.0.1"},
		{"127.0.0.2-127.0.0.4", "127.0.0.2 127.0.0.3 127.0.0.4"},
		{"127.0.0.254-127.0.1.1", "127.0.0.254 127.0.0.255 127.0.1.0 127.0.1.1"},
		{"127.0.0.9, 127.0.0.2 - 127.0.0.3", "127.0.0.9 127.0.0.2 127.0.0.3"},
		{"10.1.2.3/30", "10.1.2.1 10.1.2.2"},
		{"10.1.2.3/31", "10.1.2.2 10.1.2.3"},
		{"10.1.2.3/32", "10.1.2.3"},
		{"::1", "::1"},
		{"fd00::fffe/127", "fd00::fffe fd00::ffff"},
		{"255.255.255.255", "255.255.255.255"},
		{"::ffff:10.0.0.1", "10.0.0.1"},
	}
	for _, tt := range tests {
		got, err := parseSources(tt.text)
		if err != nil || strings.Trim(fmt.Sprint(got), "[]") != tt.want {
			t.Errorf("%q: got %v, %v, want %s", tt.text, got, err, tt.want)
		}
	}
	if got, err := parseSources("10.0.0.0/16"); err != nil || len(got) != 65534 {
		t.Errorf("a /16 has %d addresses, %v", len(got), err)
	}
}

func TestParseSourcesRefuses(t *testing.T) {
	for _, tt := range []struct{ text, says string }{
		{"", `"" is no address`},
		{"localhost", `"localhost" is no address`},
		{"127.0.0.1:80", "is no address"},
		{"127.0.0.1,", `"" is no address`},
		{"127.0.0.1-", `"" is no address`},
		{"127.0.0.9-127.0.0.2", "wrong way round"},
		{"127.0.0.1-::1", "wrong way round"},
		{"10.0.0.0/33", "no prefix"},
		{"fe80::1%lo", "is no address"},
		{"10.0.0.0/8", "more than 65536"},
		{"::/0", "more than 65536"},
		{"0.0.0.0-255.255.255.255", "more than 65536"},
		{"127.0.0.1,127.0.0.1", "127.0.0.1 is named twice"},
		{"10.0.0.0/30,10.0.0.2", "10.0.0.2 is named twice"},
	} {
		if got, err := parseSources(tt.text); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%q: %d addresses, error %v, want one that says %q", tt.text, len(got), err, tt.says)
		}
	}
}

// Whatever is accepted is a bounded number of different addresses, in an error of one
// line, and each address reads back as itself.
func FuzzParseSources(f *testing.F) {
	for _, s := range []string{"127.0.0.2-127.0.0.40", "::1", "10.0.0.0/28,10.1.0.1", "255.255.255.250-255.255.255.255", "-", "/", ",", "::/120"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		all, err := parseSources(text)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("%q: an error of several lines: %v", text, err)
			}
			return
		}
		if len(all) == 0 || len(all) > maxSources {
			t.Errorf("%q: %d addresses", text, len(all))
		}
		for _, a := range all[:min(len(all), 100)] {
			if again, err := parseSources(a.String()); err != nil || len(again) != 1 || again[0] != a {
				t.Errorf("%q: %s reads back as %v, %v", text, a, again, err)
			}
		}
	})
}
