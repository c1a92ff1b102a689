package lake

import (
	"cmp"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// StateFile is one snapshot of an account's IAM state.
type StateFile struct {
	AccountID string
	At        time.Time // UTC, in seconds
	Path      string    // to open, lake included
	Bytes     int64
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

// States lists the snapshots, by account, then time.
func (l *Lake) States() ([]StateFile, error) {
	var all []StateFile
	err := l.store.list(iamDir, func(rel string, size int64) error {
		account, name, _ := strings.Cut(strings.TrimPrefix(rel, iamDir+"/"), "/")
		at, err := time.Parse(stateTime+stateSuffix, name)
		if err != nil {
			return nil // not a snapshot, such as one that is being written
		}
		all = append(all, StateFile{unescape(account), at.UTC(), filepath.Join(l.Dir(), filepath.FromSlash(rel)), size})
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
