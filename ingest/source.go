package ingest

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/trimtrail/trimtrail/internal/event"
)

// Source is a place that archive objects come from. NewDir, NewFile, NewStream
// and NewS3 make them. Its methods may be called from several goroutines.
type Source interface {
	// String is the source as a person named it.
	String() string
	// List yields what is there in a fixed order, pruned by the filter before
	// anything is read. After an error it ends.
	List(ctx context.Context, f Filter) iter.Seq2[Entry, error]
	// Fetch returns the stored bytes of an entry's object and the object as it
	// was read. The error is an *UnreadError where the object alone is to blame.
	Fetch(ctx context.Context, o event.Object) (event.Object, []byte, error)
}

// Entry is one thing that a Source lists.
type Entry struct {
	Object event.Object
	// Ignored says that it is no CloudTrail log by its name: a digest, an
	// Insights file, a README. It is counted and left alone.
	Ignored bool
	// Unplaced says that neither path nor name tells account, region and day,
	// so that a filter could not judge it; it is kept.
	Unplaced bool
	// Modified is when the object was changed last; zero where that is not known.
	Modified time.Time
	// Part names what the entry belongs to, where the source lists it together:
	// its account, or a day of it. What came before is complete when it changes.
	Part string
	// Content is what a stream has read already; nil where Fetch will.
	Content []byte
}

// UnreadError says that one object could not be fetched while others may. It is
// tried again by the next run.
type UnreadError struct {
	URI    string
	Reason string // a sentence without a period
	// Denied is set where the permission to read it is missing.
	Denied bool
	Err    error
}

func (e *UnreadError) Error() string { return fmt.Sprintf("read %s: %s", e.URI, e.Reason) }

func (e *UnreadError) Unwrap() error { return e.Err }

// EmptyError says that a source holds nothing to read.
type EmptyError struct {
	Source string
	// Beside names what lies there instead, a few names at most.
	Beside []string
	// Pruned is set where a filter was given, which may be why.
	Pruned bool
}

func (e *EmptyError) Error() string {
	if e.Pruned {
		return fmt.Sprintf("%s: no CloudTrail object that fits the filters", e.Source)
	}
	return fmt.Sprintf("%s: no CloudTrail object", e.Source)
}
