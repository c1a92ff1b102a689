package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/iam"
)

func ruleP10() Rule {
	return Rule{
		ID: "TT-P10", Title: "One inline policy on several principals", Severity: Low, Since: "0.1",
		Text:  "The same document, Sids aside, hangs inline on two or more users, roles or groups: they drift apart when one copy is changed. One managed policy in their place has versions, and is changed once. An inline policy that belongs to one principal alone is fine. Left out: roles that AWS services, IAM Identity Center or the organisation write, and denials of everything, by which principals are retired.",
		Needs: []string{needsDetails}, Source: "AWS IAM best practices of 2018, Use customer managed policies instead of inline policies",
		ask: askCopies,
	}
}

// inlineCopy is one inline policy of a user, role or group.
type inlineCopy struct {
	kind, holder, arn, policy string // kind is user, role or group
	doc                       *iam.Document
}

func askCopies(q *inquiry) {
	for _, account := range q.everyAccount() {
		s := q.states[account]
		if s == nil || !s.HasDetails {
			q.lack(account, "inline policies that repeat", needsDetails)
			continue
		}
		by := map[string][]inlineCopy{}
		var order []string
		for _, c := range inlineCopies(s) {
			text := withoutSids(c.doc)
			if by[text] == nil {
				order = append(order, text)
			}
			by[text] = append(by[text], c)
		}
		for _, text := range order {
			if cs := by[text]; principalsIn(cs) > 1 {
				q.find(copiesFinding(s, cs))
			}
		}
	}
}

// inlineCopies are the inline policies that a person can replace, sorted by holder.
func inlineCopies(s *iam.State) []inlineCopy {
	var out []inlineCopy
	add := func(kind, name, arn string, docs []iam.NamedDocument) {
		for _, d := range docs {
			if d.Document != nil && !onlyDeniesAll(d.Document) && !madeElsewhere(name, arn) {
				out = append(out, inlineCopy{kind, name, arn, d.Name, d.Document})
			}
		}
	}
	for i := range s.Users {
		add("user", s.Users[i].Name, s.Users[i].ARN, s.Users[i].Inline)
	}
	for i := range s.Roles {
		add("role", s.Roles[i].Name, s.Roles[i].ARN, s.Roles[i].Inline)
	}
	for i := range s.Groups {
		add("group", s.Groups[i].Name, s.Groups[i].ARN, s.Groups[i].Inline)
	}
	slices.SortStableFunc(out, func(a, b inlineCopy) int { return cmp.Or(cmp.Compare(a.arn, b.arn), cmp.Compare(a.policy, b.policy)) })
	return out
}

// madeElsewhere tells of roles whose policies AWS, Identity Center or a stack
// set of the organisation writes: edited here they would be written anew.
func madeElsewhere(name, arn string) bool {
	return serviceLinked(arn) || identityCenter(arn) || organisationRole(name) || strings.HasPrefix(name, "AWS-QuickSetup-")
}

func onlyDeniesAll(d *iam.Document) bool {
	return !slices.ContainsFunc(d.Statements, func(s iam.Statement) bool {
		return s.Effect != iam.Deny || !slices.Contains(s.Action.Values, "*")
	})
}

// withoutSids is a document's text without what names it and its statements.
func withoutSids(d *iam.Document) string {
	c := d.Clone()
	c.ID = ""
	for i := range c.Statements {
		c.Statements[i].Sid = ""
	}
	return string(c.JSON())
}

func principalsIn(cs []inlineCopy) int {
	found := map[string]bool{}
	for _, c := range cs {
		found[c.arn] = true
	}
	return len(found)
}

func copiesFinding(s *iam.State, cs []inlineCopy) Finding {
	var names, lines []string
	name := cs[0].policy
	if nameTaken(s, name) {
		name += "-shared"
	}
	managed := "arn:" + cmp.Or(partitionOf(cs[0].arn), "aws") + ":iam::" + s.AccountID + ":policy/" + name
	lines = append(lines, aws("iam", "create-policy", "--policy-name", name, "--policy-document", string(cs[0].doc.JSON())))
	for _, c := range cs {
		names = append(names, c.kind+"/"+c.holder)
		lines = append(lines,
			aws("iam", "attach-"+c.kind+"-policy", "--"+c.kind+"-name", c.holder, "--policy-arn", managed),
			aws("iam", "delete-"+c.kind+"-policy", "--"+c.kind+"-name", c.holder, "--policy-name", c.policy))
	}
	names = slices.Compact(names)
	return Finding{
		Confidence: "certain", AccountID: s.AccountID, Principal: s.AccountID, Resource: "inline:" + cs[0].arn + "/" + cs[0].policy,
		Title:    fmt.Sprintf("In account %s the same inline policy hangs on %s: %s", s.AccountID, counted(len(names), "principal"), listed(names, 5)),
		Reason:   fmt.Sprintf("It is called %s there; the documents say the same.", listed(policyNamesIn(cs), 5)),
		Evidence: Evidence{Count: int64(len(cs)), State: cs[0].kind + "s/" + cs[0].holder + "/" + cs[0].policy},
		Fix: Fix{Summary: "Make one managed policy of it, attach that to each, then delete the copies. Where all are users, attach it to a group of them.",
			Commands: commands(lines...), Policy: string(cs[0].doc.JSON()), Clears: "one managed policy in place of the copies"},
	}
}

func policyNamesIn(cs []inlineCopy) []string {
	var out []string
	for _, c := range cs {
		out = append(out, c.policy)
	}
	return slices.Compact(slices.Sorted(slices.Values(out)))
}

// nameTaken tells a name that a managed policy of the account has already.
func nameTaken(s *iam.State, name string) bool {
	return slices.ContainsFunc(s.Policies, func(p iam.Policy) bool { return strings.EqualFold(p.Name, name) })
}
