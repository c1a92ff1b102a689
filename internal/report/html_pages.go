package report

import (
	"bytes"
	"fmt"
	"html/template"
	"net/url"
)

// PagesFrom is how many principals one page has room for.
const PagesFrom = 1000

// perPage is how many principals, with their findings and policies, make a page.
const perPage = 100

// PagesOptions names the files of a report of many pages.
type PagesOptions struct {
	Summary string // file name of the summary, as report.html
	Folder  string // name of the folder of the pages beside it, as report-pages
}

// HTMLPages writes the model as a summary, which is the page that HTML writes,
// and a folder of pages that have everything: a hundred principals each, with
// their findings and policies. Links are relative, and nothing is fetched.
//
// It gives write one file after the other, by its name from where the summary
// is, with slashes; the summary comes last, so that its links lead somewhere.
func HTMLPages(m *Model, o PagesOptions, write func(name string, data []byte) error) error {
	t, err := pageTemplate()
	if err != nil {
		return err
	}
	p := newPage(m)
	p.site.folder = o.Folder
	parts := p.parts()
	for i := range parts {
		var b bytes.Buffer
		if err := parts[i].write(&b, t, p, o); err != nil {
			return err
		}
		if err := write(o.Folder+"/"+parts[i].Name, b.Bytes()); err != nil {
			return err
		}
	}
	p.site.now, p.Pages = "", parts
	var b bytes.Buffer
	if err := p.write(&b, t); err != nil {
		return err
	}
	return write(o.Summary, b.Bytes())
}

// part is one page of many.
type part struct {
	Name, Title, Holds string
	Link               string // from the summary
	findings           []*findingRow
	principals         []*principalRow
	proposals          []*proposalRow
}

// parts shares all rows out, each to one page: those of a principal stay together.
func (p *page) parts() []part {
	var out []part
	taken := map[*spot]bool{}
	size := perPage
	open := func() *part {
		if size == perPage {
			name := fmt.Sprintf("%03d.html", len(out)+1)
			out, size = append(out, part{Name: name, Link: p.site.pageLink(name)}), 0
		}
		size++
		return &out[len(out)-1]
	}
	for _, r := range p.Principals {
		open().add(taken, r, r.Plan, r.Found)
	}
	for _, g := range p.Proposals {
		if !taken[g.spot] {
			open().add(taken, nil, g, p.byOwner[g.Principal])
		}
	}
	for _, f := range p.Findings {
		if !taken[f.spot] {
			open().add(taken, nil, nil, []*findingRow{f})
		}
	}
	for i := range out {
		out[i].describe(i+1, len(out))
	}
	return out
}

func (p *part) add(taken map[*spot]bool, r *principalRow, g *proposalRow, fs []*findingRow) {
	mine := func(s *spot) bool {
		if taken[s] {
			return false
		}
		taken[s], s.page = true, p.Name
		return true
	}
	if r != nil && mine(r.spot) {
		p.principals = append(p.principals, r)
	}
	if g != nil && mine(g.spot) {
		p.proposals = append(p.proposals, g)
	}
	for _, f := range fs {
		if mine(f.spot) {
			p.findings = append(p.findings, f)
		}
	}
}

// describe says what the page holds: it is one of n.
func (p *part) describe(i, n int) {
	p.Title = fmt.Sprintf("Page %d of %d", i, n)
	if k := len(p.principals); k > 0 {
		p.Holds = p.principals[0].Who + " to " + p.principals[k-1].Who + "; "
	}
	p.Holds += count(len(p.principals), "principal") + ", " + count(len(p.findings), "finding")
	if k := len(p.proposals); k > 0 {
		p.Holds += ", " + count(k, "policy")
	}
}

// write writes the page as a part of whole.
func (p *part) write(w *bytes.Buffer, t *template.Template, whole *page, o PagesOptions) error {
	whole.site.now = p.Name
	v := *whole
	v.Part, v.Back = p, "../"+url.PathEscape(o.Summary)
	v.Findings, v.Principals, v.Proposals, v.Trim = p.findings, p.principals, p.proposals, trim{}
	v.filters(v.Findings)
	b := &sections{t: t}
	b.write("part-top", &v)
	writeAll(b, "findings", "finding", &v, v.Findings)
	writeAll(b, "principals", "principal", &v, v.Principals)
	writeAll(b, "proposals", "proposal", &v, v.Proposals)
	b.write("part-bottom", &v)
	return b.to(w)
}

func writeAll[T located](b *sections, section, name string, v *page, list []T) {
	b.write(section, v)
	rows(b, name, list, share{len(list), len(list)})
}
