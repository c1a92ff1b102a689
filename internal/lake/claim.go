package lake

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// claim is a writer's right to names of its own and to a stage, the directory
// of what is not committed yet.
type claim struct {
	// mark stands in the names of its files after the number, so that no two
	// writers make the same name; see ours.
	mark  string
	stage string
	// dead are the marks of claims whose writers died: what they made and no
	// entry names is to be removed. begin says that it was, and makes the stage.
	dead []string
	// fence says that the dead may live after all, and must be told by an entry
	// that they do not count any more before their files are removed.
	fence bool
	begin func() error
	// release gives the claim back; where it is not clean, something of it is
	// left so that it counts as dead.
	release func(clean bool) error
}

// maxSlots bounds the writers at once on one lake.
const maxSlots = 1000

// slots are what a claim on a disk holds: a lock each, and behind it a stage.
// A stage whose lock is free was left by a writer that died.
type slots struct {
	disk
	own   int // -1: none yet
	locks map[int]*flock.Flock
	stale []int // slots with a stage of the dead
}

// claim takes the first free slot, and for a while those of dead writers.
func (d disk) claim() (*claim, error) {
	s := &slots{disk: d, own: -1, locks: map[int]*flock.Flock{}}
	for n := range maxSlots {
		if s.own >= 0 && !exists(s.lock(n)) { // slots are taken in order
			break
		}
		if s.own >= 0 && !exists(s.stage(n)) {
			continue
		}
		if err := s.try(n); err != nil {
			return nil, errors.Join(fmt.Errorf("lock lake: %w", err), s.unlock())
		}
	}
	if s.own < 0 {
		return nil, fmt.Errorf("lake %s has %d writers at work; no more are possible", d.dir, maxSlots)
	}
	c := &claim{mark: markOf(s.own), stage: s.stage(s.own), begin: s.begin, release: s.release}
	for _, n := range s.stale {
		c.dead = append(c.dead, markOf(n))
	}
	return c, nil
}

// try locks slot n unless a living writer has it.
func (s *slots) try(n int) error {
	lock := flock.New(s.lock(n))
	ok, err := lock.TryLock()
	if err != nil || !ok {
		return err
	}
	stale := exists(s.stage(n))
	switch {
	case s.own < 0:
		s.own = n
	case !stale:
		return lock.Unlock()
	}
	s.locks[n] = lock
	if stale {
		s.stale = append(s.stale, n)
	}
	return nil
}

// begin removes the stages of the dead, gives their slots back and makes the
// own stage.
func (s *slots) begin() error {
	for _, n := range s.stale {
		if err := os.RemoveAll(s.stage(n)); err != nil {
			return err
		}
		if n == s.own {
			continue
		}
		if err := s.locks[n].Unlock(); err != nil {
			return err
		}
		delete(s.locks, n)
	}
	if err := os.Mkdir(s.stage(s.own), 0o700); err != nil {
		return err
	}
	return syncDir(filepath.Join(s.dir, logDir))
}

func (s *slots) release(clean bool) (err error) {
	if clean {
		err = os.RemoveAll(s.stage(s.own))
	}
	return errors.Join(err, s.unlock())
}

func (s *slots) unlock() (err error) {
	for _, lock := range s.locks {
		err = errors.Join(err, lock.Unlock())
	}
	return err
}

func (s *slots) lock(n int) string { return filepath.Join(s.dir, logDir, lockName+suffixOf(n)) }

func (s *slots) stage(n int) string { return filepath.Join(s.dir, logDir, stageDir+suffixOf(n)) }

func suffixOf(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("-%d", n)
}

// markOf is the mark of slot n.
func markOf(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("w%d", n)
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}
