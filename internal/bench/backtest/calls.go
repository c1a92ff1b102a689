package main

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/bench/orgs"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/event"
	"github.com/trimtrail/trimtrail/internal/orgsim"
)

// call is one action on one resource in one context, as an event told it: no
// resource is generalised here.
type call struct {
	action, resource  string // an ARN, "*", or empty where the event does not tell
	region, invokedBy string
	condition         string // key=value that the request fixes, or empty
	mfa               string // true, false, or empty
}

// used is a call on one day.
type used struct {
	call
	day    time.Time
	count  int64
	denied bool
}

// diary is what each user and role did, by ARN, each sorted by day and call.
type diary map[string][]used

// intruders are plants that work with stolen credentials: no policy has to
// allow what they did.
var intruders = []string{orgsim.NewNetwork, orgsim.StolenInstance, orgsim.SharedKey, orgsim.Recon, orgsim.SelfEscalation, orgsim.ToolUse, orgsim.LoggingStopped}

// diaryOf reads the events once. What intruders did is left out.
func diaryOf(o *orgs.Org, cat *catalog.Catalog) diary {
	type key struct {
		arn    string
		call   call
		day    time.Time
		denied bool
	}
	stolen, profiles := stolenEvents(o.Truth), rolesOfProfiles(o)
	counts := map[key]int64{}
	for i := range o.Events {
		e := &o.Events[i]
		actor := analyze.ActorOf(e)
		if stolen[e.EventID] || actor.Kind != analyze.KindUser && actor.Kind != analyze.KindRole {
			continue
		}
		denied := analyze.OutcomeOf(e) == analyze.OutcomeDenied
		for _, c := range callsOf(e, cat, profiles) {
			counts[key{actor.ARN, c, e.EventTime.UTC().Truncate(24 * time.Hour), denied}]++
		}
	}
	d := diary{}
	for k, n := range counts {
		d[k.arn] = append(d[k.arn], used{k.call, k.day, n, k.denied})
	}
	for _, us := range d {
		slices.SortFunc(us, func(a, b used) int { return cmp.Or(a.day.Compare(b.day), a.compare(&b.call)) })
	}
	return d
}

func (c *call) compare(o *call) int {
	return cmp.Or(cmp.Compare(c.action, o.action), cmp.Compare(c.resource, o.resource), cmp.Compare(c.condition, o.condition),
		cmp.Compare(c.region, o.region), cmp.Compare(c.invokedBy, o.invokedBy), cmp.Compare(c.mfa, o.mfa))
}

func stolenEvents(t orgsim.Truth) map[string]bool {
	out := map[string]bool{}
	for _, p := range t.Plants {
		if slices.Contains(intruders, p.Kind) {
			for _, id := range p.Events {
				out[id] = true
			}
		}
	}
	return out
}

// rolesOfProfiles maps the ARNs of instance profiles to those of their roles.
func rolesOfProfiles(o *orgs.Org) map[string]string {
	out := map[string]string{}
	for _, s := range o.States {
		for i := range s.Roles {
			for _, p := range s.Roles[i].Profiles {
				out[p] = s.Roles[i].ARN
			}
		}
	}
	return out
}

func callsOf(e *event.Event, cat *catalog.Catalog, profiles map[string]string) []call {
	base := call{region: e.AWSRegion, invokedBy: e.InvokedBy}
	if e.MFAAuthenticated != nil {
		base.mfa = "false"
		if *e.MFAAuthenticated {
			base.mfa = "true"
		}
	}
	var out []call
	for _, u := range cat.Attribute(e).Actions {
		c := base
		c.action = u.Action
		for k, v := range u.Condition { // one key at most
			c.condition = k + "=" + strings.Join(v, ",")
		}
		for _, r := range u.Resources {
			c.resource = literal.Replace(cmp.Or(profiles[r], r))
			out = append(out, c)
		}
		if len(u.Resources) == 0 {
			out = append(out, c)
		}
	}
	return out
}

// literal turns the catalogue's escapes into the characters that they stand for.
var literal = strings.NewReplacer("${*}", "*", "${?}", "?", "${$}", "$")

// context are the condition keys of the request that the event tells.
func (c *call) context(arn string) map[string][]string {
	out := map[string][]string{"aws:PrincipalArn": {arn}, "aws:ViaAWSService": {"false"}}
	if _, name, ok := strings.Cut(arn, ":user/"); ok {
		out["aws:username"] = []string{name[strings.LastIndexByte(name, '/')+1:]}
	}
	if c.region != "" {
		out["aws:RequestedRegion"] = []string{c.region}
	}
	if c.mfa != "" {
		out["aws:MultiFactorAuthPresent"] = []string{c.mfa}
	}
	if c.invokedBy != "" {
		out["aws:ViaAWSService"], out["aws:CalledVia"] = []string{"true"}, []string{c.invokedBy}
	}
	if k, v, ok := strings.Cut(c.condition, "="); ok {
		out[k] = []string{v}
	}
	return out
}

// within are the entries of w.
func within(us []used, w analyze.Window) []used {
	from, _ := slices.BinarySearchFunc(us, w.From, func(u used, t time.Time) int { return u.day.Compare(t) })
	to, _ := slices.BinarySearchFunc(us, w.To, func(u used, t time.Time) int { return u.day.Compare(t) })
	return us[from:to]
}

// iamAccount is the account of a user's or role's ARN.
func iamAccount(arn string) string {
	if f := strings.SplitN(arn, ":", 6); len(f) == 6 {
		return f[4]
	}
	return ""
}
