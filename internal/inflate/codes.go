package inflate

import "encoding/binary"

// codes unpacks a block of literals and matches. It is one long function on
// purpose: all state lives in registers, which calls would spill.
func (d *Decoder) codes() error {
	src, pos, acc, n := d.src, d.pos, d.acc, d.n
	for {
		if err := d.room(slack); err != nil {
			return err
		}
		out, at := d.out, d.at
		fence := len(out) - slack
		var e entry
		done := false
	loop:
		for at <= fence {
			// At least 56 bits: enough for three literals, or a literal and a match.
			if pos+8 <= len(src) {
				acc |= binary.LittleEndian.Uint64(src[pos:]) << (n & 63)
				pos += int((63 - n) >> 3)
				n |= 56
			} else {
				d.pos, d.acc, d.n, d.at = pos, acc, n, at
				if err := d.refill(); err != nil {
					return err
				}
				pos, acc, n = d.pos, d.acc, d.n
			}
			e = d.lit[acc&(1<<litWidth-1)]
			if e&literal != 0 {
				acc >>= e & takes
				n -= uint(e & takes)
				out[at] = byte(e >> 16)
				at++
				if e = d.lit[acc&(1<<litWidth-1)]; e&literal != 0 {
					acc >>= e & takes
					n -= uint(e & takes)
					out[at] = byte(e >> 16)
					at++
					// At least 34 bits are left: a third literal, and the turn ends.
					if e = d.lit[acc&(1<<litWidth-1)]; e&literal != 0 {
						acc >>= e & takes
						n -= uint(e & takes)
						out[at] = byte(e >> 16)
						at++
						continue
					}
					continue
				}
				// After one literal at least 41 bits are left, and a match may
				// take 48.
				if n < 48 {
					continue
				}
			}
			if e&special != 0 {
				if e&link != 0 {
					acc >>= e & takes
					n -= uint(e & takes)
					e = d.lit[int(e>>16)+int(acc&(1<<(e>>8&without)-1))]
				}
				if e&literal != 0 {
					acc >>= e & takes
					n -= uint(e & takes)
					out[at] = byte(e >> 16)
					at++
					continue
				}
				if e&special != 0 {
					acc >>= e & takes
					n -= uint(e & takes)
					if e&end == 0 {
						d.pos, d.acc, d.n, d.at = pos, acc, n, at
						return ErrCorrupt
					}
					done = true
					break loop
				}
			}
			length := int(e>>16) + int(acc&(1<<(e&takes)-1)>>(e>>8&without))
			acc >>= e & takes
			n -= uint(e & takes)
			e = d.dist[acc&(1<<distWidth-1)]
			if e&special != 0 {
				if e&link != 0 {
					acc >>= e & takes
					n -= uint(e & takes)
					e = d.dist[int(e>>16)+int(acc&(1<<(e>>8&without)-1))]
				}
				if e&special != 0 {
					d.pos, d.acc, d.n, d.at = pos, acc, n, at
					return ErrCorrupt
				}
			}
			back := int(e>>16) + int(acc&(1<<(e&takes)-1)>>(e>>8&without))
			acc >>= e & takes
			n -= uint(e & takes)
			from := at - back
			if from < 0 {
				d.pos, d.acc, d.n, d.at = pos, acc, n, at
				return ErrCorrupt
			}
			stop := at + length
			switch {
			case back >= 8:
				// Eight bytes at a time, and up to seven too many: there is slack.
				for at < stop {
					binary.LittleEndian.PutUint64(out[at:], binary.LittleEndian.Uint64(out[from:]))
					at += 8
					from += 8
				}
			case back == 1:
				v := uint64(out[from]) * 0x0101010101010101
				for at < stop {
					binary.LittleEndian.PutUint64(out[at:], v)
					at += 8
				}
			default:
				for at < stop {
					out[at] = out[from]
					at++
					from++
				}
			}
			at = stop
		}
		d.pos, d.acc, d.n, d.at = pos, acc, n, at
		if done {
			return nil
		}
	}
}
