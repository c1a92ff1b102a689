package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// grantFix is the way out of denials that no policy forbids outright: the
// smallest grant that would allow them, or whom to ask.
func (q *inquiry) grantFix(ds []analyze.Denial) Fix {
	arn := ds[0].ARN
	switch {
	case anyOf(ds, func(d *analyze.Denial) bool { return d.Effect == "explicit" && d.Layer == "identity" }):
		return Fix{Summary: "A Deny statement refuses on purpose. Ask its owner before touching it; change the caller if the call is not needed.", Clears: "no further denial"}
	case anyOf(ds, func(d *analyze.Denial) bool { return d.Layer == "resource" }):
		return Fix{Summary: "If the call is wanted, the owner of the resource adds the principal to the resource's policy (across accounts both sides must allow). If not, stop the caller.", Clears: "no further denial"}
	}
	doc, left := q.missing(ds)
	if doc == nil {
		return Fix{Summary: "If the calls are wanted, grant what they need; the logs do not name the actions. If not, stop the caller.", Clears: "no further denial"}
	}
	f := Fix{Summary: "If the calls are wanted, grant this and no more. If not, stop the caller.", Policy: string(doc.Indent("  ")), Clears: "no further denial of these actions"}
	if graves := q.grave(ds); len(graves) > 0 {
		f.Summary = fmt.Sprintf("Ask first why it needs %s, which changes who may do what. If it is wanted, grant this and no more; if not, stop the caller.", listed(graves, 3))
	}
	if left > 0 {
		f.Summary += fmt.Sprintf(" %s left out: the logs do not name the action.", counted(left, "call"))
	}
	if n := mostResources(ds); n > maxResources {
		f.Summary += fmt.Sprintf(" The first %d of %d resources of an action are shown: choose a pattern for all.", maxResources, n)
	}
	f.Commands = commands(attachInline(arn, "trimtrail-missing", doc))
	if identityCenter(arn) {
		f.Summary += " Change the permission set in IAM Identity Center, not the role."
	}
	return f
}

func anyOf(ds []analyze.Denial, is func(*analyze.Denial) bool) bool {
	for i := range ds {
		if is(&ds[i]) {
			return true
		}
	}
	return false
}

// grave are the refused actions that manage permissions.
func (q *inquiry) grave(ds []analyze.Denial) []string {
	var out []string
	for i := range ds {
		if q.cat.Level(ds[i].Action) == catalog.Permission {
			out = union(out, []string{ds[i].Action})
		}
	}
	return out
}

// inlineBound is how many bytes of policy a command line carries.
const inlineBound = 2000

// attachInline adds a document to a user or role as an inline policy; empty
// where AWS does not let it, or where the document is too long for a line.
func attachInline(arn, name string, doc *iam.Document) string {
	text := string(doc.JSON())
	switch {
	case serviceLinked(arn) || identityCenter(arn) || len(text) > inlineBound:
		return ""
	case strings.Contains(arn, ":role/"):
		return aws("iam", "put-role-policy", "--role-name", nameOf(arn), "--policy-name", name, "--policy-document", text)
	case strings.Contains(arn, ":user/"):
		return aws("iam", "put-user-policy", "--user-name", nameOf(arn), "--policy-name", name, "--policy-document", text)
	}
	return ""
}

// maxResources bounds the resources that a proposed statement names.
const maxResources = 10

// missing is a policy of what was refused, a statement for each set of
// resources; left counts the calls whose action is not known. Nil where no
// action is known.
func (q *inquiry) missing(ds []analyze.Denial) (doc *iam.Document, left int) {
	resources := map[string]map[string]bool{}
	for i := range ds {
		d := &ds[i]
		if !q.cat.Known(d.Action) {
			left += int(d.Count)
			continue
		}
		note(resources, d.Action, q.resourceFor(d))
	}
	actions := map[string][]string{} // resources, joined → actions
	for a, rs := range resources {
		actions[strings.Join(spread(rs), "\n")] = append(actions[strings.Join(spread(rs), "\n")], a)
	}
	if len(actions) == 0 {
		return nil, left
	}
	doc = &iam.Document{Version: "2012-10-17"}
	for _, key := range slices.Sorted(maps.Keys(actions)) {
		slices.Sort(actions[key])
		doc.Statements = append(doc.Statements, iam.Statement{Effect: iam.Allow,
			Action: iam.StringList{Values: actions[key]}, Resource: iam.StringList{Values: strings.Split(key, "\n")}})
	}
	return doc, left
}

// spread sorts resources, within the bound; where one is "*" the others say nothing more.
func spread(rs map[string]bool) []string {
	if rs["*"] {
		return []string{"*"}
	}
	return firstOf(slices.Sorted(maps.Keys(rs)), maxResources)
}

// mostResources is the largest number of resources of one refused action.
func mostResources(ds []analyze.Denial) int {
	by, most := map[string]map[string]bool{}, 0
	for i := range ds {
		note(by, ds[i].Action, ds[i].Resource)
		most = max(most, len(by[ds[i].Action]))
	}
	return most
}

func (q *inquiry) resourceFor(d *analyze.Denial) string {
	a, _ := q.cat.Action(d.Action)
	if len(a.ResourceTypes) == 0 || !strings.HasPrefix(d.Resource, "arn:") || strings.ContainsAny(d.Resource, "\n\r") {
		return "*"
	}
	return d.Resource
}
