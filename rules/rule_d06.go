package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/analyze"
)

func ruleD06() Rule {
	return Rule{
		ID: "TT-D06", Title: "An AWS service is denied", Severity: Info, Since: "0.1",
		Text:  "A service that acts on its own behalf, as log delivery does, is refused by the policy of a resource. Nobody attacks; something is delivered nowhere. One line a service, account and resource, whatever the number of calls.",
		Needs: []string{needsEvents}, Source: "measured: 10,011 such denials in five days of one account",
		turn: 10, ask: askServices,
	}
}

func askServices(q *inquiry) {
	groups := map[string][]int{}
	for _, is := range q.untold(func(d *analyze.Denial) bool { return d.Kind == analyze.KindService }) {
		for _, i := range is {
			d := &q.f.Denials[i]
			key := d.ARN + "\n" + d.AccountID + "\n" + container(d.Resource)
			groups[key] = append(groups[key], i)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(groups)) {
		ds, e := q.tell(groups[key])
		q.find(serviceDenied(ds, e))
	}
}

// container is the resource whose policy decides: of an object, its bucket.
func container(resource string) string {
	if b, ok := strings.CutPrefix(resource, "arn:aws:s3:::"); ok {
		b, _, _ = strings.Cut(b, "/")
		return "arn:aws:s3:::" + b
	}
	return resource
}

func serviceDenied(ds []analyze.Denial, e Evidence) Finding {
	d := &ds[0]
	where := container(d.Resource)
	f := Finding{
		Confidence: "high", AccountID: d.AccountID, Principal: d.ARN, Resource: where, Evidence: e,
		Title:  fmt.Sprintf("The service %s was denied %s on %s, %s", d.ARN, counted(e.Count, "call"), orThing(where), stretch(*e.First, *e.Last)),
		Reason: fmt.Sprintf("%s. The service signs for itself, so the policy of the resource (or of its key) refuses, or the resource is not where the service looks.", withCounts(tallied(ds, deniedWhat), 6)),
		Fix:    Fix{Summary: "If the delivery is wanted, allow the service in the resource's policy. If not, switch the delivery off where it is configured.", Clears: "no further denial of the service"},
	}
	if b, ok := strings.CutPrefix(where, "arn:aws:s3:::"); ok && !strings.Contains(b, "*") {
		f.Fix.Commands = commands(aws("s3api", "get-bucket-policy", "--bucket", b))
	}
	return f
}

func orThing(resource string) string {
	if resource == "" || resource == "*" {
		return "a resource that the log does not name"
	}
	return resource
}
