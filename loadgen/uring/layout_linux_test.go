package uring

import (
	"testing"
	"unsafe"
)

// The kernel's structures, by include/uapi/linux/io_uring.h.
func TestLayout(t *testing.T) {
	var (
		s SQE
		c CQE
		p params
		w waitArg
		b bufferReg
		e bufferEntry
		r probeReply
	)
	for _, l := range []struct {
		name      string
		got, want uintptr
	}{
		{"io_uring_sqe", unsafe.Sizeof(s), 64},
		{"sqe.flags", unsafe.Offsetof(s.flags), 1},
		{"sqe.ioprio", unsafe.Offsetof(s.ioprio), 2},
		{"sqe.fd", unsafe.Offsetof(s.fd), 4},
		{"sqe.off", unsafe.Offsetof(s.off), 8},
		{"sqe.addr", unsafe.Offsetof(s.addr), 16},
		{"sqe.len", unsafe.Offsetof(s.len), 24},
		{"sqe.msg_flags", unsafe.Offsetof(s.opFlags), 28},
		{"sqe.user_data", unsafe.Offsetof(s.userData), 32},
		{"sqe.buf_group", unsafe.Offsetof(s.buf), 40},
		{"sqe.file_index", unsafe.Offsetof(s.file), 44},
		{"io_uring_cqe", unsafe.Sizeof(c), 16},
		{"cqe.res", unsafe.Offsetof(c.Res), 8},
		{"cqe.flags", unsafe.Offsetof(c.Flags), 12},
		{"io_uring_params", unsafe.Sizeof(p), 120},
		{"params.flags", unsafe.Offsetof(p.flags), 8},
		{"params.features", unsafe.Offsetof(p.features), 20},
		{"params.sq_off", unsafe.Offsetof(p.sq), 40},
		{"params.cq_off", unsafe.Offsetof(p.cq), 80},
		{"sq_off.array", unsafe.Offsetof(p.sq.array), 24},
		{"cq_off.cqes", unsafe.Offsetof(p.cq.cqes), 20},
		{"io_uring_getevents_arg", unsafe.Sizeof(w), 24},
		{"getevents_arg.ts", unsafe.Offsetof(w.ts), 16},
		{"timespec", unsafe.Sizeof(timespec{}), 16},
		{"io_uring_buf_reg", unsafe.Sizeof(b), 40},
		{"buf_reg.ring_entries", unsafe.Offsetof(b.entries), 8},
		{"buf_reg.bgid", unsafe.Offsetof(b.group), 12},
		{"io_uring_buf", unsafe.Sizeof(e), 16},
		{"buf.bid", unsafe.Offsetof(e.id), 12},
		{"buf_ring.tail", unsafe.Offsetof(e.tail), 14},
		{"io_uring_probe", unsafe.Offsetof(r.ops), 16},
		{"io_uring_probe_op", unsafe.Sizeof(r.ops[0]), 8},
	} {
		if l.got != l.want {
			t.Errorf("%s: %d, want %d", l.name, l.got, l.want)
		}
	}
}
