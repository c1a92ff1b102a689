package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// region limits a principal to the regions of its use; global services, which
// answer in one region, are left out.
func (l *learner) region() *Condition {
	spare := sorted(append(slices.Clone(l.spare), globalIn(l.p.Kept)...))
	elsewhere := l.z.x.anyOf(spare)
	local := slices.DeleteFunc(slices.Clone(l.rows), func(r useRow) bool {
		id := l.z.x.id(r.Action)
		return r.Region == "" || id >= 0 && elsewhere.has(id)
	})
	var regions []string
	days := map[time.Time]bool{}
	for _, r := range local {
		for _, d := range r.Days {
			days[d] = true
			if l.p.Backtest.Train.Contains(d) {
				regions = append(regions, r.Region)
			}
		}
	}
	regions = sorted(regions)
	if len(regions) == 0 || len(regions) > mostRegions || len(days) < regionDays {
		return nil
	}
	c := &Condition{Kind: "region", Status: suggested, Why: "used in " + strings.Join(regions, ", ") + " alone",
		Document: denying("OnlyInUsedRegions", spare, map[string]map[string]iam.StringList{"StringNotEquals": {"aws:RequestedRegion": valuesOf(regions...)}})}
	l.test(c).contextRows(l.rows)
	return c
}

// globalPatterns are actions that one region answers for all, or that name
// none (Organizations user guide, deny access by requested region; seen 2026-11).
var globalPatterns = []string{
	"account:*", "acm:*", "artifact:*", "aws-marketplace:*", "aws-portal:*", "billing:*", "budgets:*", "ce:*", "chatbot:*", "chime:*", "cloudfront:*", "consolidatedbilling:*",
	"cur:*", "directconnect:*", "ec2:DescribeRegions", "freetier:*", "globalaccelerator:*", "health:*", "iam:*", "identitystore:*", "importexport:*", "invoicing:*",
	"kms:*", "networkmanager:*", "notifications:*", "organizations:*", "payments:*", "pricing:*", "purchase-orders:*", "route53:*", "route53-recovery-control-config:*",
	"route53-recovery-readiness:*", "route53domains:*", "s3:GetAccountPublicAccessBlock", "s3:GetBucketLocation", "s3:ListAllMyBuckets",
	"s3:PutAccountPublicAccessBlock", "savingsplans:*", "shield:*", "signin:*", "sso:*", "sso-directory:*", "sts:*", "support:*", "sustainability:*", "tax:*",
	"trustedadvisor:*", "waf:*", "wellarchitected:*",
}

// globalIn are the global patterns that concern kept actions: the others name what is not allowed anyway.
func globalIn(kept []Kept) []string {
	var out []string
	for _, p := range globalPatterns {
		if slices.ContainsFunc(kept, func(k Kept) bool { return iam.MatchAction(p, k.Action) }) {
			out = append(out, p)
		}
	}
	return out
}

// expiry ends what a tag of the principal says is temporary.
func (l *learner) expiry() *Condition {
	key, end := expiryTag(l.s.holder)
	if end.IsZero() {
		return nil
	}
	c := &Condition{Kind: "expiry", Status: suggested}
	if !end.After(l.z.f.AsOf) {
		c.Why = fmt.Sprintf("its tag %s says that it ended on %s: remove it", key, dateOf(end))
		return c
	}
	c.Why = fmt.Sprintf("its tag %s says that it ends on %s", key, dateOf(end))
	c.Document = denying("Expires", nil, map[string]map[string]iam.StringList{"DateGreaterThanEquals": {"aws:CurrentTime": valuesOf(end.UTC().Format(time.RFC3339))}})
	l.test(c).contextRows(l.rows)
	return c
}

// expiryTag finds a tag that names the day on which a principal ends.
func expiryTag(h *iam.Holder) (key string, end time.Time) {
	tags := map[string]string{}
	switch {
	case h != nil && h.User != nil:
		tags = h.User.Tags
	case h != nil && h.Role != nil:
		tags = h.Role.Tags
	}
	for k, v := range tags {
		low := strings.ToLower(k)
		if !strings.Contains(low, "expir") && !strings.Contains(low, "until") && !strings.Contains(low, "end-date") && !strings.Contains(low, "enddate") {
			continue
		}
		for _, layout := range []string{time.DateOnly, time.RFC3339, "2006/01/02", "20060102"} {
			if t, err := time.Parse(layout, strings.TrimSpace(v)); err == nil && (end.IsZero() || t.Before(end) || t.Equal(end) && k < key) {
				key, end = k, t.UTC()
			}
		}
	}
	return key, end
}
