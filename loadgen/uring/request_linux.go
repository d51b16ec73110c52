package uring

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The methods below turn an SQE into a request, overwriting all of it. data marks its
// completions.

// Nop completes at once and does nothing.
func (s *SQE) Nop(data uint64) { *s = SQE{opcode: opNop, fd: -1, userData: data} }

// Recv receives into buffers of the group as bytes come, one completion for each
// arrival, until a completion says that there are no More. It ends with 0 at the
// peer's close, -ENOBUFS when the group has run out, and after errors.
func (s *SQE) Recv(fd int32, group uint16, data uint64) {
	*s = SQE{opcode: opRecv, flags: sqeBufferSelect, ioprio: recvMultishot, fd: fd, buf: group, userData: data}
}

// SendNow sends p without ever waiting for the socket. Sent whole, it completes
// silently. Otherwise its completion says how many bytes went out, or -EAGAIN for none,
// or the error. Either way it is over when the call that submitted it has returned.
//
// How: MSG_DONTWAIT forbids the kernel to wait for room; with MSG_WAITALL, less than
// everything counts as a failure; and only successes are skipped.
func (s *SQE) SendNow(fd int32, p []byte, data uint64) {
	*s = SQE{opcode: opSend, flags: sqeSkipSuccess, fd: fd, addr: address(unsafe.Pointer(unsafe.SliceData(p))), len: uint32(len(p)),
		opFlags: unix.MSG_DONTWAIT | unix.MSG_WAITALL, userData: data}
}

// Send sends p, waiting for room as often as needed, and completes when all of it has
// gone out or none of the rest can. Another send on the socket meanwhile would come in
// between.
func (s *SQE) Send(fd int32, p []byte, data uint64) {
	*s = SQE{opcode: opSend, fd: fd, addr: address(unsafe.Pointer(unsafe.SliceData(p))), len: uint32(len(p)), opFlags: unix.MSG_WAITALL, userData: data}
}

// Connect connects a socket. to points to a sockaddr of size bytes and must stay until
// the request has been submitted.
func (s *SQE) Connect(fd int32, to unsafe.Pointer, size uintptr, data uint64) {
	*s = SQE{opcode: opConnect, fd: fd, addr: address(to), off: uint64(size), userData: data}
}

// Close closes a descriptor, and completes only if that fails. A socket with requests
// under way lives on until they have ended: Cancel them first.
func (s *SQE) Close(fd int32, data uint64) {
	*s = SQE{opcode: opClose, flags: sqeSkipSuccess, fd: fd, userData: data}
}

// Cancel ends the request marked with target, which then completes with -ECANCELED
// unless it was just about to complete otherwise. Cancel itself completes only if it
// found nothing to cancel or was too late.
func (s *SQE) Cancel(target, data uint64) {
	*s = SQE{opcode: opCancel, flags: sqeSkipSuccess, fd: -1, addr: target, userData: data}
}

// Poll completes once when any of events (POLLIN and so on) holds for fd.
func (s *SQE) Poll(fd int32, events uint32, data uint64) {
	*s = SQE{opcode: opPollAdd, fd: fd, opFlags: pollMask(events), userData: data}
}

// pollMask is events as the kernel wants them: on a big-endian machine with the halves
// swapped.
func pollMask(events uint32) uint32 {
	if one := uint16(1); *(*byte)(unsafe.Pointer(&one)) == 0 {
		return events<<16 | events>>16
	}
	return events
}

func address(p unsafe.Pointer) uint64 { return uint64(uintptr(p)) }
