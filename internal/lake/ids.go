package lake

import (
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
)

// eventIDs calls each with every event id of a file and reads no other
// column. The slice is reused.
func eventIDs(f blob, each func(id []byte)) error {
	pf, err := openTable(f)
	if err != nil {
		return err
	}
	leaf, ok := pf.Schema().Lookup("event_id")
	if !ok {
		return errors.New("it has no column event_id")
	}
	values := make([]parquet.Value, 256)
	for _, g := range pf.RowGroups() {
		if err := eachValue(g.ColumnChunks()[leaf.ColumnIndex], values, each); err != nil {
			return err
		}
	}
	return nil
}

// eventIDs calls each with every event id of a file of the lake.
func (l *Lake) eventIDs(name string, each func(id []byte)) error {
	f, err := l.store.open(name)
	if err == nil {
		err = errors.Join(eventIDs(f, each), f.Close())
	}
	if err != nil {
		return fmt.Errorf("read event ids of %s: %w", name, err)
	}
	return nil
}

func eachValue(c parquet.ColumnChunk, values []parquet.Value, each func([]byte)) (err error) {
	pages := c.Pages()
	defer func() { err = errors.Join(err, pages.Close()) }()
	for {
		page, err := pages.ReadPage()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		err = pageValues(page.Values(), values, each)
		parquet.Release(page)
		if err != nil {
			return err
		}
	}
}

func pageValues(r parquet.ValueReader, values []parquet.Value, each func([]byte)) error {
	for {
		n, err := r.ReadValues(values)
		for _, v := range values[:n] {
			each(v.ByteArray())
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
