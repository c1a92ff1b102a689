package rules

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// cameFrom is ten calls from a network, n days before the end.
func cameFrom(network, address string, n int) analyze.NetworkUse {
	day := daysBefore(n)
	u := analyze.NetworkUse{Day: day, Network: network, Count: 10, First: day.Add(9 * time.Hour), Last: day.Add(17 * time.Hour), Events: []string{"n-" + network}}
	if address != "" {
		u.Addresses = []string{address}
	}
	return u
}

func dailyFrom(network, address string) []analyze.NetworkUse {
	var out []analyze.NetworkUse
	for n := 90; n >= 1; n-- {
		out = append(out, cameFrom(network, address, n))
	}
	return out
}

// conditioned is the proposal with conditions for the role app, which may
// read secrets and tables, with its use from networks.
func conditioned(t testing.TB, on bool, states map[string]*iam.State, usage []analyze.Usage, nets ...[]analyze.NetworkUse) Proposal {
	t.Helper()
	f := sizeFacts(usage)
	f.Principals[0].Networks = slices.Concat(nets...)
	for _, n := range f.Principals[0].Networks {
		f.Principals[0].Events += n.Count
	}
	p, err := Size(f, sizeRole, states, catalog.Default(), SizeOptions{Conditions: on})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func conditionOf(p Proposal, kind string) Condition {
	for _, c := range p.Conditions {
		if c.Kind == kind {
			return c
		}
	}
	return Condition{}
}

const readSecrets = `{"Sid":"Read","Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}`

func secretsDaily() []analyze.Usage { return daily("secretsmanager:GetSecretValue", secretARN) }

// Where a principal's calls come from becomes a condition; one call from elsewhere on held-out days withdraws it.
func TestConditionNetwork(t *testing.T) {
	const office, other = "203.0.113.0/24", "198.51.100.0/24"
	viaService := used("kms:Decrypt", "*", 10)
	viaService.InvokedBy = "secretsmanager.amazonaws.com"
	for _, c := range []struct {
		name   string
		nets   [][]analyze.NetworkUse
		status string
		says   string
	}{
		{"one network", [][]analyze.NetworkUse{dailyFrom(office, "203.0.113.7")}, suggested, `"NotIpAddressIfExists":{"aws:SourceIp":"203.0.113.0/24"}`},
		{"an endpoint", [][]analyze.NetworkUse{dailyFrom("vpce-0a1b2c3d", "10.0.0.5")}, suggested, `"StringNotEqualsIfExists":{"aws:SourceVpce":"vpce-0a1b2c3d"}`},
		{"both", [][]analyze.NetworkUse{dailyFrom(office, "203.0.113.7"), dailyFrom("vpce-0a1b2c3d", "10.0.0.5")}, suggested, `"aws:SourceVpce"`},
		{"another on the last day", [][]analyze.NetworkUse{dailyFrom(office, "203.0.113.7"), {cameFrom(other, "198.51.100.9", 1)}}, withdrawn, "from 198.51.100.0/24"},
		{"a private address", [][]analyze.NetworkUse{dailyFrom(office, "203.0.113.7"), {cameFrom("private", "10.1.2.3", 2)}}, withdrawn, "from private"},
		{"too short", [][]analyze.NetworkUse{dailyFrom(office, "203.0.113.7")[:20]}, "", ""},
		{"only refused elsewhere", [][]analyze.NetworkUse{dailyFrom(office, "203.0.113.7"), {{Day: daysBefore(1), Network: other, Count: 3, Denied: 3, First: daysBefore(1)}}}, suggested, office},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := conditioned(t, false, sizeState(t, statements(readSecrets)), append(secretsDaily(), viaService), c.nets...)
			got := conditionOf(p, "network")
			if got.Status != c.status {
				t.Fatalf("got %+v, want %q", got, c.status)
			}
			if got.Document != nil && !contains(string(got.Document.JSON())+got.Why, c.says) {
				t.Errorf("no %s in %s, %s", c.says, got.Document.JSON(), got.Why)
			}
			if contains(proposedText(p), "aws:SourceIp") {
				t.Error("nobody asked for it, and the proposal has it")
			}
		})
	}
}

func TestConditionNetworkNotForServices(t *testing.T) {
	states := sizeState(t, statements(readSecrets))
	states[sizeAccount].Roles[0].Trust = policyDoc(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)
	if got := conditionOf(conditioned(t, false, states, secretsDaily(), dailyFrom("203.0.113.0/24", "203.0.113.7")), "network"); got.Kind != "" {
		t.Errorf("a role of Lambda is tied to %+v", got)
	}
}

// Calls that no address is told of may come from anywhere.
func TestConditionNetworkHidden(t *testing.T) {
	f := sizeFacts(secretsDaily())
	f.Principals[0].Networks, f.Principals[0].Events = dailyFrom("203.0.113.0/24", "203.0.113.7"), 901
	if got := conditionOf(sizeOf(t, f, sizeState(t, statements(readSecrets))), "network"); got.Status != withdrawn || !contains(got.Why, "1 calls AWS does not tell from where") {
		t.Errorf("got %+v", got)
	}
}

// Regions are limited but for global services and for what no log shows the use of.
func TestConditionRegion(t *testing.T) {
	abroad := used("secretsmanager:GetSecretValue", secretARN, 2)
	abroad.Region = "us-west-2"
	global := used("iam:ListRoles", "*", 5)
	global.Region = "us-east-1"
	for _, c := range []struct {
		name   string
		more   []analyze.Usage
		status string
		says   string
	}{
		{"one region", nil, suggested, `"Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":"eu-west-1"}}`},
		{"a global service beside", []analyze.Usage{global}, suggested, `"NotAction":["iam:*"]`},
		{"another region on the last days", []analyze.Usage{abroad}, withdrawn, "in us-west-2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			states := sizeState(t, statements(readSecrets, `{"Effect":"Allow","Action":"iam:ListRoles","Resource":"*"}`))
			got := conditionOf(conditioned(t, false, states, append(secretsDaily(), c.more...)), "region")
			if got.Status != c.status || !contains(string(got.Document.JSON())+got.Why, c.says) {
				t.Errorf("got %+v %s", got, got.Document.JSON())
			}
			if (got.Failure != nil) != (c.status == withdrawn) {
				t.Errorf("failure %+v", got.Failure)
			}
		})
	}
	p := conditioned(t, true, sizeState(t, statements(readSecrets, `{"Sid":"Put","Effect":"Allow","Action":"logs:PutLogEvents","Resource":"*"}`)), secretsDaily())
	if !contains(proposedText(p), `"NotAction":["logs:PutLogEvents"]`) {
		t.Errorf("what no log shows is limited: %s", proposedText(p))
	}
}

func TestConditionApplied(t *testing.T) {
	p := conditioned(t, true, sizeState(t, statements(readSecrets)), secretsDaily(), dailyFrom("203.0.113.0/24", "203.0.113.7"))
	if len(p.Proposed) != 2 || p.Proposed[1].Name != "trimtrail-conditions-app" || p.Proposed[1].Source != "" || len(p.Proposed[1].Document.Statements) != 2 {
		t.Fatalf("proposed %s", proposedText(p))
	}
	if !*p.NoNewAccess || p.Replay.Denied != 0 || conditionOf(p, "network").Status != applied || conditionOf(p, "region").Status != applied {
		t.Errorf("replay %+v, %+v", p.Replay, p.Conditions)
	}
	docs := plainDocs(docsOf(p.Proposed))
	ask := func(context map[string][]string) iam.Decision {
		return iam.Decide(iam.Request{Principal: sizeRole, Action: "secretsmanager:GetSecretValue", Resource: strings.Replace(secretARN, "??????", "abcdef", 1), Context: context}, iam.Policies{Identity: docs})
	}
	for _, c := range []struct {
		context map[string][]string
		want    iam.Decision
	}{
		{map[string][]string{"aws:SourceIp": {"203.0.113.99"}, "aws:RequestedRegion": {"eu-west-1"}, "aws:ViaAWSService": {"false"}}, iam.Allowed},
		{map[string][]string{"aws:SourceIp": {"192.0.2.1"}, "aws:RequestedRegion": {"eu-west-1"}, "aws:ViaAWSService": {"false"}}, iam.ExplicitlyDenied},
		{map[string][]string{"aws:RequestedRegion": {"eu-west-1"}, "aws:ViaAWSService": {"true"}}, iam.Allowed},
		{map[string][]string{"aws:SourceIp": {"203.0.113.99"}, "aws:RequestedRegion": {"us-west-2"}, "aws:ViaAWSService": {"false"}}, iam.ExplicitlyDenied},
	} {
		if got := ask(c.context); got != c.want {
			t.Errorf("%v: %s, want %s", c.context, got, c.want)
		}
	}
}

func TestConditionExpiry(t *testing.T) {
	for _, c := range []struct{ key, value, want, says string }{
		{"expires", "2026-03-31", suggested, "ends on 2026-03-31"},
		{"ValidUntil", "2026-01-15", suggested, "ended on 2026-01-15: remove it"},
		{"expires", "soon", "", ""},
		{"team", "2026-03-31", "", ""},
	} {
		states := sizeState(t, statements(readSecrets))
		states[sizeAccount].Roles[0].Tags = map[string]string{c.key: c.value}
		got := conditionOf(conditioned(t, false, states, secretsDaily()), "expiry")
		if got.Status != c.want || !contains(got.Why, c.says) {
			t.Errorf("%s=%s: %+v", c.key, c.value, got)
		}
	}
}

func TestConditionHours(t *testing.T) {
	usage := slices.Clone(secretsDaily()) // from 01:00 to 20:00
	if got := conditionOf(conditioned(t, true, sizeState(t, statements(readSecrets)), usage), "hours"); got.Kind != "" {
		t.Errorf("four quiet hours: %+v", got)
	}
	for i := range usage {
		usage[i].First, usage[i].Last = usage[i].Day.Add(7*time.Hour), usage[i].Day.Add(18*time.Hour+time.Minute)
	}
	got := conditionOf(conditioned(t, true, sizeState(t, statements(readSecrets)), usage), "hours")
	if got.Status != suggested || !contains(got.Why, "from 19:00 to 07:00 UTC:") || got.Document != nil {
		t.Errorf("got %+v", got)
	}
}

func TestConditionOrganisation(t *testing.T) {
	for _, c := range []struct {
		name, trusted, by, status string
	}{
		{"accounts of the organisation", "arn:aws:iam::444455556666:root", "arn:aws:iam::444455556666:role/ci", suggested},
		{"an account outside", "arn:aws:iam::999999999999:root", "", ""},
		{"its own alone", "arn:aws:iam::111122223333:root", "", ""},
		{"assumed from outside", "arn:aws:iam::444455556666:root", "arn:aws:iam::999999999999:role/ci", withdrawn},
	} {
		t.Run(c.name, func(t *testing.T) {
			states := sizeState(t, statements(readSecrets))
			states[sizeAccount].Organization = &iam.Organization{ID: "o-exampleorgid", Nodes: []iam.OrgNode{{ID: "111122223333"}, {ID: "444455556666"}}}
			states[sizeAccount].Roles[0].Trust = policyDoc(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"`+c.trusted+`"},"Action":"sts:AssumeRole"}]}`)
			f := sizeFacts(secretsDaily())
			if c.by != "" {
				f.Principals[0].AssumedBy = []string{c.by}
			}
			got := conditionOf(sizeOf(t, f, states), "organisation")
			if got.Status != c.status || c.status != "" && !contains(string(got.Document.JSON()), `"aws:PrincipalOrgID":"o-exampleorgid"`) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// Whatever the policies, the use and where it came from: with conditions too
// every observed call passes from where it was made, and nothing new is allowed.
func TestConditionProperties(t *testing.T) {
	seen := map[string]int{}
	for seed := range int64(40) {
		w := &sizeWorld{rand.New(rand.NewSource(seed)), catalog.Default()}
		docs := w.documents()
		usage, nets := w.placed(w.usage(docs))
		p := conditioned(t, true, stateOf(docs), usage, nets)
		if p.Confidence == TooEarly {
			continue
		}
		if p.Replay.Denied != 0 || !*p.NoNewAccess {
			t.Fatalf("seed %d: replay %+v, %q\n%s", seed, p.Replay, p.Warnings, proposedText(p))
		}
		var limits []*iam.Document
		for _, c := range p.Conditions {
			seen[c.Kind+" "+c.Status]++
			if c.Status == applied {
				limits = append(limits, c.Document)
			}
		}
		decision := iam.NewEvaluator(iam.Policies{Identity: append(limits, allowingAll())})
		for _, u := range usage {
			if u.Outcome == analyze.OutcomeDenied {
				continue
			}
			for _, n := range nets {
				if !n.Day.Equal(u.Day) {
					continue
				}
				r := iam.Request{Principal: sizeRole, Action: u.Action, Resource: "*", Context: map[string][]string{"aws:RequestedRegion": {u.Region}, "aws:ViaAWSService": {"false"}, "aws:SourceIp": n.Addresses, "aws:CurrentTime": {u.Last.Format(time.RFC3339)}}}
				if u.InvokedBy != "" {
					r.Context["aws:ViaAWSService"] = []string{"true"}
					delete(r.Context, "aws:SourceIp")
				}
				if got := decision.Decide(r); got != iam.Allowed {
					t.Fatalf("seed %d: %s of %s from %s in %s: %s by %s", seed, u.Action, u.Day, n.Network, u.Region, got, textsOf(limits))
				}
			}
		}
	}
	if seen["network applied"] < 10 || seen["network withdrawn"] < 3 || seen["region applied"] < 5 || seen["region withdrawn"] < 3 {
		t.Errorf("too few of each: %v", seen)
	}
}

// placed gives the uses regions and services, and each day a network.
func (w *sizeWorld) placed(usage []analyze.Usage) ([]analyze.Usage, []analyze.NetworkUse) {
	regions, networks := []string{"eu-west-1"}, []string{"203.0.113"}
	if w.r.Intn(3) == 0 {
		regions = append(regions, "us-east-1")
	}
	if w.r.Intn(3) == 0 {
		networks = append(networks, "198.51.100")
	}
	for i := range usage {
		if usage[i].Day.After(daysBefore(20)) && w.r.Intn(4) == 0 {
			usage[i].Region = w.pick(regions)
		}
		if w.r.Intn(10) == 0 {
			usage[i].InvokedBy = "cloudformation.amazonaws.com"
		}
	}
	var nets []analyze.NetworkUse
	for n := range 90 {
		at := networks[0]
		if n < 20 && w.r.Intn(4) == 0 {
			at = w.pick(networks)
		}
		nets = append(nets, cameFrom(at+".0/24", fmt.Sprintf("%s.%d", at, 1+w.r.Intn(250)), n+1))
	}
	return usage, nets
}
