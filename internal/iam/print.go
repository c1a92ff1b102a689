package iam

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// JSON is the document on one line, elements in AWS's order, operators and
// condition keys sorted, nothing HTML-escaped.
func (d *Document) JSON() []byte {
	p := &printer{}
	p.document(d)
	return p.b
}

// Indent is JSON over several lines, each nesting by indent.
func (d *Document) Indent(indent string) []byte {
	var b bytes.Buffer
	// The text is ours and valid, so that Indent cannot fail.
	_ = json.Indent(&b, d.JSON(), "", indent)
	return b.Bytes()
}

// MarshalJSON prints the document. An encoder around it escapes <, > and &
// unless SetEscapeHTML(false) tells it not to.
func (d Document) MarshalJSON() ([]byte, error) { return d.JSON(), nil }

// UnmarshalJSON reads what MarshalJSON prints, and any document that AWS has stored.
func (d *Document) UnmarshalJSON(data []byte) error {
	doc, err := decode(data)
	if err == nil {
		*d = *doc
	}
	return err
}

// MarshalJSON prints a string where one was written, else a list.
func (l StringList) MarshalJSON() ([]byte, error) {
	p := &printer{}
	p.list(l)
	return p.b, nil
}

// UnmarshalJSON reads a string or a list.
func (l *StringList) UnmarshalJSON(data []byte) (err error) {
	*l, err = scalars(data)
	return err
}

// MarshalJSON prints "*" or the object.
func (p Principal) MarshalJSON() ([]byte, error) {
	w := &printer{}
	w.principal(&p)
	return w.b, nil
}

// UnmarshalJSON reads "*" or the object.
func (p *Principal) UnmarshalJSON(data []byte) error {
	q, err := principal(data)
	if err == nil {
		*p = *q
	}
	return err
}

// printer appends JSON. An object or list begins with its bracket; sep puts
// the comma where one is due.
type printer struct{ b []byte }

func (p *printer) sep() {
	if c := p.b[len(p.b)-1]; c != '{' && c != '[' {
		p.b = append(p.b, ',')
	}
}

func (p *printer) name(s string) {
	p.sep()
	p.text(s)
	p.b = append(p.b, ':')
}

func (p *printer) text(s string) {
	if plainText(s) {
		p.b = append(append(append(p.b, '"'), s...), '"')
		return
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	p.b = append(p.b, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}

// plainText tells that a string needs no escapes, as nearly all do.
func plainText(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func (p *printer) document(d *Document) {
	p.b = append(p.b, '{')
	p.field("Version", d.Version)
	p.field("Id", d.ID)
	p.name("Statement")
	if d.single && len(d.Statements) == 1 {
		p.statement(&d.Statements[0])
	} else {
		p.b = append(p.b, '[')
		for i := range d.Statements {
			p.sep()
			p.statement(&d.Statements[i])
		}
		p.b = append(p.b, ']')
	}
	p.b = append(p.b, '}')
}

func (p *printer) field(name, value string) {
	if value != "" {
		p.name(name)
		p.text(value)
	}
}

func (p *printer) statement(s *Statement) {
	p.b = append(p.b, '{')
	if s.Sid != "" || s.sidSet {
		p.name("Sid")
		p.text(s.Sid)
	}
	p.field("Effect", string(s.Effect))
	p.who("Principal", s.Principal)
	p.who("NotPrincipal", s.NotPrincipal)
	p.what("Action", s.Action)
	p.what("NotAction", s.NotAction)
	p.what("Resource", s.Resource)
	p.what("NotResource", s.NotResource)
	if s.Condition != nil {
		p.name("Condition")
		p.conditions(s.Condition)
	}
	p.b = append(p.b, '}')
}

func (p *printer) who(name string, who *Principal) {
	if who != nil {
		p.name(name)
		p.principal(who)
	}
}

func (p *printer) what(name string, l StringList) {
	if l.Values != nil {
		p.name(name)
		p.list(l)
	}
}

func (p *printer) list(l StringList) {
	if l.One && len(l.Values) == 1 {
		p.text(l.Values[0])
		return
	}
	p.b = append(p.b, '[')
	for _, v := range l.Values {
		p.sep()
		p.text(v)
	}
	p.b = append(p.b, ']')
}

func (p *printer) principal(who *Principal) {
	if who.Any {
		p.text("*")
		return
	}
	p.lists(who.By)
}

func (p *printer) conditions(c map[string]map[string]StringList) {
	p.b = append(p.b, '{')
	for _, op := range slices.Sorted(maps.Keys(c)) {
		p.name(op)
		p.lists(c[op])
	}
	p.b = append(p.b, '}')
}

func (p *printer) lists(m map[string]StringList) {
	p.b = append(p.b, '{')
	for _, k := range slices.Sorted(maps.Keys(m)) {
		p.name(k)
		p.list(m[k])
	}
	p.b = append(p.b, '}')
}
