package rules

import (
	"fmt"
	"slices"

	"github.com/trimtrail/trimtrail/internal/iam"
)

func ruleC05() Rule {
	return Rule{
		ID: "TT-C05", Title: "Access key due for rotation", Severity: Low, Since: "0.1",
		Text:  "An active access key older than 90 days that is in use; unused ones are TT-C01 and TT-C04. Medium from 365 days, high where the user may then do anything. A role in place of the key ends rotation for good. Without a credential report the list of access keys tells the age, and the logs the use.",
		Needs: []string{needsReport + " or " + needsKeys}, Source: "AWS FSBP IAM.3, CIS 1.14",
		ask: askRotation,
	}
}

func askRotation(q *inquiry) {
	for _, account := range q.everyAccount() {
		s := q.states[account]
		switch {
		case s != nil && s.HasReport:
			for i := range s.Report {
				if c := &s.Report[i]; !isRoot(c) {
					for _, k := range q.activeKeys(s, c) {
						q.rotate(s, c, &k)
					}
				}
			}
		case s != nil && s.HasAccessKeys:
			q.rotateListed(s)
		default:
			q.lack(account, "rotation of access keys", needsReport+" or "+needsKeys)
		}
	}
}

// rotateListed judges keys by the list of them, which tells no use: only the logs do.
func (q *inquiry) rotateListed(s *iam.State) {
	for i := range q.f.Principals {
		p := &q.f.Principals[i]
		for _, c := range p.Credentials {
			n := slices.IndexFunc(s.AccessKeys, func(k iam.AccessKey) bool { return k.ID == c.ID })
			if n < 0 || !s.AccessKeys[n].Active || p.AccountID != s.AccountID || c.Events <= c.Denied {
				continue
			}
			l := s.AccessKeys[n]
			q.rotate(s, &iam.Credentials{User: l.User, ARN: p.ARN},
				&keyAt{id: l.ID, Key: iam.Key{Active: true, Rotated: l.Created}, last: c.Last, born: l.Created})
		}
	}
}

// rotate tells a key that is old and in use.
func (q *inquiry) rotate(s *iam.State, c *iam.Credentials, k *keyAt) {
	at := q.judgedAt(s)
	age := daysBetween(k.born, at)
	unused := k.last.IsZero() || daysBetween(k.last, at) >= q.o.UnusedDays
	if k.born.IsZero() || age < q.o.RotateDays || unused {
		return
	}
	f := Finding{
		Confidence: "certain", AccountID: s.AccountID, Principal: c.ARN, Credential: k.id, Resource: fmt.Sprintf("access key %d", k.number),
		Title:    fmt.Sprintf("%s: %s is %s old and in use%s", who(c.ARN), k.name(), counted(age, "day"), q.power(c.ARN)),
		Reason:   fmt.Sprintf("Made %s, last used %s (%s).", dateOf(k.born), dateOf(k.last), orDash(k.LastService)),
		Evidence: Evidence{Count: 1, First: moment(k.born), Last: moment(k.last), State: k.place(c.User)},
		Fix: Fix{Summary: "Better a role than a new key. Else: make a second key, move the program to it, then deactivate this one.",
			Commands: append(commands(aws("iam", "create-access-key", "--user-name", c.User)), k.deactivate(c)...), Clears: "a younger key"},
	}
	if k.number == 0 {
		f.Resource, f.Evidence.State = "access key", "access_keys/"+k.id
	}
	switch {
	case age >= 365 && q.mayDoAnything(c.ARN):
		f.Severity = High
	case age >= 365:
		f.Severity = Medium
	}
	q.find(f)
}
