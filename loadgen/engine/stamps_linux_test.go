package engine

import (
	"encoding/binary"
	"errors"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Every reply has a stamp.
func TestKernelTimestamps(t *testing.T) {
	t.Parallel()
	server := serve(t, always(okReply))
	for _, rate := range []float64{0, 1000} {
		rep := mustRun(t, Plan{Targets: []Target{httpTarget(t, "a", server)}, Connections: 4, Rate: rate,
			Warmup: 20 * time.Millisecond, Requests: 100, Duration: bound, Timeout: bound, KernelTimestamps: true})
		s := &rep.Targets[0]
		if s.Completed != 100 || s.Wake.Count() != s.Completed {
			t.Errorf("rate %g: %d completed, %d with a stamp", rate, s.Completed, s.Wake.Count())
		}
	}
}

// A control message that is cut short, or another's, is no stamp.
func TestStampParsing(t *testing.T) {
	var s stamper
	s.init(make([]byte, 1))
	whole := make([]byte, 64)
	binary.NativeEndian.PutUint64(whole, 64)
	binary.NativeEndian.PutUint32(whole[8:], 1)   // SOL_SOCKET
	binary.NativeEndian.PutUint32(whole[12:], 65) // SO_TIMESTAMPING_NEW
	wall := time.Now()
	binary.NativeEndian.PutUint64(whole[16:], uint64(wall.Unix()))
	binary.NativeEndian.PutUint64(whole[24:], uint64(wall.Nanosecond()))
	if got, want := s.stamp(whole), int64(wall.Sub(epoch)); got < want-int64(time.Second) || got > want+int64(time.Second) {
		t.Errorf("stamp %d, want about %d", got, want)
	}
	for cut := range whole {
		if got := s.stamp(whole[:cut]); got != 0 {
			t.Errorf("cut at %d: stamp %d", cut, got)
		}
	}
	other := append(make([]byte, 0, 128), whole...)
	binary.NativeEndian.PutUint32(other[12:], 2)
	if s.stamp(other) != 0 {
		t.Error("another's control message was read as a stamp")
	}
	if s.stamp(append(other, whole...)) == 0 {
		t.Error("a stamp behind another control message was not found")
	}
	binary.NativeEndian.PutUint64(other, 3)
	if s.stamp(append(other, whole...)) != 0 {
		t.Error("a length that cannot be was followed")
	}
}

// A reply that has long been there when it is read was served when it came.
func TestStampIsOfArrival(t *testing.T) {
	t.Parallel()
	primed, err := primeStamps()
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(primed)
	a, b, err := pair()
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(a)
	defer unix.Close(b)
	if err := askForStamps(a); err != nil {
		t.Fatal(err)
	}
	var s stamper
	s.init(make([]byte, 16))
	before := clock()
	if _, err := unix.Write(b, []byte("reply")); err != nil {
		t.Fatal(err)
	}
	there := []unix.PollFd{{Fd: int32(a), Events: unix.POLLIN}}
	for n := 0; n == 0; {
		if n, err = unix.Poll(there, -1); err != nil && err != unix.EINTR {
			t.Fatal(err)
		}
		n = max(n, 0)
	}
	after := clock()
	time.Sleep(20 * time.Millisecond) // not to be right: to be late
	if left := s.left(int32(b), before); left != 0 {
		t.Errorf("a socket that did not ask has a stamp: %d", left)
	}
	n, stamp, errno := s.receive(int32(a))
	slack := int64(time.Millisecond) // the wall clock may be stepped or slewed meanwhile
	if n != 5 || errno != 0 || stamp < before-slack || stamp > after+slack {
		t.Errorf("read %d bytes (%v), stamp %d ns after the write began; it was there after %d", n, errno, stamp-before, after-before)
	}
}

// What is written has a stamp of when it went out, which is not given for a later write.
func TestStampOfWrite(t *testing.T) {
	t.Parallel()
	a, b, err := pair()
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(a)
	defer unix.Close(b)
	if err := askForStamps(a); err != nil {
		t.Fatal(err)
	}
	var s stamper
	s.init(make([]byte, 16))
	for range 3 {
		before := clock()
		for range 2 {
			if _, err := unix.Write(a, []byte("request")); err != nil {
				t.Fatal(err)
			}
		}
		after := clock()
		slack := int64(time.Millisecond)
		if left := s.left(int32(a), before-slack); left == 0 || left > after+slack {
			t.Errorf("went out %d ns after the write began, which took %d", left-before, after-before)
		}
		if left := s.left(int32(a), after+int64(time.Hour)); left != 0 {
			t.Errorf("the stamp of an earlier write was taken for a later one: %d", left)
		}
	}
}

// pair returns the two ends of a TCP connection over loopback.
func pair() (a, b int, err error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, 0, err
	}
	defer l.Close()
	c, err := net.Dial("tcp4", l.Addr().String())
	if err != nil {
		return 0, 0, err
	}
	defer c.Close()
	d, err := l.Accept()
	if err != nil {
		return 0, 0, err
	}
	defer d.Close()
	if a, err = dup(c); err != nil {
		return 0, 0, err
	}
	b, err = dup(d)
	return a, b, err
}

// dup returns a descriptor of its own for the socket of c.
func dup(c net.Conn) (fd int, err error) {
	raw, err := c.(*net.TCPConn).SyscallConn()
	if err != nil {
		return 0, err
	}
	var failed error
	err = raw.Control(func(s uintptr) { fd, failed = unix.Dup(int(s)) })
	return fd, errors.Join(err, failed)
}
