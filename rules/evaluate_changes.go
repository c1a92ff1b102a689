package rules

import (
	"fmt"
	"strings"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// grantsAll tells that a change's detail allows everything: a document with
// Action * on Resource *, even where it was cut short, or AdministratorAccess.
func grantsAll(detail string) bool {
	if strings.HasSuffix(detail, administratorAccess) {
		return true
	}
	if d, err := iam.ParsePolicy([]byte(detail)); err == nil {
		return allowsAll(d)
	}
	flat := strings.Map(func(r rune) rune {
		if r == ' ' || r == '\n' || r == '\t' || r == '\r' || r == '[' || r == ']' {
			return -1
		}
		return r
	}, detail)
	return strings.Contains(flat, `"Effect":"Allow"`) && strings.Contains(flat, `"Action":"*"`) && strings.Contains(flat, `"Resource":"*"`)
}

// grantText says what a change gives.
func grantText(c *analyze.Change) string {
	text := detailText(c.Detail)
	if c.Policy != "" {
		text += fmt.Sprintf(" (policy %q)", c.Policy)
	}
	return strings.TrimSpace(text)
}

func detailText(detail string) string {
	if detail == "" {
		return "the log does not tell what it gives"
	}
	d, err := iam.ParsePolicy([]byte(detail))
	switch {
	case grantsAll(detail) && !strings.HasPrefix(detail, "arn:"):
		return "Action * on Resource *"
	case err != nil || len(d.Statements) == 0:
		return shortened(detail, 160)
	}
	s := &d.Statements[0]
	text := fmt.Sprintf("%s %s on %s", s.Effect, orNot(s.Action.Values, s.NotAction.Values), orNot(s.Resource.Values, s.NotResource.Values))
	if n := len(d.Statements) - 1; n > 0 {
		text += fmt.Sprintf(" and %s", counted(n, "more statement"))
	}
	return text
}

func orNot(is, not []string) string {
	if is == nil && not != nil {
		return "all but " + listed(not, 3)
	}
	if len(is) == 0 {
		return "itself"
	}
	return listed(is, 3)
}

// shortened cuts a text for people at n runes.
func shortened(s string, n int) string {
	rs := []rune(strings.Join(strings.Fields(s), " "))
	if len(rs) <= n {
		return string(rs)
	}
	return string(rs[:n]) + "…"
}

// undo is the command that takes a change back; empty where the log does not tell enough.
func undo(c *analyze.Change) string {
	name := nameOf(c.Target)
	arn := strings.HasPrefix(c.Detail, "arn:")
	switch {
	case name == "":
		return ""
	case c.EventName == "PutUserPolicy" && c.Policy != "":
		return aws("iam", "delete-user-policy", "--user-name", name, "--policy-name", c.Policy)
	case c.EventName == "PutRolePolicy" && c.Policy != "":
		return aws("iam", "delete-role-policy", "--role-name", name, "--policy-name", c.Policy)
	case c.EventName == "PutGroupPolicy" && c.Policy != "":
		return aws("iam", "delete-group-policy", "--group-name", name, "--policy-name", c.Policy)
	case c.EventName == "AttachUserPolicy" && arn:
		return aws("iam", "detach-user-policy", "--user-name", name, "--policy-arn", c.Detail)
	case c.EventName == "AttachRolePolicy" && arn:
		return aws("iam", "detach-role-policy", "--role-name", name, "--policy-arn", c.Detail)
	case c.EventName == "AttachGroupPolicy" && arn:
		return aws("iam", "detach-group-policy", "--group-name", name, "--policy-arn", c.Detail)
	case c.EventName == "CreatePolicyVersion" || c.EventName == "SetDefaultPolicyVersion":
		return listVersions(c)
	}
	return ""
}

func listVersions(c *analyze.Change) string {
	if !strings.Contains(c.Target, ":policy/") {
		return ""
	}
	return aws("iam", "list-policy-versions", "--policy-arn", c.Target)
}

// again is the command that gives back what a change took away; empty where
// the log does not tell enough.
func again(c *analyze.Change) string {
	name := nameOf(c.Target)
	if name == "" || !strings.HasPrefix(c.Detail, "arn:") {
		return ""
	}
	switch c.EventName {
	case "DetachRolePolicy":
		return aws("iam", "attach-role-policy", "--role-name", name, "--policy-arn", c.Detail)
	case "DetachUserPolicy":
		return aws("iam", "attach-user-policy", "--user-name", name, "--policy-arn", c.Detail)
	case "DetachGroupPolicy":
		return aws("iam", "attach-group-policy", "--group-name", name, "--policy-arn", c.Detail)
	}
	return ""
}
