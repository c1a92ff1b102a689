package lake

import (
	"bytes"
	"cmp"
	"container/heap"
	"io"
)

// merge is the source of several sorted sources, sorted.
type merge struct {
	heads []head
	open  bool // the first head's row was handed out and must move on
}

type head struct {
	row []byte
	src source
}

// newMerge takes over the sources.
func newMerge(sources []source) (*merge, error) {
	m := &merge{}
	for _, s := range sources {
		row, err := s.next()
		if err == io.EOF {
			continue
		}
		if err != nil {
			return nil, err
		}
		m.heads = append(m.heads, head{row, s})
	}
	heap.Init(m)
	return m, nil
}

func (m *merge) next() ([]byte, error) {
	if m.open {
		if err := m.advance(); err != nil {
			return nil, err
		}
	}
	m.open = len(m.heads) > 0
	if !m.open {
		return nil, io.EOF
	}
	return m.heads[0].row, nil
}

// advance replaces the first head's row by its source's next.
func (m *merge) advance() error {
	row, err := m.heads[0].src.next()
	switch err {
	case nil:
		m.heads[0].row = row
		heap.Fix(m, 0)
	case io.EOF:
		heap.Pop(m)
	default:
		return err
	}
	return nil
}

// The methods of heap.Interface.

func (m *merge) Len() int { return len(m.heads) }

func (m *merge) Less(i, j int) bool {
	a, b := m.heads[i].row, m.heads[j].row
	if c := cmp.Compare(rowTime(a), rowTime(b)); c != 0 {
		return c < 0
	}
	return bytes.Compare(rowID(a), rowID(b)) < 0
}

func (m *merge) Swap(i, j int) { m.heads[i], m.heads[j] = m.heads[j], m.heads[i] }

func (m *merge) Push(x any) { m.heads = append(m.heads, x.(head)) }

func (m *merge) Pop() any {
	last := m.heads[len(m.heads)-1]
	m.heads = m.heads[:len(m.heads)-1]
	return last
}
