package lake

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
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
	return name == stageDir || name == lockName || strings.HasPrefix(name, temporaryPrefix)
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
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}

// linkNew gives temp the name, which must be free. Where the file system has
// no hard links it renames after a look; the writer lock makes that enough.
func linkNew(temp, name string) error {
	err := os.Link(temp, name)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
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
