package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
)

var (
	//go:embed page.tmpl
	pageText string
	//go:embed page.css
	pageStyle string
	//go:embed page.js
	pageScript string
)

// Budgets in bytes keep the page below 3 MB. Past the first a row comes
// without its details, past the second it is only counted; each section says so.
const (
	findingDetails, findingRows     = 500_000, 900_000
	principalDetails, principalRows = 500_000, 1_100_000
	proposalDetails, proposalRows   = 400_000, 800_000
)

// HTML writes the model as one page: complete in itself, readable without
// script, with nothing to fetch. Its content security policy admits this
// script and this style alone. See HTMLPages for what it has no room for.
func HTML(w io.Writer, m *Model) error {
	t, err := pageTemplate()
	if err != nil {
		return err
	}
	return newPage(m).write(w, t)
}

// write writes the report, or its summary where it has pages.
func (p *page) write(w io.Writer, t *template.Template) error {
	b := &sections{t: t}
	findings := fit(b, "finding", p.Findings, findingDetails, findingRows)
	principals := fit(b, "principal", p.Principals, principalDetails, principalRows)
	proposals := fit(b, "proposal", p.Proposals, proposalDetails, proposalRows)
	p.filters(p.Findings[:findings.kept])
	b.write("top", p)
	b.write("findings", p)
	rows(b, "finding", p.Findings, findings)
	b.write("principals", p)
	rows(b, "principal", p.Principals, principals)
	b.write("proposals", p)
	rows(b, "proposal", p.Proposals, proposals)
	b.write("bottom", p)
	return b.to(w)
}

func pageTemplate() (*template.Template, error) {
	words := template.FuncMap{"num": number[int64], "amount": number[int], "day": day, "join": strings.Join, "cut": cut}
	t, err := template.New("page").Funcs(words).Parse(pageText)
	if err != nil {
		return nil, fmt.Errorf("parse page: %w", err)
	}
	return t, nil
}

// contentPolicy admits the style and the script of the page, and nothing else.
func contentPolicy() string {
	return fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; base-uri 'none'; form-action 'none'", digest(pageStyle), digest(pageScript))
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// sections gathers the page piece by piece. Every piece is a template of its
// own, escaped in its context, so that nothing is ever passed on as trusted markup.
type sections struct {
	bytes.Buffer
	t   *template.Template
	err error
}

func (b *sections) write(name string, data any) {
	if b.err == nil {
		b.err = b.t.ExecuteTemplate(b, name, data)
	}
}

func (b *sections) to(w io.Writer) error {
	if b.err != nil {
		return fmt.Errorf("render page: %w", b.err)
	}
	_, err := w.Write(b.Bytes())
	return err
}
