package cases

import (
	"bytes"
	"testing"
)

func TestAll(t *testing.T) {
	all, err := All()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, c := range all {
		if seen[c.Name] {
			t.Errorf("two cases are named %q", c.Name)
		}
		seen[c.Name] = true
		if c.Statuses == "" || len(c.In) == 0 {
			t.Errorf("%q expects %q of %d bytes", c.Name, c.Statuses, len(c.In))
		}
	}
}

func TestParse(t *testing.T) {
	c, err := parse("x", "200 close\nhas: a\\r\\n\nwhy: because: of\n\nGET\\x00\\\\\n\n\\{ab\\n*2}\\\nz")
	if err != nil {
		t.Fatal(err)
	}
	want := "GET\x00\\\r\n\r\nab\nab\nz\r\n"
	if !bytes.Equal(c.In, []byte(want)) || c.Statuses != "200" || !c.Close || c.Has != "a\r\n" || c.Why != "because: of" {
		t.Errorf("got %+v with %q, want %q", c, c.In, want)
	}
	for _, bad := range []string{"200 open\n", "200\n\nx", "200 open\nhow: x\n\nx", "200 open\n\n\\q", "200 open\n\n\\xzz", "200 open\n\n\\{a*b}", "200 open\nhas: \\q\n\nx"} {
		if _, err := parse("x", bad); err == nil {
			t.Errorf("%q: accepted", bad)
		}
	}
}
