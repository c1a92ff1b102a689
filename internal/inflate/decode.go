package inflate

import (
	"encoding/binary"
	"errors"
	"io"
)

// ErrCorrupt says that the data is no DEFLATE; io.ErrUnexpectedEOF that it ends too early.
var ErrCorrupt = errors.New("corrupt deflate data")

// ErrTooLarge says that the data unpacks to more than the limit.
var ErrTooLarge = errors.New("unpacks to more than the limit")

// Decoder holds the tables of one decompression after another. It is for one
// goroutine at a time; the zero value is ready.
type Decoder struct {
	lit     [litRoom]entry
	dist    [distRoom]entry
	fixed   bool // the tables are those of fixed blocks
	lengths [320]uint8

	src []byte
	pos int    // bytes of src taken into acc
	acc uint64 // bits, the next one lowest
	n   uint   // how many of them count
	// past are the bytes after the end of src that acc pretends.
	past int

	out []byte // its length is what may be written to
	at  int    // bytes written
	// sure is how many of them src accounts for: the rest came of the zeros behind its end.
	sure int
	max  int
}

// Spare is how much longer than what it will hold a buffer should be, so that
// none larger is made.
const Spare = 2 * slack

// slack is how much room a turn of the fast loop may write into: two literals,
// a match, and what copying eight bytes at a time writes too much.
const slack = 2 + 258 + 16

// Deflate unpacks src, a raw DEFLATE stream that may be followed by other
// bytes, behind dst and returns the longer slice and how many bytes of src the
// stream took. dst's room is used before more is made. On an error the slice
// holds what was unpacked by then.
func (d *Decoder) Deflate(dst, src []byte, max int) (out []byte, used int, err error) {
	d.src, d.pos, d.acc, d.n, d.past = src, 0, 0, 0, 0
	d.out, d.at, d.sure, d.max = dst[:cap(dst)], len(dst), len(dst), max+len(dst)
	for last := false; !last && err == nil; {
		last, err = d.block()
	}
	switch {
	case err == nil && d.at > d.max:
		err = ErrTooLarge
	case err == ErrCorrupt && d.past > 0:
		err = io.ErrUnexpectedEOF // what made no sense were the zeros behind the end
	}
	if d.past > 0 && err == io.ErrUnexpectedEOF {
		d.at = d.sure
	}
	out, used = d.out[:min(d.at, d.max)], d.used()
	d.src, d.out = nil, nil
	if err == nil && used > len(src) {
		err = io.ErrUnexpectedEOF
	}
	return out, used, err
}

// used is how many bytes of src are gone, whole.
func (d *Decoder) used() int { return d.pos + d.past - int(d.n>>3) }

// refill brings acc to at least 56 bits, zeros after the end of src.
func (d *Decoder) refill() error {
	if d.pos+8 <= len(d.src) {
		d.acc |= binary.LittleEndian.Uint64(d.src[d.pos:]) << (d.n & 63)
		d.pos += int((63 - d.n) >> 3)
		d.n |= 56
		return nil
	}
	if int(d.n) >= 8*d.past {
		d.sure = d.at
	}
	for d.n < 56 {
		if d.pos < len(d.src) {
			d.acc |= uint64(d.src[d.pos]) << d.n
			d.pos++
		} else if d.past++; d.past > 8 {
			return io.ErrUnexpectedEOF
		}
		d.n += 8
	}
	return nil
}

// take returns the next k bits; k is at most 32 and they must be there.
func (d *Decoder) take(k uint) uint64 {
	v := d.acc & (1<<k - 1)
	d.acc >>= k
	d.n -= k
	return v
}

func (d *Decoder) block() (last bool, err error) {
	if err := d.refill(); err != nil {
		return false, err
	}
	last = d.take(1) == 1
	switch d.take(2) {
	case 0:
		err = d.stored()
	case 1:
		if err = d.fixedTables(); err == nil {
			err = d.codes()
		}
	case 2:
		if err = d.dynamicTables(); err == nil {
			err = d.codes()
		}
	default:
		err = ErrCorrupt
	}
	return last, err
}

// stored copies a block that is not packed.
func (d *Decoder) stored() error {
	d.take(d.n & 7)
	unread := int(d.n>>3) - d.past // bytes of src that acc holds
	if unread < 0 || d.pos-unread+4 > len(d.src) {
		return io.ErrUnexpectedEOF
	}
	d.pos, d.past, d.acc, d.n = d.pos-unread, 0, 0, 0
	size := int(binary.LittleEndian.Uint16(d.src[d.pos:]))
	if size != int(^binary.LittleEndian.Uint16(d.src[d.pos+2:])) {
		return ErrCorrupt
	}
	d.pos += 4
	got := d.src[d.pos:min(d.pos+size, len(d.src))]
	if err := d.room(len(got)); err != nil {
		return err
	}
	d.at += copy(d.out[d.at:], got)
	d.pos += len(got)
	if len(got) < size {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// room makes place for n more bytes and the slack of the fast loop.
func (d *Decoder) room(n int) error {
	if d.at > d.max {
		return ErrTooLarge
	}
	need := d.at + n + slack
	if need <= len(d.out) {
		return nil
	}
	grown := make([]byte, max(need, len(d.out)+len(d.out)/2, 4096))
	copy(grown, d.out[:d.at])
	d.out = grown
	return nil
}

func (d *Decoder) fixedTables() error {
	if d.fixed {
		return nil
	}
	l := d.lengths[:288]
	for i := range l {
		switch {
		case i < 144:
			l[i] = 8
		case i < 256:
			l[i] = 9
		case i < 280:
			l[i] = 7
		default:
			l[i] = 8
		}
	}
	build(d.lit[:], litWidth, l, litEntries[:])
	l = d.lengths[:32]
	for i := range l {
		l[i] = 5
	}
	build(d.dist[:], distWidth, l, distEntries[:])
	d.fixed = true
	return nil
}

// preOrder is the order in which the lengths of the lengths' code come.
var preOrder = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

func (d *Decoder) dynamicTables() error {
	d.fixed = false
	lits, dists, pres := int(d.take(5))+257, int(d.take(5))+1, int(d.take(4))+4
	if lits > 286 || dists > 30 {
		return ErrCorrupt
	}
	var pre [19]uint8
	for i := range pres {
		if d.n < 3 {
			if err := d.refill(); err != nil {
				return err
			}
		}
		pre[preOrder[i]] = uint8(d.take(3))
	}
	var table [1 << preWidth]entry
	if !build(table[:], preWidth, pre[:], preEntries[:]) {
		return ErrCorrupt
	}
	if err := d.readLengths(&table, lits+dists); err != nil {
		return err
	}
	if d.lengths[256] == 0 {
		return ErrCorrupt // the block could never end
	}
	if !build(d.lit[:], litWidth, d.lengths[:lits], litEntries[:]) || !build(d.dist[:], distWidth, d.lengths[lits:lits+dists], distEntries[:]) {
		return ErrCorrupt
	}
	return nil
}

// readLengths reads n code lengths, runs among them.
func (d *Decoder) readLengths(table *[1 << preWidth]entry, n int) error {
	for i := 0; i < n; {
		if d.n < 14 {
			if err := d.refill(); err != nil {
				return err
			}
		}
		e := table[d.acc&(1<<preWidth-1)]
		if e == none {
			return ErrCorrupt
		}
		d.take(uint(e & takes))
		sym := uint8(e >> 16)
		if sym < 16 {
			d.lengths[i] = sym
			i++
			continue
		}
		value, run := uint8(0), 0
		switch sym {
		case 16:
			if i == 0 {
				return ErrCorrupt
			}
			value, run = d.lengths[i-1], 3+int(d.take(2))
		case 17:
			run = 3 + int(d.take(3))
		default:
			run = 11 + int(d.take(7))
		}
		if i+run > n {
			return ErrCorrupt
		}
		for range run {
			d.lengths[i] = value
			i++
		}
	}
	return nil
}
