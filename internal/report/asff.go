package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/trimtrail/trimtrail/rules"
)

// ASFFOptions says where the findings go: Security Hub takes them in the
// account and region that its default product belongs to.
type ASFFOptions struct {
	Account   string // 12 digits; empty: the account of each finding
	Region    string // empty: us-east-1
	Partition string // empty: aws
}

// The AWS Security Finding Format, as far as trimtrail writes it
// (Security Hub API, AwsSecurityFinding, seen 2026-11).
type (
	asffFinding struct {
		SchemaVersion   string
		Id              string
		ProductArn      string
		ProductName     string
		CompanyName     string
		GeneratorId     string
		AwsAccountId    string
		Types           []string
		FirstObservedAt string `json:",omitempty"`
		LastObservedAt  string `json:",omitempty"`
		CreatedAt       string
		UpdatedAt       string
		Severity        asffSeverity
		Confidence      int
		Title           string
		Description     string
		Remediation     *asffRemediation `json:",omitempty"`
		ProductFields   map[string]string
		Resources       []asffResource
		Workflow        asffWorkflow
		RecordState     string
	}
	asffSeverity    struct{ Label, Original string }
	asffWorkflow    struct{ Status string }
	asffRemediation struct{ Recommendation asffRecommendation }
	// asffRecommendation: Text is at most 512 characters.
	asffRecommendation struct{ Text string }
	asffResource       struct {
		Type      string
		Id        string
		Partition string
		Region    string
	}
)

// Limits of ASFF, in characters.
const (
	asffTitle, asffDescription, asffRecommends = 256, 1024, 512
	asffID, asffValue, asffFields              = 512, 2048, 50
)

// ASFF writes the findings as an array in the AWS Security Finding Format.
// BatchImportFindings takes at most 100 of it in a call. Times are those of
// the logs: CreatedAt and UpdatedAt are the as-of time.
func ASFF(w io.Writer, m *Model, o ASFFOptions) error {
	c := copyOf(*m, clean)
	f := findingsOf(&c)
	out := make([]asffFinding, 0, len(f.Findings))
	for i := range f.Findings {
		out = append(out, asffOf(&f.Findings[i], &f, o, c.Changes))
	}
	return encode(w, out)
}

func asffOf(f *rules.Finding, all *rules.Findings, o ASFFOptions, changes *Changes) asffFinding {
	o.Partition, o.Region = cmp.Or(o.Partition, partitionOf(f.Principal)), cmp.Or(o.Region, "us-east-1")
	o.Account = cmp.Or(o.Account, f.AccountID)
	at := stamp(&all.AsOf)
	return asffFinding{
		SchemaVersion: "2018-10-08", Id: limited("trimtrail/"+f.AccountID+"/"+f.ID, asffID),
		ProductArn:  fmt.Sprintf("arn:%s:securityhub:%s:%s:product/%s/default", o.Partition, o.Region, o.Account, o.Account),
		ProductName: "trimtrail", CompanyName: "trimtrail", GeneratorId: limited("trimtrail/"+f.Rule, asffID), AwsAccountId: cmp.Or(f.AccountID, o.Account),
		Types: []string{asffType(f.Rule)}, FirstObservedAt: stamp(f.Evidence.First), LastObservedAt: stamp(f.Evidence.Last), CreatedAt: at, UpdatedAt: at,
		Severity:   asffSeverity{asffLabel(f.Severity), string(f.Severity)},
		Confidence: map[string]int{"certain": 100, "high": 85, "medium": 60, "low": 30}[f.Confidence],
		Title:      limited(cmp.Or(f.Title, f.Rule), asffTitle), Description: limited(cmp.Or(sentences(f.Reason), f.Title, f.Rule), asffDescription),
		Remediation: asffRemedy(f), ProductFields: asffFieldsOf(f, changes.of(f.ID)), Resources: asffResources(f, o),
		Workflow: asffWorkflow{"NEW"}, RecordState: "ACTIVE",
	}
}

func asffLabel(s rules.Severity) string {
	if s == rules.Info {
		return "INFORMATIONAL"
	}
	return strings.ToUpper(string(s))
}

// asffType is the finding's place in the taxonomy of ASFF types, by the family of its rule.
func asffType(rule string) string {
	switch family := strings.TrimPrefix(rule, "TT-"); {
	case rule == "TT-A01" || rule == "TT-D02":
		return "TTPs/Credential Access"
	case strings.HasPrefix(family, "A") || strings.HasPrefix(family, "D"):
		return "Unusual Behaviors/User"
	}
	return "Software and Configuration Checks/AWS Security Best Practices"
}

func asffRemedy(f *rules.Finding) *asffRemediation {
	text := sentences(f.Fix.Summary)
	if len(f.Fix.Commands) > 0 {
		text = strings.TrimSpace(text + " " + strings.Join(f.Fix.Commands, " ; "))
	}
	if text == "" {
		return nil
	}
	return &asffRemediation{asffRecommendation{limited(text, asffRecommends)}}
}

// asffFieldsOf holds what ASFF has no place for.
func asffFieldsOf(f *rules.Finding, change string) map[string]string {
	fields := map[string]string{}
	for _, p := range [][2]string{
		{"id", f.ID}, {"rule", f.Rule}, {"confidence", f.Confidence}, {"principal", f.Principal}, {"credential", f.Credential}, {"resource", f.Resource},
		{"count", number(f.Evidence.Count)}, {"addresses", strings.Join(f.Evidence.Addresses, " ")}, {"actions", strings.Join(f.Evidence.Actions, " ")},
		{"events", strings.Join(f.Evidence.Events, " ")}, {"clears", f.Fix.Clears}, {"owner", f.Owner}, {"change", change},
	} {
		if strings.TrimSpace(p[1]) != "" {
			fields["trimtrail/"+p[0]] = limited(p[1], asffValue)
		}
	}
	return fields
}

// asffResources are the principal, its credential and the resource.
func asffResources(f *rules.Finding, o ASFFOptions) []asffResource {
	out := []asffResource{{asffKind(f.Principal), limited(cmp.Or(f.Principal, "AWS::::Account:"+f.AccountID), asffID), o.Partition, o.Region}}
	if f.Principal == f.AccountID {
		out[0].Id = "AWS::::Account:" + f.AccountID
	}
	if strings.HasPrefix(f.Credential, "AKIA") || strings.HasPrefix(f.Credential, "ASIA") {
		out = append(out, asffResource{"AwsIamAccessKey", limited("AWS::IAM::AccessKey:"+f.Credential, asffID), o.Partition, o.Region})
	}
	if f.Resource != "" && f.Resource != f.Principal {
		out = append(out, asffResource{"Other", limited(f.Resource, asffID), o.Partition, o.Region})
	}
	return out
}

func asffKind(principal string) string {
	switch {
	case strings.Contains(principal, ":role/"):
		return "AwsIamRole"
	case strings.Contains(principal, ":user/"):
		return "AwsIamUser"
	case strings.HasSuffix(principal, ":root") || digits(principal):
		return "AwsAccount"
	}
	return "Other"
}

func partitionOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 3); len(parts) == 3 && parts[0] == "arn" && strings.HasPrefix(parts[1], "aws") && len(parts[1]) < 20 {
		return parts[1]
	}
	return "aws"
}

// limited cuts s to n characters, with an ellipsis where something is gone.
func limited(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
