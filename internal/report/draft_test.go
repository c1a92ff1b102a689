package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/rules"
)

// TestDraft holds that what was used is shown where it is too early and
// nothing else is known, and that what is known is not shown as a change.
func TestDraft(t *testing.T) {
	doc, err := iam.ParsePolicy([]byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::b"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	ref := []rules.PolicyRef{{Name: "trimtrail-alice", Document: doc}}
	p := rules.Proposal{Principal: "arn:aws:iam::111122223333:user/alice", Confidence: "too early", Proposed: ref, Warnings: []string{"2 days of logs"}}
	for _, c := range []struct {
		current []rules.PolicyRef
		want    bool
	}{{nil, true}, {ref, false}} {
		p.Current = c.current
		var text bytes.Buffer
		if err := PolicyDiff(&text, &p, TableOptions{}); err != nil {
			t.Fatal(err)
		}
		page := string(page1(t, &Model{Policies: &rules.Policies{Policies: []rules.Proposal{p}}}))
		for where, s := range map[string]string{"text": text.String(), "page": page} {
			if strings.Contains(s, "arn:aws:s3:::b") != c.want || strings.Contains(strings.ToLower(s), "kept as it is") == c.want {
				t.Errorf("%s with %d current policies:\n%s", where, len(c.current), text.String())
			}
		}
		if strings.Contains(text.String(), "Apply:") {
			t.Error("a policy that is too early is offered to apply")
		}
	}
}
