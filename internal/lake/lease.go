package lake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Leases: of several that want to do a thing on a lake, one does.
const (
	// LeaseRenewed is how often a holder says that it lives.
	LeaseRenewed = time.Minute
	// LeaseDead is after how long without that it counts as dead.
	LeaseDead = 10 * time.Minute
)

// Owner is who holds a lease.
type Owner struct {
	Host string `json:"host"`
	PID  int    `json:"pid"`
	// Place is where PID means something: a boot of a machine and a space of
	// process ids in it. Empty where the system does not tell.
	Place   string    `json:"place,omitempty"`
	Since   time.Time `json:"since"`
	Renewed time.Time `json:"renewed"`
}

func (o Owner) String() string { return fmt.Sprintf("process %d on %s", o.PID, o.Host) }

// LeaseRequest is what Lease needs to know.
type LeaseRequest struct {
	Name  string // of the thing to do, as "run"
	Owner Owner  // but for its times
	// Gone reports whether an owner is known not to live any more; nil: nobody knows.
	Gone func(Owner) bool
	Now  func() time.Time
}

// HeldError says that somebody else has the lease.
type HeldError struct {
	Owner Owner
	Age   time.Duration // since it was taken
	Quiet time.Duration // since it was renewed
}

func (e *HeldError) Error() string {
	return fmt.Sprintf("%s is at it, since %s ago", e.Owner, e.Age.Round(time.Second))
}

// ErrLeaseLost says that another has taken the lease for that of a dead one.
var ErrLeaseLost = errors.New("another process took the lock over")

// Lease is the right to do a thing. Each taking of it has a number, and the
// highest counts: a number is taken by making its file, which only one can.
type Lease struct {
	// Broken is who had it and was taken for dead; nil where it was free.
	Broken *Owner
	// Rule says why, as "no sign of life for 12m0s".
	Rule string

	lake   *Lake
	dir    string
	number int64
	now    func() time.Time
	mu     sync.Mutex // of owner
	owner  Owner
}

// Lease takes the lease of a name. It is a *HeldError where somebody else has
// it who does not count as dead: whose process is gone from this machine, or
// who gave no sign of life for LeaseDead.
func (l *Lake) Lease(q LeaseRequest) (*Lease, error) {
	s := &Lease{lake: l, dir: path.Join(runDir, "lock", q.Name), now: q.Now, owner: q.Owner}
	numbers, err := s.numbers()
	if err != nil {
		return nil, err
	}
	if n := len(numbers); n > 0 {
		if err := s.look(numbers[n-1], q.Gone); err != nil {
			return nil, err
		}
		s.number = numbers[n-1]
	}
	s.number++
	return s, s.take(numbers)
}

// look tells whether the holder of a number keeps others away.
func (s *Lease) look(number int64, gone func(Owner) bool) error {
	data, err := s.lake.Document(s.file(number))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // given back this moment
	}
	if err != nil {
		return err
	}
	var o Owner
	if len(bytes.TrimSpace(data)) == 0 || json.Unmarshal(data, &o) != nil {
		return nil // given back
	}
	age, quiet := s.now().Sub(o.Since), s.now().Sub(o.Renewed)
	switch {
	case gone != nil && gone(o):
		s.Broken, s.Rule = &o, "that process is gone"
	case quiet > LeaseDead:
		s.Broken, s.Rule = &o, "no sign of life for "+quiet.Round(time.Second).String()
	default:
		return &HeldError{o, age, quiet}
	}
	return nil
}

// take makes the file of the number, and looks whether it is the highest still.
func (s *Lease) take(before []int64) error {
	s.owner.Since = s.now().UTC()
	s.owner.Renewed = s.owner.Since
	data, err := json.Marshal(s.owner)
	if err != nil {
		return err
	}
	err = s.lake.NewDocument(s.file(s.number), data)
	if errors.Is(err, fs.ErrExist) {
		return s.beaten()
	}
	if err != nil {
		return err
	}
	if err := s.Check(); err != nil {
		return errors.Join(s.beaten(), s.lake.RemoveDocuments(s.file(s.number)))
	}
	var old []string
	for _, n := range before {
		old = append(old, s.file(n))
	}
	return s.lake.RemoveDocuments(old...)
}

// beaten is a *HeldError about whoever was faster.
func (s *Lease) beaten() error {
	numbers, err := s.numbers()
	if err != nil {
		return err
	}
	for _, n := range numbers {
		if n >= s.number {
			if err := s.look(n, nil); err != nil {
				return err
			}
		}
	}
	return &HeldError{Owner: Owner{Host: "another machine, which was faster"}}
}

// Check is ErrLeaseLost where another has taken the lease over.
func (s *Lease) Check() error {
	numbers, err := s.numbers()
	if err != nil {
		return err
	}
	if n := len(numbers); n == 0 || numbers[n-1] != s.number {
		return ErrLeaseLost
	}
	return nil
}

// Renew says that the holder lives, every LeaseRenewed.
func (s *Lease) Renew() error {
	if err := s.Check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.owner.Renewed = s.now().UTC()
	data, err := json.Marshal(s.owner)
	if err != nil {
		return err
	}
	return s.lake.SaveDocument(s.file(s.number), data)
}

// Release gives the lease back. Its number stays taken, so that none is used twice.
func (s *Lease) Release() error {
	if err := s.Check(); err != nil {
		return err
	}
	return s.lake.SaveDocument(s.file(s.number), []byte("\n"))
}

func (s *Lease) file(n int64) string { return path.Join(s.dir, fmt.Sprintf("%08d.json", n)) }

func (s *Lease) numbers() ([]int64, error) {
	names, err := s.lake.Documents(s.dir)
	if err != nil {
		return nil, err
	}
	var out []int64
	for _, name := range names {
		if n, err := strconv.ParseInt(strings.TrimSuffix(path.Base(name), ".json"), 10, 64); err == nil {
			out = append(out, n)
		}
	}
	return out, nil
}
