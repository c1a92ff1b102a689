package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

func ruleD01() Rule {
	return Rule{
		ID: "TT-D01", Title: "Denied calls", Severity: Low, Since: "0.1",
		Text: "Calls that AWS refused and that no graver rule explains, one finding a principal, with the permission that is missing and the layer that AWS named (if several layers deny, it names one). " +
			"Medium from 100 calls or from 20 calls over three days; low below; info for one or two calls, for reading in the console, and where the calls work by now. " +
			"A refusal may be just what was wanted: the proposal shows the smallest grant, a person decides.",
		Needs: []string{needsEvents}, Source: "AWS IAM user guide, Troubleshoot access denied error messages",
		turn: 90, ask: askDenied,
	}
}

func askDenied(q *inquiry) {
	fits := func(d *analyze.Denial) bool { return d.Tier == analyze.TierCaller || d.Tier == "" }
	for _, is := range q.untold(fits) {
		ds, e := q.tell(is)
		q.find(q.denied(ds, e))
	}
}

func (q *inquiry) denied(ds []analyze.Denial, e Evidence) Finding {
	d := &ds[0]
	f := Finding{
		Severity: deniedWeight(ds, e.Count), Confidence: "high", AccountID: d.AccountID, Principal: d.ARN, Evidence: e,
		Title: fmt.Sprintf("%s was denied %s of %s, %s", who(d.ARN), counted(e.Count, "call"), listed(e.Actions, 2), stretch(*e.First, *e.Last)),
	}
	f.Reason = fmt.Sprintf("Refused: %s. %s", withCounts(tallied(ds, deniedWhat), 8), causes(ds))
	f.Fix = q.grantFix(ds)
	if works := worksNow(ds); works != "" {
		f.Severity, f.Reason = Info, f.Reason+" "+works
		f.Fix = Fix{Summary: "Nothing: the calls work by now.", Clears: "the denials leaving the window"}
	} else if q.alreadyGranted(ds) {
		f.Severity, f.Confidence = Info, "medium"
		f.Reason += " The loaded IAM state, which is newer, allows every one of them: it seems to be repaired."
		f.Fix = Fix{Summary: "Nothing, if the calls work by now.", Clears: "no further denial"}
	}
	return f
}

func deniedWeight(ds []analyze.Denial, n int64) Severity {
	browsing := !slices.ContainsFunc(ds, func(d analyze.Denial) bool { return !d.Console || !d.ReadOnly })
	switch {
	case browsing || n <= 2:
		return Info
	case n >= 100 || n >= 20 && mostDays(ds) >= 3:
		return Medium
	}
	return Low
}

// worksNow says so where each refused action succeeded later.
func worksNow(ds []analyze.Denial) string {
	last := ds[0].AllowedAfter
	for i := range ds {
		if ds[i].AllowedAfter.IsZero() {
			return ""
		}
		if ds[i].AllowedAfter.After(last) {
			last = ds[i].AllowedAfter
		}
	}
	return fmt.Sprintf("Each has been allowed since, at the latest from %s.", minuteOf(last))
}

// causes says in a sentence or two which layer refused.
func causes(ds []analyze.Denial) string {
	var out []string
	for _, t := range firstOf(tallied(ds, cause), 3) {
		if t.name != "" {
			out = append(out, t.name)
		}
	}
	if len(out) == 0 {
		return "AWS does not say which policy refused."
	}
	return strings.Join(out, " ")
}

// cause is what AWS said of one denial.
func cause(d *analyze.Denial) string {
	by := ""
	if d.PolicyARN != "" {
		by = " (" + d.PolicyARN + ")"
	}
	switch {
	case d.Layer == "identity" && d.Effect == "implicit":
		return "No identity policy allows it."
	case d.Layer == "identity":
		return "An identity policy denies it outright" + by + "."
	case d.Layer == "resource" && d.Effect == "implicit":
		return "No policy of the resource allows it."
	case d.Layer == "resource" && d.Effect == "explicit":
		return "The policy of the resource denies it outright" + by + "."
	case d.Layer == "resource":
		return "The resource is in another region, or its policy refuses: AWS does not say which."
	case d.Layer != "":
		return "Refused by the " + layerName(d.Layer) + by + "."
	case strings.Contains(d.Message, "Encoded authorization failure message"):
		return "AWS gave the cause in an encoded message: aws sts decode-authorization-message reads it."
	case d.Code == "AccessDenied" && d.EventSource == "s3.amazonaws.com":
		return "S3 does not say why; without s3:ListBucket a missing object looks denied too."
	}
	return ""
}

func layerName(layer string) string {
	switch layer {
	case "scp":
		return "service control policy"
	case "rcp":
		return "resource control policy"
	case "boundary":
		return "permissions boundary"
	case "session":
		return "session policy"
	case "endpoint":
		return "VPC endpoint policy"
	case "trust":
		return "role's trust policy"
	}
	return layer + " policy"
}

// alreadyGranted asks the loaded state, where it is newer than the last
// denial, whether each refused call would be allowed by now.
func (q *inquiry) alreadyGranted(ds []analyze.Denial) bool {
	h := q.holder(ds[0].ARN)
	if h == nil || len(h.Unresolved) > 0 {
		return false
	}
	docs := h.Documents()
	for i := range ds {
		d := &ds[i]
		resource := d.Resource
		if resource == "" {
			resource = "*"
		}
		if d.Action == "" || d.Layer != "identity" || d.Effect != "implicit" || !h.state.TakenAt.After(d.Last) ||
			iam.Decide(iam.Request{Principal: d.ARN, Action: d.Action, Resource: resource}, docs) != iam.Allowed {
			return false
		}
	}
	return true
}
