package blocking

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"
)

// However the bytes arrive and however they are used, they come out in order, and
// the buffer never exceeds what it may.
func TestInbox(t *testing.T) {
	data := make([]byte, 100<<10)
	for i := range data {
		data[i] = byte(i * 7 >> 3)
	}
	const unused = 20 << 10 // what the imaginary session may leave
	for name, reader := range map[string]io.Reader{
		"whole":  bytes.NewReader(data),
		"halves": iotest.HalfReader(bytes.NewReader(data)),
		"bytes":  iotest.OneByteReader(bytes.NewReader(data[:10<<10])),
		"errors": iotest.DataErrReader(bytes.NewReader(data)),
	} {
		t.Run(name, func(t *testing.T) {
			in := inbox{most: unused}
			defer in.free()
			var out []byte
			for want := 1; ; want = want*3%unused + 1 { // take nothing until so much is there
				for len(in.unread()) < want {
					if err := in.fill(reader); err == io.EOF {
						out = append(out, in.unread()...)
						if !bytes.Equal(out, data[:len(out)]) || len(out) < 10<<10 {
							t.Errorf("%d bytes came out, or not the same", len(out))
						}
						return
					} else if err != nil {
						t.Fatal(err)
					}
					if len(*in.buf) > unused+inboxSize {
						t.Fatalf("the buffer has grown to %d bytes", len(*in.buf))
					}
				}
				out = append(out, in.unread()[:want]...)
				in.drop(want)
			}
		})
	}
}

// An empty inbox holds no buffer, least of all a long one.
func TestInboxShrinks(t *testing.T) {
	in := inbox{most: 64 << 10}
	defer in.free()
	r := bytes.NewReader(make([]byte, 64<<10))
	for r.Len() > 0 {
		if err := in.fill(r); err != nil {
			t.Fatal(err)
		}
	}
	if in.drop(len(in.unread())); in.buf != nil {
		t.Errorf("an empty inbox holds %d bytes", len(*in.buf))
	}
}
