package ingest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each known object counts once, however many there are between two new ones,
// and the progress is told in between.
func TestManyKnown(t *testing.T) {
	root, sink := t.TempDir(), newFake()
	put := func(n int) {
		check(t, os.WriteFile(filepath.Join(root, fmt.Sprintf("%04d.json", n)), []byte(`{"Records":[]}`), 0o600))
	}
	const old = 2*knownEach + 7
	for n := range old {
		put(2 * n)
	}
	told := 0
	c := Config{Sources: []Source{source(t, root)}, Sink: sink, Progress: func(Summary) { told++ }}
	for _, fresh := range [][]int{nil, {}, {1}, {3, 2*knownEach + 1, 4 * old}} {
		known := old
		if fresh == nil {
			known = 0
		}
		for _, n := range fresh {
			put(n)
		}
		if len(fresh) == 3 {
			known++
		}
		told = 0
		sum, err := Run(t.Context(), c)
		if err != nil || sum.Known != int64(known) || sum.Read != sum.Listed-sum.Known || told < 3 {
			t.Errorf("%v: %+v, %v; told %d times", fresh, sum, err, told)
		}
	}
}

// A commit falls after so many objects too.
func TestCommitObjects(t *testing.T) {
	sink := newFake()
	_, err := Run(t.Context(), Config{Sources: []Source{source(t, sample(t))}, Sink: sink, CommitObjects: 10})
	if n := strings.Count(strings.Join(sink.log, "\n"), "commit"); err != nil || n != 7 {
		t.Errorf("%d commits, %v", n, err)
	}
}
