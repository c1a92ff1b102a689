package inflate

import "math/bits"

// An entry of a decoding table says what the next bits mean. Its low six bits
// are how many of them it takes, extra bits included.
//
//	literal   1<<31 | byte<<16 | bits
//	length    base<<16 | bits without the extra ones<<8 | bits
//	distance  base<<16 | bits without the extra ones<<8 | bits
//	others    special, with one of the marks below
type entry uint32

const (
	literal entry = 1 << 31
	special entry = 1 << 15
	// link leads to a second table for codes longer than the first is wide:
	// start<<16 | width<<8 | bits of the first.
	link entry = 1 << 14
	// end is the end of the block.
	end entry = 1 << 13
	// none is what no code stands for.
	none = special

	takes   = 63 // mask of the bits that an entry takes
	without = 15 // mask of those without extra bits, from bit 8 on
)

// Widths of the first tables, and room for them with their second ones: the
// most that complete codes of up to 15 bits need.
const (
	litWidth  = 11
	distWidth = 8
	preWidth  = 7
	litRoom   = 2342
	distRoom  = 402
	maxBits   = 15
)

// litEntries and distEntries are what the symbols mean, code lengths to be
// added: RFC 1951, section 3.2.5.
var (
	litEntries  = makeLitEntries()
	distEntries = makeDistEntries()
	preEntries  = makePreEntries()
)

func makeLitEntries() (out [288]entry) {
	for i := range 256 {
		out[i] = literal | entry(i)<<16
	}
	out[256] = special | end
	base, extra := 3, 0
	for i := 257; i < 285; i++ {
		if i >= 265 && (i-265)%4 == 0 {
			extra++
		}
		out[i] = entry(base)<<16 | entry(extra)
		base += 1 << extra
	}
	out[285] = 258 << 16
	out[286], out[287] = none, none
	return out
}

func makeDistEntries() (out [32]entry) {
	base, extra := 1, 0
	for i := range 30 {
		if i >= 4 && i%2 == 0 {
			extra++
		}
		out[i] = entry(base)<<16 | entry(extra)
		base += 1 << extra
	}
	out[30], out[31] = none, none
	return out
}

func makePreEntries() (out [19]entry) {
	for i := range out {
		out[i] = entry(i) << 16
	}
	return out
}

// of completes a symbol's entry with the length of its code within a table.
func (e entry) of(bits int) entry {
	if e&(literal|special) != 0 {
		return e | entry(bits)
	}
	return e + entry(bits)<<8 + entry(bits)
}

// build fills a table of 1<<width entries, and the second ones after it, with
// the canonical code of these lengths. It reports whether the code is one:
// every string of bits has a meaning, or there is but one code, of one bit,
// or none.
func build(table []entry, width int, lengths []uint8, symbols []entry) bool {
	var b builder
	b.table, b.width, b.free, b.prefix = table, width, 1<<width, -1
	for _, l := range lengths {
		b.count[l]++
	}
	used := len(lengths) - b.count[0]
	b.count[0] = 0
	left := 1
	for _, n := range b.count[1:] {
		if left = left<<1 - n; left < 0 {
			return false
		}
	}
	if left > 0 {
		if used > 1 || used == 1 && b.count[1] != 1 {
			return false
		}
		for i := range table[:1<<width] {
			table[i] = none
		}
	}
	b.fill(lengths, symbols)
	return true
}

// builder places codes in their order: by length, then symbol.
type builder struct {
	table []entry
	width int
	count [maxBits + 1]int // codes of each length that are still to be placed
	free  int              // where the next second table goes
	// prefix is what the codes of the second table at hand begin with, start
	// where it is, bits its width.
	prefix, start, bits int
}

func (b *builder) fill(lengths []uint8, symbols []entry) {
	var sorted [288]uint16
	var next [maxBits + 1]int
	for l := 1; l < maxBits; l++ {
		next[l+1] = next[l] + b.count[l]
	}
	total := next[maxBits] + b.count[maxBits]
	for sym, l := range lengths {
		if l != 0 {
			sorted[next[l]] = uint16(sym)
			next[l]++
		}
	}
	code, l := 0, 1
	for _, sym := range sorted[:total] {
		for int(lengths[sym]) > l {
			code, l = code<<1, l+1
		}
		b.place(l, int(bits.Reverse16(uint16(code))>>(16-l)), symbols[sym])
		b.count[l]--
		code++
	}
}

// place puts e wherever the bits of the code, the first one lowest, are followed by anything.
func (b *builder) place(l, r int, e entry) {
	if l <= b.width {
		e = e.of(l)
		for i := r; i < 1<<b.width; i += 1 << l {
			b.table[i] = e
		}
		return
	}
	b.second(r&(1<<b.width-1), l)
	e = e.of(l - b.width)
	for i := r >> b.width; i < 1<<b.bits; i += 1 << (l - b.width) {
		b.table[b.start+i] = e
	}
}

// second begins the second table of a prefix with the first code that has it:
// as wide as the longest code that will fall into it.
func (b *builder) second(prefix, l int) {
	if prefix == b.prefix {
		return
	}
	b.prefix, b.start, b.bits = prefix, b.free, l-b.width
	for room := b.count[l]; room < 1<<b.bits; room = room<<1 + b.count[b.width+b.bits] {
		if b.width+b.bits == maxBits {
			break
		}
		b.bits++
	}
	b.free += 1 << b.bits
	b.table[prefix] = special | link | entry(b.start)<<16 | entry(b.bits)<<8 | entry(b.width)
}
