package uring

import "unsafe"

// The kernel's interface (include/uapi/linux/io_uring.h), as far as it is used. Sizes
// and offsets are asserted by TestLayout.

// An SQE is a request: what to do, on which descriptor, with which memory. Its fields
// mean what the operation makes of them; see the methods in request_linux.go.
type SQE struct {
	opcode   uint8
	flags    uint8
	ioprio   uint16 // flags of recv and send
	fd       int32
	off      uint64 // or a second address
	addr     uint64
	len      uint32
	opFlags  uint32
	userData uint64
	buf      uint16 // group of Buffers
	_        uint16 // personality
	file     uint32
	_        [2]uint64
}

// A CQE is a completion. It is valid until Seen is called.
type CQE struct {
	Data  uint64 // what the request was marked with
	Res   int32  // 0 or more: the operation's result; less: an errno, negated
	Flags uint32
}

// Buffer returns which of the Buffers the bytes are in. They are the program's until
// it gives the buffer back.
func (c *CQE) Buffer() (id uint16, ok bool) {
	return uint16(c.Flags >> cqeBufferShift), c.Flags&cqeBuffer != 0
}

// More reports whether the request goes on and will have further completions.
func (c *CQE) More() bool { return c.Flags&cqeMore != 0 }

type params struct {
	sqEntries, cqEntries uint32
	flags                uint32
	_                    [2]uint32 // of a polling kernel thread
	features             uint32
	_                    [4]uint32
	sq                   sqOffsets
	cq                   cqOffsets
}

type sqOffsets struct {
	head, tail, mask, entries, flags, dropped, array, _ uint32
	_                                                   uint64
}

type cqOffsets struct {
	head, tail, mask, entries, overflow, cqes, flags, _ uint32
	_                                                   uint64
}

// waitArg is the extended argument of enter: how long to wait.
type waitArg struct {
	_  uint64 // signal mask
	_  uint32 // and its size
	_  uint32
	ts uint64 // address of a timespec
}

// timespec is the kernel's own, of 64 bits on every machine.
type timespec struct{ sec, nsec int64 }

// bufferReg registers a ring of provided buffers.
type bufferReg struct {
	addr    uint64
	entries uint32
	group   uint16
	_       uint16
	_       [3]uint64
}

// bufferEntry is one place in that ring. The tail of the first is the ring's own.
type bufferEntry struct {
	addr uint64
	len  uint32
	id   uint16
	tail uint16
}

type probeOp struct {
	op, _ uint8
	flags uint16
	_     uint32
}

type probeReply struct {
	lastOp, count uint8
	_             uint16
	_             [3]uint32
	ops           [256]probeOp
}

const (
	sqeSize = unsafe.Sizeof(SQE{})
	cqeSize = unsafe.Sizeof(CQE{})
)

const (
	setupCQSize      = 1 << 3
	setupDisabled    = 1 << 6
	setupSubmitAll   = 1 << 7
	setupCoopTaskrun = 1 << 8
	setupSingle      = 1 << 12
	setupDefer       = 1 << 13
	setupNoSQArray   = 1 << 16 // since 6.6

	featSingleMmap = 1 << 0
	featNoDrop     = 1 << 1
	featFastPoll   = 1 << 5
	featExtArg     = 1 << 8
	featCQESkip    = 1 << 11
	featNoIowait   = 1 << 17 // since 6.15

	enterGetEvents = 1 << 0
	enterNoIowait  = 1 << 7
	enterExtArg    = 1 << 3

	registerProbe   = 8
	registerEnable  = 12
	registerBuffers = 22
	probeSupported  = 1 << 0

	offsetRings = 0
	offsetSQEs  = 0x10000000

	opNop     = 0
	opPollAdd = 6
	opCancel  = 14
	opConnect = 16
	opClose   = 19
	opSend    = 26
	opRecv    = 27

	sqOverflow = 1 << 1

	sqeBufferSelect = 1 << 5
	sqeSkipSuccess  = 1 << 6

	recvMultishot = 1 << 1

	cqeBuffer      = 1 << 0
	cqeMore        = 1 << 1
	cqeBufferShift = 16
)
