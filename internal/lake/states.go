package lake

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
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
	dir := filepath.Join(l.dir, iamDir, escape(account))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("save state of %s: %w", account, err)
	}
	name := filepath.Join(dir, at.UTC().Format(stateTime)+stateSuffix)
	if err := writeOver(name, data); err != nil {
		return fmt.Errorf("save state of %s: %w", account, err)
	}
	return nil
}

// States lists the snapshots, by account, then time.
func (l *Lake) States() ([]StateFile, error) {
	var all []StateFile
	err := l.walk(iamDir, func(rel string) error {
		account, name, _ := strings.Cut(strings.TrimPrefix(rel, iamDir+"/"), "/")
		at, err := time.Parse(stateTime+stateSuffix, name)
		if err != nil {
			return nil // not a snapshot, such as one that is being written
		}
		info, err := os.Stat(l.path(rel))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		all = append(all, StateFile{unescape(account), at.UTC(), l.path(rel), info.Size()})
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
