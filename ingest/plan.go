package ingest

import "context"

// Plan is what Run would find.
type Plan struct {
	New, NewBytes int64 // objects to read, and their size as stored
	Known         int64 // objects read earlier
	Ignored       int64 // files of other kinds
	Unplaced      int64 // new objects that the filter cannot judge
}

// List lists the sources as Run would and reads nothing. Of c it uses Sources,
// Filter, Shard and Sink, which may be nil: then nothing is known.
func List(ctx context.Context, c Config) (Plan, error) {
	var p Plan
	for _, s := range c.Sources {
		found := false
		for e, err := range s.List(ctx, c.Filter) {
			if err != nil {
				return p, err
			}
			found = found || !e.Ignored
			if c.Shard.Has(e.Object.URI) {
				p.add(e, c.Sink)
			}
		}
		if !found {
			return p, &EmptyError{Source: s.String(), Pruned: !c.Filter.Empty()}
		}
	}
	return p, nil
}

func (p *Plan) add(e Entry, sink Sink) {
	switch {
	case e.Ignored:
		p.Ignored++
	case sink != nil && sink.Known(e.Object):
		p.Known++
	default:
		p.New++
		p.NewBytes += e.Object.Size
		if e.Unplaced {
			p.Unplaced++
		}
	}
}

// Holds reports, as an *EmptyError, that a source holds nothing to read. It
// lists no further than the first object. Not for streams.
func Holds(ctx context.Context, s Source, f Filter) error {
	for e, err := range s.List(ctx, f) {
		if err != nil || !e.Ignored {
			return err
		}
	}
	return &EmptyError{Source: s.String(), Pruned: !f.Empty()}
}
