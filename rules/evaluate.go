package rules

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// Schema of the document that Evaluate returns.
const findingsSchema = "trimtrail.findings/1"

// Options are the thresholds of an evaluation. Zero values mean the defaults.
type Options struct {
	// UnusedDays is after how many idle days a credential, role or
	// permission counts as unused: 90 (AWS Foundational Security Best Practices, IAM.8).
	UnusedDays int
	// RotateDays is the age at which a long-term key is due: 90.
	RotateDays int
	// MaxPerRule bounds the findings of one rule in one account: 200. The
	// rest is folded into one line that counts and names them.
	MaxPerRule int
	// NetworkBudget bounds the findings of medium severity on new networks
	// (TT-A03) over the whole run: 10. What is cut is counted in Warnings.
	NetworkBudget int
	// Networks are the organisation's own.
	Networks []KnownNetwork
	// Place says what registers of networks know of an address; nil: there
	// are none. The same address must get the same answer.
	Place func(netip.Addr) Place
	// Owners name who answers for a principal; the first that fits counts.
	Owners     []Owner
	Exceptions []Exception
	// Disabled are ids of rules that are not asked.
	Disabled []string
	// Severities take the place of the severity that a rule, by its id, gives its findings.
	Severities map[string]Severity
	// Applied are proposals made earlier, for what they took away (TT-D12); nil: none are known.
	Applied *Policies
	// Own are the user's rules, asked after all others.
	Own []OwnRule
}

func (o Options) filled() Options {
	o.UnusedDays = cmp.Or(o.UnusedDays, 90)
	o.RotateDays = cmp.Or(o.RotateDays, 90)
	o.MaxPerRule = cmp.Or(o.MaxPerRule, 200)
	o.NetworkBudget = cmp.Or(o.NetworkBudget, 10)
	return o
}

// Evaluate judges the facts by every rule. States are by account id and may
// be missing: what they would tell is then listed as not evaluable. The lists
// of the answer are never nil. Facts and states are read, not changed.
func Evaluate(f *analyze.Facts, states map[string]*iam.State, cat *catalog.Catalog, o Options) *Findings {
	q := newInquiry(f, states, cat, o.filled())
	for _, r := range byTurn(Rules()) {
		if q.rule = r; !o.off(r.ID) {
			r.ask(q)
		}
	}
	q.askOwn()
	return q.answer()
}

// byTurn orders rules as they are asked: a call that one rule tells is not told again by a later one.
func byTurn(rs []Rule) []Rule {
	slices.SortStableFunc(rs, func(a, b Rule) int { return cmp.Compare(a.turn, b.turn) })
	return rs
}

// inquiry is what a rule asks with: the facts, the state, the catalogue, and
// the place where findings go.
type inquiry struct {
	f      *analyze.Facts
	states map[string]*iam.State
	cat    *catalog.Catalog
	o      Options
	rule   Rule // the one that is asked now
	// told marks denials, by index, that a finding has told.
	told []bool
	nets *networks
	// holders are users and roles of all states by ARN; accounts are the states' ids, sorted.
	holders  map[string]*held
	accounts []string
	seen     map[string]catalog.Observability              // by action, see sighting
	fresh    map[*analyze.Principal]map[time.Time][]string // see firstTimes
	out      []Finding
	// known are the principals of the logs by ARN; about are the indexes in out by rule and principal.
	known map[string]*analyze.Principal
	about map[[2]string][]int
	// incidents are indexes in out of findings that tell all that happened at their addresses.
	incidents []int
	lacks     map[string]map[string]bool // "X: needs Y" → accounts
	warnings  []string
}

func newInquiry(f *analyze.Facts, states map[string]*iam.State, cat *catalog.Catalog, o Options) *inquiry {
	q := &inquiry{f: f, states: states, cat: cat, o: o, told: make([]bool, len(f.Denials)), lacks: map[string]map[string]bool{}, seen: map[string]catalog.Observability{}, fresh: map[*analyze.Principal]map[time.Time][]string{}}
	q.accounts = slices.Sorted(maps.Keys(states))
	q.accounts = slices.DeleteFunc(q.accounts, func(a string) bool { return states[a] == nil })
	q.known, q.about = make(map[string]*analyze.Principal, len(f.Principals)), map[[2]string][]int{}
	for i := range f.Principals {
		if p := &f.Principals[i]; q.known[p.ARN] == nil {
			q.known[p.ARN] = p
		}
	}
	q.nets = networksOf(f, o.Networks, o.Place)
	q.holders = holdersOf(q)
	return q
}

// find adds a finding of the rule that is asked.
func (q *inquiry) find(f Finding) {
	f.Rule = q.rule.ID
	f.Severity = cmp.Or(f.Severity, q.rule.Severity)
	f.Title = capital(f.Title)
	if strings.HasPrefix(f.Rule, "TT-A") || strings.HasPrefix(f.Rule, "TT-D") {
		f.Reason += q.startedBy(f.Principal)
	}
	f.Evidence.Events = firstOf(f.Evidence.Events, 10)
	f.Evidence.Addresses = firstOf(f.Evidence.Addresses, 20)
	k := [2]string{f.Rule, f.Principal}
	q.about[k] = append(q.about[k], len(q.out))
	q.out = append(q.out, f)
}

// principal is what the logs know of an ARN, nil where nothing.
func (q *inquiry) principal(arn string) *analyze.Principal { return q.known[arn] }

// found tells whether a finding of a rule is about a principal and fits.
func (q *inquiry) found(rule, arn string, fits func(*Finding) bool) bool {
	for _, i := range q.about[[2]string{rule, arn}] {
		if fits(&q.out[i]) {
			return true
		}
	}
	return false
}

// lack notes a check that an account's input does not allow; account is empty
// where what lacks is no account's.
func (q *inquiry) lack(account, check, needs string) {
	note(q.lacks, check+": needs "+needs, account)
}

// manyAccounts is from how many accounts on a lack names their number in place of each.
const manyAccounts = 4

// lacking are the checks that lacked an input, sorted: "X in account A: needs Y".
func (q *inquiry) lacking() []string {
	out := []string{}
	for text, accounts := range q.lacks {
		check, needs, _ := strings.Cut(text, ": needs ")
		if len(accounts) >= manyAccounts {
			out = append(out, fmt.Sprintf("%s in %s: needs %s", check, counted(len(accounts), "account"), needs))
			continue
		}
		for a := range accounts {
			if a == "" {
				out = append(out, text)
				continue
			}
			out = append(out, fmt.Sprintf("%s in account %s: needs %s", check, a, needs))
		}
	}
	slices.Sort(out)
	return out
}

func (q *inquiry) answer() *Findings {
	q.settle()
	q.identify()
	accepted := q.accept()
	q.offWarning()
	fs := &Findings{
		Schema: findingsSchema, AsOf: q.f.AsOf, Window: q.f.Window,
		Coverage:     append([]analyze.Coverage{}, q.f.Coverage...),
		Findings:     append([]Finding{}, q.capped()...),
		Accepted:     accepted,
		NotEvaluable: q.lacking(),
		Warnings:     append(append([]string{}, q.f.Warnings...), q.warnings...),
	}
	return fs
}

// identify sorts the findings, gives each its id and drops repeats: where two
// findings of a rule are about the same thing, the graver one stays.
func (q *inquiry) identify() {
	slices.SortStableFunc(q.out, byWeight)
	seen := map[string]bool{}
	kept := q.out[:0]
	for _, f := range q.out {
		f.ID = f.identity()
		if !seen[f.ID] {
			seen[f.ID] = true
			kept = append(kept, f)
		}
	}
	q.out = kept
}

func byWeight(a, b Finding) int {
	return cmp.Or(cmp.Compare(weight(a.Severity), weight(b.Severity)), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.AccountID, b.AccountID),
		cmp.Compare(a.Principal, b.Principal), cmp.Compare(a.Credential, b.Credential), cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Title, b.Title))
}

// weight orders severities, 0 the gravest.
func weight(s Severity) int {
	return slices.Index([]Severity{Critical, High, Medium, Low, Info}, s)
}

func (f *Finding) identity() string {
	h := sha256.New()
	for _, s := range []string{f.Rule, f.AccountID, f.Principal, f.Credential, f.Resource} {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}

// capped folds what is past the bound of a rule in an account into one line,
// so that no rule drowns the others.
func (q *inquiry) capped() []Finding {
	type group struct{ rule, account string }
	n, folded := map[group]int{}, map[group][]Finding{}
	var out []Finding
	for _, f := range q.out {
		g := group{f.Rule, f.AccountID}
		if n[g]++; n[g] <= q.o.MaxPerRule {
			out = append(out, f)
		} else {
			folded[g] = append(folded[g], f)
		}
	}
	for _, fs := range folded {
		out = append(out, fold(fs))
	}
	slices.SortStableFunc(out, byWeight)
	return out
}

// fold makes one finding of many of one rule in one account.
func fold(fs []Finding) Finding {
	var names []string
	for _, f := range fs {
		names = append(names, who(f.Principal))
	}
	slices.Sort(names)
	names = slices.Compact(names)
	first := fs[0]
	f := Finding{Rule: first.Rule, Severity: first.Severity, Confidence: first.Confidence, AccountID: first.AccountID, Resource: "folded",
		Title:    fmt.Sprintf("%s more of %s in account %s", grouped(int64(len(fs))), first.Rule, first.AccountID),
		Reason:   fmt.Sprintf("They are less grave than, or as grave as, those shown, and concern %s.", listed(names, 50)),
		Evidence: Evidence{Count: int64(len(fs))},
		Fix:      Fix{Summary: "Work off those shown first; ask about one principal to see all of its findings.", Clears: first.Fix.Clears}}
	f.ID = f.identity()
	return f
}

func firstOf[T any](s []T, n int) []T { return s[:min(n, len(s)):min(n, len(s))] }
