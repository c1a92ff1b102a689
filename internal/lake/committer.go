package lake

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// committer makes commits. Any number work at once on a lake, in one process
// or many: each entry has the next free number, which only one of them gets.
// Who comes second reads what the first has done and tries the number after.
type committer struct {
	lake  *Lake
	claim *claim
	log   *state // as far as it was read
	table *table

	// unseen are files of others whose events were not looked at yet, by path.
	unseen map[string]*File
	// published are files in place that no log entry names yet.
	published []string
	// replaced are files still to be removed, once the log has an entry that says
	// that they count no longer.
	replaced []string
	// step is told each step of a commit; tests fail or copy there.
	step func(name string) error
}

// committer claims a stage and removes what dead writers left. The log is read
// by load.
func (l *Lake) committer(load func() (*state, error)) (*committer, error) {
	claim, err := l.store.claim()
	if err != nil {
		return nil, err
	}
	c := &committer{lake: l, claim: claim, unseen: map[string]*File{}}
	if err := c.start(load); err != nil {
		return nil, errors.Join(err, claim.release(false))
	}
	return c, nil
}

// start reads the log last, so that nothing that others write meanwhile is
// passed over.
func (c *committer) start(load func() (*state, error)) (err error) {
	if len(c.claim.dead) > 0 {
		if err := c.bury(); err != nil {
			return fmt.Errorf("remove leftovers of an unfinished run: %w", err)
		}
	}
	if err := c.claim.begin(); err != nil {
		return fmt.Errorf("open lake: %w", err)
	}
	if c.table, err = newTableWriter(); err != nil {
		return err
	}
	c.log, err = load()
	return err
}

// bury removes what dead writers left.
func (c *committer) bury() (err error) {
	if c.log, err = c.lake.history(); err != nil {
		return err
	}
	if c.claim.fence {
		if err := c.fence(); err != nil {
			return err
		}
	}
	return c.sweep(c.claim.dead)
}

// fence tells writers that seem dead that they are.
func (c *committer) fence() error {
	e := &entry{Kind: kindFence, Files: []File{}, Quarantined: []quarantineRef{}, Objects: []objectRef{}, Fenced: c.claim.dead}
	_, err := c.replace(e, c.skim)
	return err
}

// next is the number that the next entry gets, if nobody is faster.
func (c *committer) next() int64 { return c.log.last + 1 }

// stage returns the path of a name in the stage.
func (c *committer) stage(name string) string { return filepath.Join(c.claim.stage, name) }

// at tells the step function, if there is one, where the commit is.
func (c *committer) at(step string) error {
	if c.step == nil {
		return nil
	}
	return c.step(step)
}

// publish moves staged files into place.
func (c *committer) publish(files []staged) error {
	return c.lake.store.publish(files,
		func(place string) { c.published = append(c.published, place) },
		func() error { return c.at("published") })
}

// append writes the entry with the next number: the moment at which the commit
// counts. False means that another committer has the number.
func (c *committer) append(e *entry) (won bool, err error) {
	if c.log.fenced[c.claim.mark] {
		return false, errFenced
	}
	e.Version, e.Sequence = Version, c.next()
	data, err := e.encode()
	if err != nil {
		return false, err
	}
	if err := c.at("entry staged"); err != nil {
		return false, err
	}
	c.replaced = e.Removed
	err = c.lake.store.create(entryPath(e.Sequence), data, c.stage("entry"))
	if errors.Is(err, fs.ErrExist) && !c.wrote(e.Sequence, data) {
		c.replaced = nil
		return false, nil
	}
	if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	if err != nil {
		return false, err
	}
	c.published = nil // from here on the files count, whatever fails
	if err := c.log.apply(e.Sequence, e.folded()); err != nil {
		return false, err
	}
	return true, c.at("logged")
}

// wrote reports whether entry n is the own one after all: a request whose answer
// was lost is sent again, and meets what it has made itself.
func (c *committer) wrote(n int64, data []byte) bool {
	there, err := c.lake.store.read(entryPath(n))
	return err == nil && bytes.Equal(there, data)
}

// errFenced says that another writer has taken this one for dead.
var errFenced = errors.New("this run was out of reach of the lake for so long that another one took it for dead; run it again")

// retract removes what was published for an entry that was not written.
func (c *committer) retract() error {
	if err := c.lake.store.remove(c.uncounted(c.log)); err != nil {
		return err
	}
	c.published = nil
	return nil
}

// uncounted are the published files that do not count.
func (c *committer) uncounted(log *state) []string { return without(c.published, log) }

// without are the files that do not count.
func without(names []string, log *state) (rest []string) {
	for _, name := range names {
		if !log.counts(name) {
			rest = append(rest, name)
		}
	}
	return rest
}

// removeReplaced removes what the entry just written has replaced.
func (c *committer) removeReplaced() error {
	if err := c.lake.store.remove(withRollups(c.replaced)); err != nil {
		return err
	}
	c.replaced = nil
	return c.at("removed")
}

// close drops what is not committed and gives the claim back. Whether
// published files count is for the log to say: an error may have come after
// the entry was in place. Where even that cannot be found out, the claim looks
// like that of a dead writer, and the next one cleans up.
func (c *committer) close() error {
	store, done := c.lake.store.lasting()
	defer done()
	last := &committer{lake: &Lake{store}, published: c.published, replaced: c.replaced}
	err := last.settleFiles()
	return errors.Join(err, c.claim.release(err == nil))
}

// settleFiles removes what the log says does not count.
func (c *committer) settleFiles() error {
	if len(c.published)+len(c.replaced) == 0 {
		return nil
	}
	log, err := c.lake.state()
	if err != nil {
		return err
	}
	return c.lake.store.remove(append(c.uncounted(log), withRollups(without(c.replaced, log))...))
}
