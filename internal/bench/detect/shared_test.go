package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/bench/orgs"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/rules"
)

// real reads a folder of public CloudTrail records, what cannot be read left
// out; the test is skipped where they are not at hand.
func real(t *testing.T, folder string) *material {
	t.Helper()
	base := os.Getenv("TRIMTRAIL_DATA")
	if base == "" {
		t.Skip("TRIMTRAIL_DATA is not set")
	}
	events, err := orgs.Read(filepath.Join(base, "cloudtrail", folder), func(path string) bool { return strings.Contains(path, ".json") })
	if err != nil || len(events) == 0 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	return &material{states: iam.States{}, events: events}
}

// TestRealDenials holds that each refused call of the public sets is told
// apart: it has a kind, an action or a call, and where AWS's message names a
// policy layer, that layer.
func TestRealDenials(t *testing.T) {
	for _, folder := range []string{"sans504", "invictus", "stratus", "traildiscover", "versions"} {
		m := real(t, folder)
		var denied, caused, named int64
		for _, d := range m.factsIn(m.span()).Denials {
			denied += d.Count
			if d.Tier == "" || d.Action == "" && d.EventName == "" {
				t.Errorf("%s: %s %s %s has no kind", folder, d.EventSource, d.EventName, d.Code)
			}
			if d.Layer != "" {
				caused += d.Count
			}
			if d.Action != "" {
				named += d.Count
			}
			if d.Layer == "" && (strings.Contains(d.Message, "because no ") || strings.Contains(d.Message, "explicit deny")) {
				t.Errorf("%s: no layer is read from %q", folder, d.Message)
			}
		}
		var refused int64
		for i := range m.events {
			if catalog.Denied(&m.events[i]) {
				refused++
			}
		}
		if denied < refused {
			t.Errorf("%s: %d refused calls, %d in the facts", folder, refused, denied)
		}
		t.Logf("%s: %d refused calls, the action known of %d, the layer told by AWS for %d", folder, denied, named, caused)
	}
}

// TestInvictus holds that the stolen instance credentials come first.
func TestInvictus(t *testing.T) {
	f := real(t, "invictus").findings()
	i := slices.IndexFunc(f.Findings, func(x rules.Finding) bool { return slices.Contains(network, x.Rule) })
	if i < 0 {
		t.Fatal("no finding on networks")
	}
	x := f.Findings[i]
	if x.Rule != "TT-A01" || !strings.HasSuffix(x.Principal, "/stratus-red-team-ec2-steal-credentials-role") || !slices.Contains(x.Evidence.Addresses, "192.168.10.20") || !atLeast(x.Severity, rules.High) {
		t.Errorf("first: %s %s %s", x.Rule, x.Severity, x.Title)
	}
}

// TestSans504 holds that one high finding tells the intruder's story, that ten
// thousand denials of log delivery are one line, and that little else is loud.
func TestSans504(t *testing.T) {
	f := real(t, "sans504").findings()
	loud, story, noise := 0, 0, 0
	for _, x := range f.Findings {
		intruder := strings.HasSuffix(x.Principal, "user/jmerckle")
		if atLeast(x.Severity, rules.Medium) {
			loud++
			t.Logf("%s %s %s", x.Rule, x.Severity, x.Title)
		}
		if intruder && atLeast(x.Severity, rules.High) {
			story++
			if x.Rule != "TT-D02" || !slices.Contains(x.Evidence.Addresses, "3.238.12.183") || len(x.Evidence.Timeline) < 4 {
				t.Errorf("story: %s %s %v", x.Rule, x.Title, x.Evidence.Timeline)
			}
		}
		if strings.HasPrefix(x.Principal, "delivery.logs") {
			noise++
			if x.Severity != rules.Info || x.Evidence.Count < 10_000 {
				t.Errorf("log delivery: %s %d", x.Severity, x.Evidence.Count)
			}
		}
	}
	if story != 1 || noise != 1 {
		t.Errorf("%d findings tell the story, %d the log delivery", story, noise)
	}
	if loud > 5 {
		t.Errorf("%d findings of medium and above", loud)
	}
}
