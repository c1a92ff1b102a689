package browser

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
)

// audit is a function that returns what a reader could stumble on.
//
//go:embed audit.js
var audit string

// Audit lists what keeps somebody from reading or using the page as it stands:
// headings that skip a level, controls without a label, tables without
// headers, pictures without words, text of too little contrast (WCAG 2.2, AA),
// content broader than the window. Empty: nothing was found.
func (p *Page) Audit() ([]string, error) {
	var found []string
	err := p.Eval("("+audit+")()", &found)
	return found, err
}

// Problems are what the browser complained of since the page was opened: errors
// of scripts and of the console, breaches of the content security policy, and
// every request but the one for the page itself.
func (p *Page) Problems() []string {
	var found []string
	for _, e := range p.b.wire.seen(p.id) {
		if s := problem(&e, p.url); s != "" {
			found = append(found, s)
		}
	}
	return found
}

func problem(e *message, page string) string {
	var v struct {
		Type             string
		Request          struct{ URL string }
		Entry            struct{ Level, Text string }
		ExceptionDetails struct{ Text string }
		Args             []struct{ Value any }
	}
	if err := json.Unmarshal(e.Params, &v); err != nil {
		return "" // an event of another shape than these
	}
	page, _, _ = strings.Cut(page, "#") // a fragment is asked of nobody
	switch {
	case e.Method == "Network.requestWillBeSent" && strings.TrimSuffix(v.Request.URL, "#") != page:
		return "requests " + v.Request.URL
	case e.Method == "Log.entryAdded" && v.Entry.Level == "error":
		return "log: " + v.Entry.Text
	case e.Method == "Runtime.exceptionThrown":
		return "exception: " + v.ExceptionDetails.Text
	case e.Method == "Runtime.consoleAPICalled" && (v.Type == "error" || v.Type == "assert" || v.Type == "warning"):
		return fmt.Sprintf("console.%s: %v", v.Type, v.Args)
	case e.Method == "Page.javascriptDialogOpening":
		return "opens a dialog"
	}
	return ""
}
