package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

func ruleC06() Rule {
	return Rule{
		ID: "TT-C06", Title: "Permissions never used", Severity: Low, Since: "0.1",
		Text: "A user or role that is at work holds permissions that it did not use in 90 days of logs. Only what a trail can show counts as unused: data-plane actions without their data events, and actions that are never logged, are counted apart, and so is what IAM's last-accessed record, where loaded, knows as used. " +
			"High where a program may read every secret, whatever it reads; medium where what is unused could give principals more permissions, info where it only reads. A permission set of IAM Identity Center is judged once, for all accounts: unused is what nobody used in any. Administrators are TT-P03, roles without any use TT-C03. Yearly jobs are not seen in 90 days: the policy command weighs that.",
		Needs: []string{needsDetails, "90 days of logs"}, Source: "AWS IAM Access Analyzer, unused access; CIEM practice",
		turn: 96,
		ask:  askPermissions,
	}
}

// fewUnused is the number of unused permissions below which nothing is said.
const fewUnused = 10

func askPermissions(q *inquiry) {
	sets := map[string][]setUse{}
	for _, account := range q.everyAccount() {
		s := q.states[account]
		if s == nil || !s.HasDetails {
			q.lack(account, "unused permissions", needsDetails)
			continue
		}
		if !q.reaches(account) {
			q.lack(account, "unused permissions", fmt.Sprintf("%d days of management events, read and write", q.o.UnusedDays))
			continue
		}
		for _, h := range s.Holders() {
			x := q.holder(h.ARN)
			p := q.principal(h.ARN)
			if p == nil || x.admin || serviceLinked(h.ARN) || p.LastSuccess.IsZero() {
				continue
			}
			g := q.unusedOf(x, p)
			if identityCenter(h.ARN) {
				sets[permissionSet(h.ARN)] = append(sets[permissionSet(h.ARN)], setUse{x, p, g})
			} else if g.telling() {
				q.find(q.unusedPermissions(x, p, g))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sets)) {
		arns := []string{}
		for _, u := range sets[name] {
			arns = append(arns, u.h.ARN)
		}
		if u := q.joined(sets[name]); u.g.telling() {
			q.find(q.ofSet(q.unusedPermissions(u.h, u.p, u.g), arns))
		}
	}
}

// telling reports whether something is said of the grants.
func (g *grants) telling() bool { return len(g.unused) >= fewUnused || len(g.grave) > 0 || g.secrets }

// grants is what a principal holds against what it used.
type grants struct {
	granted, used, blind int
	unseen               map[string]int // why so many of the blind were not judged, beside what is never logged
	accessed             int            // used by IAM's last-accessed record, unseen in the logs
	unused               []string
	grave                []string // unused ones that manage permissions
	idle                 []string // services of which nothing was used
	writes               int      // unused ones that write otherwise
	// secrets tells that every secret may be read; read are those that were.
	secrets bool
	read    []string
}

// escalates tells that an action can give principals more permissions; the
// others under permissions management open one resource.
func escalates(action string) bool {
	return slices.Contains([]string{"iam", "organizations", "sso", "kms"}, prefixOf(action))
}

// reads tells that the name of an action is one of looking: AWS puts some of
// these under permissions management.
func reads(action string) bool {
	_, name, _ := strings.Cut(action, ":")
	return slices.ContainsFunc([]string{"Get", "List", "Describe", "Validate", "Check"}, func(p string) bool { return strings.HasPrefix(name, p) })
}

func (q *inquiry) unusedOf(h *held, p *analyze.Principal) grants {
	used, busy := map[string]bool{}, map[string]bool{}
	for _, u := range p.Usage {
		if u.Outcome != analyze.OutcomeDenied {
			used[u.Action], busy[prefixOf(u.Action)] = true, true
		}
	}
	w := q.watchOf(h.AccountID).over(p, time.Time{}) // its age is told apart
	g := grants{unseen: map[string]int{}}
	r := recallOf(h.state, h.ARN, p.Usage, q.f.AsOf.AddDate(0, 0, -q.o.UnusedDays), q.f.AsOf)
	idle := map[string]bool{}
	for _, a := range h.Granted(q.cat).Actions {
		g.granted++
		if a.Name == getSecret {
			g.secrets, g.read = everySecret(h, a.By), resourcesOf(p, getSecret)
		}
		switch {
		case used[a.Name]:
			g.used++
		case !r.last(a.Name).IsZero():
			g.accessed++
		default:
			if s := q.sighting(w, a.Name); s.Verdict != Observable {
				g.blind++
				if q.seen[a.Name].Visibility != catalog.Never {
					g.unseen[s.Why]++
				}
				continue
			}
			g.unused = append(g.unused, a.Name)
			switch level := q.cat.Level(a.Name); {
			case level == catalog.Permission && !reads(a.Name):
				g.grave = append(g.grave, a.Name)
			case level == catalog.Write || level == catalog.Tagging:
				g.writes++
			}
			if s := prefixOf(a.Name); !busy[s] {
				idle[s] = true
			}
		}
	}
	g.idle = slices.Sorted(maps.Keys(idle))
	return g
}

const getSecret = "secretsmanager:GetSecretValue"

// everySecret tells that one of the statements reaches all secrets of the account.
func everySecret(h *held, by []iam.StatementRef) bool {
	return slices.ContainsFunc(by, func(r iam.StatementRef) bool {
		s := r.Of(&h.Holder)
		return len(s.Condition) == 0 && slices.ContainsFunc(s.Resource.Values, func(v string) bool { return v == "*" || strings.HasSuffix(v, ":secret:*") })
	})
}

// resourcesOf are the resources of the principal's allowed uses of an action, sorted.
func resourcesOf(p *analyze.Principal, action string) []string {
	found := map[string]bool{}
	for _, u := range p.Usage {
		if u.Action == action && u.Outcome != analyze.OutcomeDenied && u.Resource != "" {
			found[u.Resource] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// secretNames are the names of the first few secrets.
func secretNames(arns []string) []string {
	var out []string
	for _, a := range firstOf(arns, 5) {
		_, name, found := strings.Cut(a, ":secret:")
		if !found {
			name = a
		}
		out = append(out, name)
	}
	return out
}

// watchOf looks at as many days of an account as make something unused.
func (q *inquiry) watchOf(account string) *watch {
	return newWatch(q.coverageOf(account), q.f.AsOf, min(q.reach(account), q.o.UnusedDays))
}

// sighting is whether the loaded logs would show a use of the action.
func (q *inquiry) sighting(w *watch, action string) Sighting {
	o, ok := q.seen[action]
	if !ok {
		o = q.cat.Observability(action)
		q.seen[action] = o
	}
	return w.of(action, o)
}

// whyUnseen names the few reasons, beside what is never logged, for which most
// permissions could not be judged; empty where there is none.
func (g *grants) whyUnseen() string {
	why := slices.SortedFunc(maps.Keys(g.unseen), func(a, b string) int {
		return cmp.Or(g.unseen[b]-g.unseen[a], cmp.Compare(a, b))
	})
	if len(why) == 0 {
		return ""
	}
	never := g.blind
	for i, w := range why {
		why[i] = fmt.Sprintf("%s (%d)", w, g.unseen[w])
		never -= g.unseen[w]
	}
	if never > 0 {
		why = append(firstOf(why, 3), fmt.Sprintf("never logged (%d)", never))
	}
	return " Why: " + listed(why, 4) + "."
}

func (q *inquiry) unusedPermissions(h *held, p *analyze.Principal, g grants) Finding {
	kind := "role"
	if h.User != nil {
		kind = "user"
	}
	days, age := q.reach(h.AccountID), daysBetween(createdAt(&h.Holder), q.f.AsOf)
	young := age < q.o.UnusedDays-1 // never so where the day is not known
	if young {
		days = min(days, max(age, 0))
	}
	f := Finding{
		Confidence: "medium", AccountID: h.AccountID, Principal: h.ARN,
		Title: fmt.Sprintf("%s holds %s and used %s of them in %s", who(h.ARN), counted(g.granted, "permission"), grouped(int64(g.used)), counted(days, "day")),
		Reason: fmt.Sprintf("%s unused, in %s; of %s nothing at all was used (%s).",
			counted(len(g.unused), "permission"), counted(servicesIn(g.unused), "service"), counted(len(g.idle), "service"), listed(g.idle, 6)),
		Evidence: Evidence{Count: int64(len(g.unused)), First: moment(p.First), Last: moment(p.Last), Actions: firstOf(graveFirst(g), 20), State: kind + "s/" + h.Name},
		Fix: Fix{Summary: "Let trimtrail write the smallest policy that would have allowed everything it did, with its proof, and put it in place.",
			Commands: commands("trimtrail policy " + shellWord(h.ARN)), Clears: "a policy that grants what is used"},
	}
	if len(g.idle) == 0 {
		f.Reason = fmt.Sprintf("%s unused, all of services that it works with.", counted(len(g.unused), "permission"))
	}
	if g.blind > 0 {
		f.Reason += fmt.Sprintf(" %s could not be judged: no loaded log shows their use.", counted(g.blind, "permission")) + g.whyUnseen()
	}
	if young {
		f.Confidence = "low"
		f.Reason += fmt.Sprintf(" It was made %s ago, too new to say what it will not need.", counted(days, "day"))
	}
	if g.accessed > 0 {
		f.Reason += fmt.Sprintf(" %s used by IAM's last-accessed record, though not seen in these logs, and not counted as unused.", counted(g.accessed, "permission")+plural(g.accessed, " was", " were"))
	}
	for _, i := range q.incidents {
		if q.out[i].Principal == h.ARN {
			f.Reason += fmt.Sprintf(" Part of the use belongs to the incident told by %s.", q.out[i].Rule)
		}
	}
	switch {
	case len(g.grave) == 0 && g.writes == 0:
		f.Severity = Info
		f.Reason += " All of the unused ones only read."
	case len(g.grave) > 0:
		if slices.ContainsFunc(g.grave, escalates) {
			f.Severity = Medium
		}
		f.Reason += fmt.Sprintf(" Among the unused: %s, which can change permissions.", listed(g.grave, 3))
	}
	if g.secrets {
		f.Severity = High
		f.Title = fmt.Sprintf("%s may read every secret and read %s in %s; it used %s of %s", who(h.ARN), grouped(int64(len(g.read))), counted(days, "day"), grouped(int64(g.used)), counted(g.granted, "permission"))
		f.Reason = fmt.Sprintf("%s is granted on every secret; read: %s. ", getSecret, strings.Join(orNone(secretNames(g.read), "none"), ", ")) + f.Reason
	}
	if identityCenter(h.ARN) {
		if f.Severity == High {
			f.Severity = Medium // people, who look into many things
		}
		f.Fix.Summary += " The permission set in IAM Identity Center is what to change, for all who use it together."
	}
	if !typeable(h.ARN) {
		f.Fix.Commands = nil
	}
	return f
}

// graveFirst are the unused permissions, those that change permissions first.
func graveFirst(g grants) []string {
	out := slices.Clone(g.grave)
	for _, a := range g.unused {
		if !slices.Contains(g.grave, a) {
			out = append(out, a)
		}
	}
	return out
}

func servicesIn(actions []string) int {
	found := map[string]bool{}
	for _, a := range actions {
		found[prefixOf(a)] = true
	}
	return len(found)
}
