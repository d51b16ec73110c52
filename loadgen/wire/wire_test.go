package wire

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
)

func TestEcho(t *testing.T) {
	p, err := Echo(16)
	if err != nil {
		t.Fatal(err)
	}
	fresh := func() Reader { return p.Readers(1)[0] }
	good := p.Request()
	bad := bytes.Clone(good)
	bad[15] ^= 1
	tests := []struct {
		stream []byte
		want   string
	}{
		{good, "k|."},
		{bytes.Repeat(good, 3), "kkk|."},
		{good[:15], "|."},
		{bad, "X"},
		{append(bytes.Clone(good), bad...), "kX"},
		{good[1:], "X"},
	}
	for _, tt := range tests {
		checkCuts(t, fresh, tt.stream, tt.want)
	}
	for _, size := range []int{0, -1, MaxPayload + 1} {
		if _, err := Echo(size); err == nil {
			t.Errorf("Echo(%d) was accepted", size)
		}
	}
}

func TestHTTPRequest(t *testing.T) {
	tests := []struct {
		method, url string
		headers     []string
		body, want  string
		close       bool
	}{
		{"", "http://a:1/x?y=z", nil, "", "GET /x?y=z HTTP/1.1\r\nHost: a:1\r\n\r\n", false},
		{"", "http://a:1", nil, "", "GET / HTTP/1.1\r\nHost: a:1\r\n\r\n", false},
		{"", "http://a:1/", nil, "hi", "POST / HTTP/1.1\r\nHost: a:1\r\nContent-Length: 2\r\n\r\nhi", false},
		{"POST", "http://a:1/", nil, "", "POST / HTTP/1.1\r\nHost: a:1\r\nContent-Length: 0\r\n\r\n", false},
		{"", "http://a:1/", []string{"host: b", "X:  y "}, "", "GET / HTTP/1.1\r\nhost: b\r\nX: y\r\n\r\n", false},
		{"", "http://a:1/", nil, "hi", "POST / HTTP/1.1\r\nHost: a:1\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi", true},
		{"", "http://a:1/", []string{"connection: Keep-Alive"}, "", "GET / HTTP/1.1\r\nHost: a:1\r\nconnection: Keep-Alive\r\n\r\n", true},
	}
	for _, tt := range tests {
		u, err := url.Parse(tt.url)
		if err != nil {
			t.Fatal(err)
		}
		p, err := HTTP(HTTPRequest{Method: tt.method, URL: u, Headers: tt.headers, Body: []byte(tt.body), Close: tt.close})
		if err != nil {
			t.Errorf("%s %s: %v", tt.method, tt.url, err)
		} else if got := string(p.Request()); got != tt.want {
			t.Errorf("%s %s: got %q, want %q", tt.method, tt.url, got, tt.want)
		}
	}
}

func TestHTTPRequestRefuses(t *testing.T) {
	u, _ := url.Parse("http://a:1/")
	for _, q := range []HTTPRequest{
		{Method: "GE T"},
		{Headers: []string{"novalue"}},
		{Headers: []string{": x"}},
		{Headers: []string{"A B: x"}},
		{Headers: []string{"A: x\r\nB: y"}},
		{Headers: []string{"Content-Length: 3"}},
		{Headers: []string{"transfer-encoding: chunked"}},
	} {
		q.URL = u
		if _, err := HTTP(q); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%+v: error %v, want one on one line", q, err)
		}
	}
}
