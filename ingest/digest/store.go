package digest

import (
	"context"
	"errors"
	"iter"
)

// ErrGone says that there is nothing at a path.
var ErrGone = errors.New("not found")

// Store is a place that holds an archive, read only. Paths are slash-separated;
// folders end in a slash. Its methods may be called from several goroutines.
type Store interface {
	// List yields, in order, what lies below a folder and after the path after,
	// where that is not empty: all files where deep, else files and folders of
	// one level. It yields nothing for a folder that does not exist.
	List(ctx context.Context, folder, after string, deep bool) iter.Seq2[string, error]
	// Get reads a file. The error is ErrGone where there is none, and an
	// *ingest.UnreadError where this file alone is to blame.
	Get(ctx context.Context, path string) (Object, error)
	// Place is what the store is and how its paths relate to those of S3.
	Place() Place
}

// Object is a file as it is stored.
type Object struct {
	Content []byte
	// Signature is the object's metadata `signature`, in hex. Metadata says
	// whether the store has metadata at all.
	Signature string
	Metadata  bool
}

// Place describes a store.
type Place struct {
	Name string // as a person named it
	Root string // the folder or path to look below
	// Bucket is the bucket's name; empty for a directory, which says nothing
	// of the bucket that it was copied from.
	Bucket string
	// Live says that objects arrive here, so that the newest must be of today.
	Live bool
}

// uri names a path for people.
func (p Place) uri(path string) string {
	if p.Bucket == "" {
		return path
	}
	return "s3://" + p.Bucket + "/" + path
}

// resolve finds where an object of S3 lies in the store, seen from a file that
// names it: the path, or "" where it lies outside. A copy keeps the order below
// the account's folder, and may have lost what is above it.
func (p Place) resolve(bucket, key, near string) string {
	if p.Bucket != "" {
		if bucket != p.Bucket {
			return ""
		}
		return key
	}
	above, _, ok := splitAccount(near)
	_, below, ok2 := splitAccount(key)
	if !ok || !ok2 {
		return ""
	}
	return above + below
}
