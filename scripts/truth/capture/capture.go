// Package capture reads what tcpdump has recorded of a server's connections and tells
// when each request and each reply was on the wire.
//
// It knows classic pcap files with stamps in nanoseconds, of Ethernet (as Linux shows the
// loopback), IPv4 and TCP; whatever else is in one is passed over. It opens no file and
// keeps no packet. Times are nanoseconds since 1970 as the kernel that captured counts them.
package capture

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
)

// A Segment is a TCP segment that carries data.
type Segment struct {
	At       int64 // nanoseconds since 1970
	From, To netip.AddrPort
	Bytes    int // of data, 1 at least
}

// The file: a header of 24 bytes, then packets of 16 bytes of header each (pcap-savefile(5)).
// All numbers are in the byte order of the machine that wrote it, which the first tells.
const (
	fileHeader   = 24
	packetHeader = 16
	magicNano    = 0xa1b23c4d
	magicMicro   = 0xa1b2c3d4
	linkEthernet = 1
	maxPacket    = 1 << 18 // more than tcpdump ever keeps of one (MAXIMUM_SNAPLEN)
)

// ErrTorn is what a capture ends with that was cut off within a packet, or before the first.
var ErrTorn = errors.New("the capture ends in the middle")

// Read calls each for every segment of a capture, in the order of the file. It stops at
// the first error, after which more segments may have been in the file: ErrTorn, one
// about the format, or one of r.
func Read(r io.Reader, each func(Segment)) error {
	in := bufio.NewReaderSize(r, 1<<16)
	order, err := readHeader(in)
	if err != nil {
		return err
	}
	head := make([]byte, packetHeader)
	var data []byte
	for {
		if _, err := io.ReadFull(in, head); err == io.EOF {
			return nil
		} else if err != nil {
			return torn(err)
		}
		kept := order.Uint32(head[8:])
		if kept > maxPacket {
			return fmt.Errorf("read the capture: a packet of %d bytes is no packet", kept)
		}
		if uint32(cap(data)) < kept {
			data = make([]byte, kept)
		}
		data = data[:kept]
		if _, err := io.ReadFull(in, data); err != nil {
			return torn(err)
		}
		if s, ok := parse(data); ok {
			s.At = int64(order.Uint32(head))*1e9 + int64(order.Uint32(head[4:]))
			each(s)
		}
	}
}

func readHeader(in io.Reader) (binary.ByteOrder, error) {
	head := make([]byte, fileHeader)
	if _, err := io.ReadFull(in, head); err != nil {
		return nil, torn(err)
	}
	var order binary.ByteOrder = binary.LittleEndian
	magic := order.Uint32(head)
	if magic != magicNano && magic != magicMicro {
		order = binary.BigEndian
		magic = order.Uint32(head)
	}
	switch {
	case magic == magicMicro:
		return nil, errors.New("read the capture: its stamps are in microseconds: tcpdump needs --time-stamp-precision=nano")
	case magic != magicNano:
		return nil, errors.New("read the capture: it is no pcap file")
	}
	if link := order.Uint32(head[20:]) & 0xffff; link != linkEthernet { // above are bits about checksums
		return nil, fmt.Errorf("read the capture: link type %d is not Ethernet", link)
	}
	return order, nil
}

// torn tells the end of the file from other errors.
func torn(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrTorn
	}
	return fmt.Errorf("read the capture: %w", err)
}

// parse takes an Ethernet frame, of which the headers at least were kept, and tells whether
// it is an IPv4 TCP segment with data.
//
//	14 Ethernet: 12 addresses, 2 type
//	20 IPv4 or more: 0 version and length, 2 total length, 6 fragment, 9 protocol, 12 from, 16 to
//	20 TCP or more: 0 port from, 2 port to, 12 length
func parse(frame []byte) (s Segment, ok bool) {
	const ethernet, typeIPv4, protocolTCP = 14, 0x0800, 6
	if len(frame) < ethernet+20 || binary.BigEndian.Uint16(frame[12:]) != typeIPv4 {
		return s, false
	}
	ip := frame[ethernet:]
	ipLen := int(ip[0]&0xf) * 4
	fragment := binary.BigEndian.Uint16(ip[6:]) & 0x3fff // offset, and whether more follow
	if ip[0]>>4 != 4 || ipLen < 20 || len(ip) < ipLen+20 || ip[9] != protocolTCP || fragment != 0 {
		return s, false
	}
	tcp := ip[ipLen:]
	bytes := int(binary.BigEndian.Uint16(ip[2:])) - ipLen - int(tcp[12]>>4)*4
	if bytes <= 0 || tcp[12]>>4 < 5 {
		return s, false
	}
	return Segment{
		From:  netip.AddrPortFrom(netip.AddrFrom4([4]byte(ip[12:16])), binary.BigEndian.Uint16(tcp)),
		To:    netip.AddrPortFrom(netip.AddrFrom4([4]byte(ip[16:20])), binary.BigEndian.Uint16(tcp[2:])),
		Bytes: bytes,
	}, true
}
