package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/internal/lake"
)

// loadStates reads the IAM state of each account that the lake knows: the
// newest details and the newest report, which may come from two snapshots.
func loadStates(ctx context.Context, l *lake.Lake) (map[string]*iam.State, error) {
	files, err := l.States()
	if err != nil {
		return nil, err
	}
	states := map[string]*iam.State{}
	for i := len(files); i > 0; {
		end := i
		for i > 0 && files[i-1].AccountID == files[end-1].AccountID {
			i--
		}
		s, err := newestState(ctx, files[i:end])
		if err != nil {
			return nil, err
		}
		states[s.AccountID] = s
	}
	return states, nil
}

// newestState goes back through one account's snapshots, which are sorted by
// time, until it has details and report, and merges what it read oldest first.
func newestState(ctx context.Context, files []lake.StateFile) (*iam.State, error) {
	var read []*iam.State
	details, report := false, false
	for i := len(files) - 1; i >= 0 && !(details && report); i-- {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s, err := readState(files[i].Path)
		if err != nil {
			return nil, err
		}
		if s.HasDetails && !details || s.HasReport && !report {
			read = append(read, s)
		}
		details, report = details || s.HasDetails, report || s.HasReport
	}
	merged := &iam.State{AccountID: files[0].AccountID}
	for _, s := range slices.Backward(read) {
		merged.MergeFrom(s)
	}
	return merged, nil
}

func readState(path string) (*iam.State, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	s, err := iam.DecodeState(data)
	if err != nil {
		return nil, withHint(fmt.Errorf("read %s: %w", path, err), "take the file away, and load the account again:  trimtrail iam load FILE… --lake LAKE")
	}
	return s, nil
}

// saveState keeps one account's state in the lake. What the lake holds of the
// same second is joined, so that report and details loaded one after the
// other do not replace each other.
func saveState(l *lake.Lake, s *iam.State) error {
	files, err := l.States()
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.AccountID != s.AccountID || !f.At.Equal(s.TakenAt) {
			continue
		}
		before, err := readState(f.Path)
		if err != nil {
			return err
		}
		before.MergeFrom(s)
		s = before
	}
	data, err := iam.EncodeState(s)
	if err != nil {
		return err
	}
	return l.SaveState(s.AccountID, s.TakenAt, data)
}

// stateFiles are IAM files read together: one snapshot of each account.
type stateFiles struct {
	states iam.States
	loaded []iam.Loaded
	notes  []string // for standard error
	times  map[string]time.Time
	// leftOut counts files of directories that could not be read.
	leftOut int
}

// largestState is more than the details of the largest accounts take.
const largestState = 1 << 30

// readStateFiles reads files, directories (their *.json and *.csv), and - for standard input.
func readStateFiles(s streams, names []string) (*stateFiles, error) {
	f := &stateFiles{states: iam.States{}, times: map[string]time.Time{}}
	for _, name := range names {
		if err := f.add(s, name); err != nil {
			return nil, err
		}
	}
	if len(f.states) == 0 {
		return nil, withHint(errors.New(f.nothing(names)), whatToLoad)
	}
	return f, nil
}

// nothing says why no state came out of the files.
func (f *stateFiles) nothing(names []string) string {
	if len(f.notes) == 0 {
		return "no IAM state in " + strings.Join(names, ", ")
	}
	return "no IAM state: " + strings.Join(f.notes, "; ")
}

const whatToLoad = "load the output of  aws iam get-account-authorization-details  or  aws iam get-credential-report"

func (f *stateFiles) add(s streams, name string) error {
	if name == "-" {
		data, err := readInput(s.in)
		if err != nil {
			return err
		}
		return f.load("standard input", data, time.Now())
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return f.addDir(name)
	}
	return f.addFile(name, info)
}

// addDir takes what it knows of a directory and names the rest.
func (f *stateFiles) addDir(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		if ext := filepath.Ext(name); !info.Mode().IsRegular() || ext != ".json" && ext != ".csv" {
			continue
		}
		if err := f.addFile(name, info); err != nil {
			f.notes = append(f.notes, "left out: "+err.Error())
			f.leftOut++
		}
	}
	return nil
}

func (f *stateFiles) addFile(name string, info fs.FileInfo) error {
	if info.Size() > largestState {
		return fmt.Errorf("read %s: %d bytes are more than any account's IAM state", name, info.Size())
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return f.load(name, data, info.ModTime())
}

func readInput(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, largestState+1))
	if err != nil {
		return nil, fmt.Errorf("read standard input: %w", err)
	}
	if len(data) > largestState {
		return nil, errors.New("standard input is more than any account's IAM state")
	}
	return data, nil
}

func (f *stateFiles) load(name string, data []byte, at time.Time) error {
	l, err := iam.Load(name, data, f.states)
	if err != nil {
		return withHint(err, whatToLoad)
	}
	f.loaded = append(f.loaded, l)
	if !l.Used {
		f.notes = append(f.notes, name+" is a file with "+l.What+", which nothing uses yet")
	}
	if l.Partial {
		f.notes = append(f.notes, name+" ends in the middle: give all pages in one call, or ask AWS without --max-items")
	}
	for _, a := range l.Accounts {
		if f.times[a].Before(at) {
			f.times[a] = at
		}
	}
	return nil
}

// date sets when AWS was asked: as told, else as the file says, else the
// file's own time, which is never too early.
func (f *stateFiles) date(told time.Time) {
	for a, s := range f.states {
		if !told.IsZero() {
			s.TakenAt = told
		} else if s.TakenAt.IsZero() {
			s.TakenAt = f.times[a]
		}
		s.TakenAt = s.TakenAt.UTC().Truncate(time.Second)
	}
}

// sorted are the states by account.
func (f *stateFiles) sorted() []*iam.State {
	out := make([]*iam.State, 0, len(f.states))
	for _, s := range f.states {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b *iam.State) int { return cmp.Compare(a.AccountID, b.AccountID) })
	return out
}
