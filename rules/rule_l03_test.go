package rules

import (
	"slices"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// goodTrail records everything, signed and encrypted.
func goodTrail(change ...func(*iam.Trail)) iam.Trail {
	on := true
	t := iam.Trail{Name: "main", ARN: "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main", HomeRegion: "eu-west-1", MultiRegion: true, GlobalEvents: true,
		Validation: true, Bucket: "logs", KMSKey: "arn:aws:kms:eu-west-1:111122223333:key/1", Logging: &on, HasSelectors: true,
		Selectors: []iam.EventSelector{{ReadWrite: "All", Management: true}}}
	for _, c := range change {
		c(&t)
	}
	return t
}

func withTrails(trails ...iam.Trail) scene {
	return loaded(func(s *iam.State) { s.HasTrails, s.Trails = true, trails })
}

func selecting(s iam.EventSelector) func(*iam.Trail) {
	return func(t *iam.Trail) { t.Selectors = []iam.EventSelector{s} }
}

func switchedOff(t *iam.Trail) { t.Logging = new(bool) }

func regional(t *iam.Trail) { t.MultiRegion = false }

func named(name string) func(*iam.Trail) {
	return func(t *iam.Trail) {
		t.Name, t.ARN = name, "arn:aws:cloudtrail:eu-west-1:111122223333:trail/"+name
	}
}

func TestWhatTrailsRecord(t *testing.T) {
	reads, writes := selecting(iam.EventSelector{ReadWrite: "ReadOnly", Management: true}), selecting(iam.EventSelector{ReadWrite: "WriteOnly", Management: true})
	notAsked := func(t *iam.Trail) { t.Logging = nil }
	for _, c := range []struct {
		name       string
		trails     []iam.Trail
		severity   Severity
		words      string
		confidence string
		command    string
	}{
		{"none", nil, High, "no trail records what happens", "certain", "aws cloudtrail create-trail --name management-events --s3-bucket-name BUCKET --is-multi-region-trail --enable-log-file-validation"},
		{"all", []iam.Trail{goodTrail()}, "", "", "", ""},
		{"off", []iam.Trail{goodTrail(switchedOff)}, High, "every trail is off", "certain", "aws cloudtrail start-logging --name arn:aws:cloudtrail:eu-west-1:111122223333:trail/main --region eu-west-1"},
		{"one off, one on", []iam.Trail{goodTrail(switchedOff), goodTrail(named("b"))}, "", "", "", ""},
		{"one region", []iam.Trail{goodTrail(regional)}, High, "trails record eu-west-1 alone", "certain", "aws cloudtrail update-trail --name arn:aws:cloudtrail:eu-west-1:111122223333:trail/main --is-multi-region-trail --region eu-west-1"},
		{"whether on was not asked", []iam.Trail{goodTrail(regional, notAsked)}, High, "trails record eu-west-1 alone", "medium", ""},
		{"no writes", []iam.Trail{goodTrail(reads)}, High, "management events that write", "certain", `aws cloudtrail put-event-selectors --trail-name arn:aws:cloudtrail:eu-west-1:111122223333:trail/main --event-selectors '[{"ReadWriteType":"All","IncludeManagementEvents":true}]' --region eu-west-1`},
		{"no reads", []iam.Trail{goodTrail(writes)}, Medium, "management events that read", "certain", ""},
		{"reads and writes apart", []iam.Trail{goodTrail(reads), goodTrail(writes, named("b"))}, "", "", "", ""},
		{"without KMS events", []iam.Trail{goodTrail(selecting(iam.EventSelector{ReadWrite: "All", Management: true, Excluded: []string{"kms.amazonaws.com"}}))}, Low, "leaves some management events out", "certain", ""},
		{"data events alone", []iam.Trail{goodTrail(func(t *iam.Trail) {
			t.Selectors, t.Advanced = nil, []iam.AdvancedSelector{{Fields: []iam.SelectorField{{Field: "eventCategory", Equals: []string{"Data"}}, {Field: "resources.type", Equals: []string{"AWS::S3::Object"}}}}}
		})}, High, "management events that write", "certain", "aws cloudtrail get-event-selectors --trail-name arn:aws:cloudtrail:eu-west-1:111122223333:trail/main --region eu-west-1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := withTrails(c.trails...)
			x := wantOne(t, evaluate(s.facts, s.states), "TT-L03", c.severity)
			if !strings.Contains(x.Title, c.words) || x.Confidence != c.confidence {
				t.Errorf("%s (%s)", x.Title, x.Confidence)
			}
			if c.command != "" && !slices.Contains(x.Fix.Commands, c.command) {
				t.Errorf("commands\n%s\nwant\n%s", strings.Join(x.Fix.Commands, "\n"), c.command)
			}
			for _, line := range x.Fix.Commands {
				if strings.Contains(line, "put-event-selectors") && c.name == "data events alone" {
					t.Errorf("%s takes the data events away", line)
				}
			}
		})
	}
}

// Selectors that were not loaded are no reason to find fault, nor to pass.
func TestTrailsNotEvaluable(t *testing.T) {
	unknown := goodTrail(func(t *iam.Trail) { t.HasSelectors, t.Custom, t.Selectors = false, true, nil })
	for _, c := range []struct {
		name  string
		scene scene
		lack  string
	}{
		{"not loaded", loaded(), "what trails record in account 111122223333: needs the list of trails"},
		{"selectors not loaded", withTrails(unknown), "what trails record in account 111122223333: needs event selectors of trails"},
		{"selectors not needed", withTrails(unknown, goodTrail(named("b"))), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			fs := evaluate(c.scene.facts, c.scene.states)
			wantOne(t, fs, "TT-L03", "")
			if found := slices.ContainsFunc(fs.NotEvaluable, func(s string) bool { return strings.HasPrefix(s, "what trails record") }); found != (c.lack != "") || found && !slices.Contains(fs.NotEvaluable, c.lack) {
				t.Errorf("not evaluable: %q", fs.NotEvaluable)
			}
		})
	}
}

// A trail of the organisation records its members, whose own lists nobody loaded.
func TestTrailOfTheOrganization(t *testing.T) {
	s := withTrails()
	s.states["999988887777"] = &iam.State{AccountID: "999988887777", TakenAt: end, HasTrails: true,
		Trails: []iam.Trail{goodTrail(func(t *iam.Trail) {
			t.Organization, t.ARN = true, "arn:aws:cloudtrail:eu-west-1:999988887777:trail/main"
		})},
		Organization: &iam.Organization{Management: "999988887777", Nodes: []iam.OrgNode{{ID: testAccount}, {ID: "999988887777"}}}}
	wantOne(t, evaluate(s.facts, s.states), "TT-L03", "")
	s.states[testAccount].HasTrails = false
	wantOne(t, evaluate(s.facts, s.states), "TT-L03", "")
	s.states["999988887777"].Trails[0].Organization = false
	s.states[testAccount].HasTrails = true
	wantOne(t, evaluate(s.facts, s.states), "TT-L03", High)
	s.states["999988887777"].Trails[0].Organization = true
	s.states["999988887777"].Organization.Nodes = s.states["999988887777"].Organization.Nodes[1:]
	s.states[testAccount].HasTrails = true
	wantOne(t, evaluate(s.facts, s.states), "TT-L03", High)
}

// The account that holds the organisation's trail knows it best.
func TestCareOfTheOrganizationsTrail(t *testing.T) {
	shared := func(t *iam.Trail) {
		t.Organization, t.ARN = true, "arn:aws:cloudtrail:eu-west-1:999988887777:trail/main"
	}
	s := withTrails(goodTrail(shared, func(t *iam.Trail) { t.KMSKey = "" }))
	if x := wantOne(t, evaluate(s.facts, s.states), "TT-L04", Medium); x.AccountID != "999988887777" {
		t.Errorf("told of %s", x.AccountID)
	}
	s.states["999988887777"] = &iam.State{AccountID: "999988887777", TakenAt: end, HasTrails: true, Trails: []iam.Trail{goodTrail(shared)}}
	wantOne(t, evaluate(s.facts, s.states), "TT-L04", "")
}

func TestTrailCare(t *testing.T) {
	for _, c := range []struct {
		name     string
		change   func(*iam.Trail)
		severity Severity
		command  string
	}{
		{"good", func(*iam.Trail) {}, "", ""},
		{"unsigned", func(t *iam.Trail) { t.Validation = false }, Medium, "update-trail --name arn:aws:cloudtrail:eu-west-1:111122223333:trail/main --enable-log-file-validation --region eu-west-1"},
		{"unencrypted", func(t *iam.Trail) { t.KMSKey = "" }, Medium, "--kms-key-id alias/KEY"},
		{"off", switchedOff, Medium, "start-logging --name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := withTrails(goodTrail(c.change))
			x := wantOne(t, evaluate(s.facts, s.states), "TT-L04", c.severity)
			if !strings.Contains(strings.Join(x.Fix.Commands, "\n"), c.command) {
				t.Errorf("commands %q", x.Fix.Commands)
			}
		})
	}
}
