// Package inflate unpacks one gzip member, whole, from memory to memory.
//
// It owns DEFLATE (RFC 1951) and the gzip frame around it (RFC 1952) for
// objects that fit into memory, as CloudTrail's do: the window is the output
// itself, bits come eight bytes at a time, and a table look-up gives a
// literal, or a length with its extra bits. It is several times as fast as
// the standard library, which has to stream. It neither streams nor packs.
//
//	raw, used, err := new(inflate.Decoder).Member(nil, content, 1<<30)
package inflate
