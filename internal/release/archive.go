package main

import (
	"archive/tar"
	"archive/zip"
	"cmp"
	"compress/gzip"
	"errors"
	"io"
	"slices"
	"time"
)

// entry is one file of an archive.
type entry struct {
	name    string // with slashes
	data    []byte
	program bool
}

func (e *entry) mode() int64 {
	if e.program {
		return 0o755
	}
	return 0o644
}

func sorted(entries []entry) []entry {
	return slices.SortedFunc(slices.Values(entries), func(a, b entry) int { return cmp.Compare(a.name, b.name) })
}

// tarGzip packs the entries below the folder dir, in the order of their
// names, owned by nobody and all of the same time.
func tarGzip(w io.Writer, dir string, at time.Time, entries []entry) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	t := tar.NewWriter(z)
	for _, e := range sorted(entries) {
		h := &tar.Header{Typeflag: tar.TypeReg, Name: dir + "/" + e.name, Size: int64(len(e.data)), Mode: e.mode(), ModTime: at, Format: tar.FormatUSTAR}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		if _, err := t.Write(e.data); err != nil {
			return err
		}
	}
	return errors.Join(t.Close(), z.Close())
}

// zipped is tarGzip for systems that are used to zip.
func zipped(w io.Writer, dir string, at time.Time, entries []entry) error {
	z := zip.NewWriter(w)
	for _, e := range sorted(entries) {
		h := &zip.FileHeader{Name: dir + "/" + e.name, Method: zip.Deflate, Modified: at.UTC()}
		h.SetMode(0o644)
		if e.program {
			h.SetMode(0o755)
		}
		f, err := z.CreateHeader(h)
		if err != nil {
			return err
		}
		if _, err := f.Write(e.data); err != nil {
			return err
		}
	}
	return z.Close()
}
