package rules

import (
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// judgedAt is the time that a state's ages are counted to: the facts' as-of
// time, or when the state was taken where that is earlier, for it says
// nothing of what came after.
func (q *inquiry) judgedAt(s *iam.State) time.Time {
	if !s.TakenAt.IsZero() && s.TakenAt.Before(q.f.AsOf) {
		return s.TakenAt
	}
	return q.f.AsOf
}

// reportLines calls do for each user of each credential report, the root left
// out, and notes the accounts without a report as not evaluable.
func (q *inquiry) reportLines(check string, do func(*iam.State, *iam.Credentials)) {
	for _, account := range q.everyAccount() {
		s := q.states[account]
		if s == nil || !s.HasReport {
			q.lack(account, check, needsReport)
			continue
		}
		for i := range s.Report {
			if !isRoot(&s.Report[i]) {
				do(s, &s.Report[i])
			}
		}
	}
}

func isRoot(c *iam.Credentials) bool {
	return c.User == "<root_account>" || strings.HasSuffix(c.ARN, ":root")
}

// everyAccount are the accounts that the logs or the states know, sorted.
func (q *inquiry) everyAccount() []string {
	out := q.accounts
	for i := range q.f.Coverage {
		out = union(out, []string{q.f.Coverage[i].AccountID})
	}
	return out
}

// coverageOf is what the logs hold of an account, nil where nothing.
func (q *inquiry) coverageOf(account string) *analyze.Coverage {
	for i := range q.f.Coverage {
		if q.f.Coverage[i].AccountID == account {
			return &q.f.Coverage[i]
		}
	}
	return nil
}

// reach is how many days back from the as-of time the account's logs go,
// within the window and without a break of a week or more: what happened
// before a break was not seen.
func (q *inquiry) reach(account string) int {
	c := q.coverageOf(account)
	if c == nil || c.First.IsZero() || !c.ManagementRead || !c.ManagementWrite {
		return 0
	}
	from := c.First
	if q.f.Window.From.After(from) {
		from = q.f.Window.From
	}
	for _, g := range c.Gaps {
		if g.To.Sub(g.From) >= 7*24*time.Hour && g.To.After(from) {
			from = g.To
		}
	}
	return daysBetween(from, q.f.AsOf)
}

// reaches tells that the logs go back as far as the threshold: a window of
// 90 days begins within a day, and the first event comes later still.
func (q *inquiry) reaches(account string) bool { return q.reach(account) >= q.o.UnusedDays-1 }

// lastKeyUse is the principal's last call with a long-term key, zero where none is seen.
func (q *inquiry) lastKeyUse(arn string, kind analyze.CredentialKind) time.Time {
	var last time.Time
	if p := q.principal(arn); p != nil {
		for _, c := range p.Credentials {
			if c.Kind == kind && c.Events > c.Denied && c.Last.After(last) {
				last = c.Last
			}
		}
	}
	return last
}

func newest(ts ...time.Time) time.Time {
	var out time.Time
	for _, t := range ts {
		if t.After(out) {
			out = t
		}
	}
	return out
}

// keyAt is one active key of a report line with what is known of it.
type keyAt struct {
	number int    // 1 or 2
	id     string // of the access key, empty where it was not loaded
	iam.Key
	last time.Time // by the report or the logs
	born time.Time
}

// activeKeys are the user's active keys. The report has no key ids: where the
// list of keys does not tell them, a call in the logs counts for every active
// key, so that none is called unused by mistake.
func (q *inquiry) activeKeys(s *iam.State, c *iam.Credentials) []keyAt {
	var out []keyAt
	byUser := q.lastKeyUse(c.ARN, analyze.LongTermKey)
	for i, k := range c.Keys {
		if k.Active {
			born := k.Rotated
			if born.IsZero() {
				born = c.Created
			}
			id, seen := keyID(s, c.User, k.Rotated), byUser
			if id != "" {
				seen = q.lastUseOf(c.ARN, id)
			}
			out = append(out, keyAt{i + 1, id, k, newest(k.LastUsed, seen), born})
		}
	}
	return out
}

// keyID is the id of the one key of a user that was made at a time, to the
// second as the report has it; empty where that is not known.
func keyID(s *iam.State, user string, made time.Time) string {
	id := ""
	for _, k := range s.AccessKeys {
		if k.User == user && !made.IsZero() && k.Created.Truncate(time.Second).Equal(made.Truncate(time.Second)) {
			if id != "" {
				return ""
			}
			id = k.ID
		}
	}
	return id
}

// lastUseOf is the principal's last call with one key, zero where none is seen.
func (q *inquiry) lastUseOf(arn, key string) time.Time {
	if p := q.principal(arn); p != nil {
		for _, c := range p.Credentials {
			if c.ID == key && c.Events > c.Denied {
				return c.Last
			}
		}
	}
	return time.Time{}
}

// name is what a finding calls the key: by its id where that is known.
func (k keyAt) name() string {
	if k.id != "" {
		return "access key " + k.id
	}
	return "access key " + string(rune('0'+k.number))
}

// deactivate switches the key off.
func (k keyAt) deactivate(c *iam.Credentials) []string {
	if k.id != "" {
		return commands(deactivateKey(c.ARN, k.id))
	}
	return deactivateByDate(c.User, k)
}

// deactivateByDate finds the key by the day and second it was made, which the report has in
// place of its id, and switches it off.
func deactivateByDate(user string, k keyAt) []string {
	list := aws("iam", "list-access-keys", "--user-name", user, "--query", "AccessKeyMetadata[].[AccessKeyId,Status,CreateDate]", "--output", "text")
	if list == "" || k.Rotated.IsZero() {
		return commands(list)
	}
	find := aws("iam", "list-access-keys", "--user-name", user, "--query",
		"AccessKeyMetadata[?starts_with(CreateDate,'"+k.Rotated.UTC().Format("2006-01-02T15:04:05")+"')].AccessKeyId", "--output", "text")
	off := aws("iam", "update-access-key", "--user-name", user, "--status", "Inactive") + ` --access-key-id "$(` + find + `)"`
	return commands(list, off)
}

func (k keyAt) place(user string) string {
	return "report/" + user + "/access_key_" + string(rune('0'+k.number))
}

// power says in a word what the principal may do, where the state tells.
func (q *inquiry) power(arn string) string {
	if q.mayDoAnything(arn) {
		return ", and it may do anything"
	}
	return ""
}
