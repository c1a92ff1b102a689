package orgsim

const base32Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
const base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
const hexDigits = "0123456789abcdef"

// rng is splitmix64: one word of state, so that each principal and day has a
// stream of its own and days can be made in any order.
type rng uint64

func (r *rng) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (r *rng) intn(n int) int { return int(r.next() >> 33 % uint64(n)) }

// unit is in [0, 1).
func (r *rng) unit() float64 { return float64(r.next()>>11) / (1 << 53) }

// round gives x as a whole number whose mean is x.
func (r *rng) round(x float64) int { return int(x + r.unit()) }

// mix makes one seed of several words.
func mix(words ...uint64) uint64 {
	r := rng(0x5eed)
	for _, w := range words {
		r = rng(r.next() ^ w)
	}
	return r.next()
}

// textSeed is FNV-1a.
func textSeed(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

func (r *rng) digits(b []byte, alphabet string, n int) []byte {
	var word uint64
	for i := range n {
		if i%8 == 0 {
			word = r.next()
		}
		b = append(b, alphabet[int(word&0xff)%len(alphabet)])
		word >>= 8
	}
	return b
}

func (r *rng) hex(n int) string { return string(r.digits(nil, hexDigits, n)) }

// group is a group of an IPv6 address, without leading zeros.
func (r *rng) group() string       { return string(hexDigits[1+r.intn(15)]) + r.hex(2) }
func (r *rng) base32(n int) string { return string(r.digits(nil, base32Digits, n)) }

// uuid appends a version 4 UUID.
func (r *rng) uuid(b []byte) []byte {
	hi, lo := r.next(), r.next()
	hi = hi&^0xf000 | 0x4000
	lo = lo&^(3<<62) | 2<<62
	for i, shift := 0, 60; i < 16; i, shift = i+1, shift-4 {
		if i == 8 || i == 12 {
			b = append(b, '-')
		}
		b = append(b, hexDigits[hi>>shift&15])
	}
	for i, shift := 0, 60; i < 16; i, shift = i+1, shift-4 {
		if i == 0 || i == 4 {
			b = append(b, '-')
		}
		b = append(b, hexDigits[lo>>shift&15])
	}
	return b
}

// accessKey makes a key id of 20 characters that nobody can take for a real one.
func accessKey(prefix string, r *rng) string { return prefix + r.base32(4) + "EXAMPLE" + r.base32(5) }

// uniqueID makes a principal's unique id (AIDA…, AROA…), 21 characters.
func uniqueID(prefix string, r *rng) string { return prefix + r.base32(10) + "EXAMPLE" }
