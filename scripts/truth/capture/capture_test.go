package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/iotest"
)

func recorded(t testing.TB) []byte {
	t.Helper()
	// tcpdump -i lo -s 128 --time-stamp-precision=nano 'tcp port 21001' while loadgen sent 3
	// requests on 2 connections: with handshakes, acknowledgements and ends.
	file, err := os.ReadFile(filepath.Join("testdata", "three.pcap"))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

var server = netip.MustParseAddrPort("127.0.0.1:21001")

func segments(file []byte) (all []Segment, err error) {
	err = Read(bytes.NewReader(file), func(s Segment) { all = append(all, s) })
	return all, err
}

func TestRecorded(t *testing.T) {
	t.Parallel()
	all, err := segments(recorded(t))
	if err != nil || len(all) != 6 {
		t.Fatalf("%d segments, %v", len(all), err)
	}
	m := Matcher{Server: server}
	for _, s := range all {
		m.Add(s)
		if s.To == server && s.Bytes != 50 || s.From == server && s.Bytes != 135 {
			t.Errorf("%+v", s)
		}
	}
	want := []Exchange{ // as tcpdump -r prints the stamps
		{1795439374_864393620, 1795439374_864425087},
		{1795439374_874677668, 1795439374_874703186},
		{1795439374_884420149, 1795439374_884432958},
	}
	if !slices.Equal(m.Exchanges, want) || m.Odd != 0 || m.Unanswered() != 0 {
		t.Errorf("%+v", m)
	}
}

// However a capture is cut, what comes out is a beginning of it, and an error unless the cut
// is between two packets. Delivered byte by byte it is the same as at once.
func TestCut(t *testing.T) {
	t.Parallel()
	file := recorded(t)
	want, err := segments(file)
	if err != nil {
		t.Fatal(err)
	}
	whole := 0
	for n := range file {
		got, err := segments(file[:n])
		if err == nil {
			whole++
		} else if !errors.Is(err, ErrTorn) {
			t.Fatalf("cut at %d: %v", n, err)
		}
		if len(got) > len(want) || !slices.Equal(got, want[:len(got)]) {
			t.Fatalf("cut at %d: %+v", n, got)
		}
	}
	if whole < len(want) {
		t.Errorf("%d cuts between packets, of more than %d", whole, len(want))
	}
	var slow []Segment
	err = Read(iotest.OneByteReader(bytes.NewReader(file)), func(s Segment) { slow = append(slow, s) })
	if err != nil || !slices.Equal(slow, want) {
		t.Errorf("byte by byte: %+v, %v", slow, err)
	}
}

// The other byte order is read as well.
func TestBigEndian(t *testing.T) {
	t.Parallel()
	file := recorded(t)
	want, err := segments(file)
	if err != nil {
		t.Fatal(err)
	}
	swap := func(at int) { binary.BigEndian.PutUint32(file[at:], binary.LittleEndian.Uint32(file[at:])) }
	swap(0)
	swap(20)
	for at := fileHeader; at < len(file); {
		kept := int(binary.LittleEndian.Uint32(file[at+8:]))
		for i := range 4 {
			swap(at + 4*i)
		}
		at += packetHeader + kept
	}
	if got, err := segments(file); err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(file []byte){
		"microseconds":  func(file []byte) { binary.LittleEndian.PutUint32(file, magicMicro) },
		"no pcap":       func(file []byte) { copy(file, "\x0a\x0d\x0d\x0a") },
		"other link":    func(file []byte) { file[20] = 113 },
		"endless bytes": func(file []byte) { binary.LittleEndian.PutUint32(file[fileHeader+8:], 1<<31) },
	} {
		file := recorded(t)
		change(file)
		if got, err := segments(file); err == nil || errors.Is(err, ErrTorn) || len(got) > 0 {
			t.Errorf("%s: %d segments, %v", name, len(got), err)
		}
	}
	broken := errors.New("broken")
	if err := Read(iotest.ErrReader(broken), nil); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

func TestMatcher(t *testing.T) {
	t.Parallel()
	a, b, other := netip.MustParseAddrPort("127.0.0.1:1"), netip.MustParseAddrPort("127.0.0.2:1"), netip.MustParseAddrPort("127.0.0.1:2")
	m := Matcher{Server: server}
	for _, s := range []Segment{
		{10, server, a, 1}, // a reply to nothing
		{20, a, server, 1},
		{21, b, server, 1},
		{22, a, server, 1}, // a second one, too early
		{23, other, a, 1},  // none of our business
		{24, server, b, 1},
		{30, server, a, 1},
		{31, a, server, 1},
	} {
		m.Add(s)
	}
	if want := []Exchange{{21, 24}, {20, 30}}; !slices.Equal(m.Exchanges, want) || m.Odd != 2 || m.Unanswered() != 1 {
		t.Errorf("%+v", m)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(recorded(f))
	f.Fuzz(func(t *testing.T, file []byte) {
		all, err := segments(file)
		for _, s := range all {
			if s.Bytes < 1 || s.Bytes > 1<<16 || !s.From.IsValid() || !s.To.IsValid() {
				t.Errorf("%+v", s)
			}
		}
		if err == nil && len(file) < fileHeader {
			t.Error("no header, and no error")
		}
	})
}
