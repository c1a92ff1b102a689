package deliver

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/report"
	"github.com/trimtrail/trimtrail/rules"
)

var asOf = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

func finding(id string, s rules.Severity) rules.Finding {
	return rules.Finding{ID: id, Rule: "TT-C01", Severity: s, Confidence: "high", AccountID: "111122223333", Principal: "arn:aws:iam::111122223333:user/" + id, Owner: "data@example.com",
		Title: "key of " + id + " is unused", Fix: rules.Fix{Summary: "Deactivate it"}}
}

// model is a report on findings, compared with those before; nil: the first.
func model(before []rules.Finding, now ...rules.Finding) *report.Model {
	m := &report.Model{Findings: &rules.Findings{AsOf: asOf, Findings: now}, Generated: asOf}
	if before != nil {
		m.Changes = report.Compare(&rules.Findings{AsOf: asOf.AddDate(0, 0, -7), Findings: before}, m.Findings)
	}
	return m
}

func pack(t *testing.T, m *report.Model, o Packing) (*Parcel, bool) {
	t.Helper()
	o.Name, o.Run = "team", "20260131T120000Z-abcdef"
	p, ok, err := Pack(m, o)
	if err != nil {
		t.Fatal(err)
	}
	return p, ok
}

func TestPack(t *testing.T) {
	a, b, c := finding("a", rules.Critical), finding("b", rules.High), finding("c", rules.Low)
	was := b
	was.Severity = rules.Medium
	for _, x := range []struct {
		name string
		m    *report.Model
		o    Packing
		want string // ids of New, and whether there is something to tell
	}{
		{"the first time everything is new", model(nil, c, b, a), Packing{}, "a b c true"},
		{"above a severity", model(nil, c, b, a), Packing{MinSeverity: rules.High}, "a b true"},
		{"new alone", model([]rules.Finding{a, c}, a, b, c), Packing{}, "b true"},
		{"worse counts", model([]rules.Finding{was}, b), Packing{MinSeverity: rules.High}, "b true"},
		{"nothing new", model([]rules.Finding{a}, a), Packing{}, " false"},
		{"nothing new above the severity", model([]rules.Finding{a}, a, c), Packing{MinSeverity: rules.High}, " false"},
		{"asked for always", model([]rules.Finding{a}, a), Packing{Always: true}, " true"},
		{"a step failed", model([]rules.Finding{a}, a), Packing{Failed: []string{"ingest x: denied"}}, " true"},
		{"no report at all", nil, Packing{Failed: []string{"analyse: no"}}, " true"},
	} {
		p, ok := pack(t, x.m, x.o)
		var ids []string
		for _, i := range p.Message.New {
			ids = append(ids, i.ID)
		}
		if got := strings.Join(ids, " ") + fmt.Sprint(" ", ok); got != x.want {
			t.Errorf("%s: %q, want %q", x.name, got, x.want)
		}
	}
}

func TestWorseSaysWhy(t *testing.T) {
	was, now := finding("b", rules.Medium), finding("b", rules.High)
	p, _ := pack(t, model([]rules.Finding{was}, now, finding("c", rules.Low)), Packing{})
	if got := p.Message.New; got[0].Change != "worse" || got[0].Why == "" || got[1].Change != "new" || got[1].Why != "" {
		t.Errorf("%+v", got)
	}
}

// A message for people on a Monday: short, the first five with what to do.
func TestText(t *testing.T) {
	var now []rules.Finding
	for i := range 8 {
		f := finding(fmt.Sprint("k", i), []rules.Severity{rules.High, rules.Critical}[i%2])
		f.Rule = fmt.Sprint("TT-C0", i)
		now = append(now, f)
	}
	m := model([]rules.Finding{}, now...)
	m.Changes.Resolved = []report.Change{{ID: "gone"}}
	p, _ := pack(t, m, Packing{Location: "https://reports.example.com/latest/"})
	got := p.Message.Text()
	for _, want := range []string{
		"trimtrail: 8 new or worse (4 critical, 4 high), 1 resolved\n", "CRITICAL  key of k1 is unused\n  user/k1 · 111122223333 · data@example.com\n  → Deactivate it\n",
		"… and 3 more.", "Open now: 4 critical, 4 high, as of 2026-01-31 12:00 UTC. Compared with 2026-01-24 12:00 UTC.", "Report: https://reports.example.com/latest/",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if n := strings.Count(got, "→"); n != 5 || strings.Count(got, "\n") > 26 {
		t.Errorf("%d findings in %d lines", n, strings.Count(got, "\n"))
	}
	p, _ = pack(t, model([]rules.Finding{now[0]}, now[0]), Packing{Always: true})
	if s := p.Message.Subject(); s != "trimtrail: nothing new" {
		t.Errorf("subject %q", s)
	}
	p, _ = pack(t, nil, Packing{Failed: []string{"analyse: the lake has no events"}})
	if s := p.Message.Text(); !strings.Contains(s, "trimtrail: the run failed\n") || !strings.Contains(s, "Failed: analyse: the lake has no events") || strings.Contains(s, "0001") {
		t.Errorf("text %q", s)
	}
}

// Names that attackers chose stay text: no line of their own, no mention, no link.
func TestHostileNames(t *testing.T) {
	f := finding("x", rules.High)
	f.Title = "role <!channel> *bold* @everyone <http://192.0.2.1|click>\nSubject: other\r\nBcc: all@example.com\u202egnp"
	p, _ := pack(t, model(nil, f), Packing{})
	slack := p.Message.lines(slackSafe, "*")
	for _, bad := range []string{"<!", "<http", "*bold*", "@everyone", "\u202e", "\r"} {
		if strings.Contains(slack, bad) {
			t.Errorf("%q in %q", bad, slack)
		}
	}
	mail, err := Envelope{From: "a@example.com", To: []string{"b@example.com"}}.compose(p, asOf)
	if err != nil || strings.Contains(string(mail), "\nBcc:") || strings.Contains(string(mail), "\nSubject: other") {
		t.Errorf("%v\n%s", err, mail)
	}
}

func TestHubFindings(t *testing.T) {
	a, b, gone, passes := finding("a", rules.High), finding("b", rules.Low), finding("gone", rules.High), finding("passes", rules.High)
	before := &rules.Findings{AsOf: asOf.AddDate(0, 0, -7), Findings: []rules.Finding{a, gone, passes}, Coverage: nil}
	m := model(before.Findings, a, b)
	m.Changes.Resolved, m.Changes.Accepted, m.Changes.Unjudged = append(m.Changes.Resolved, report.Change{ID: "gone"}), []report.Change{{ID: "passes"}}, nil
	p, _ := pack(t, m, Packing{Hub: "eu-west-1", Before: before})
	var got []string
	for _, raw := range p.Findings {
		var f struct{ Id, ProductArn, RecordState string }
		if err := json.Unmarshal(raw, &f); err != nil {
			t.Fatal(err)
		}
		got = append(got, f.Id+" "+f.RecordState)
	}
	if s := strings.Join(got, ", "); s != "trimtrail/111122223333/b ACTIVE, trimtrail/111122223333/gone ARCHIVED, trimtrail/111122223333/passes ARCHIVED" {
		t.Errorf("findings %s", s)
	}
}

// A secret shows itself nowhere.
func TestSecret(t *testing.T) {
	s := struct{ URL Secret }{"hunter2"}
	var b strings.Builder
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "secret", s.URL, "in", s)
	data, err := json.Marshal(s)
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q", s, s, s, s.URL, s.URL), string(data), b.String()} {
		if strings.Contains(text, "hunter2") || err != nil {
			t.Errorf("%s %v", text, err)
		}
	}
}
