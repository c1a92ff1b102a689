package lake

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// errNotDir is what the system says where a path leads through a file.
var errNotDir error = syscall.ENOTDIR

const (
	temporaryPrefix = "new-"
	// syncers is how many fsync calls wait at once: a file system's journal
	// serves several with one flush.
	syncers = 8
)

// isTemporary reports whether a name in _log can be left by a killed program
// before the lake was one.
func isTemporary(name string) bool {
	for _, prefix := range []string{stageDir, lockName, temporaryPrefix} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// disk is a store in a directory.
type disk struct{ dir string }

var _ store = disk{}

func (d disk) root() string { return d.dir }

func (d disk) path(name string) string { return filepath.Join(d.dir, filepath.FromSlash(name)) }

func (d disk) lasting() (store, func()) { return d, func() {} }

// diskBlob is a file on a disk.
type diskBlob struct {
	*os.File
	n int64
}

func (b diskBlob) size() int64 { return b.n }

func (d disk) open(name string) (blob, error) { return openLocal(d.path(name)) }

// openLocal opens a file of this machine.
func openLocal(name string) (blob, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return diskBlob{f, info.Size()}, nil
}

func (d disk) read(name string) ([]byte, error) { return os.ReadFile(d.path(name)) }

func (d disk) create(name string, data []byte, temp string) error {
	place := d.path(name)
	if temp == "" {
		return writeNew(place, data)
	}
	if err := writeSynced(temp, data); err != nil {
		return err
	}
	if err := linkNew(temp, place); err != nil {
		return errors.Join(err, removeIfThere(temp))
	}
	if err := syncDir(filepath.Dir(place)); err != nil {
		return err
	}
	return removeIfThere(temp)
}

func (d disk) replace(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(d.path(name)), 0o700); err != nil {
		return err
	}
	return writeOver(d.path(name), data)
}

// put writes beside the log and renames: an engine that reads a partition
// while a file is written does not meet half of it.
func (d disk) put(name string, data []byte) error {
	temp, err := d.temporary(data)
	if err != nil {
		return err
	}
	if err := d.move(staged{temp, name}); err != nil {
		os.Remove(temp)
		return err
	}
	return nil
}

// temporary writes a file of mode 0600 and returns its name, which tells when
// it was begun.
func (d disk) temporary(data []byte) (string, error) {
	dir := d.path(rollupStage)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, fmt.Sprintf("%s%d-*", temporaryPrefix, time.Now().Unix()))
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(f.Name())
	}
	return f.Name(), err
}

func (d disk) publish(files []staged, each func(string), done func() error) error {
	names := make([]string, 0, len(files))
	for _, f := range files {
		names = append(names, f.name)
	}
	if err := syncAll(names, syncFile); err != nil {
		return err
	}
	dirs := map[string]bool{}
	for _, f := range files {
		each(f.path)
		if err := d.move(f); err != nil {
			return err
		}
		for dir := path.Dir(f.path); ; dir = path.Dir(dir) {
			dirs[d.path(dir)] = true
			if dir == "." {
				break
			}
		}
		if err := done(); err != nil {
			return err
		}
	}
	return syncAll(sorted(dirs), d.syncDir)
}

func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }

// move renames f to its place. Another process may remove the directory,
// which is empty yet, in between.
func (d disk) move(f staged) error {
	place := d.path(f.path)
	for try := 0; ; try++ {
		err := os.MkdirAll(filepath.Dir(place), 0o700)
		if err == nil {
			err = os.Rename(f.name, place)
		}
		if !errors.Is(err, fs.ErrNotExist) || try == attempts {
			return err
		}
	}
}

// syncDir syncs a directory of the lake; one that is gone, its files removed
// by a compaction of another process, needs none.
func (d disk) syncDir(dir string) error {
	if err := syncDir(dir); !errors.Is(err, fs.ErrNotExist) || dir == d.dir {
		return err
	}
	return nil
}

// remove removes files, and the directories that this leaves empty. Many of
// the names are those of rollups that nobody made.
func (d disk) remove(names []string) error {
	for _, name := range names {
		if !exists(d.path(name)) {
			continue
		}
		if err := removeIfThere(d.path(name)); err != nil {
			return err
		}
	}
	for _, name := range names {
		parent := filepath.Dir(d.path(name))
		for parent != d.dir && exists(parent) && os.Remove(parent) == nil {
			parent = filepath.Dir(parent)
		}
	}
	return nil
}

func removeIfThere(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (d disk) list(dir string, each func(string, int64) error) error {
	return filepath.WalkDir(d.path(dir), func(name string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(d.dir, name)
		if err != nil {
			return err
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		return each(filepath.ToSlash(rel), info.Size())
	})
}

// writeNew makes a file with this content, whole or not at all, durable when
// it returns. It never replaces: a file of this name is fs.ErrExist.
func writeNew(name string, data []byte) error {
	temp, err := writeTemp(filepath.Dir(name), data)
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	if err := linkNew(temp, name); err != nil {
		return err
	}
	return syncDir(filepath.Dir(name))
}

// writeOver is writeNew that replaces what is there.
func writeOver(name string, data []byte) error {
	temp, err := writeTemp(filepath.Dir(name), data)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, name); err != nil {
		os.Remove(temp)
		return err
	}
	return syncDir(filepath.Dir(name))
}

// writeTemp writes a synced file of mode 0600 in dir and returns its name.
func writeTemp(dir string, data []byte) (string, error) {
	f, err := os.CreateTemp(dir, temporaryPrefix+"*")
	if err != nil {
		return "", err
	}
	return f.Name(), fill(f, data)
}

// writeSynced is writeTemp under a name.
func writeSynced(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	return fill(f, data)
}

// fill writes a new file, or removes it.
func fill(f *os.File, data []byte) error {
	_, err := f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(f.Name())
	}
	return err
}

// linkNew gives temp the name, which must be free. Where the file system has
// no hard links it renames after a look, under a lock of its own.
func linkNew(temp, name string) error {
	err := os.Link(temp, name)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	lock := flock.New(filepath.Join(filepath.Dir(name), lockName+"-log"))
	if err := lock.Lock(); err != nil {
		return err
	}
	defer lock.Unlock()
	if _, stat := os.Lstat(name); !errors.Is(stat, fs.ErrNotExist) {
		return fs.ErrExist
	}
	return os.Rename(temp, name)
}

// syncDir makes the names in a directory durable.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" { // directories cannot be synced there
		return nil
	}
	return syncFile(dir)
}

func syncFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncAll makes all names durable and returns the first error in their order.
func syncAll(names []string, one func(string) error) error {
	errs := make([]error, len(names))
	slots := make(chan struct{}, syncers)
	var wg sync.WaitGroup
	for i, name := range names {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			errs[i] = one(name)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
