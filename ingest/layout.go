package ingest

import (
	"path"
	"slices"
	"strings"
)

// place is what a path says about the objects below it. Empty parts are not
// said.
//
//	AWSLogs/<account>/CloudTrail/<region>/2026/01/31/…
//	AWSLogs/<org>/<account>/CloudTrail/<region>/2026/01/31/…
//
// with anything in front. Source: CloudTrail user guide, "Finding your
// CloudTrail log files".
type place struct {
	org, account string
	kind         string // the service's folder: CloudTrail, CloudTrail-Digest, Config, …
	region       string
	day          string // 2026, 2026/01 or 2026/01/31
	inLogs       bool   // below AWSLogs or an account's CloudTrail folder
}

// locate reads the place from a slash-separated path: of a folder where it
// ends in a slash, of a file else.
func locate(name string) place {
	segs := strings.Split(strings.Trim(path.Dir(name+"x"), "/"), "/")
	if p, ok := securityLake(segs); ok {
		return p
	}
	rest, org, ok := anchor(segs)
	p := place{org: org, inLogs: ok}
	if !ok || len(rest) == 0 {
		return p
	}
	if isOrg(rest[0]) {
		p.org, rest = rest[0], rest[1:]
	}
	if len(rest) == 0 || !isAccount(rest[0]) {
		return p
	}
	p.account = rest[0]
	if len(rest) > 1 {
		p.kind = rest[1]
	}
	if len(rest) > 2 && p.kind != queryKind {
		p.region = rest[2]
		p.day = dayPrefix(rest[3:])
	}
	return p
}

// anchor finds where the layout begins: behind AWSLogs, or at an account with
// its CloudTrail folder in trees that were copied in part.
func anchor(segs []string) (rest []string, org string, ok bool) {
	for i := len(segs) - 1; i >= 0; i-- {
		if segs[i] == "AWSLogs" {
			return segs[i+1:], orgBefore(segs, i), true
		}
	}
	for i := range len(segs) - 1 {
		if isAccount(segs[i]) && strings.HasPrefix(segs[i+1], "CloudTrail") {
			return segs[i:], orgBefore(segs, i), true
		}
	}
	return nil, "", false
}

func orgBefore(segs []string, i int) string {
	if i > 0 && isOrg(segs[i-1]) {
		return segs[i-1]
	}
	return ""
}

func isOrg(s string) bool { return len(s) >= 4 && len(s) <= 34 && strings.HasPrefix(s, "o-") }

// dayPrefix joins the leading parts of a year, month and day, as far as they
// are that.
func dayPrefix(segs []string) string {
	n := 0
	for n < min(3, len(segs)) && isDigits(segs[n], [...]int{4, 2, 2}[n]) {
		n++
	}
	return strings.Join(segs[:n], "/")
}

func isDigits(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789") == ""
}

// locateFile is locate for a file, whose name says the same as the folders:
// 111122223333_CloudTrail_eu-west-1_20260131T2355Z_x.json.gz.
func locateFile(name string) place {
	p := locate(name)
	parts := strings.SplitN(path.Base(name), "_", 5)
	if len(parts) < 5 || !isAccount(parts[0]) || !strings.HasPrefix(parts[1], "CloudTrail") {
		return p
	}
	if p.account == "" {
		p.account = parts[0]
	}
	if p.kind == "" || strings.HasPrefix(parts[1], "CloudTrail-") {
		p.kind = parts[1]
	}
	if logs := p.kind == logKind || p.kind == networkKind; !logs {
		return p
	}
	if p.region == "" {
		p.region = parts[2]
	}
	if t := parts[3]; len(p.day) < len("2006/01/02") && len(t) > 8 && t[8] == 'T' && isDigits(t[:8], 8) {
		p.day = t[:4] + "/" + t[4:6] + "/" + t[6:8]
	}
	return p
}

// Filter prunes a listing by what paths say; nothing is read to decide. The
// zero value keeps everything.
type Filter struct {
	// Since and Until are the first and last day of delivery that count, as
	// 2026-01-31, or empty. An event is delivered after it happened, mostly
	// within minutes: Since loses none of its day, while some events of the
	// last minutes of Until lie in objects of the day after.
	Since, Until string
	Accounts     []string
	Regions      []string
	Orgs         []string
}

// Empty reports whether the filter keeps everything.
func (f Filter) Empty() bool {
	return f.Since == "" && f.Until == "" && len(f.Accounts)+len(f.Regions)+len(f.Orgs) == 0
}

// keeps reports whether something at p may count. What a place does not say
// is not held against it.
func (f Filter) keeps(p place) bool {
	switch {
	case !holdsEvents(p.kind):
		return false
	case len(f.Orgs) > 0 && (p.org != "" || p.account != "" && p.inLogs) && !slices.Contains(f.Orgs, p.org):
		return false
	case len(f.Accounts) > 0 && p.account != "" && !slices.Contains(f.Accounts, p.account):
		return false
	case len(f.Regions) > 0 && p.region != "" && !slices.Contains(f.Regions, p.region):
		return false
	}
	n := len(p.day)
	return n == 0 || (f.Since == "" || p.day >= slashed(f.Since)[:n]) && (f.Until == "" || p.day <= slashed(f.Until)[:n])
}

// judges reports whether p says all that the filter asks.
func (f Filter) judges(p place) bool {
	dated := f.Since == "" && f.Until == "" || len(p.day) == len("2006/01/02")
	return dated && (len(f.Accounts) == 0 || p.account != "") && (len(f.Regions) == 0 || p.region != "") &&
		(len(f.Orgs) == 0 || p.org != "" || p.inLogs && p.account != "")
}

// slashed is a date as folders have it.
func slashed(date string) string { return strings.ReplaceAll(date, "-", "/") }

// entryAt judges a listed file by its path and name; keep is false where the
// filter prunes it.
func (f Filter) entryAt(name string) (e Entry, keep bool) {
	p := locateFile(name)
	if !holdsEvents(p.kind) || !readable(name) || p.kind == queryKind && !isCSVName(name) || inLake(name) {
		return Entry{Ignored: true}, true
	}
	return Entry{Unplaced: !f.judges(p), Part: p.account}, f.keeps(p)
}
