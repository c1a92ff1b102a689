package lake

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
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

// Events yields the committed events that q asks for, file by file in the
// order of account, date and commit, and within a file by time, then event
// id. The event is reused: copy it to keep it; its strings may be kept. An
// error ends the sequence; a done ctx is one.
func (l *Lake) Events(ctx context.Context, q Query) iter.Seq2[*event.Event, error] {
	return func(yield func(*event.Event, error) bool) {
		s := &scan{ctx: ctx, query: q, yield: yield, names: new(columnNames()), batch: make([]event.Event, readBatch)}
		if q.Light {
			s.skip = heavySet()
		}
		if err := s.files(l); err != nil && !errors.Is(err, errStop) {
			yield(nil, err)
		}
	}
}

// errStop says that the consumer of a sequence wants no more.
var errStop = errors.New("stop")

// scan is one pass over the events.
type scan struct {
	ctx   context.Context
	query Query
	yield func(*event.Event, error) bool
	names *names
	skip  map[string]bool // columns
	batch []event.Event
}

func (s *scan) files(l *Lake) error {
	files, err := l.files()
	if err != nil {
		return err
	}
	for _, f := range files {
		account := accountFrom(f.Path)
		if !s.account(account) || !s.overlaps(f.Min, f.Max) {
			continue
		}
		if err := s.file(l.path(f.Path), account); err != nil {
			if errors.Is(err, errStop) || s.ctx.Err() != nil {
				return err
			}
			return fmt.Errorf("read %s: %w", f.Path, err)
		}
	}
	return nil
}

func (s *scan) account(id string) bool {
	return len(s.query.Accounts) == 0 || slices.Contains(s.query.Accounts, id)
}

// overlaps reports whether events between first and last can be asked for.
func (s *scan) overlaps(first, last time.Time) bool {
	q := s.query
	return (q.From.IsZero() || !last.Before(q.From)) && (q.To.IsZero() || first.Before(q.To))
}

// wants reports whether e is asked for.
func (s *scan) wants(e *event.Event) bool {
	p := s.query.Principals
	return s.overlaps(e.EventTime, e.EventTime) &&
		(len(p) == 0 || slices.Contains(p, e.IdentityARN) || slices.Contains(p, e.IssuerARN))
}

func (s *scan) file(name, account string) error {
	f, pf, err := openTable(name)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, g := range pf.RowGroups() {
		first, last, ok := timeBounds(pf, g)
		if ok && !s.overlaps(first, last) {
			continue
		}
		if err := s.group(g, account); err != nil {
			return err
		}
	}
	return nil
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

// group yields the rows of a row group, a batch at a time: first all columns
// must have given their values, then the consumer sees them.
func (s *scan) group(g parquet.RowGroup, account string) (err error) {
	r := openGroup(g, s.names, s.skip)
	defer func() { err = errors.Join(err, r.close()) }()
	for left := g.NumRows(); left > 0; {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		n := min(left, readBatch)
		left -= n
		for i := range s.batch[:n] {
			r.read(&s.batch[i])
			s.batch[i].AccountID = account
		}
		if err := r.err(); err != nil {
			return err
		}
		for i := range s.batch[:n] {
			if e := &s.batch[i]; s.wants(e) && !s.yield(e, nil) {
				return errStop
			}
		}
	}
	return nil
}
