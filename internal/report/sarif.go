package report

import (
	"cmp"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/rules"
)

// SARIF 2.1.0, as far as trimtrail writes it (OASIS, errata 01, schema seen 2026-11).
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Automation  sarifAutomation   `json:"automationDetails"`
		Invocations []sarifInvocation `json:"invocations"`
		ColumnKind  string            `json:"columnKind"`
		Results     []sarifResult     `json:"results"`
	}
	sarifAutomation struct {
		ID string `json:"id"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID       string         `json:"id"`
		Name     string         `json:"name"`
		Short    sarifText      `json:"shortDescription"`
		Full     sarifText      `json:"fullDescription"`
		Help     sarifText      `json:"help"`
		Defaults sarifDefaults  `json:"defaultConfiguration"`
		Bag      sarifRuleExtra `json:"properties"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifDefaults struct {
		Level string `json:"level"`
	}
	// sarifRuleExtra is what GitHub code scanning sorts by.
	sarifRuleExtra struct {
		Severity string   `json:"security-severity"`
		Tags     []string `json:"tags"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		End           string              `json:"endTimeUtc,omitempty"`
		Notifications []sarifNotification `json:"toolExecutionNotifications"`
	}
	sarifNotification struct {
		Level   string    `json:"level"`
		Message sarifText `json:"message"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    *int              `json:"ruleIndex,omitempty"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
		Baseline     string            `json:"baselineState,omitempty"`
		Rank         float64           `json:"rank"`
		Bag          sarifExtra        `json:"properties"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
	sarifLogical struct {
		Name string `json:"name"`
		Full string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
	// sarifExtra is what SARIF has no place for.
	sarifExtra struct {
		ID         string         `json:"id"`
		Severity   rules.Severity `json:"severity"`
		Confidence string         `json:"confidence"`
		AccountID  string         `json:"account_id"`
		Principal  string         `json:"principal"`
		Credential string         `json:"credential"`
		Resource   string         `json:"resource"`
		Owner      string         `json:"owner,omitempty"`
		Evidence   rules.Evidence `json:"evidence"`
		Fix        rules.Fix      `json:"fix"`
	}
)

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	homepage    = "https://github.com/trimtrail/trimtrail"
)

// SARIF writes the findings as a SARIF 2.1.0 log of one run, with all rules.
// A finding has no line in a file; its location is the principal, as a logical
// location and, for viewers that insist, as the file aws/ACCOUNT/KIND/NAME.
// Results stay the same result from run to run by partialFingerprints. With
// Changes, baselineState says new, updated or unchanged; what was resolved is
// left out, as in the other formats.
func SARIF(w io.Writer, m *Model) error {
	c := copyOf(*m, clean)
	f := findingsOf(&c)
	all := rules.Rules()
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{"trimtrail", c.Version, homepage, make([]sarifRule, len(all))}},
		Automation: sarifAutomation{"trimtrail/"}, ColumnKind: "unicodeCodePoints",
		Invocations: []sarifInvocation{{true, sarifTime(f.AsOf), sarifNotes(&f)}},
	}
	index := map[string]int{}
	for i := range all {
		index[all[i].ID] = i
		run.Tool.Driver.Rules[i] = sarifRuleOf(&all[i])
	}
	for _, id := range distinct(f.Findings, func(f rules.Finding) string { return f.Rule }) {
		if _, ok := index[id]; !ok {
			index[id] = len(run.Tool.Driver.Rules)
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(&rules.Rule{ID: id, Title: "Rule " + id, Text: "A rule of the user's own.", Severity: rules.Medium}))
		}
	}
	for i := range f.Findings {
		r := sarifResultOf(&f.Findings[i])
		if n, ok := index[r.RuleID]; ok {
			r.RuleIndex = &n
		}
		r.Baseline = map[string]string{"new": "new", "worse": "updated", "better": "updated", "unchanged": "unchanged"}[c.Changes.of(f.Findings[i].ID)]
		run.Results = append(run.Results, r)
	}
	return encode(w, sarifLog{sarifSchema, "2.1.0", []sarifRun{run}})
}

// sarifNotes tells what could not be judged, and the warnings.
func sarifNotes(f *rules.Findings) []sarifNotification {
	var out []sarifNotification
	for _, s := range f.NotEvaluable {
		out = append(out, sarifNotification{"note", sarifText{sarifMessage("Not judged: " + s)}})
	}
	for _, s := range f.Warnings {
		out = append(out, sarifNotification{"warning", sarifText{sarifMessage(s)}})
	}
	return out
}

func sarifRuleOf(r *rules.Rule) sarifRule {
	return sarifRule{ID: r.ID, Name: camel(r.Title), Short: sarifText{r.Title}, Full: sarifText{r.Text},
		Help:     sarifText{sarifHelp(r)},
		Defaults: sarifDefaults{sarifLevel(r.Severity)}, Bag: sarifRuleExtra{securityScore(r.Severity), []string{"security", "aws"}}}
}

func sarifHelp(r *rules.Rule) string {
	if len(r.Needs) == 0 {
		return r.Text
	}
	return r.Text + "\n\nNeeds " + strings.Join(r.Needs, ", ") + ". Source: " + r.Source + "."
}

// camel makes a title the name of a rule, as viewers expect one: SelfEscalation.
func camel(title string) string {
	var b strings.Builder
	for _, w := range strings.FieldsFunc(title, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9') }) {
		b.WriteString(strings.ToUpper(w[:1]) + w[1:])
	}
	return b.String()
}

func sarifResultOf(f *rules.Finding) sarifResult {
	fix := f.Fix
	fix.Policy = cleanLines(fix.Policy)
	return sarifResult{
		RuleID: f.Rule, Level: sarifLevel(f.Severity), Rank: rankOf(f.Severity),
		Message:      sarifText{sarifMessage(sentences(f.Title, f.Reason, f.Fix.Summary))},
		Locations:    []sarifLocation{{sarifPhysical{sarifArtifact{sarifPath(f)}, sarifRegion{1}}, sarifLogicals(f)}},
		Fingerprints: map[string]string{"trimtrailFinding/v1": f.ID, "primaryLocationLineHash": f.ID},
		Bag:          sarifExtra{f.ID, f.Severity, f.Confidence, f.AccountID, f.Principal, f.Credential, f.Resource, f.Owner, f.Evidence, fix},
	}
}

func sarifLogicals(f *rules.Finding) []sarifLogical {
	out := []sarifLogical{{shortName(f.Principal), cmp.Or(f.Principal, f.AccountID, "unknown"), "principal"}}
	if f.Resource != "" && f.Resource != f.Principal {
		out = append(out, sarifLogical{f.Resource, f.Resource, "resource"})
	}
	return out
}

// sarifPath is a relative URI that stands for the principal.
func sarifPath(f *rules.Finding) string {
	path := []string{"aws", cmp.Or(f.AccountID, "unknown")}
	for part := range strings.SplitSeq(shortName(f.Principal), "/") {
		if part != "" && part != "." && part != ".." {
			path = append(path, part)
		}
	}
	for i := range path {
		path[i] = url.PathEscape(path[i])
	}
	return strings.Join(path, "/")
}

// sarifMessage keeps text of the model from being an embedded link (3.11.6),
// which is written [text](destination).
func sarifMessage(s string) string { return strings.ReplaceAll(s, "](", "] (") }

// sarifTime is t as 3.9 wants it, empty where there is none.
func sarifTime(t time.Time) string { return stamp(&t) }

func sarifLevel(s rules.Severity) string {
	switch s {
	case rules.Critical, rules.High:
		return "error"
	case rules.Medium:
		return "warning"
	}
	return "note"
}

// rankOf is a priority from 0 to 100 within a severity's band of CVSS.
func rankOf(s rules.Severity) float64 {
	return map[rules.Severity]float64{rules.Critical: 95, rules.High: 80, rules.Medium: 55, rules.Low: 30, rules.Info: 5}[s]
}

// securityScore is the number by which code scanning names a severity (over 9
// critical, from 7 high, from 4 medium).
func securityScore(s rules.Severity) string {
	return map[rules.Severity]string{rules.Critical: "9.5", rules.High: "8.0", rules.Medium: "5.5", rules.Low: "3.0", rules.Info: "0.5"}[s]
}

// sentences joins texts, each ended by a point.
func sentences(parts ...string) string {
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	for i, p := range parts {
		if !strings.ContainsRune(".!?", rune(p[len(p)-1])) {
			parts[i] = p + "."
		}
	}
	return strings.Join(parts, " ")
}
