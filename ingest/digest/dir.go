package digest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/ingest"
)

// dir is a copy of an archive in a directory. Its paths are absolute.
type dir struct{ place Place }

// NewDir returns a directory as a store. The error names what is wrong with it.
func NewDir(name string) (Store, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: no such directory", name)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, bare(err))
	case !info.IsDir():
		return nil, fmt.Errorf("%s: not a directory", name)
	}
	root, err := filepath.Abs(name)
	if err == nil {
		root, err = filepath.EvalSymlinks(root)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, bare(err))
	}
	return &dir{Place{Name: name, Root: strings.TrimSuffix(filepath.ToSlash(root), "/") + "/"}}, nil
}

func (d *dir) Place() Place { return d.place }

// List walks in the order of S3's keys. Links to folders are not followed:
// they may lead in circles.
func (d *dir) List(ctx context.Context, folder, after string, deep bool) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) { d.walk(ctx, folder, after, deep, yield) }
}

// walk reports whether to go on.
func (d *dir) walk(ctx context.Context, folder, after string, deep bool, yield func(string, error) bool) bool {
	items, err := os.ReadDir(filepath.FromSlash(folder))
	if errors.Is(err, fs.ErrNotExist) {
		return true
	}
	if err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		yield("", fmt.Errorf("list %s: %w", folder, bare(err)))
		return false
	}
	for _, name := range names(items) {
		p := folder + name
		below := strings.HasSuffix(name, "/")
		switch {
		case p <= after && !(below && strings.HasPrefix(after, p)):
		case below && deep:
			if !d.walk(ctx, p, after, deep, yield) {
				return false
			}
		case !yield(p, nil):
			return false
		}
	}
	return true
}

// names are a folder's, sorted as keys; those of folders end in a slash.
func names(items []fs.DirEntry) []string {
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = item.Name()
		if item.IsDir() {
			out[i] += "/"
		}
	}
	slices.Sort(out)
	return out
}

// Get reads a file.
func (d *dir) Get(_ context.Context, path string) (Object, error) {
	content, err := os.ReadFile(filepath.FromSlash(path))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Object{}, ErrGone
	case err != nil:
		return Object{}, &ingest.UnreadError{URI: path, Reason: "cannot be read: " + bare(err).Error(), Denied: errors.Is(err, fs.ErrPermission), Err: err}
	}
	return Object{Content: content}, nil
}

// bare takes the operation and path off an error of package os.
func bare(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
