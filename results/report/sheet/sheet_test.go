package sheet

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The libraries are the published ones, and what names them says so.
func TestVendored(t *testing.T) {
	t.Parallel()
	page := asset("vendor/README.md")
	for _, name := range vendored {
		text := asset(name)
		sum := sha256.Sum256([]byte(text))
		if !strings.Contains(page, hex.EncodeToString(sum[:])) {
			t.Errorf("%s is not the file of vendor/README.md", name)
		}
		version := regexp.MustCompile(`v(\d+\.\d+\.\d+) Copyright`).FindStringSubmatch(text)
		if version == nil || !strings.Contains(page, version[1]) {
			t.Errorf("%s: version %q is not that of vendor/README.md", name, version)
		}
	}
	for _, name := range []string{"vendor/d3.LICENSE", "vendor/plot.LICENSE"} {
		if !strings.Contains(asset(name), "Permission to use, copy, modify") {
			t.Errorf("%s is no licence", name)
		}
	}
}

// A script that held its own end would be cut there.
func TestScriptsEndOnce(t *testing.T) {
	t.Parallel()
	for i, text := range New("", "").Scripts {
		if text := strings.ToLower(string(text)); strings.Contains(text, "</script") || strings.Contains(text, "<!--") {
			t.Errorf("script %d holds what ends or hides a script", i)
		}
	}
}

// Text stands out by 4.5 to 1, marks by 3 to 1 (WCAG 2), in light and in dark, on the page and on panels.
func TestContrast(t *testing.T) {
	t.Parallel()
	blocks := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllStringSubmatch(asset("base.css"), -1)
	if len(blocks) != 2 {
		t.Fatalf("%d sets of colours", len(blocks))
	}
	for i, block := range blocks {
		colour := map[string]string{}
		for _, m := range regexp.MustCompile(`--([\w-]+): (#[0-9a-f]{6});`).FindAllStringSubmatch(block[1], -1) {
			colour[m[1]] = m[2]
		}
		check := func(name, on string, least float64) {
			if c := contrast(t, colour[name], colour[on]); c < least {
				t.Errorf("set %d: %s on %s has contrast %.2f, below %v", i, name, on, c, least)
			}
		}
		for _, on := range []string{"page", "panel"} {
			for _, name := range []string{"text", "soft", "link", "warn", "invalid"} {
				check(name, on, 4.5)
			}
			for c := range 8 {
				check(fmt.Sprintf("c%d", c), on, 3)
			}
		}
		check("warn", "warn-panel", 4.5)
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		if len(colour) != 7 {
			t.Fatalf("colour %q", colour)
		}
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		v := float64(n) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}
