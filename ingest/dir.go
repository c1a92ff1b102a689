package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/trimtrail/trimtrail/internal/event"
)

// dirSource is a directory tree or a single file.
type dirSource struct {
	name string // as given
	root string // absolute, links resolved
	file bool
}

// NewPath returns the directory or file called name as a source; a pipe or
// device is read as a stream. The error names what is wrong with name.
func NewPath(name string) (Source, error) {
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no such file or directory", name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, bare(err))
	}
	if !info.IsDir() && !info.Mode().IsRegular() {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, bare(err))
		}
		return NewStream(name, f), nil
	}
	root, err := filepath.Abs(name)
	if err == nil {
		root, err = filepath.EvalSymlinks(root)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, bare(err))
	}
	return &dirSource{name, root, !info.IsDir()}, nil
}

func (s *dirSource) String() string { return s.name }

// List walks the tree depth first, by name, as S3 orders keys, but for the
// regions of an account: see together. A folder that the filter excludes, and a
// lake, is not entered.
func (s *dirSource) List(ctx context.Context, f Filter) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		if !s.file {
			s.walk(ctx, s.root, f, yield)
			return
		}
		info, err := os.Stat(s.root)
		yield(Entry{Object: fileObject(s.root, info), Modified: changed(info)}, err)
	}
}

// walk reports whether to go on.
func (s *dirSource) walk(ctx context.Context, dir string, f Filter, yield func(Entry, error) bool) bool {
	items, err := os.ReadDir(dir)
	if err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		yield(Entry{}, fmt.Errorf("list %s: %w", dir, bare(err)))
		return false
	}
	if isLake(dir) {
		return true
	}
	p := locate(filepath.ToSlash(dir) + "/")
	if p.account != "" && p.kind == logKind && p.region == "" {
		return s.together(ctx, []string{dir}, 0, f, yield)
	}
	slices.SortFunc(items, func(a, b fs.DirEntry) int { return strings.Compare(keyName(a), keyName(b)) })
	for _, item := range items {
		name := filepath.Join(dir, item.Name())
		if item.IsDir() {
			if f.keeps(locate(filepath.ToSlash(name)+"/")) && !s.walk(ctx, name, f, yield) {
				return false
			}
		} else if !s.visit(name, f, yield) {
			return false
		}
	}
	return true
}

// keyName orders a folder as its keys would be.
func keyName(d fs.DirEntry) string {
	if d.IsDir() {
		return d.Name() + "/"
	}
	return d.Name()
}

// visit yields one file. Links to files count, links to folders do not: they
// may lead in circles.
func (s *dirSource) visit(name string, f Filter, yield func(Entry, error) bool) bool {
	e, keep := f.entryAt(filepath.ToSlash(name))
	if !keep {
		return true
	}
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		e.Ignored = true // gone meanwhile, a broken link, a socket
	}
	e.Object, e.Modified = fileObject(name, info), changed(info)
	return yield(e, nil)
}

func fileObject(name string, info fs.FileInfo) event.Object {
	if info == nil {
		return event.Object{URI: name}
	}
	return event.Object{URI: name, Size: info.Size(), Version: info.ModTime().UTC().Format(time.RFC3339Nano)}
}

// changed is when a file was changed last; zero where it is gone.
func changed(info fs.FileInfo) time.Time {
	if info == nil {
		return time.Time{}
	}
	return info.ModTime()
}

// isLake keeps a lake that lies inside the archive from being read as part of it.
func isLake(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, "_log", "format.json"))
	return err == nil
}

// Fetch reads the file.
func (s *dirSource) Fetch(_ context.Context, o event.Object) (event.Object, []byte, error) {
	f, err := openFile(o.URI)
	if err != nil {
		return o, nil, unreadFile(o, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return o, nil, unreadFile(o, err)
	}
	content, err := readAll(exactly(f, info.Size()), info.Size(), 1<<62)
	if err != nil {
		return o, nil, unreadFile(o, err)
	}
	return fileObject(o.URI, info), content, nil
}

// sized is a reader that has so many bytes, or has changed since it was asked.
type sized struct {
	io.Reader
	left int64
}

// exactly is r, which has n bytes: where that many came although there was room
// for more, it is not asked again.
func exactly(r io.Reader, n int64) io.Reader { return &sized{r, n} }

func (s *sized) Read(p []byte) (n int, err error) {
	n, err = s.Reader.Read(p)
	if s.left -= int64(n); err == nil && s.left == 0 && n > 0 && n < len(p) {
		err = io.EOF
	}
	return n, err
}

// readAll reads r into one buffer, up to a byte more than most.
func readAll(r io.Reader, expect, most int64) ([]byte, error) {
	buf := contentBuffer(expect + pad + 1)
	for int64(len(buf)) <= most {
		if cap(buf)-len(buf) <= pad {
			buf = append(buf, make([]byte, max(4096, len(buf)/2))...)[:len(buf)]
		}
		n, err := r.Read(buf[len(buf) : cap(buf)-pad])
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
	}
	return buf, nil
}

// contents are what gzip objects were read into, to be used again.
var contents sync.Pool

// contentBuffer returns an empty buffer with room for n bytes.
func contentBuffer(n int64) []byte {
	if b, ok := contents.Get().(*[]byte); ok && int64(cap(*b)) >= n && int64(cap(*b)) <= max(8*n, 1<<20) {
		return (*b)[:0]
	}
	return make([]byte, 0, n)
}

func unreadFile(o event.Object, err error) error {
	return &UnreadError{URI: o.URI, Reason: "cannot be read: " + bare(err).Error(), Denied: errors.Is(err, fs.ErrPermission), Err: err}
}

// bare takes the operation and path off an error of package os, which the
// caller's own words name.
func bare(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
