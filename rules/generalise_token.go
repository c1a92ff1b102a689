package rules

import (
	"strings"
)

// arnParts is an ARN with its resource part in tokens.
type arnParts struct {
	partition, service, region, account string
	// typed tells that the first token is a type, as in table/orders, and is whole whatever is in it.
	typed  bool
	tokens []token
}

// token is a piece of a name between separators.
type token struct {
	text  string
	class tokenClass
	sep   byte // that follows, 0 at the end
}

// tokenClass says what a token looks like; everything but a word is likely to be another the next day.
type tokenClass int

const (
	wordToken tokenClass = iota
	dateToken
	uuidToken
	hexToken
	digitsToken
	mixedToken   // sixteen characters or more, letters and digits
	patternToken // holds a wildcard or an escape already
)

// splitARN takes an ARN apart; false for what is none.
func splitARN(arn string) (arnParts, bool) {
	f := strings.SplitN(arn, ":", 6)
	if len(f) < 6 || f[0] != "arn" || f[5] == "" {
		return arnParts{}, false
	}
	a := arnParts{partition: f[1], service: f[2], region: f[3], account: f[4]}
	rest := f[5]
	if i := strings.IndexAny(rest, "/:"); i >= 0 && a.service != "s3" {
		a.typed = true
		a.tokens = append(a.tokens, token{text: rest[:i], sep: rest[i]})
		rest = rest[i+1:]
	}
	a.tokens = append(a.tokens, tokens(rest)...)
	return a, true
}

const separators = "/:-_."

func tokens(s string) []token {
	var out []token
	for s != "" {
		n, class := leadingUnit(s)
		if n == 0 {
			if n = strings.IndexAny(s, separators); n < 0 {
				n = len(s)
			}
			class = classOf(s[:n])
		}
		t := token{text: s[:n], class: class}
		if n < len(s) {
			t.sep = s[n]
			n++
		}
		out = append(out, t)
		s = s[n:]
	}
	return out
}

// leadingUnit is the length of a UUID or a date that s begins with, though
// separators are in it; 0 where it begins with none.
//
// Note: a date could be split too, which keeps its year as a word; but a
// policy that names the year breaks on the first of January.
func leadingUnit(s string) (int, tokenClass) {
	if n := fits(s, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"); n > 0 {
		return n, uuidToken
	}
	for _, form := range [...]string{"YYYY-MM-DD", "YYYY/MM/DD", "YYYY_MM_DD", "YYYY.MM.DD", "YYYY/MM"} {
		if n := fits(s, form); n > 0 && (s[:2] == "19" || s[:2] == "20") {
			return n, dateToken
		}
	}
	return 0, wordToken
}

// fits is the length of form if s begins with it and a token ends there: x
// stands for a hexadecimal digit, Y, M and D for a decimal one.
func fits(s, form string) int {
	if len(s) < len(form) || len(s) > len(form) && !strings.ContainsRune(separators, rune(s[len(form)])) {
		return 0
	}
	for i := range len(form) {
		switch form[i] {
		case 'x':
			if !hexDigit(s[i]) {
				return 0
			}
		case 'Y', 'M', 'D':
			if !digit(s[i]) {
				return 0
			}
		default:
			if s[i] != form[i] {
				return 0
			}
		}
	}
	return len(form)
}

func digit(c byte) bool    { return '0' <= c && c <= '9' }
func hexDigit(c byte) bool { return digit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }

func classOf(s string) tokenClass {
	if strings.ContainsAny(s, "*?$") {
		return patternToken
	}
	digits, hexes := 0, 0
	for i := range len(s) {
		if digit(s[i]) {
			digits++
		}
		if hexDigit(s[i]) {
			hexes++
		}
	}
	switch n := len(s); {
	case n == 8 && digits == n && (s[:2] == "19" || s[:2] == "20"):
		return dateToken
	case n > 0 && digits == n:
		return digitsToken
	case n >= 8 && hexes == n && digits > 0:
		return hexToken
	case n >= 16 && digits > 0:
		return mixedToken
	}
	return wordToken
}

// unique tells resources whose ids are never widened: keys and secrets.
func (a arnParts) unique() bool { return a.service == "kms" || a.service == "secretsmanager" }

// shape is what resources of one group share: service, region, account, type
// and first word, number of tokens and separators. Empty for resources that
// must stay as they are.
func (a arnParts) shape() string {
	if a.unique() || a.service == "iam" || len(a.tokens) < 2 {
		return ""
	}
	var b strings.Builder
	b.WriteString(a.partition + ":" + a.service + ":" + a.region + ":" + a.account + ":" + a.tokens[0].text)
	if a.typed && a.tokens[1].class == wordToken {
		b.WriteString("/" + a.tokens[1].text)
	}
	for _, t := range a.tokens {
		if t.class == patternToken {
			return ""
		}
		b.WriteByte(' ')
		b.WriteByte(t.sep)
	}
	return b.String()
}

// kind is the pattern of all of the ARN's type, account and region:
// table/*. Buckets stay by their first word, keys, secrets and patterns as they are.
func (a arnParts) kind() string {
	switch {
	case a.service == "s3" || a.unique():
		return a.prefix()
	case !a.typed && len(a.tokens) > 0 && a.tokens[0].class == patternToken:
		return a.text()
	}
	p := "arn:" + a.partition + ":" + a.service + ":" + a.region + ":" + a.account + ":"
	if a.typed {
		p += a.tokens[0].text + string(a.tokens[0].sep)
	}
	return p + "*"
}

// prefix is the ARN up to its first name, with all that is below or beside it
// by the name's first word: bucket/*, table/orders/*, table/orders-*.
func (a arnParts) prefix() string {
	var b strings.Builder
	b.WriteString("arn:" + a.partition + ":" + a.service + ":" + a.region + ":" + a.account + ":")
	names := 1
	if a.typed {
		names = 2
	}
	for i, t := range a.tokens {
		if a.unique() || t.class == patternToken && i > 0 && t.text != "*" {
			return a.text()
		}
		b.WriteString(t.text)
		if t.sep == 0 {
			break
		}
		b.WriteByte(t.sep)
		if t.sep != '/' && t.sep != ':' && (i < names-1 || a.service == "s3" && a.hasKey()) {
			continue
		}
		if t.text != "" && i >= names-1 {
			b.WriteByte('*')
			break
		}
	}
	return b.String()
}

// hasKey tells an object's ARN from a bucket's.
func (a arnParts) hasKey() bool {
	for _, t := range a.tokens {
		if t.sep == '/' {
			return true
		}
	}
	return false
}

func (a arnParts) text() string {
	var b strings.Builder
	b.WriteString("arn:" + a.partition + ":" + a.service + ":" + a.region + ":" + a.account + ":")
	for _, t := range a.tokens {
		b.WriteString(t.text)
		if t.sep != 0 {
			b.WriteByte(t.sep)
		}
	}
	return b.String()
}

// transientTypes are resources that AWS names anew each time: tomorrow's
// instance has another id, and a policy that names today's breaks.
var transientTypes = map[string]bool{
	"ec2:instance": true, "ec2:volume": true, "ec2:snapshot": true, "ec2:network-interface": true, "ec2:spot-instances-request": true,
	"ec2:fleet": true, "ecs:task": true, "ssm:session": true, "states:execution": true, "elasticmapreduce:cluster": true,
	"batch:job": true, "codebuild:build": true, "rds:snapshot": true, "rds:cluster-snapshot": true, "backup:recovery-point": true,
	"sts:assumed-role": true,
}

// transient is the pattern of a resource that dies young: its last name, or
// its log stream, becomes *. Empty for others, and for patterns.
func transient(arn string) string {
	if i := strings.Index(arn, ":log-stream:"); i >= 0 && strings.HasPrefix(arn, "arn:") {
		return arn[:i] + ":log-stream:*"
	}
	a, ok := splitARN(arn)
	if !ok || !a.typed || !transientTypes[a.service+":"+a.tokens[0].text] {
		return ""
	}
	return arn[:strings.LastIndexAny(arn, "/:")+1] + "*"
}
