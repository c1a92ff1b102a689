package digest

import (
	"cmp"
	"slices"
	"time"
)

// Schema names the JSON shape of a Report.
const Schema = "trimtrail.verify-archive/1"

// Kind is what an Entry is about.
type Kind string

// Kinds of problems: the archive is not what CloudTrail delivered.
const (
	BadFormat     Kind = "bad_format"     // a digest or log file does not unpack or parse
	TrailingData  Kind = "trailing_data"  // something follows the one gzip member
	Moved         Kind = "moved"          // a digest names another place as its own
	NoSignature   Kind = "no_signature"   // a digest without signature in its metadata
	BadSignature  Kind = "bad_signature"  // the signature does not fit
	UnknownKey    Kind = "unknown_key"    // signed with a key that is none of CloudTrail's
	MissingDigest Kind = "missing_digest" // a newer digest names it, or siblings have it
	MissingNewest Kind = "missing_newest" // digests that should have come since
	MissingChain  Kind = "missing_chain"  // a region has logs of a trail, and no digest
	BrokenLink    Kind = "broken_link"    // the next digest has another hash or signature
	OrphanDigest  Kind = "orphan_digest"  // the next digest names an older one
	TimeBreak     Kind = "time_break"     // does not begin where the one before ends
	MissingLog    Kind = "missing_log"
	ModifiedLog   Kind = "modified_log"
	UnlistedLog   Kind = "unlisted_log" // lies in an hour whose digests do not name it
)

// Kinds of notes and of what cannot be judged.
const (
	Gap            Kind = "gap"             // validation was off, or the trail stopped
	ChainEnded     Kind = "chain_ended"     // another trail goes on
	BeforeChain    Kind = "before_chain"    // logs older than the first digest
	Pending        Kind = "pending"         // logs whose digest is not due yet
	Elsewhere      Kind = "elsewhere"       // in a bucket that is not read
	NoKey          Kind = "no_key"          // the public key is not known
	SignatureUnset Kind = "signature_unset" // only the S3 object's metadata has it
	Unread         Kind = "unread"          // could not be fetched
	NoDigest       Kind = "no_digest"       // logs without any digest
	OddName        Kind = "odd_name"        // no digest by its name
)

// Entry is one problem, note or thing that cannot be judged.
type Entry struct {
	Kind    Kind   `json:"kind"`
	Account string `json:"account_id"`
	Region  string `json:"region"`
	Trail   string `json:"trail,omitempty"`
	// Object is the URI or path concerned; the first of Count.
	Object string `json:"object,omitempty"`
	Detail string `json:"detail"`
	Count  int    `json:"count"` // objects concerned, at least 1
	// From and To bound the time concerned, where it is known.
	From *time.Time `json:"from,omitempty"`
	To   *time.Time `json:"to,omitempty"`
}

// Tally counts files. Valid ones are proven; NotEvaluable ones lack a key, a
// signature, or a digest that is proven.
type Tally struct {
	Valid        int `json:"valid"`
	Invalid      int `json:"invalid"`
	Missing      int `json:"missing"`
	NotEvaluable int `json:"not_evaluable"`
}

func (t *Tally) add(o Tally) {
	t.Valid += o.Valid
	t.Invalid += o.Invalid
	t.Missing += o.Missing
	t.NotEvaluable += o.NotEvaluable
}

// Chain is the digests of one trail in one region, with their log files.
type Chain struct {
	Account  string    `json:"account_id"`
	Region   string    `json:"region"`
	Trail    string    `json:"trail"`
	Home     string    `json:"home_region"`
	Backfill bool      `json:"backfill"`
	From     time.Time `json:"from"` // where the first digest begins
	To       time.Time `json:"to"`   // where the last one ends
	Digests  Tally     `json:"digests"`
	Logs     Tally     `json:"logs"`
	Gaps     int       `json:"gaps"`
	// Status is "valid", "broken", or "not_evaluable".
	Status string `json:"status"`

	place   string // the store's root and account folder
	newest  string // path of the last digest
	problem bool
}

// Report is the result of Verify. Lists are sorted, and the same for any number
// of workers.
type Report struct {
	Schema  string     `json:"schema"`
	Sources []string   `json:"sources"`
	Since   *time.Time `json:"since,omitempty"`
	Until   *time.Time `json:"until,omitempty"`
	// Status is "valid", "broken" (there are problems) or "not_evaluable"
	// (there are none, and not all could be judged).
	Status       string  `json:"status"`
	Digests      Tally   `json:"digests"`
	Logs         Tally   `json:"logs"`
	UnlistedLogs int     `json:"unlisted_logs"`
	Chains       []Chain `json:"chains"`
	Problems     []Entry `json:"problems"`
	NotEvaluable []Entry `json:"not_evaluable"`
	Notes        []Entry `json:"notes"`
}

const (
	valid        = "valid"
	broken       = "broken"
	notEvaluable = "not_evaluable"
)

// status names the result of what was found.
func status(problems bool, t ...Tally) string {
	for _, x := range t {
		problems = problems || x.Invalid+x.Missing > 0
	}
	if problems {
		return broken
	}
	for _, x := range t {
		if x.NotEvaluable > 0 {
			return notEvaluable
		}
	}
	return valid
}

// finish sorts the lists and draws the sum.
func (r *Report) finish() {
	for i := range r.Chains {
		c := &r.Chains[i]
		c.Status = status(c.problem, c.Digests, c.Logs)
		r.Digests.add(c.Digests)
		r.Logs.add(c.Logs)
	}
	for _, e := range r.Problems {
		if e.Kind == UnlistedLog {
			r.UnlistedLogs += e.Count
		}
	}
	r.Status = status(len(r.Problems) > 0, r.Digests, r.Logs)
	if r.Status == valid && len(r.NotEvaluable) > 0 {
		r.Status = notEvaluable
	}
	slices.SortStableFunc(r.Chains, func(a, b Chain) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Trail, b.Trail))
	})
	for _, l := range [][]Entry{r.Problems, r.NotEvaluable, r.Notes} {
		slices.SortStableFunc(l, func(a, b Entry) int {
			return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Trail, b.Trail))
		})
	}
}
