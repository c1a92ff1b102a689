package lake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/trimtrail/trimtrail/internal/event"
)

// Query says which events to read; the zero value means all of them, whole.
type Query struct {
	// From and To are a half-open span of event time; zero is unbounded.
	From, To time.Time
	// Accounts are the accounts to read; none means all.
	Accounts []string
	// Principals keeps events whose identity ARN or session issuer ARN is one
	// of these; none means all.
	Principals []string
	// Light leaves the JSON text columns empty (IdentityExtra,
	// RequestParameters, ResponseElements, AdditionalEventData,
	// ServiceEventDetails, Extra): a fraction of the bytes to read.
	Light bool
}

// readBatch is how many rows are decoded at once.
const readBatch = 256

// Events yields the committed events that q asks for, sorted by account (as
// its directory is named), time and event id, however many commits and writers
// they came from. The event is reused: copy it to keep it; its strings may be
// kept. An error ends the sequence; a done ctx is one.
func (l *Lake) Events(ctx context.Context, q Query) iter.Seq2[*event.Event, error] {
	return func(yield func(*event.Event, error) bool) {
		s := &scan{lake: l, query: q, yield: yield}
		s.view = &view{ctx: ctx, names: new(columnNames()), overlaps: q.overlaps}
		if q.Light {
			s.view.skip = heavySet()
		}
		if err := s.partitions(); err != nil && !errors.Is(err, errStop) {
			yield(nil, err)
		}
	}
}

// errStop says that the consumer of a sequence wants no more.
var errStop = errors.New("stop")

// scan is one pass over the events.
type scan struct {
	lake  *Lake
	query Query
	yield func(*event.Event, error) bool
	view  *view

	// The last row of the partition at hand, to go on after it.
	time time.Time
	id   string
}

// fileError names the file in err.
func fileError(name string, err error) error { return fmt.Errorf("read %s: %w", name, err) }

func (s *scan) partitions() error {
	log, err := s.lake.state()
	if err != nil {
		return err
	}
	for _, files := range log.partitions() {
		if !s.account(accountFrom(files[0].Path)) {
			continue
		}
		if err := s.partition(files); err != nil {
			return err
		}
	}
	return nil
}

// attempts is how often the log is read again for files that were replaced
// under a reader.
const attempts = 10

// partition yields the rows of a partition. Where a compaction took a file
// away meanwhile, the log says by now which one holds its rows: since all rows
// of a partition come sorted, reading goes on after the last one seen.
func (s *scan) partition(files []File) error {
	s.time, s.id = time.Time{}, ""
	return s.lake.Steady(files, func(p Partition) error { return s.rows(p) })
}

func (s *scan) rows(files []File) (err error) {
	m := &merged{lake: s.lake, view: s.view}
	for _, f := range files {
		if s.query.overlaps(f.Min, f.Max) {
			m.waiting = append(m.waiting, f)
		}
	}
	defer func() { err = errors.Join(err, m.close()) }()
	resumed := s.id != ""
	return m.each(func(e *event.Event) bool {
		if resumed && cmp.Or(e.EventTime.Compare(s.time), strings.Compare(e.EventID, s.id)) <= 0 {
			return true
		}
		s.time, s.id = e.EventTime, e.EventID
		return !s.wants(e) || s.yield(e, nil)
	})
}

func (s *scan) account(id string) bool {
	return len(s.query.Accounts) == 0 || slices.Contains(s.query.Accounts, id)
}

// overlaps reports whether events between first and last can be asked for.
func (q Query) overlaps(first, last time.Time) bool {
	return (q.From.IsZero() || !last.Before(q.From)) && (q.To.IsZero() || first.Before(q.To))
}

// wants reports whether e is asked for.
func (s *scan) wants(e *event.Event) bool {
	p := s.query.Principals
	return s.query.overlaps(e.EventTime, e.EventTime) &&
		(len(p) == 0 || slices.Contains(p, e.IdentityARN) || slices.Contains(p, e.IssuerARN))
}

// timeBounds returns the first and last event time of a row group, from its
// statistics.
func timeBounds(pf *parquet.File, g parquet.RowGroup) (first, last time.Time, ok bool) {
	leaf, ok := pf.Schema().Lookup("event_time")
	if !ok {
		return first, last, false
	}
	chunk, ok := g.ColumnChunks()[leaf.ColumnIndex].(*parquet.FileColumnChunk)
	if !ok {
		return first, last, false
	}
	lo, hi, ok := chunk.Bounds()
	if !ok {
		return first, last, false
	}
	return time.UnixMicro(lo.Int64()), time.UnixMicro(hi.Int64()), true
}
