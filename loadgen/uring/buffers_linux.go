package uring

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Buffers are memory that the kernel receives into, picking a free one when bytes come,
// so that a thousand idle sockets need no memory for what they may receive. A
// completion says which one it took; that is the program's until it is given back.
//
// They belong to their ring and its thread. The memory is taken from the system, not
// from the heap, and is used page by page as bytes come.
type Buffers struct {
	size    int
	mask    uint16
	tail    uint16         // of the ring of entries, including what is not published
	entries unsafe.Pointer // ring of bufferEntry
	data    []byte         // one buffer after the other
}

// pageSize aligns the ring of entries, as the kernel demands.
var pageSize = unix.Getpagesize()

// NewBuffers gives the ring count buffers (a power of two, at most 32768) of size bytes
// under a group number of the caller's choice.
func (r *Ring) NewBuffers(group uint16, count, size int) (*Buffers, error) {
	if count <= 0 || count > 1<<15 || count&(count-1) != 0 || size <= 0 {
		return nil, fmt.Errorf("provide %d buffers of %d bytes: not a power of two up to 32768, of at least a byte", count, size)
	}
	entries := (count*int(unsafe.Sizeof(bufferEntry{})) + pageSize - 1) &^ (pageSize - 1)
	memory, err := unix.Mmap(-1, 0, entries+count*size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		return nil, fmt.Errorf("get memory for %d buffers of %d bytes: %w", count, size, err)
	}
	reg := &bufferReg{addr: address(unsafe.Pointer(&memory[0])), entries: uint32(count), group: group}
	if _, err := r.register(registerBuffers, unsafe.Pointer(reg), 1); err != nil {
		unix.Munmap(memory)
		return nil, &Unavailable{"register provided buffers", err}
	}
	r.memory = append(r.memory, memory)
	b := &Buffers{size: size, mask: uint16(count - 1), entries: unsafe.Pointer(&memory[0]), data: memory[entries:]}
	for id := range count {
		b.Return(uint16(id))
	}
	b.Publish()
	return b, nil
}

// Bytes returns the first n bytes of a buffer.
func (b *Buffers) Bytes(id uint16, n int) []byte {
	from := int(id) * b.size
	return b.data[from : from+n : from+b.size]
}

// Return gives a buffer back, which the kernel sees after Publish.
func (b *Buffers) Return(id uint16) {
	e := b.entry(b.tail & b.mask)
	// Not e.tail: in the first entry that is the ring's.
	e.addr, e.len, e.id = address(unsafe.Pointer(&b.data[int(id)*b.size])), uint32(b.size), id
	b.tail++
}

// Publish lets the kernel have what has been returned. It looks only inside the calls of
// this thread, so a plain store is early enough.
func (b *Buffers) Publish() { b.entry(0).tail = b.tail }

func (b *Buffers) entry(i uint16) *bufferEntry {
	return (*bufferEntry)(unsafe.Add(b.entries, uintptr(i)*unsafe.Sizeof(bufferEntry{})))
}
