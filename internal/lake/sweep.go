package lake

import "slices"

// sweep removes what dead writers left: files that they had moved into place
// but that no entry names, and files that an entry replaced and that were not
// removed yet. Without dead writers there is nothing to look for, so a clean
// start does not walk the lake. What others put there stays.
//
// The log is read anew: all that the dead have written to it is there by now.
func (c *committer) sweep(dead []string) error {
	log, err := c.lake.history()
	if err != nil {
		return err
	}
	var left []string
	for _, dir := range []string{eventsDir, quarantineDir} {
		err := c.lake.store.list(dir, func(name string, _ int64) error {
			mark, ok := madeBy(name)
			if ok && !log.counts(name) && (log.removed[name] || slices.Contains(dead, mark)) {
				left = append(left, name)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if err := c.lake.store.remove(left); err != nil {
		return err
	}
	return c.lake.SweepRollups()
}
