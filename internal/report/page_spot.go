package report

import "net/url"

// spot is where a row stands: its anchor, and the page that has it whole.
type spot struct {
	Anchor string
	page   string // file name of its page; empty where the report is one page
	here   bool   // whole on the summary too
	gone   bool   // on no page
	site   *site
}

// site is what is being written: links depend on where they stand.
type site struct {
	now    string // file name of the page; empty for the summary
	folder string // of the pages, seen from the summary
}

// Link leads to the row from the page that is being written; empty where
// nothing has it.
func (s *spot) Link() string {
	switch {
	case s == nil || s.gone:
		return ""
	case s.page == s.site.now || s.here && s.site.now == "":
		return "#" + s.Anchor + "d"
	case s.site.now == "":
		return s.site.pageLink(s.page) + "#" + s.Anchor + "d"
	}
	return s.page + "#" + s.Anchor + "d"
}

// Away is Link where the row is whole on another page alone, else empty.
func (s *spot) Away() string {
	if s.site.now == "" && s.page != "" && !s.here {
		return s.Link()
	}
	return ""
}

func (s *spot) at() *spot { return s }

// pageLink leads from the summary to a page. The dot keeps a colon in the
// folder's name from reading as the scheme of a URL.
func (s *site) pageLink(page string) string { return "./" + url.PathEscape(s.folder) + "/" + page }

// located is a row that knows where it stands.
type located interface{ at() *spot }

// share is how many rows of a section are whole, and how many there at all.
type share struct{ whole, kept int }

// fit finds how many rows keep to the budgets in bytes, and tells the rows. The
// links of the page depend on it, so that it comes before the page.
func fit[T located](b *sections, name string, list []T, details, limit int) share {
	scratch := &sections{t: b.t, err: b.err}
	s := share{len(list), len(list)}
	for i, row := range list {
		if scratch.Len() > limit {
			s.kept, s.whole = i, min(s.whole, i)
			break
		}
		if scratch.Len() > details {
			s.whole = min(s.whole, i)
		}
		scratch.write(rowName(name, i < s.whole), row)
	}
	for i, row := range list {
		at := row.at()
		at.here, at.gone = i < s.whole, i >= s.kept && at.page == ""
	}
	b.err = scratch.err
	return s
}

func rowName(name string, whole bool) string {
	if whole {
		return name
	}
	return name + "-brief"
}

// rest is what a section says of the rows that are not whole.
type rest struct {
	N     int
	Paged bool
}

// rows writes a section's rows: whole while there is room, then in short,
// then only their number.
func rows[T located](b *sections, name string, list []T, s share) {
	for i, row := range list[:s.kept] {
		b.write(rowName(name, i < s.whole), row)
	}
	paged := len(list) > 0 && list[0].at().page != ""
	if n := len(list) - s.kept; n > 0 {
		b.write("uncounted", rest{n, paged})
	}
	if n := s.kept - s.whole; n > 0 {
		b.write("shortened", rest{n, paged})
	}
	b.write("end", nil)
}
