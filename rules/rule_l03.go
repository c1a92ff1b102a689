package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/iam"
)

func ruleL03() Rule {
	return Rule{
		ID: "TT-L03", Title: "No trail records everything", Severity: High, Since: "0.1",
		Text:  "An account needs one trail that is on, in all regions, with management events that read and write; one of the organisation will do. High where there is none, where it is off, stays in its region or leaves writes out; medium where it leaves reads out; low where selectors leave some sources or events out, as those of KMS. Medium confidence where whether it is on was not loaded. An account whose trails were not loaded passes on the word of the organisation's trail.",
		Needs: []string{needsTrails, needsSelectors}, Source: "CIS 3.1; AWS FSBP CloudTrail.1, CloudTrail.3",
		ask: askTrails,
	}
}

func askTrails(q *inquiry) {
	for _, account := range q.everyAccount() {
		trails, known := q.trailsOf(account)
		if !known {
			q.lack(account, "what trails record", needsTrails)
			continue
		}
		r := recordOf(trails)
		if r.unknown && (r.severity() != "" || r.write < written) {
			q.lack(account, "what trails record", needsSelectors)
			continue
		}
		if r.severity() != "" {
			q.find(trailsFinding(account, trails, &r))
		}
	}
}

// trailsOf are the trails that record an account: its own, and those of the
// organisation that another loaded account holds. Where the account's list was
// not loaded, only a trail of its organisation makes them known.
func (q *inquiry) trailsOf(account string) (trails []iam.Trail, known bool) {
	own := q.states[account]
	if own != nil && own.HasTrails {
		trails, known = slices.Clone(own.Trails), true
	}
	for _, a := range q.accounts {
		s := q.states[a]
		if a == account || s.Organization == nil || s.Organization.Node(account) == nil {
			continue
		}
		for _, t := range s.Trails {
			if t.Organization && !slices.ContainsFunc(trails, func(o iam.Trail) bool { return o.ARN == t.ARN && o.HasSelectors }) {
				trails = append(slices.DeleteFunc(trails, func(o iam.Trail) bool { return o.ARN == t.ARN }), t)
				known = true
			}
		}
	}
	return trails, known
}

// How well something is recorded.
const (
	missed = iota
	narrow
	written
)

// record is what the trails of an account record together.
type record struct {
	on, everywhere bool // one trail is on; one that is on records all regions
	asked          bool // whether they are on was told of all
	read, write    int  // by trails that are on in all regions
	unknown        bool // selectors of such a trail were not loaded
	regions        []string
}

func recordOf(trails []iam.Trail) record {
	r := record{asked: true}
	for i := range trails {
		t := &trails[i]
		r.asked = r.asked && t.Logging != nil
		if t.Logging != nil && !*t.Logging {
			continue
		}
		r.on = true
		r.regions = union(r.regions, []string{t.HomeRegion})
		if !t.MultiRegion {
			continue
		}
		r.everywhere = true
		l, known := t.Management()
		r.unknown = r.unknown || !known
		grade := narrow
		if l.Whole {
			grade = written
		}
		if l.Read {
			r.read = max(r.read, grade)
		}
		if l.Write {
			r.write = max(r.write, grade)
		}
	}
	// One whole trail leaves nothing that another could tell.
	r.unknown = r.unknown && (r.read < written || r.write < written)
	return r
}

// severity is empty where all is recorded.
func (r *record) severity() Severity {
	switch {
	case !r.on, !r.everywhere, r.write == missed:
		return High
	case r.read == missed:
		return Medium
	case r.read == narrow || r.write == narrow:
		return Low
	}
	return ""
}

func trailsFinding(account string, trails []iam.Trail, r *record) Finding {
	f := Finding{
		Severity: r.severity(), Confidence: "certain", AccountID: account, Principal: account, Resource: "trails",
		Evidence: Evidence{Count: int64(len(trails)), State: "trails"},
		Fix:      Fix{Clears: "a trail that is on, in all regions, with all management events"},
	}
	if !r.asked && len(trails) > 0 {
		f.Confidence = "medium"
	}
	what, fix := r.tell(trails)
	f.Title = fmt.Sprintf("In account %s %s", account, what)
	f.Reason = "What is not recorded cannot be judged here, nor looked up after an incident."
	if len(trails) > 0 {
		f.Reason = fmt.Sprintf("%s: %s. ", counted(len(trails), "trail"), listed(trailNames(trails), 5)) + f.Reason
		f.Evidence.State = "trails/" + trails[0].Name
	}
	f.Fix.Summary, f.Fix.Commands = fix.Summary, fix.Commands
	if foreign := organisations(trails, account); foreign != "" {
		f.Fix.Summary += fmt.Sprintf(" The organisation's trail is changed in account %s.", foreign)
	}
	return f
}

// tell says what the trails leave out, and the way out.
func (r *record) tell(trails []iam.Trail) (string, Fix) {
	switch {
	case len(trails) == 0:
		return "no trail records what happens", Fix{Summary: "Make a trail for all regions, with a bucket of an account that only logs; in an organisation, one trail for all accounts.",
			Commands: commands(aws("cloudtrail", "create-trail", "--name", "management-events", "--s3-bucket-name", "BUCKET", "--is-multi-region-trail")+" --enable-log-file-validation",
				aws("cloudtrail", "start-logging", "--name", "management-events"))}
	case !r.on:
		return "every trail is off", Fix{Summary: "Switch it on again, and ask who switched it off.", Commands: forTrails(trails, "start-logging", "--name", "")}
	case !r.everywhere:
		return fmt.Sprintf("trails record %s alone: what happens elsewhere leaves no trace", listed(orNone(r.regions, "one region"), 3)),
			Fix{Summary: "Let the trail record all regions.", Commands: forTrails(trails[:1], "update-trail", "--name", " --is-multi-region-trail")}
	case r.write == missed:
		return "no trail records management events that write", selectorsFix(trails)
	case r.read == missed:
		return "no trail records management events that read", selectorsFix(trails)
	}
	return "the trail leaves some management events out", selectorsFix(trails)
}

// selectorsFix records all management events. The command replaces all
// selectors, so that it is given only where that takes none of data events away.
func selectorsFix(trails []iam.Trail) Fix {
	f := Fix{Summary: "Let the trail record management events, reading and writing, and leave nothing out. Leaving KMS out is common, for its number; then look into what decrypts elsewhere."}
	for i := range trails {
		t := &trails[i]
		if !t.MultiRegion || t.Logging != nil && !*t.Logging {
			continue
		}
		f.Commands = append(f.Commands, forTrails(trails[i:i+1], "get-event-selectors", "--trail-name", "")...)
		data, known := t.Data()
		if known && len(data) == 0 && len(t.Advanced) == 0 {
			f.Commands = append(f.Commands, aws("cloudtrail", "put-event-selectors", "--trail-name", t.ARN, "--event-selectors", `[{"ReadWriteType":"All","IncludeManagementEvents":true}]`)+inRegion(t))
		} else {
			f.Summary += " Putting selectors replaces them all: keep those of data events."
		}
		break
	}
	f.Commands = commands(f.Commands...)
	return f
}

// forTrails is a command on each trail, in its home region, where alone it can be changed.
func forTrails(trails []iam.Trail, operation, option, more string) []string {
	var out []string
	for i := range trails {
		if line := aws("cloudtrail", operation, option, trails[i].ARN); line != "" {
			out = append(out, line+more+inRegion(&trails[i]))
		}
	}
	return commands(firstOf(out, 5)...)
}

func inRegion(t *iam.Trail) string {
	if t.HomeRegion == "" || !typeable(t.HomeRegion) {
		return ""
	}
	return " --region " + shellWord(t.HomeRegion)
}

func trailNames(trails []iam.Trail) []string {
	var out []string
	for i := range trails {
		out = append(out, trails[i].Name)
	}
	return out
}

// organisations is the account that holds the organisation's trail among them, where that is another.
func organisations(trails []iam.Trail, account string) string {
	for i := range trails {
		if a := arnAccount(trails[i].ARN); trails[i].Organization && a != account {
			return a
		}
	}
	return ""
}

// off tells a trail that is known not to record.
func off(t *iam.Trail) bool { return t.Logging != nil && !*t.Logging }

// trailShort is what a trail lacks, in words.
func trailShort(t *iam.Trail) string {
	var out []string
	if off(t) {
		out = append(out, "it is off")
	}
	if !t.Validation {
		out = append(out, "its files are not signed (log file validation)")
	}
	if t.KMSKey == "" {
		out = append(out, "they are not encrypted with a key of yours (KMS)")
	}
	return strings.Join(out, "; ")
}
