package report

import (
	"cmp"
	"io"
	"net/netip"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/rules"
)

// ocsfVersion is the version of the schema that the events are written by.
const ocsfVersion = "1.6.0"

// OCSF Detection Finding, as far as trimtrail writes it (class 2004, profile cloud).
type (
	ocsfEvent struct {
		ActivityID   int              `json:"activity_id"`
		ActivityName string           `json:"activity_name"`
		CategoryUID  int              `json:"category_uid"`
		CategoryName string           `json:"category_name"`
		ClassUID     int              `json:"class_uid"`
		ClassName    string           `json:"class_name"`
		TypeUID      int              `json:"type_uid"`
		TypeName     string           `json:"type_name"`
		SeverityID   int              `json:"severity_id"`
		Severity     string           `json:"severity"`
		StatusID     int              `json:"status_id"`
		Status       string           `json:"status"`
		ConfidenceID int              `json:"confidence_id"`
		Confidence   string           `json:"confidence"`
		Time         int64            `json:"time"` // milliseconds since 1970
		StartTime    *int64           `json:"start_time,omitempty"`
		EndTime      *int64           `json:"end_time,omitempty"`
		Message      string           `json:"message"`
		IsAlert      bool             `json:"is_alert"`
		Metadata     ocsfMetadata     `json:"metadata"`
		Cloud        ocsfCloud        `json:"cloud"`
		FindingInfo  ocsfFindingInfo  `json:"finding_info"`
		Resources    []ocsfResource   `json:"resources"`
		Observables  []ocsfObservable `json:"observables"`
		Remediation  *ocsfRemediation `json:"remediation,omitempty"`
		Unmapped     ocsfUnmapped     `json:"unmapped"`
	}
	ocsfMetadata struct {
		Version  string      `json:"version"`
		Product  ocsfProduct `json:"product"`
		Profiles []string    `json:"profiles"`
		UID      string      `json:"uid"`
	}
	ocsfProduct struct {
		Name    string `json:"name"`
		Vendor  string `json:"vendor_name"`
		Version string `json:"version,omitempty"`
	}
	ocsfCloud struct {
		Provider string      `json:"provider"`
		Account  ocsfAccount `json:"account"`
	}
	ocsfAccount struct {
		UID    string `json:"uid"`
		TypeID int    `json:"type_id"`
		Type   string `json:"type"`
	}
	ocsfFindingInfo struct {
		UID       string       `json:"uid"`
		Title     string       `json:"title"`
		Desc      string       `json:"desc"`
		Types     []string     `json:"types"`
		Analytic  ocsfAnalytic `json:"analytic"`
		Created   int64        `json:"created_time"`
		FirstSeen *int64       `json:"first_seen_time,omitempty"`
		LastSeen  *int64       `json:"last_seen_time,omitempty"`
		Sources   []string     `json:"data_sources"`
	}
	ocsfAnalytic struct {
		UID    string `json:"uid"`
		Name   string `json:"name"`
		TypeID int    `json:"type_id"`
		Type   string `json:"type"`
	}
	ocsfResource struct {
		UID    string `json:"uid"`
		Name   string `json:"name"`
		Type   string `json:"type"`
		RoleID int    `json:"role_id"`
		Role   string `json:"role"`
	}
	ocsfObservable struct {
		Name   string `json:"name"`
		TypeID int    `json:"type_id"`
		Type   string `json:"type"`
		Value  string `json:"value"`
	}
	ocsfRemediation struct {
		Desc string `json:"desc"`
	}
	// ocsfUnmapped is what OCSF has no place for.
	ocsfUnmapped struct {
		Rule       string         `json:"rule"`
		Severity   rules.Severity `json:"severity"`
		Confidence string         `json:"confidence"`
		Principal  string         `json:"principal"`
		Credential string         `json:"credential"`
		Owner      string         `json:"owner,omitempty"`
		Evidence   rules.Evidence `json:"evidence"`
		Commands   []string       `json:"commands"`
		Change     string         `json:"change,omitempty"`
	}
)

// OCSF writes the findings as an array of OCSF events of the class Detection
// Finding. The event's time is the as-of time; start and end are when it was
// seen. With Changes, a finding that was there before is an update.
func OCSF(w io.Writer, m *Model) error {
	c := copyOf(*m, clean)
	f := findingsOf(&c)
	titles := map[string]string{}
	for _, r := range rules.Rules() {
		titles[r.ID] = r.Title
	}
	out := make([]ocsfEvent, 0, len(f.Findings))
	for i := range f.Findings {
		e := ocsfOf(&f.Findings[i], f.AsOf, c.Changes.of(f.Findings[i].ID))
		e.Metadata.Product.Version = c.Version
		e.FindingInfo.Analytic.Name = cmp.Or(titles[f.Findings[i].Rule], f.Findings[i].Rule)
		out = append(out, e)
	}
	return encode(w, out)
}

const ocsfClass = 2004

func ocsfOf(f *rules.Finding, asOf time.Time, change string) ocsfEvent {
	activity, activityName := 1, "Create"
	if change != "" && change != "new" {
		activity, activityName = 2, "Update"
	}
	severity, severityName := ocsfSeverity(f.Severity)
	confidence, confidenceName := ocsfConfidence(f.Confidence)
	first, last := millis(f.Evidence.First), millis(f.Evidence.Last)
	e := ocsfEvent{
		ActivityID: activity, ActivityName: activityName, CategoryUID: 2, CategoryName: "Findings", ClassUID: ocsfClass, ClassName: "Detection Finding",
		TypeUID: ocsfClass*100 + activity, TypeName: "Detection Finding: " + activityName, SeverityID: severity, Severity: severityName,
		StatusID: 1, Status: "New", ConfidenceID: confidence, Confidence: confidenceName, Time: asOf.UnixMilli(), StartTime: first, EndTime: last,
		Message: cmp.Or(f.Title, f.Rule), IsAlert: f.Severity == rules.Critical || f.Severity == rules.High,
		Metadata: ocsfMetadata{Version: ocsfVersion, Product: ocsfProduct{Name: "trimtrail", Vendor: "trimtrail"}, Profiles: []string{"cloud"}, UID: f.ID + "/" + asOf.UTC().Format("20060102T150405Z")},
		Cloud:    ocsfCloud{"AWS", ocsfAccount{cmp.Or(f.AccountID, "unknown"), 10, "AWS Account"}},
		FindingInfo: ocsfFindingInfo{UID: f.ID, Title: cmp.Or(f.Title, f.Rule), Desc: f.Reason, Types: []string{asffType(f.Rule)},
			Analytic: ocsfAnalytic{UID: f.Rule, TypeID: 1, Type: "Rule"}, Created: asOf.UnixMilli(), FirstSeen: first, LastSeen: last, Sources: []string{"AWS CloudTrail"}},
		Resources: ocsfResources(f), Observables: ocsfObservables(f),
		Unmapped: ocsfUnmapped{f.Rule, f.Severity, f.Confidence, f.Principal, f.Credential, f.Owner, f.Evidence, f.Fix.Commands, change},
	}
	if f.Fix.Summary != "" {
		e.Remediation = &ocsfRemediation{f.Fix.Summary}
	}
	return e
}

func ocsfSeverity(s rules.Severity) (int, string) {
	switch s {
	case rules.Critical:
		return 5, "Critical"
	case rules.High:
		return 4, "High"
	case rules.Medium:
		return 3, "Medium"
	case rules.Low:
		return 2, "Low"
	case rules.Info:
		return 1, "Informational"
	}
	return 0, "Unknown"
}

func ocsfConfidence(c string) (int, string) {
	switch c {
	case "certain", "high":
		return 3, "High"
	case "medium":
		return 2, "Medium"
	case "low":
		return 1, "Low"
	}
	return 0, "Unknown"
}

func millis(t *time.Time) *int64 {
	if t == nil || t.IsZero() {
		return nil
	}
	n := t.UnixMilli()
	return &n
}

func ocsfResources(f *rules.Finding) []ocsfResource {
	out := []ocsfResource{{cmp.Or(f.Principal, f.AccountID, "unknown"), shortName(f.Principal), asffKind(f.Principal), 2, "Actor"}}
	if f.Resource != "" && f.Resource != f.Principal {
		out = append(out, ocsfResource{f.Resource, f.Resource, "Other", 3, "Affected"})
	}
	return out
}

// ocsfObservables are what an analyst would search for elsewhere: resources,
// addresses, and the credential.
func ocsfObservables(f *rules.Finding) []ocsfObservable {
	out := []ocsfObservable{{"resources[].uid", 10, "Resource UID", cmp.Or(f.Principal, f.AccountID, "unknown")}}
	if f.Resource != "" && f.Resource != f.Principal {
		out = append(out, ocsfObservable{"resources[].uid", 10, "Resource UID", f.Resource})
	}
	for _, a := range f.Evidence.Addresses {
		if _, err := netip.ParseAddr(a); err == nil {
			out = append(out, ocsfObservable{"unmapped.evidence.addresses", 2, "IP Address", a})
		}
	}
	if strings.TrimSpace(f.Credential) != "" {
		out = append(out, ocsfObservable{"unmapped.credential", 19, "User Credential ID", f.Credential})
	}
	return out
}
