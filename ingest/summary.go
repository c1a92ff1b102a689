package ingest

import "fmt"

// Summary is what a run did so far. Records that were read are Events +
// Duplicates + Rejected.
type Summary struct {
	Read        int64 // objects taken in
	Known       int64 // objects taken in earlier and left alone
	Ignored     int64 // files of other kinds, by their name
	Quarantined int64 // objects that could not be read
	Denied      int64 // of these, for lack of permission
	Unplaced    int64 // objects read that a filter could not judge

	Events     int64 // new ones
	Duplicates int64
	Rejected   int64 // records that are no event

	// KeptObjects and KeptEvents are those of Read and Events that are committed:
	// all of them, unless the sink failed.
	KeptObjects, KeptEvents int64

	StoredBytes int64 // read, as stored
	RawBytes    int64 // of objects taken in, unpacked

	// Problems are the first of what was quarantined, whole objects and
	// records, maxProblems at most.
	Problems []Problem

	// Listed objects and their bytes, as far as the listing has come; it is
	// complete when ListDone is set. Files that are ignored do not count.
	Listed, ListedBytes int64
	ListDone            bool
	// Committing is set while a commit is made, which takes a while.
	Committing bool
}

// Records is how many records were read.
func (s Summary) Records() int64 { return s.Events + s.Duplicates + s.Rejected }

// Done is how many of the listed objects were dealt with.
func (s Summary) Done() int64 { return s.Read + s.Known + s.Quarantined }

// allDenied reports whether permission was missing for all that was ever tried,
// more of which are not counted as quarantined yet.
func (s Summary) allDenied(more int64) bool {
	return s.Denied > 0 && s.Denied == s.Read+s.Known+s.Quarantined+more
}

// WholeObject is the Index of a Problem that is no single record.
const WholeObject = -1

// maxProblems bounds what a summary keeps of them.
const maxProblems = 1000

// Problem is something that was quarantined.
type Problem struct {
	URI    string
	Index  int // of the record, or WholeObject
	Reason string
}

func (s *Summary) problem(p Problem) {
	if len(s.Problems) < maxProblems {
		s.Problems = append(s.Problems, p)
	}
}

// DeniedError says that no object of an archive may be read.
type DeniedError struct{ First *UnreadError }

func (e *DeniedError) Error() string { return fmt.Sprintf("no object may be read: %v", e.First) }

func (e *DeniedError) Unwrap() error { return e.First }
