package ingest

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/event"
)

// noise is text that does not pack well.
func noise(n int) string {
	const letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
	rng, out := rand.New(rand.NewPCG(1, 2)), make([]byte, n)
	for i := range out {
		out[i] = letters[rng.IntN(len(letters))]
	}
	return string(out)
}

func TestDamagedGzip(t *testing.T) {
	text := doc(rec("a"), rec("b"), rec("c", `"x":"`+noise(50_000)+`"`))
	whole := zip(t, text)
	flipped := bytes.Clone(whole)
	flipped[len(flipped)-6] ^= 1 // of the checksum
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"truncated":           {whole[:len(whole)/2], "truncated gzip after"},
		"without its trailer": {whole[:len(whole)-8], "truncated gzip after 50.5 KB unpacked (3 records before it kept out)"},
		"only a header":       {whole[:10], "truncated gzip after 0 bytes unpacked"},
		"half a header":       {whole[:5], "truncated gzip after 0 bytes unpacked"},
		"a wrong checksum":    {flipped, "damaged gzip (its checksum does not fit)"},
		"two members":         {append(bytes.Clone(whole), whole...), "more than one gzip member after"},
		"bytes behind":        {append(bytes.Clone(whole), "behind"...), "bytes behind the end of the gzip data after"},
		"zeros behind":        {append(bytes.Clone(whole), 0, 0, 0), "bytes behind the end of the gzip data after"},
	} {
		b, err := Decode(event.Object{}, c.content, Limits{})
		var bad *GzipError
		if b != nil || !errors.As(err, &bad) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	_, err := Decode(event.Object{}, bytes.Clone(whole[:len(whole)/2]), Limits{})
	if !strings.HasSuffix(err.Error(), "(2 records before it kept out)") {
		t.Errorf("truncated: %v does not count the records before the cut", err)
	}
	if _, err := Decode(event.Object{}, zip(t, ""), Limits{}); err == nil || err.Error() != "empty file" {
		t.Errorf("gzip of nothing: %v", err)
	}
}

func TestLimits(t *testing.T) {
	bomb := zip(t, strings.Repeat(" ", 64<<20))
	for name, c := range map[string]struct {
		content []byte
		limits  Limits
		want    string
	}{
		"a bomb":              {bomb, Limits{}, "a gzip bomb"},
		"larger than allowed": {zip(t, noise(100_000)), Limits{MaxRaw: 50_000}, "larger than the limit of 50.0 KB"},
		"plain and larger":    {[]byte(noise(100_000)), Limits{MaxRaw: 50_000}, "larger than the limit of 50.0 KB"},
	} {
		_, err := Decode(event.Object{}, c.content, c.limits)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	packed := zip(t, doc(rec("a"))+strings.Repeat(" ", 10<<20))
	if _, err := Decode(event.Object{}, packed, Limits{}); err != nil {
		t.Errorf("10 MB may be packed well: %v", err)
	}
}
