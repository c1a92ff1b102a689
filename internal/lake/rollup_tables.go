package lake

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"

	"github.com/trimtrail/trimtrail/internal/rollup"
)

// What the footer of a rollup says beside the format.
const (
	metaVersion = "trimtrail.version"       // what made it
	metaSource  = "trimtrail.events.sha256" // of the file of events that it was made of
	metaTables  = "trimtrail.tables"        // in coverage: the other tables that have rows, how many, and a digest of the file
	metaDigest  = "trimtrail.digest"        // in coverage: of itself, see seal
)

const (
	sealMark = "sha256:"
	noDigest = sealMark + "----------------"
)

// rollupTable is one table of the rollups.
type rollupTable struct {
	name   string // of its directory
	row    reflect.Type
	count  func(*rollup.Rows) int
	encode func(codec *zstdCodec, r *rollup.Rows, meta ...parquet.WriterOption) ([]byte, error)
	decode func(data []byte, r *rollup.Rows, rows int) error
}

// rollupBatch is how many rows are made at once.
const rollupBatch = 8 << 10

// coverageTable is there for every file of events that has rollups, and is
// written last: it says which other tables there are.
const coverageTable = "coverage"

// rollupNames are the names of the tables.
var rollupNames = []string{"actors", "usage", "networks", "denials", "sessions", "changes", "unmapped", coverageTable}

// rollupTables lists the tables, coverage last. They are for one goroutine.
func rollupTables() []rollupTable {
	return []rollupTable{
		rollupTableOf("actors", func(r *rollup.Rows) *[]rollup.Actor { return &r.Actors }),
		rollupTableOf("usage", func(r *rollup.Rows) *[]rollup.Usage { return &r.Usage }),
		rollupTableOf("networks", func(r *rollup.Rows) *[]rollup.Network { return &r.Networks }),
		rollupTableOf("denials", func(r *rollup.Rows) *[]rollup.Denial { return &r.Denials }),
		rollupTableOf("sessions", func(r *rollup.Rows) *[]rollup.Session { return &r.Sessions }),
		rollupTableOf("changes", func(r *rollup.Rows) *[]rollup.Change { return &r.Changes }),
		rollupTableOf("unmapped", func(r *rollup.Rows) *[]rollup.Unmapped { return &r.Unmapped }),
		rollupTableOf(coverageTable, func(r *rollup.Rows) *[]rollup.Coverage { return &r.Coverage }),
	}
}

func rollupTableOf[T any](name string, of func(*rollup.Rows) *[]T) rollupTable {
	schema := parquet.SchemaOf(new(T))
	decoder := newRowDecoder[T](schema)
	return rollupTable{
		name: name, row: reflect.TypeFor[T](),
		count: func(r *rollup.Rows) int { return len(*of(r)) },
		encode: func(codec *zstdCodec, r *rollup.Rows, meta ...parquet.WriterOption) ([]byte, error) {
			return encodeRows(append(meta, schema, parquet.Compression(codec), parquet.CreatedBy("trimtrail", "1", "rollup")), *of(r))
		},
		decode: func(data []byte, r *rollup.Rows, rows int) error {
			list, err := decoder.decode(data, rows)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			*of(r) = list
			return nil
		},
	}
}

func encodeRows[T any](options []parquet.WriterOption, rows []T) ([]byte, error) {
	var out bytes.Buffer
	w := parquet.NewGenericWriter[T](&out, options...)
	_, err := w.Write(rows)
	if err = errors.Join(err, w.Close()); err != nil {
		return nil, err
	}
	return slim(out.Bytes())
}

// rollupOf is the place of a table of the rollup of a file of events.
func rollupOf(table, events string) string {
	return table + strings.TrimPrefix(events, eventsDir)
}

// eventsOfRollup is the inverse of rollupOf; other names stay.
func eventsOfRollup(name string) string {
	table, rest, _ := strings.Cut(name, "/")
	if !slices.Contains(rollupNames, table) {
		return name
	}
	return eventsDir + "/" + rest
}

// withRollups are files and, where they are of events, the rollups that they
// may have.
func withRollups(names []string) []string {
	var all []string
	for _, name := range names {
		all = append(all, name)
		if !strings.HasPrefix(name, eventsDir+"/") {
			continue
		}
		for _, table := range rollupNames {
			all = append(all, rollupOf(table, name))
		}
	}
	return all
}
