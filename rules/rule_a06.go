package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

func ruleA06() Rule {
	return Rule{
		ID: "TT-A06", Title: "Access given away", Severity: Medium, Since: "0.1",
		Text:  "Ways to stay that intruders use, and administrators too: a role opened to an account that is not loaded or to everybody (high); another principal made an administrator (medium); keys or passwords made for other users (low). One finding an actor and kind, with the targets. AWS services, the root and principals told by TT-D02 are left out; nothing proves intent, so ask who ordered it.",
		Needs: []string{needsEvents}, Source: "MITRE ATT&CK T1098, T1136; Stratus Red Team persistence techniques",
		turn: 25, ask: askGifts,
	}
}

// gift is a kind of giving access away.
type gift struct {
	kind     string
	severity Severity
	title    string // after the name of the actor
}

var (
	openedRole = gift{"trust", High, "let outsiders assume"}
	madeAdmin  = gift{"admin", Medium, "gave every permission to"}
	madeEntry  = gift{"credentials", Low, "made keys or passwords for"}
)

func askGifts(q *inquiry) {
	type key struct{ arn, account, kind string }
	found := map[key][]analyze.Change{}
	kinds := map[key]gift{}
	for _, c := range q.f.Changes {
		g, ok := q.giftOf(&c)
		if !ok || c.OnItself || c.Kind == analyze.KindService || c.Kind == analyze.KindRoot {
			continue
		}
		k := key{c.ARN, c.AccountID, g.kind}
		found[k], kinds[k] = append(found[k], c), g
	}
	for k, cs := range found {
		q.find(q.giftFinding(kinds[k], cs))
	}
}

func (q *inquiry) giftOf(c *analyze.Change) (gift, bool) {
	switch c.EventName {
	case "UpdateAssumeRolePolicy", "CreateRole":
		if q.opens(c) != "" {
			return openedRole, true
		}
	case "AttachUserPolicy", "AttachRolePolicy", "AttachGroupPolicy", "PutUserPolicy", "PutRolePolicy", "PutGroupPolicy", "CreatePolicyVersion":
		if grantsAll(c.Detail) {
			return madeAdmin, true
		}
	case "CreateAccessKey", "CreateLoginProfile", "UpdateLoginProfile":
		return madeEntry, c.Target != ""
	}
	return gift{}, false
}

// opens names the outsider that a trust policy lets in: everybody, or an
// account of which neither logs nor state are loaded; empty where none.
func (q *inquiry) opens(c *analyze.Change) string {
	d, err := iam.ParsePolicy([]byte(c.Detail))
	if err != nil {
		return ""
	}
	for _, s := range d.Statements {
		if s.Effect != iam.Allow || s.Principal == nil || narrowed(s.Condition) {
			continue
		}
		if everybody(s.Principal) && len(s.Condition) == 0 {
			return "everybody"
		}
		for _, v := range s.Principal.By["AWS"].Values {
			if a := trustedAccount(v); a != "" && a != c.AccountID && !slices.Contains(q.everyAccount(), a) {
				return "account " + a
			}
		}
	}
	return ""
}

func (q *inquiry) giftFinding(g gift, cs []analyze.Change) Finding {
	var e Evidence
	var targets, lines []string
	for i := range cs {
		c := &cs[i]
		e.Count++
		e.Events = append(e.Events, c.EventID)
		e.Actions = union(e.Actions, []string{"iam:" + c.EventName})
		if c.Address != "" {
			e.Addresses = union(e.Addresses, []string{c.Address})
		}
		if len(e.Timeline) < 20 {
			e.Timeline = append(e.Timeline, Moment{At: c.At, What: c.EventName + " on " + who(c.Target), Events: []string{c.EventID}})
		}
		targets = union(targets, []string{who(c.Target)})
		lines = append(lines, undo(c), offKey(c))
	}
	c := &cs[0]
	e.First, e.Last = instant(c.At), instant(cs[len(cs)-1].At)
	return Finding{
		Severity: g.severity, Confidence: "medium", AccountID: c.AccountID, Principal: c.ARN, Resource: g.kind, Evidence: e,
		Title:  fmt.Sprintf("%s %s %s, %s", who(c.ARN), g.title, listed(targets, 3), stretch(*e.First, *e.Last)),
		Reason: fmt.Sprintf("%s from %s%s.", counted(e.Count, "call"), listed(e.Addresses, 3), q.given(g, c)),
		Fix: Fix{Summary: "Ask who ordered it. If nobody did: undo it, and read what the actor and the targets did since.",
			Commands: firstOf(commands(lines...), 10), Clears: "the change leaving the window, or undone and confirmed"},
	}
}

// given says what the first of the changes gave.
func (q *inquiry) given(g gift, c *analyze.Change) string {
	switch g.kind {
	case openedRole.kind:
		return ": the trust policy lets " + q.opens(c) + " in, with no ExternalId or organisation asked for"
	case madeAdmin.kind:
		return ": " + detailText(c.Detail)
	}
	return ""
}

// offKey switches off a key that was made.
func offKey(c *analyze.Change) string {
	if c.EventName != "CreateAccessKey" || !strings.HasPrefix(c.Detail, "AKIA") {
		return ""
	}
	return deactivateKey(c.Target, c.Detail)
}
