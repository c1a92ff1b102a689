package ingest

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"testing"
)

// pieces gives one piece with each call, and counts the calls.
type pieces struct {
	all   []string
	calls int
}

func (p *pieces) Read(b []byte) (int, error) {
	p.calls++
	if len(p.all) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.all[0])
	if p.all[0] = p.all[0][n:]; p.all[0] == "" {
		p.all = p.all[1:]
	}
	return n, nil
}

// A file of the size it had is read at once; one that has changed, in whole.
func TestExactly(t *testing.T) {
	for name, c := range map[string]struct {
		all   []string
		size  int64
		calls int
	}{
		"as said":   {[]string{"12345"}, 5, 1},
		"in pieces": {[]string{"12", "345"}, 5, 2},
		"shorter":   {[]string{"12"}, 5, 2},
		"longer":    {[]string{"1234567"}, 5, 3},
		"grown":     {[]string{"123456"}, 5, 2},
		"empty":     {nil, 0, 1},
	} {
		p := &pieces{all: c.all}
		want := bytes.Join(toBytes(c.all), nil)
		got, err := readAll(exactly(p, c.size), c.size, 1<<20)
		if err != nil || !bytes.Equal(got, want) || p.calls != c.calls {
			t.Errorf("%s: got %q, %v in %d calls", name, got, err, p.calls)
		}
	}
}

func toBytes(all []string) (b [][]byte) {
	for _, s := range all {
		b = append(b, []byte(s))
	}
	return b
}

func TestOpenFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "none")
	if _, err := openFile(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
