package config

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Forms of values that several sections have.
var (
	accountForm = regexp.MustCompile(`^\d{12}$`)
	regionForm  = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-\d+$`)
	spanForm    = regexp.MustCompile(`^[1-9]\d{0,4}[dw]$`)
	sizeForm    = regexp.MustCompile(`^\d+(\.\d+)?(KiB|MiB|GiB|kB|KB|MB|GB|B)?$`)
)

// fits checks a value that may be left out against a form.
func (p *parser) fits(t text, form *regexp.Regexp, what, hint string) string {
	if t.there() && !form.MatchString(t.Value) {
		p.at(t.Node, fmt.Sprintf("%s is no %s", quoted(t.Value), what), hint)
	}
	return t.Value
}

func (p *parser) region(t text) string {
	return p.fits(t, regionForm, "region", "write it as eu-west-1")
}

func (p *parser) accountID(t text) string {
	return p.fits(t, accountForm, "account", `an account id has twelve digits; write it in quotes, as "111122223333"`)
}

func (p *parser) size(t text) string { return p.fits(t, sizeForm, "size", "write 256MiB or 1GiB") }

func (p *parser) each(list []text, one func(text) string) []string {
	var out []string
	for _, t := range list {
		if v := one(t); v != "" {
			out = append(out, v)
		}
	}
	return out
}

func (p *parser) values(list []text) []string {
	return p.each(list, func(t text) string { return t.Value })
}

func (p *parser) accountIDs(list []text) []string { return p.each(list, p.accountID) }

func (p *parser) regions(list []text) []string { return p.each(list, p.region) }

func (p *parser) boolean(t text) bool {
	if !t.there() {
		return false
	}
	b, err := strconv.ParseBool(t.Value)
	if err != nil {
		p.at(t.Node, fmt.Sprintf("%s is neither true nor false", quoted(t.Value)), "")
	}
	return b
}

// span is a length of time as flags have it: 90d, 12w or 36h.
func (p *parser) span(t text) string {
	if d, err := time.ParseDuration(t.Value); t.there() && !spanForm.MatchString(t.Value) && (err != nil || d <= 0) {
		p.at(t.Node, fmt.Sprintf("%s is no span of time", quoted(t.Value)), "write 90d, 12w or 36h")
	}
	return t.Value
}

// moment is a day, a time or a span back from now.
func (p *parser) moment(t text) string {
	if _, err := parseTime(t.Value); t.there() && err != nil && !spanForm.MatchString(t.Value) {
		p.at(t.Node, fmt.Sprintf("%s is no day", quoted(t.Value)), "write 2026-01-31, or 90d for so long ago")
	}
	return t.Value
}

// duration is a short one, as 5m; 0 where the key is not there.
func (p *parser) duration(t text) time.Duration {
	if !t.there() {
		return 0
	}
	d, err := time.ParseDuration(t.Value)
	if err != nil || d < 0 || d > 24*time.Hour {
		p.at(t.Node, fmt.Sprintf("%s is no duration up to a day", quoted(t.Value)), "write 30s, 5m or 1h")
		return 0
	}
	return d
}

// url is an address of http or https that holds no password.
func (p *parser) url(t text) string {
	if !t.there() {
		return ""
	}
	u, err := url.Parse(t.Value)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		p.at(t.Node, "this is no URL", "write it as https://host/path")
	case u.User != nil:
		p.at(t.Node, "a URL with a user or password in it", "secrets come from the environment or a file: write password_env or password_file, or url_env or url_file")
	}
	return strings.TrimSpace(t.Value)
}
