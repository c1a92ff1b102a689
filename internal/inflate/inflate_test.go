package inflate

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"strings"
	"testing"
)

// packed is data as one gzip member of the standard library.
func packed(t testing.TB, data []byte, level int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// texts are of every kind that makes another kind of block or code.
func texts() map[string][]byte {
	r := rand.New(rand.NewSource(1))
	noise := make([]byte, 200_000)
	r.Read(noise)
	skewed := make([]byte, 300_000) // codes of all lengths up to 15 bits
	for i := range skewed {
		v := 0
		for v < 250 && r.Intn(2) == 0 {
			v++
		}
		skewed[i] = byte(v)
	}
	var records strings.Builder
	for range 3000 {
		fmt.Fprintf(&records, `{"eventVersion":"1.08","eventID":"%08x-0000-4000-8000-%012x","sourceIPAddress":"203.0.113.%d"},`, r.Uint32(), r.Int63n(1<<47), r.Intn(256))
	}
	far := append(bytes.Clone(noise[:32768]), noise[:32768]...) // matches at the window's far end
	return map[string][]byte{
		"empty": {}, "one byte": {7}, "short": []byte("hello"), "records": []byte(records.String()), "noise": noise,
		"skewed": skewed, "zeros": make([]byte, 1<<20), "pairs": bytes.Repeat([]byte("ab"), 5000), "sevens": bytes.Repeat([]byte("1234567"), 5000),
		"far": far, "pi": bytes.Repeat([]byte("31415926535897932384626433832795028841971"), 300),
	}
}

func TestMember(t *testing.T) {
	d := new(Decoder)
	for name, data := range texts() {
		for _, level := range []int{gzip.HuffmanOnly, gzip.NoCompression, gzip.BestSpeed, gzip.DefaultCompression, gzip.BestCompression} {
			content := packed(t, data, level)
			for _, behind := range []int{0, 1, 20} {
				got, used, err := d.Member(nil, append(bytes.Clone(content), make([]byte, behind)...), len(data))
				if err != nil || used != len(content) || !bytes.Equal(got, data) {
					t.Errorf("%s, level %d: %d bytes of %d, used %d of %d, %v", name, level, len(got), len(data), used, len(content), err)
				}
			}
		}
	}
}

func TestMemberBehindOtherBytes(t *testing.T) {
	got, _, err := new(Decoder).Member([]byte("before "), packed(t, []byte("after"), 6), 5)
	if string(got) != "before after" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// TestMemberKeepsToTheRoom holds that a buffer that is large enough is used.
func TestMemberKeepsToTheRoom(t *testing.T) {
	data := texts()["records"]
	buf := make([]byte, 0, len(data)+Spare)
	got, _, err := new(Decoder).Member(buf, packed(t, data, 6), len(data))
	if err != nil || &got[0] != &buf[:1][0] {
		t.Errorf("another buffer was made, or %v", err)
	}
}

func TestLimit(t *testing.T) {
	for name, data := range texts() {
		if len(data) < 2 {
			continue
		}
		got, _, err := new(Decoder).Member(nil, packed(t, data, 6), len(data)-1)
		if !errors.Is(err, ErrTooLarge) || len(got) > len(data)-1 {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	bomb := packed(t, make([]byte, 64<<20), 9)
	if got, _, err := new(Decoder).Member(nil, bomb, 1<<20); !errors.Is(err, ErrTooLarge) || cap(got) > 4<<20 {
		t.Errorf("a bomb: room for %d bytes, %v", cap(got), err)
	}
}

// TestCut cuts members everywhere: each is told, with what came before.
func TestCut(t *testing.T) {
	data := texts()["records"][:20_000]
	content := packed(t, data, 6)
	d := new(Decoder)
	for n := range content {
		got, _, err := d.Member(nil, content[:n], len(data))
		want := io.ErrUnexpectedEOF
		if n < 2 {
			want = ErrHeader
		}
		if !errors.Is(err, want) {
			t.Fatalf("cut at %d of %d: %v", n, len(content), err)
		}
		if !bytes.HasPrefix(data, got) || len(got) < n-200 {
			t.Fatalf("cut at %d: what came before is not what was packed", n)
		}
	}
}

func TestHeaders(t *testing.T) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Name, w.Comment, w.Extra = "name", "comment", []byte("extra")
	w.Write([]byte("x"))
	w.Close()
	if got, used, err := new(Decoder).Member(nil, b.Bytes(), 1); string(got) != "x" || used != b.Len() || err != nil {
		t.Errorf("%q, %d, %v", got, used, err)
	}
	good := packed(t, []byte("data"), 6)
	for name, c := range map[string]struct {
		at   int
		to   byte
		want error
	}{
		"magic": {1, 0, ErrHeader}, "method": {2, 9, ErrHeader}, "header crc": {3, flagHeaderCRC, ErrHeader}, "endless name": {3, flagName, nil},
		"extra past the end": {3, flagExtra, nil}, "checksum": {len(good) - 8, ^good[len(good)-8], ErrChecksum}, "size": {len(good) - 1, 1, ErrChecksum},
	} {
		bad := bytes.Clone(good)
		bad[c.at] = c.to
		if _, _, err := new(Decoder).Member(nil, bad, 100); err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// judge holds a decompression against the standard library's: the same bytes
// where that finds no fault, a fault where it finds one.
func judge(t *testing.T, d *Decoder, stream []byte) {
	t.Helper()
	src := bytes.NewReader(stream)
	want, werr := io.ReadAll(io.LimitReader(flate.NewReader(src), 1<<22))
	if len(want) == 1<<22 {
		return
	}
	got, used, err := d.Deflate(nil, stream, 1<<22)
	if (err == nil) != (werr == nil) {
		t.Fatalf("%x: %v, the standard library says %v", stream, err, werr)
	}
	if err == nil && (!bytes.Equal(got, want) || used != len(stream)-src.Len()) {
		t.Fatalf("%x: other bytes, or %d used of %d", stream, used, len(stream)-src.Len())
	}
}

func TestDamaged(t *testing.T) {
	r := rand.New(rand.NewSource(2))
	d := new(Decoder)
	for name, data := range texts() {
		data = data[:min(len(data), 3000)]
		for _, level := range []int{flate.HuffmanOnly, 0, 1, 9} {
			var b bytes.Buffer
			w, _ := flate.NewWriter(&b, level)
			w.Write(data)
			w.Close()
			for range 300 {
				bad := bytes.Clone(b.Bytes())
				for range 1 + r.Intn(3) {
					bad[r.Intn(len(bad))] ^= 1 << r.Intn(8)
				}
				t.Run(name, func(t *testing.T) { judge(t, d, bad) })
			}
		}
	}
}

func FuzzDeflate(f *testing.F) {
	for _, data := range texts() {
		var b bytes.Buffer
		w, _ := flate.NewWriter(&b, 9)
		w.Write(data[:min(len(data), 2000)])
		w.Close()
		f.Add(b.Bytes())
	}
	f.Add([]byte{0, 5, 0, 0xfa, 0xff, 'h', 'e', 'l', 'l', 'o', 3, 0})
	d := new(Decoder)
	f.Fuzz(func(t *testing.T, stream []byte) { judge(t, d, stream) })
}

func BenchmarkMember(b *testing.B) {
	data := texts()["records"]
	content := packed(b, data, 6)
	buf := make([]byte, 0, len(data)+Spare)
	b.Run("inflate", func(b *testing.B) {
		d := new(Decoder)
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			if _, _, err := d.Member(buf, content, len(data)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("standard", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		zr := new(gzip.Reader)
		for b.Loop() {
			if err := zr.Reset(bytes.NewReader(content)); err != nil {
				b.Fatal(err)
			}
			if _, err := io.ReadFull(zr, buf[:len(data)]); err != nil {
				b.Fatal(err)
			}
		}
	})
}
