package report

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/rules"
)

// bigModel is an organisation of n principals, much like a real one to look
// at: people, pipelines, functions and services over two accounts.
func bigModel(t testing.TB, n int) *Model {
	t.Helper()
	r := rand.New(rand.NewPCG(7, 11))
	facts := &analyze.Facts{Window: window, AsOf: asOf}
	for i := range n {
		p := somebody(r, i)
		facts.Principals = append(facts.Principals, p)
		if p.Denied > 0 {
			facts.Denials = append(facts.Denials, refusals(r, &p)...)
		}
	}
	m := &Model{Findings: smallFindings(), Policies: smallPolicies(t), Generated: asOf, Title: "Access report, example organisation", Version: "0.1.0"}
	m.Principals = Summarise(facts)
	for i := range facts.Principals {
		p := &facts.Principals[i]
		if p.Kind == analyze.KindRole || p.Kind == analyze.KindUser {
			m.Policies.Policies = append(m.Policies.Policies, sized(t, r, p))
		}
		if f := trouble(r, p, i); f != nil {
			m.Findings.Findings = append(m.Findings.Findings, *f)
		}
	}
	m.Findings.Findings = ranked(m.Findings.Findings, nil)
	return m
}

var (
	people = strings.Fields("alice bob carol dmitri erin farid grace hiro ines jonas kim lena mateo nadia omar")
	jobs   = strings.Fields("checkout-api billing-export etl-nightly image-resizer deploy-pipeline batch-worker search-indexer audit-reader mail-sender session-store quarter-close data-sync metrics-agent terraform")
	tools  = strings.Fields("aws-cli/linux boto3/linux terraform/linux console aws-sdk-go/linux")
	verbs  = map[string][]string{
		"s3":             {"GetObject", "PutObject", "ListBucket", "DeleteObject", "PutBucketPolicy"},
		"dynamodb":       {"GetItem", "PutItem", "Query", "UpdateItem", "DeleteTable", "Scan"},
		"secretsmanager": {"GetSecretValue", "DescribeSecret", "PutResourcePolicy"},
		"ec2":            {"DescribeInstances", "RunInstances", "TerminateInstances", "CreateTags", "DescribeVpcs", "AuthorizeSecurityGroupIngress"},
		"iam":            {"PassRole", "GetRole", "CreateUser", "AttachRolePolicy"},
		"sqs":            {"SendMessage", "ReceiveMessage", "DeleteMessage"},
		"kms":            {"Decrypt", "GenerateDataKey", "CreateGrant"},
		"logs":           {"CreateLogStream", "PutLogEvents"},
		"lambda":         {"InvokeFunction", "UpdateFunctionCode"},
		"sts":            {"AssumeRole", "GetCallerIdentity"},
	}
	serviceNames = strings.Fields("s3 dynamodb secretsmanager ec2 iam sqs kms logs lambda sts")
)

func somebody(r *rand.Rand, i int) analyze.Principal {
	account := []string{"111122223333", "444455556666"}[i%2]
	a := analyze.Actor{Kind: analyze.KindRole, AccountID: account, Name: fmt.Sprintf("%s-%d", jobs[i%len(jobs)], i)}
	a.ARN = "arn:aws:iam::" + account + ":role/" + a.Name
	if i%4 == 1 {
		a.Kind, a.Name = analyze.KindUser, people[i%len(people)]+fmt.Sprint(i)
		a.ARN = "arn:aws:iam::" + account + ":user/" + a.Name
	}
	if i%17 == 0 {
		a.Kind, a.Name, a.ARN = analyze.KindService, fmt.Sprintf("config%d.amazonaws.com", i), fmt.Sprintf("config%d.amazonaws.com", i)
	}
	p := analyze.Principal{Actor: a, First: window.From.Add(time.Hour), Last: at(1+r.IntN(40), "10:00:00"), AssumedBy: []string{"ec2.amazonaws.com"}}
	weekdays := i%3 == 0
	for d := 90; d > 0; d-- {
		day := at(d, "00:00:00")
		if weekdays && (day.Weekday() == time.Saturday || day.Weekday() == time.Sunday) || r.IntN(10) == 0 {
			continue
		}
		actsOn(r, &p, day, i)
	}
	p.Credentials = []analyze.Credential{{ID: fmt.Sprintf("AKIAEXAMPLE%09d", i), Kind: analyze.LongTermKey, First: p.First, Last: p.Last, Events: p.Events}}
	return p
}

func actsOn(r *rand.Rand, p *analyze.Principal, day time.Time, i int) {
	p.Days++
	n := int64(20 + r.IntN(400*(1+i%5)))
	p.Events += n
	net := fmt.Sprintf("192.0.2.%d/32", i%7)
	if r.IntN(12) == 0 {
		net = fmt.Sprintf("198.51.100.%d/32", r.IntN(4))
	}
	use := analyze.NetworkUse{Day: day, Network: net, Agents: tools[i%len(tools) : i%len(tools)+1], Count: n, First: day.Add(time.Hour), Last: day.Add(20 * time.Hour)}
	if i%6 == 2 {
		use.Denied = int64(r.IntN(9))
		p.Denied += use.Denied
	}
	p.Networks = append(p.Networks, use)
	for range 3 {
		s := serviceNames[(i+r.IntN(4))%len(serviceNames)]
		p.Usage = append(p.Usage, analyze.Usage{Action: s + ":" + verbs[s][r.IntN(2)], Day: day, Outcome: analyze.OutcomeAllowed, Count: n / 3})
	}
}

func refusals(r *rand.Rand, p *analyze.Principal) []analyze.Denial {
	return []analyze.Denial{
		{Actor: p.Actor, Action: "kms:Decrypt", Code: "AccessDenied", Layer: "identity", Count: p.Denied, First: p.First, Last: p.Last},
		{Actor: p.Actor, Action: "s3:PutBucketPolicy", Code: "AccessDenied", Layer: "scp", Count: int64(1 + r.IntN(9)), First: p.First, Last: p.Last},
	}
}

// sized proposes half of what it grants for the services that p used.
func sized(t testing.TB, r *rand.Rand, p *analyze.Principal) rules.Proposal {
	uses, _ := services(p.Usage)
	g := rules.Proposal{Principal: p.ARN, AccountID: p.AccountID, Confidence: []string{"ready", "ready", "ready", "review", "too early"}[r.IntN(5)], Backtest: checkout(t).Backtest}
	g.Backtest.Calls = int64(r.IntN(90_000))
	var kept, granted []string
	for _, u := range uses {
		for i, v := range verbs[u.Service] {
			a := u.Service + ":" + v
			granted = append(granted, a)
			if i < 2 {
				kept = append(kept, a)
				g.Kept = append(g.Kept, rules.Kept{Action: a, Why: "used", Count: int64(r.IntN(9000)), First: ptr(at(20+r.IntN(60), "04:00:00")), Last: ptr(p.Last)})
			} else {
				level := map[bool]string{true: "Permissions management", false: "Write"}[strings.HasSuffix(v, "Policy") || v == "CreateGrant"]
				g.Removed = append(g.Removed, rules.Removed{Action: a, Level: level, Why: "unused in 90 days"})
			}
		}
	}
	g.Removed = append(g.Removed, rules.Removed{Action: "cloudformation:*", Why: "unused service"})
	doc := `{"Version":"2012-10-17","Statement":[{"Sid":"Work","Effect":"Allow","Action":["%s"],"Resource":"%s"}]}`
	g.Current = []rules.PolicyRef{ref(t, "work", "inline", fmt.Sprintf(doc, strings.Join(append(granted, "cloudformation:*"), `","`), "*"))}
	g.Proposed = []rules.PolicyRef{ref(t, "work", "inline", fmt.Sprintf(doc, strings.Join(kept, `","`), "arn:aws:*:*:"+p.AccountID+":*"))}
	if g.Confidence != "ready" {
		g.Warnings = []string{"a new action was used within the last 14 days"}
	}
	return g
}

func trouble(r *rand.Rand, p *analyze.Principal, i int) *rules.Finding {
	f := rules.Finding{ID: fmt.Sprintf("f-%06x", i*7919), AccountID: p.AccountID, Principal: p.ARN, Confidence: []string{"certain", "high", "medium"}[r.IntN(3)],
		Evidence: rules.Evidence{Count: 1 + int64(r.IntN(900)), First: ptr(at(30, "02:00:00")), Last: ptr(at(2, "02:00:00")), Events: []string{fmt.Sprintf("0e%06d-3333-4444-5555-666677778888", i)}},
		Fix:      rules.Fix{Summary: "Ask the owner; if nobody objects within a week, remove it.", Clears: "nothing like it for 7 days"}}
	switch i % 5 {
	case 0:
		f.Rule, f.Severity, f.Title, f.Reason = "TT-E01", rules.Medium, fmt.Sprintf("Grants %d permissions that nobody used in 90 days", 10+r.IntN(80)), "Loaded policies grant them; no log shows their use."
	case 1:
		f.Rule, f.Severity, f.Title, f.Reason = "TT-C01", rules.Low, fmt.Sprintf("Access key is %d days old and in daily use", 300+r.IntN(900)), "The credential report knows when it was made."
		f.Credential = p.Credentials[0].ID
	case 2:
		f.Rule, f.Severity, f.Title, f.Reason = "TT-A02", rules.High, "Key used from a network that this principal never used before", "88 of 90 days show one network; no other principal uses the new one."
		f.Evidence.Addresses = []string{fmt.Sprintf("203.0.113.%d", i%250)}
	case 3:
		f.Rule, f.Severity, f.Title, f.Reason = "TT-B01", rules.Info, "Denied now and then by a service control policy", "Every denial names the same policy."
	default:
		return nil
	}
	return &f
}
