package rules

import (
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// held is a user or role of the state with what a rule asks of it.
type held struct {
	iam.Holder
	state *iam.State
	admin bool
	// adminBy is the label of the policy that makes it an administrator.
	adminBy string
}

func holdersOf(q *inquiry) map[string]*held {
	out := map[string]*held{}
	for _, id := range q.accounts {
		s := q.states[id]
		for _, h := range s.Holders() {
			x := &held{Holder: h, state: s}
			x.admin, x.adminBy = administrator(&x.Holder)
			out[h.ARN] = x
		}
	}
	return out
}

const administratorAccess = ":iam::aws:policy/AdministratorAccess"

// administrator reports whether a holder may do anything, and by which
// policy: an Allow of * on * without condition that no boundary or Deny takes back.
func administrator(h *iam.Holder) (bool, string) {
	by := ""
	for _, p := range h.Policies {
		if by == "" && allowsAll(p.Document) {
			by = p.Label()
		}
	}
	for _, u := range h.Unresolved {
		if by == "" && strings.HasSuffix(u, administratorAccess) {
			return h.BoundaryDocument == nil, u
		}
	}
	if by == "" {
		return false, ""
	}
	docs := h.Documents()
	for _, action := range []string{"iam:CreateUser", "iam:AttachRolePolicy", "kms:ScheduleKeyDeletion", "s3:DeleteBucket"} {
		if iam.Decide(iam.Request{Principal: h.ARN, Action: action, Resource: "*"}, docs) != iam.Allowed {
			return false, ""
		}
	}
	return true, by
}

// allowsAll tells that one statement allows every action on every resource.
func allowsAll(d *iam.Document) bool {
	return d != nil && slices.ContainsFunc(d.Statements, func(s iam.Statement) bool {
		all := slices.Contains(s.Action.Values, "*") || slices.Contains(s.Action.Values, "*:*")
		return s.Effect == iam.Allow && all && slices.Contains(s.Resource.Values, "*") && len(s.Condition) == 0
	})
}

// holder is the state's view of a principal, nil where it has none.
func (q *inquiry) holder(arn string) *held { return q.holders[arn] }

// mayDoAnything tells that the loaded state makes arn an administrator.
func (q *inquiry) mayDoAnything(arn string) bool {
	h := q.holders[arn]
	return h != nil && h.admin
}

// prefixOf is the service prefix of an action.
func prefixOf(action string) string {
	s, _, _ := strings.Cut(action, ":")
	return strings.ToLower(s)
}

// serviceLinked tells of a role that AWS made and keeps.
func serviceLinked(arn string) bool { return strings.Contains(arn, ":role/aws-service-role/") }

// identityCenter tells of a role that IAM Identity Center made: it is
// changed there, not in IAM.
func identityCenter(arn string) bool { return strings.Contains(arn, "/AWSReservedSSO_") }

// writes tells that an action changes something.
func writes(cat *catalog.Catalog, action string) bool {
	switch cat.Level(action) {
	case catalog.Write, catalog.Permission:
		return true
	}
	return false
}

// organisationRole tells of a role by which AWS Organizations, Control Tower
// or StackSets reach into an account: it trusts the management account and is
// rarely used, on purpose.
func organisationRole(name string) bool {
	for _, known := range []string{"OrganizationAccountAccessRole", "AWSControlTowerExecution", "AWSCloudFormationStackSetExecutionRole", "stacksets-exec-", "AWS-QuickSetup-StackSet-"} {
		if strings.HasPrefix(name, known) {
			return true
		}
	}
	return false
}

// permissionSet is the name of the permission set behind a role of IAM
// Identity Center: AWSReservedSSO_Name_0123456789abcdef.
func permissionSet(arn string) string {
	name := strings.TrimPrefix(nameOf(arn), "AWSReservedSSO_")
	if i := strings.LastIndexByte(name, '_'); i > 0 && len(name)-i == 17 {
		return name[:i]
	}
	return name
}
