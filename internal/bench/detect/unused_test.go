package main

import (
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/orgsim"
	"github.com/trimtrail/trimtrail/rules"
)

// services are event sources whose IAM prefix has another name.
var services = map[string]string{"monitoring": "cloudwatch", "tagging": "tag"}

// TestUnused holds what is called unused against the plain records, without
// the catalogue: no listed action is the name of an allowed call of the
// principal, and who may do all with a service that it never called is told.
func TestUnused(t *testing.T) {
	if testing.Short() {
		t.Skip("goes the whole way several times")
	}
	all := 0
	for name, cast := range casts {
		cfg := orgsim.Default()
		cfg.Seed, cfg.Events, cfg.Objects, cfg.Personas = 500, 30_000, 2, cast()
		_, m, err := generated(t.TempDir(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		calls, used := map[string]map[string]bool{}, map[string]map[string]bool{}
		for _, e := range m.events {
			arn := e.IdentityARN
			if e.IssuerARN != "" {
				arn = e.IssuerARN
			}
			if calls[arn] == nil {
				calls[arn], used[arn] = map[string]bool{}, map[string]bool{}
			}
			if e.ErrorCode == "" {
				s := strings.TrimSuffix(e.EventSource, ".amazonaws.com")
				if other, ok := services[s]; ok {
					s = other
				}
				calls[arn][s+":"+strings.TrimRight(e.EventName, "v0123456789_")], used[arn][s] = true, true
			}
		}
		f := m.findings()
		told := map[string]rules.Finding{}
		for _, x := range f.Findings {
			if x.Rule != "TT-C06" {
				continue
			}
			told[x.Principal] = x
			for _, a := range x.Evidence.Actions {
				if calls[x.Principal][a] {
					t.Errorf("%s is called unused by %s, who called it", a, x.Principal)
				}
			}
		}
		for _, s := range m.states {
			for _, h := range s.Holders() {
				for _, p := range h.Policies {
					for _, st := range p.Document.Statements {
						for _, a := range st.Action.Values {
							service, all := strings.CutSuffix(a, ":*")
							if all && st.Effect == "Allow" && len(used[h.ARN]) > 0 && !used[h.ARN][service] {
								if _, ok := told[h.ARN]; !ok && h.Boundary == "" {
									t.Errorf("%s never called %s, of which it may do all: nothing is said", h.ARN, service)
								}
							}
						}
					}
				}
			}
		}
		least := 3
		if name == "fourth" || name == "fifth" { // who granted little too much
			least = 1
		}
		if len(told) < least {
			t.Errorf("the cast %s: only %d findings on unused permissions", name, len(told))
		}
		t.Logf("%s: %d principals with unused permissions", name, len(told))
		all += len(told)
	}
	if all < 30 {
		t.Errorf("only %d principals with unused permissions in all casts", all)
	}
}
