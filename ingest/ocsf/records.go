package ocsf

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// ForeignError says that a file holds records of other products only.
type ForeignError struct {
	Products map[string]int // records by product, such as "Amazon VPC"
}

func (e *ForeignError) Error() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(e.Products)) {
		parts = append(parts, fmt.Sprintf("%d of %s", e.Products[name], name))
	}
	return "OCSF records of other products: " + strings.Join(parts, ", ")
}

// IsParquet reports whether content begins as a Parquet file does.
func IsParquet(content []byte) bool { return bytes.HasPrefix(content, []byte("PAR1")) }

// Records returns the records of a Parquet file as JSON, an array in the order
// of the file. One of another product among them is {"ocsfProduct":"…"}. Content
// that unpacks to more than most bytes is refused; so is what is no Parquet, or
// no OCSF. The error is a sentence for people; a *ForeignError where no record is
// CloudTrail's.
func Records(content []byte, most int64) (records []byte, err error) {
	defer func() { // a damaged file must not end the run
		if p := recover(); p != nil {
			records, err = nil, fmt.Errorf("a damaged Parquet file: %v", p)
		}
	}()
	f, err := open(content, most)
	if err != nil {
		return nil, err
	}
	r := parquet.NewReader(f)
	defer r.Close()
	w := writer{most: most, out: []byte{'['}, foreign: map[string]int{}}
	for {
		var row any
		if err := r.Read(&row); errors.Is(err, io.EOF) {
			return w.end()
		} else if err != nil {
			return nil, fmt.Errorf("a damaged Parquet file: %w", err)
		}
		if err := w.add(row); err != nil {
			return nil, err
		}
	}
}

// open reads the footer and checks what the file says of itself.
func open(content []byte, most int64) (*parquet.File, error) {
	f, err := parquet.OpenFile(bytes.NewReader(content), int64(len(content)), parquet.SkipBloomFilters(true), parquet.SkipPageIndex(true))
	if err != nil {
		return nil, fmt.Errorf("a damaged Parquet file: %w", err)
	}
	if _, ok := f.Schema().Lookup("metadata", "product", "name"); !ok {
		return nil, errors.New("a Parquet file without OCSF's columns (no metadata.product.name)")
	}
	size := int64(0)
	for _, g := range f.Metadata().RowGroups {
		for _, c := range g.Columns {
			size += max(0, c.MetaData.TotalUncompressedSize)
		}
	}
	if size > most {
		return nil, fmt.Errorf("a Parquet file that unpacks to %d bytes, more than the limit of %d", size, most)
	}
	return f, nil
}

// writer collects records.
type writer struct {
	most    int64
	out     []byte
	own     int
	foreign map[string]int
}

func (w *writer) add(row any) error {
	if len(w.out) > 1 {
		w.out = append(w.out, ',')
	}
	var record any
	if r := (group{row}); r.text("metadata", "product", "name") == "CloudTrail" {
		w.own++
		record = convert(r)
	} else {
		name := strings.TrimSpace(r.text("metadata", "product", "vendor_name") + " " + r.text("metadata", "product", "name"))
		w.foreign[name]++
		record = map[string]any{"ocsfProduct": name}
	}
	text := bytes.NewBuffer(w.out)
	enc := json.NewEncoder(text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(record); err != nil {
		return fmt.Errorf("an OCSF record that makes no JSON: %w", err)
	}
	if w.out = text.Bytes(); int64(len(w.out)) > w.most {
		return fmt.Errorf("OCSF records of more than the limit of %d bytes", w.most)
	}
	return nil
}

func (w *writer) end() ([]byte, error) {
	if w.own == 0 && len(w.foreign) > 0 {
		return nil, &ForeignError{w.foreign}
	}
	return append(w.out, ']'), nil
}
