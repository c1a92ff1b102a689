package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/internal/lake"
)

// loadStates reads the IAM state of each account that the lake knows: the
// newest of each part, which may come from several snapshots.
func loadStates(ctx context.Context, l *lake.Lake) (map[string]*iam.State, error) {
	files, err := l.States()
	if err != nil {
		return nil, err
	}
	states := iam.States{}
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
	states.Organize()
	return states, nil
}

// newestState goes back through one account's snapshots, which are sorted by
// time, reads those that have a part that no later one has, and merges them oldest first.
func newestState(ctx context.Context, files []lake.StateFile) (*iam.State, error) {
	var read []*iam.State
	wanted := iam.AllParts()
	for i := len(files) - 1; i >= 0 && len(wanted) > 0; i-- {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if !holdsAny(files[i], wanted) {
			continue
		}
		s, err := readState(files[i])
		if err != nil {
			return nil, err
		}
		has := s.Parts()
		if len(has) > 0 {
			read = append(read, s)
		}
		wanted = slices.DeleteFunc(wanted, func(p string) bool { return slices.Contains(has, p) })
	}
	merged := &iam.State{AccountID: files[0].AccountID}
	for _, s := range slices.Backward(read) {
		merged.MergeFrom(s)
	}
	return merged, nil
}

// holdsAny looks at the beginning of a snapshot only. One that does not begin
// with its parts, since it is older or damaged, may hold what the first version kept.
func holdsAny(file lake.StateFile, wanted []string) bool {
	parts := []string{"details", "report"}
	if f, err := file.Open(); err == nil {
		defer f.Close()
		if named, ok, err := iam.StoredParts(f); err == nil && ok {
			parts = named
		}
	}
	return slices.ContainsFunc(parts, func(p string) bool { return slices.Contains(wanted, p) })
}

func readState(file lake.StateFile) (*iam.State, error) {
	f, err := file.Open()
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("read %s: %w", file.Path, err)
	}
	s, err := iam.DecodeState(data)
	if err != nil {
		return nil, withHint(fmt.Errorf("read %s: %w", file.Path, err), "take the file away, and load the account again:  trimtrail iam load FILE… --lake LAKE")
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
		before, err := readState(f)
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
	late    []lateFile
}

// lateFile is a file that can be understood once others are loaded.
type lateFile struct {
	name string
	data []byte
	at   time.Time
	dir  bool // found in a directory, not named by itself
}

// largestState is more than the details of the largest accounts take.
const largestState = 1 << 30

// readStateFiles reads files, directories (their *.json and *.csv), and - for standard input.
func readStateFiles(s streams, names []string) (*stateFiles, error) {
	return readStateFilesOf(s, names, "")
}

// readStateFilesOf is readStateFiles where files that name no account are of
// this one, unless it is empty.
func readStateFilesOf(s streams, names []string, account string) (*stateFiles, error) {
	f := &stateFiles{states: iam.States{}, times: map[string]time.Time{}}
	if account != "" {
		f.states[account] = &iam.State{AccountID: account}
	}
	for _, name := range names {
		if err := f.add(s, name); err != nil {
			return nil, err
		}
	}
	if err := f.again(); err != nil {
		return nil, err
	}
	maps.DeleteFunc(f.states, func(_ string, s *iam.State) bool { return len(s.Parts()) == 0 })
	if len(f.states) == 0 {
		return nil, withHint(errors.New(f.nothing(names)), whatToLoad)
	}
	f.states.Organize()
	return f, nil
}

// again loads what had to wait for other files, until nothing more is understood.
func (f *stateFiles) again() error {
	for n := -1; n != len(f.late); {
		n = len(f.late)
		late := f.late
		f.late = nil
		for _, w := range late {
			if err := f.load(w.name, w.data, w.at, w.dir); err != nil {
				return err
			}
		}
	}
	for _, w := range f.late {
		_, err := iam.Load(w.name, w.data, f.states)
		if err != nil && !w.dir {
			return lateHint(err)
		}
		f.leave(err)
	}
	return nil
}

func lateHint(err error) error {
	if errors.Is(err, iam.ErrNoAccount) {
		return withHint(err, "name it with  --account 111122223333, or load  aws sts get-caller-identity  with it")
	}
	return withHint(err, "give both in one call")
}

// leave notes a file of a directory that could not be read.
func (f *stateFiles) leave(err error) {
	f.notes = append(f.notes, "left out: "+err.Error())
	f.leftOut++
}

// nothing says why no state came out of the files.
func (f *stateFiles) nothing(names []string) string {
	if len(f.notes) == 0 {
		return "no IAM state in " + strings.Join(names, ", ")
	}
	return "no IAM state: " + strings.Join(f.notes, "; ")
}

const whatToLoad = "load the output of  aws iam get-account-authorization-details  or  aws iam get-credential-report; trimtrail iam load --help  names all that can be"

func (f *stateFiles) add(s streams, name string) error {
	if name == "-" {
		data, err := readInput(s.in)
		if err != nil {
			return err
		}
		return f.load("standard input", data, time.Now(), false)
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return f.addDir(name)
	}
	return f.addFile(name, info, false)
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
		if err := f.addFile(name, info, true); err != nil {
			f.leave(err)
		}
	}
	return nil
}

func (f *stateFiles) addFile(name string, info fs.FileInfo, dir bool) error {
	if info.Size() > largestState {
		return fmt.Errorf("read %s: %d bytes are more than any account's IAM state", name, info.Size())
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return f.load(name, data, info.ModTime(), dir)
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

func (f *stateFiles) load(name string, data []byte, at time.Time, dir bool) error {
	l, err := iam.Load(name, data, f.states)
	if errors.Is(err, iam.ErrNoAccount) || errors.Is(err, iam.ErrNotYet) {
		f.late = append(f.late, lateFile{name, data, at, dir})
		return nil
	}
	if err != nil {
		return withHint(err, whatToLoad)
	}
	f.loaded = append(f.loaded, l)
	if !l.Used {
		f.notes = append(f.notes, name+" ("+l.What+") is of no use: "+l.Reason)
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
func (f *stateFiles) sorted() []*iam.State { return sortedStates(f.states) }

func sortedStates(states iam.States) []*iam.State {
	out := make([]*iam.State, 0, len(states))
	for _, s := range states {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b *iam.State) int { return cmp.Compare(a.AccountID, b.AccountID) })
	return out
}
