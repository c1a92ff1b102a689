package digest

import (
	"bytes"
	"io"
	"testing"

	"github.com/trimtrail/trimtrail/ingest/digest/chaintest"
)

// FuzzDigest reads anything as a digest: it must be refused, or have what every
// digest has.
func FuzzDigest(f *testing.F) {
	a := chaintest.New("trail")
	for _, key := range a.Chain(west, begin, 2, 2) {
		f.Add(string(chaintest.Unzip(a.Files[key].Content)))
	}
	f.Add(`{"digestPublicKeyFingerprint":"x","logFiles":null}`)
	f.Fuzz(func(t *testing.T, text string) {
		d := &file{}
		kind, detail := d.parse(chaintest.Zip(text))
		if d.read != (kind == "") || kind != "" && detail == "" {
			t.Fatalf("read %v with %q, %q", d.read, kind, detail)
		}
		if d.read && (d.Key == "" || d.Fingerprint == "" || len(d.hash) != 64) {
			t.Fatalf("%+v", d)
		}
		d.previousSignature()
	})
}

// FuzzUnpack unpacks anything: it never reads more than there is, nor gives more
// than it may.
func FuzzUnpack(f *testing.F) {
	f.Add(chaintest.Zip("x"))
	f.Add(append(chaintest.Zip("x"), chaintest.Zip("y")...))
	f.Add([]byte{0x1f, 0x8b})
	f.Fuzz(func(t *testing.T, content []byte) {
		rest, err := unpack(io.Discard, content, 1<<20)
		if err == nil && (rest < 0 || rest > len(content)-18) {
			t.Fatalf("%d of %d bytes are left", rest, len(content))
		}
	})
}

func TestBomb(t *testing.T) {
	bomb := chaintest.Zip(string(make([]byte, 64<<20)))
	var out bytes.Buffer
	if _, err := unpack(&out, bomb, maxDigest); err == nil || out.Len() > 17<<20 {
		t.Errorf("%d bytes give %d, %v", len(bomb), out.Len(), err)
	}
	if kind, _ := compare(bomb, logRef{}); kind != BadFormat {
		t.Errorf("a bomb is %q", kind)
	}
}
