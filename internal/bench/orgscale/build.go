package main

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/lake"
	"github.com/trimtrail/trimtrail/internal/par"
)

// start is the first day.
func start() time.Time { return time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC) }

func accountID(n int) string { return fmt.Sprintf("%012d", 100_000_000_000+n) }

// build makes the lake whose rollups are of a version of trimtrail.
func build(s size, dir, version string) error {
	l, err := lake.Create(dir)
	if err != nil {
		return err
	}
	version = analyze.RowsVersion(catalog.Default()) + ", " + version
	workers := runtime.GOMAXPROCS(0)
	idle := make(chan *lake.Rollups, workers)
	for range workers {
		r, err := l.Rollups(version)
		if err != nil {
			return err
		}
		idle <- r
	}
	var days []int
	for d := range s.days {
		days = append(days, d)
	}
	return par.Each(context.Background(), workers, days, func(_ context.Context, d int) error {
		r := <-idle
		defer func() { idle <- r }()
		return s.day(dir, r, d)
	})
}

// day writes the rollups of one day of all accounts and the entry of the log.
func (s size) day(dir string, r *lake.Rollups, d int) error {
	var files []lake.File
	for a := range s.accounts {
		rows := s.rows(a, d)
		at := start().AddDate(0, 0, d)
		f := lake.File{
			Rows: rows.Events(), Bytes: rows.Events() * 100, Min: at.Add(time.Minute), Max: at.Add(24*time.Hour - time.Minute),
			AccountID: accountID(a), Date: at.Format(time.DateOnly),
		}
		f.Path = fmt.Sprintf("events/account_id=%s/event_date=%s/%08d-%04d.parquet", f.AccountID, f.Date, d+1, a)
		sum := sha256.Sum256([]byte(f.Path))
		f.SHA256 = hex.EncodeToString(sum[:])
		if err := r.Write(&f, rows); err != nil {
			return err
		}
		files = append(files, f)
	}
	return writeEntry(dir, d+1, files)
}

// writeEntry writes an entry of the log as docs/format.md has it.
func writeEntry(dir string, n int, files []lake.File) error {
	out, err := os.Create(filepath.Join(dir, "_log", fmt.Sprintf("%08d.json.gz", n)))
	if err != nil {
		return err
	}
	z := gzip.NewWriter(out)
	err = json.NewEncoder(z).Encode(struct {
		Version  int         `json:"version"`
		Sequence int         `json:"sequence"`
		Files    []lake.File `json:"files"`
	}{lake.Version, n, files})
	return errors.Join(err, z.Close(), out.Close())
}
