package report

import "io"

// ChangedTable is Table with what changed before it. Where nothing did, the
// findings are left out: the reader knows them.
func ChangedTable(w io.Writer, m *Model, o TableOptions) error {
	f := findingsOf(m)
	if m.Changes == nil {
		return Table(w, &f, o)
	}
	c := copyOf(*m.Changes, clean)
	t := &text{o: o}
	t.line(t.paint(bold, c.summary()))
	t.line()
	if c.None() {
		t.line(headline(&f))
		t.note("Coverage", clean(coverageLine(f.Coverage)))
		return t.flush(w)
	}
	for _, l := range c.lists() {
		t.line("  ", t.paint(bold, l.Name))
		for i := range l.List {
			t.change(&l.List[i])
		}
		t.line()
	}
	if err := t.flush(w); err != nil {
		return err
	}
	return Table(w, &f, o)
}

// change writes one change: severity, title, principal, and what is other.
func (t *text) change(c *Change) {
	tail := shortName(c.Principal)
	if c.Why != "" {
		tail += " (" + c.Why + ")"
	}
	for i, l := range wrap(c.Title+" · "+tail, t.room(12)) {
		if i == 0 {
			t.line("  ", t.severity(c.Severity), "  ", l)
			continue
		}
		t.line("            ", l)
	}
}
