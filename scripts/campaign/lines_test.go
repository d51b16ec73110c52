package campaign

import (
	"slices"
	"strings"
	"testing"
)

func cutLines(chunks ...string) []string {
	var got []string
	w := &lineWriter{each: func(s string) { got = append(got, s) }}
	for _, c := range chunks {
		_, _ = w.Write([]byte(c))
	}
	w.flush()
	return got
}

func TestLinesCutAnywhere(t *testing.T) {
	t.Parallel()
	const text = "one\r\n\ntwo words\n" + `{"ready":true}` + "\nno end"
	want := []string{"one", "two words", `{"ready":true}`, "no end"}
	for i := range len(text) + 1 {
		if got := cutLines(text[:i], text[i:]); !slices.Equal(got, want) {
			t.Errorf("cut at %d: %q", i, got)
		}
	}
}

func TestLongLinesAreBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", maxLine-1)
	got := cutLines(long, "yz", "more\nnext\n")
	if want := []string{long + "y", "next"}; !slices.Equal(got, want) {
		t.Errorf("got %d lines, the first of %d bytes", len(got), len(got[0]))
	}
}

func TestTailKeepsWhatMatters(t *testing.T) {
	t.Parallel()
	var last tail
	for i := range tailLines + 2 {
		last.add(itoa(i))
	}
	if got := last.String(); got != "2 | 3 | 4 | 5 | 6 | 7 | 8 | 9" {
		t.Errorf("kept %q", got)
	}
	last.add("panic: out of luck")
	for range 100 {
		last.add("goroutine 1 [running]:")
	}
	if got := last.String(); got != "panic: out of luck" {
		t.Errorf("of a crash it kept %q", got)
	}
}

func TestParseReady(t *testing.T) {
	t.Parallel()
	tests := []struct {
		line   string
		noEcho bool
		ok     bool
		bad    bool
	}{
		{line: `{"ready":true,"http":"127.0.0.1:1","echo":""}`, noEcho: true, ok: true},
		{line: `{"ready":true,"http":"","echo":""}`, noEcho: true, ok: true, bad: true},
		{line: `{"ready":true,"model":"prefork","pid":7,"http":"127.0.0.1:8082","echo":"127.0.0.1:7082"}`, ok: true},
		{line: `{"ready":true,"http":"[::1]:80","echo":"[::1]:81","later":{"added":1}}`, ok: true},
		{line: `{"ready":false,"http":"127.0.0.1:1","echo":"127.0.0.1:2"}`},
		{line: `listening`}, {line: ``}, {line: `{"ready":true`}, {line: `[true]`}, {line: `{"ready":"yes"}`},
		{line: `{"ready":true}`, ok: true, bad: true},
		{line: `{"ready":true,"http":"127.0.0.1:0","echo":"127.0.0.1:2"}`, ok: true, bad: true},
		{line: `{"ready":true,"http":"127.0.0.1:1","echo":""}`, ok: true, bad: true},
	}
	for _, tt := range tests {
		r, ok, err := parseReady(tt.line, tt.noEcho)
		if ok != tt.ok || (err != nil) != tt.bad {
			t.Errorf("%s: %+v, %v, %v", tt.line, r, ok, err)
		}
	}
}

func FuzzParseReady(f *testing.F) {
	f.Add(`{"ready":true,"model":"goroutine","pid":1,"http":"127.0.0.1:20001","echo":"127.0.0.1:20002"}`)
	f.Add(`{"ready":true,"http":":","echo":"x"}`)
	f.Add(`ready`)
	f.Fuzz(func(t *testing.T, line string) {
		r, ok, err := parseReady(line, false)
		if ok && err == nil && (r.HTTP == "" || r.Echo == "" || !r.Ready) {
			t.Errorf("accepted %+v", r)
		}
	})
}
