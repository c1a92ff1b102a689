package inflate

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

// ErrHeader says that the data does not begin like gzip, ErrChecksum that what
// was unpacked is not what was packed.
var (
	ErrHeader   = errors.New("no gzip header")
	ErrChecksum = errors.New("gzip checksum does not fit")
)

// Member unpacks the one gzip member that content begins with, behind dst,
// and returns the longer slice and how many bytes of content the member took.
// It stops with ErrTooLarge after max bytes. On an error the slice holds what
// was unpacked by then.
func (d *Decoder) Member(dst, content []byte, max int) (out []byte, used int, err error) {
	head, err := header(content)
	if err != nil {
		return dst, 0, err
	}
	out, n, err := d.Deflate(dst, content[head:], max)
	if err != nil {
		return out, head + n, err
	}
	used = head + n
	if used+8 > len(content) {
		return out, len(content), io.ErrUnexpectedEOF
	}
	fresh := out[len(dst):]
	if binary.LittleEndian.Uint32(content[used:]) != crc32.ChecksumIEEE(fresh) || binary.LittleEndian.Uint32(content[used+4:]) != uint32(len(fresh)) {
		err = ErrChecksum
	}
	return out, used + 8, err
}

// The flags of a gzip header, RFC 1952.
const (
	flagHeaderCRC = 1 << (iota + 1)
	flagExtra
	flagName
	flagComment
)

// header returns the length of the gzip header.
func header(b []byte) (int, error) {
	const fixed = 10
	if len(b) < 2 || b[0] != 0x1f || b[1] != 0x8b {
		return 0, ErrHeader
	}
	if len(b) < fixed {
		return 0, io.ErrUnexpectedEOF
	}
	if b[2] != 8 {
		return 0, ErrHeader
	}
	flags, at := b[3], fixed
	if flags&flagExtra != 0 {
		if at+2 > len(b) {
			return 0, io.ErrUnexpectedEOF
		}
		at += 2 + int(binary.LittleEndian.Uint16(b[at:]))
	}
	for _, f := range []byte{flagName, flagComment} {
		if flags&f == 0 {
			continue
		}
		if at > len(b) {
			return 0, io.ErrUnexpectedEOF
		}
		i := bytes.IndexByte(b[at:], 0)
		if i < 0 {
			return 0, io.ErrUnexpectedEOF
		}
		at += i + 1
	}
	if flags&flagHeaderCRC != 0 {
		if at+2 > len(b) {
			return 0, io.ErrUnexpectedEOF
		}
		if binary.LittleEndian.Uint16(b[at:]) != uint16(crc32.ChecksumIEEE(b[:at])) {
			return 0, ErrHeader
		}
		at += 2
	}
	if at > len(b) {
		return 0, io.ErrUnexpectedEOF
	}
	return at, nil
}
