package uring

import (
	"bytes"
	"errors"
	"net"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// bound is how long a test waits for what must come.
const bound = 30 * time.Second

// start makes a ring for a test and ties the test to its thread.
func start(t *testing.T, size Sizes) *Ring {
	t.Helper()
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	r, err := New(size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	return r
}

// pair returns two connected sockets, the first of which does not block.
func pair(t *testing.T) (ours, peer int) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fds[0]); unix.Close(fds[1]) })
	if err := unix.SetNonblock(fds[0], true); err != nil {
		t.Fatal(err)
	}
	return fds[0], fds[1]
}

// collect waits until n completions are there and takes them off the ring.
func collect(t *testing.T, r *Ring, n int) []CQE {
	t.Helper()
	var all []CQE
	for end := time.Now().Add(bound); ; {
		for c := r.Completions(); len(c) > 0; c = r.Completions() {
			all = append(all, c...)
			r.Seen(len(c))
		}
		if len(all) >= n {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d completions of %d", len(all), n)
		}
		if err := r.Wait(time.Second); err != nil {
			t.Fatal(err)
		}
	}
	if len(all) != n {
		t.Fatalf("%d completions, want %d: %+v", len(all), n, all)
	}
	return all
}

// silent submits and checks that nothing completes.
func silent(t *testing.T, r *Ring) {
	t.Helper()
	if err := r.Look(); err != nil {
		t.Fatal(err)
	}
	if c := r.Completions(); len(c) > 0 {
		t.Fatalf("completions %+v, want none", c)
	}
}

// The queues go round, whatever the kernel lets requests be ordered by.
func TestQueuesGoRound(t *testing.T) {
	for name, optional := range map[string]uint32{"no array": setupNoSQArray, "array": 0, "unknown flag": 1 << 31} {
		t.Run(name, func(t *testing.T) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			r, err := newRing(Sizes{4, 8}, setup, optional)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if err := r.Start(); err != nil {
				t.Fatal(err)
			}
			for i := range uint64(25) {
				for k := range uint64(3) {
					r.Next().Nop(3*i + k)
				}
				for k, c := range collect(t, r, 3) {
					if c.Data != 3*i+uint64(k) || c.Res != 0 {
						t.Fatalf("completion %+v, want of %d", c, 3*i+uint64(k))
					}
				}
			}
		})
	}
}

func TestQueueIsFull(t *testing.T) {
	r := start(t, Sizes{4, 8})
	for range 4 {
		r.Next().Nop(1)
	}
	if s := r.Next(); s != nil || r.Queued() != 4 {
		t.Fatalf("a fifth request in a queue of four, %d queued", r.Queued())
	}
	if err := r.Submit(); err != nil {
		t.Fatal(err)
	}
	if r.Queued() != 0 || r.Next() == nil {
		t.Errorf("%d queued and no room after submitting", r.Queued())
	}
}

// More completions than the queue has room for are kept by the kernel.
func TestCompletionsOverflow(t *testing.T) {
	r := start(t, Sizes{8, 16})
	for i := range uint64(64) {
		if r.Queued() == 8 {
			if err := r.Submit(); err != nil {
				t.Fatal(err)
			}
		}
		r.Next().Nop(i)
	}
	if !r.Overflowing() {
		t.Error("64 completions fit into 16 places")
	}
	for i, c := range collect(t, r, 64) {
		if c.Data != uint64(i) {
			t.Fatalf("completion %d is of %d", i, c.Data)
		}
	}
	if r.Overflowing() {
		t.Error("completions are said to be left")
	}
}

func TestWaitTimesOut(t *testing.T) {
	r := start(t, Sizes{4, 8})
	began := time.Now()
	for time.Since(began) < 3*time.Millisecond { // an interruption may end a wait early
		if err := r.Wait(time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	if c := r.Completions(); c != nil {
		t.Errorf("completions %+v", c)
	}
}

func TestOnlyItsThreadMayUseIt(t *testing.T) {
	r := start(t, Sizes{4, 8})
	other := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		other <- r.Wait(0)
	}()
	if err := <-other; !errors.Is(err, unix.EEXIST) {
		t.Errorf("another thread: %v, want %v", err, unix.EEXIST)
	}
}

func TestSendNow(t *testing.T) {
	r := start(t, Sizes{8, 16})
	ours, peer := pair(t)
	hello := []byte("hello")
	r.Next().SendNow(int32(ours), hello, 1)
	silent(t, r)
	got := make([]byte, 64)
	if n, _ := unix.Read(peer, got); !bytes.Equal(got[:n], hello) {
		t.Fatalf("received %q", got[:n])
	}

	// More than the socket takes: what went out is said, and nothing goes out later.
	big := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	r.Next().SendNow(int32(ours), big, 2)
	r.Next().SendNow(int32(ours), big, 3)
	c := collect(t, r, 2)
	if c[0].Data != 2 || c[0].Res <= 0 || int(c[0].Res) >= len(big) {
		t.Fatalf("a send of %d bytes: %+v", len(big), c[0])
	}
	if c[1].Data != 3 || unix.Errno(-c[1].Res) != unix.EAGAIN {
		t.Fatalf("a send without room: %+v", c[1])
	}
	if n := drain(t, peer, int(c[0].Res)); n != int(c[0].Res) {
		t.Fatalf("%d bytes received of %d", n, c[0].Res)
	}
	silent(t, r)

	unix.Close(peer)
	r.Next().SendNow(int32(ours), hello, 4)
	if c := collect(t, r, 1); unix.Errno(-c[0].Res) != unix.EPIPE {
		t.Errorf("a send to nobody: %+v", c[0])
	}
	runtime.KeepAlive(big)
}

// drain reads n bytes and what is there beyond them.
func drain(t *testing.T, fd, n int) (got int) {
	t.Helper()
	buf := make([]byte, 1<<16)
	for got < n {
		k, err := unix.Read(fd, buf)
		if err != nil || k == 0 {
			t.Fatalf("read: %d, %v", k, err)
		}
		got += k
	}
	k, _, err := unix.Recvfrom(fd, buf, unix.MSG_DONTWAIT)
	if err == nil {
		got += k
	}
	return got
}

// Send waits for room until everything is out.
func TestSend(t *testing.T) {
	r := start(t, Sizes{8, 16})
	ours, peer := pair(t)
	big := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	r.Next().Send(int32(ours), big, 1)
	silent(t, r)
	done := make(chan int)
	go func() {
		got := 0
		buf := make([]byte, 1<<16)
		for got < len(big) {
			n, err := unix.Read(peer, buf)
			if err != nil || n == 0 {
				break
			}
			got += n
		}
		done <- got
	}()
	if c := collect(t, r, 1); int(c[0].Res) != len(big) {
		t.Errorf("sent %+v of %d", c[0], len(big))
	}
	if got := <-done; got != len(big) {
		t.Errorf("%d bytes received of %d", got, len(big))
	}
	runtime.KeepAlive(big)
}

func TestConnectAndClose(t *testing.T) {
	r := start(t, Sizes{8, 16})
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	to := &unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: [4]byte{127, 0, 0, 1}}
	port := l.Addr().(*net.TCPAddr).Port
	*(*[2]byte)(unsafe.Pointer(&to.Port)) = [2]byte{byte(port >> 8), byte(port)}
	connect := func() (int32, CQE) {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		r.Next().Connect(int32(fd), unsafe.Pointer(to), unsafe.Sizeof(*to), 1)
		return int32(fd), collect(t, r, 1)[0]
	}
	fd, c := connect()
	if c.Res != 0 {
		t.Fatalf("connect: %+v", c)
	}
	peer, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	r.Next().Close(fd, 2)
	silent(t, r)
	if n, err := peer.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("the peer of a closed socket read %d, %v", n, err)
	}
	peer.Close()
	r.Next().Close(fd, 3)
	if c := collect(t, r, 1); unix.Errno(-c[0].Res) != unix.EBADF {
		t.Errorf("closed twice: %+v", c[0])
	}
	l.Close()
	fd, c = connect()
	unix.Close(int(fd))
	if unix.Errno(-c.Res) != unix.ECONNREFUSED {
		t.Errorf("connect to nobody: %+v", c)
	}
}

// A socket with a request under way closes for its peer once that is cancelled.
func TestCancel(t *testing.T) {
	r := start(t, Sizes{8, 16})
	if _, err := r.NewBuffers(0, 2, 64); err != nil {
		t.Fatal(err)
	}
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fds[1])
	r.Next().Recv(int32(fds[0]), 0, 1)
	silent(t, r)
	r.Next().Cancel(1, 2)
	r.Next().Cancel(99, 3)
	r.Next().Close(int32(fds[0]), 4)
	c := collect(t, r, 2)
	slices.SortFunc(c, func(a, b CQE) int { return int(a.Data) - int(b.Data) })
	if c[0].Data != 1 || unix.Errno(-c[0].Res) != unix.ECANCELED || c[0].More() {
		t.Errorf("the cancelled request: %+v", c[0])
	}
	if c[1].Data != 3 || unix.Errno(-c[1].Res) != unix.ENOENT {
		t.Errorf("cancelling nothing: %+v", c[1])
	}
	if n, err := unix.Read(fds[1], make([]byte, 1)); n != 0 || err != nil {
		t.Errorf("the peer read %d, %v, want the end", n, err)
	}
}

func TestPoll(t *testing.T) {
	r := start(t, Sizes{8, 16})
	ours, peer := pair(t)
	r.Next().Poll(int32(ours), unix.POLLIN, 1)
	silent(t, r)
	if _, err := unix.Write(peer, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if c := collect(t, r, 1)[0]; c.Data != 1 || c.Res&unix.POLLIN == 0 {
		t.Errorf("%+v", c)
	}
}

// Nothing is left of a ring, however often it is closed.
func TestClose(t *testing.T) {
	before := descriptors(t)
	r := start(t, Sizes{4, 8})
	if descriptors(t) <= before {
		t.Fatal("a ring has no descriptor")
	}
	r.Close()
	r.Close()
	if after := descriptors(t); after != before {
		t.Errorf("%d descriptors, %d before", after, before)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}
