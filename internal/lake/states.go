package lake

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"time"
)

// StateFile is one snapshot of an account's IAM state.
type StateFile struct {
	AccountID string
	At        time.Time // UTC, in seconds
	Path      string    // for messages, lake included
	Bytes     int64

	lake *Lake
	name string // in the lake
}

// Open opens the snapshot, wherever the lake is.
func (f StateFile) Open() (io.ReadCloser, error) {
	if d, ok := f.lake.store.(disk); ok {
		return os.Open(d.path(f.name))
	}
	data, err := f.lake.store.read(f.name)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

const (
	stateTime   = "20060102T150405Z" // no colons: Windows has none in names
	stateSuffix = ".json"
)

// SaveState keeps data, a JSON document, as the IAM state of an account at a
// time. A snapshot of the same second is replaced. It needs no writer.
func (l *Lake) SaveState(account string, at time.Time, data []byte) error {
	account = accountOf(account)
	name := path.Join(iamDir, escape(account), at.UTC().Format(stateTime)+stateSuffix)
	if err := l.store.replace(name, data); err != nil {
		return fmt.Errorf("save state of %s: %w", account, err)
	}
	return nil
}

// fullName is a file's name for messages.
func (l *Lake) fullName(rel string) string {
	if d, ok := l.store.(disk); ok {
		return d.path(rel)
	}
	return l.Dir() + "/" + rel
}

// States lists the snapshots, by account, then time.
func (l *Lake) States() ([]StateFile, error) {
	var all []StateFile
	err := l.store.list(iamDir, func(rel string, size int64) error {
		account, name, _ := strings.Cut(strings.TrimPrefix(rel, iamDir+"/"), "/")
		at, err := time.Parse(stateTime+stateSuffix, name)
		if err != nil {
			return nil // not a snapshot, such as one that is being written
		}
		all = append(all, StateFile{unescape(account), at.UTC(), l.fullName(rel), size, l, rel})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list states: %w", err)
	}
	slices.SortFunc(all, func(a, b StateFile) int {
		return cmp.Or(cmp.Compare(a.AccountID, b.AccountID), a.At.Compare(b.At))
	})
	return all, nil
}
