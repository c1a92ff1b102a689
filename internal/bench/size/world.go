package main

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

var end = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

// organisation makes accounts of forty principals: one in ten an
// administrator, others with service wildcards, and policies that several share.
func organisation(principals int) map[string]*iam.State {
	r := rand.New(rand.NewSource(1))
	out := map[string]*iam.State{}
	for made, a := 0, 0; made < principals; a++ {
		id := fmt.Sprintf("9%011d", a)
		shared := iam.Policy{Name: "team", ARN: "arn:aws:iam::" + id + ":policy/team", Attached: 12, Document: allow(r, 4)}
		admin := iam.Policy{Name: "AdministratorAccess", ARN: "arn:aws:iam::aws:policy/AdministratorAccess", Attached: 4, Document: document("*")}
		s := &iam.State{AccountID: id, HasDetails: true, Policies: []iam.Policy{shared, admin}}
		for i := 0; i < 40 && made < principals; i++ {
			made++
			name := fmt.Sprintf("role-%02d", i)
			role := iam.Role{Name: name, ARN: "arn:aws:iam::" + id + ":role/" + name, Created: end.AddDate(-2, 0, 0)}
			switch {
			case i%10 == 0:
				role.Attached = []string{admin.ARN}
			case i%3 == 0:
				role.Attached = []string{shared.ARN}
			default:
				role.Inline = []iam.NamedDocument{{Name: "work", Document: allow(r, 3)}}
			}
			s.Roles = append(s.Roles, role)
		}
		out[id] = s
	}
	return out
}

var services = []string{"s3", "dynamodb", "secretsmanager", "sqs", "lambda", "logs", "ec2", "sns", "rds", "kms"}

func allow(r *rand.Rand, n int) *iam.Document {
	d := &iam.Document{Version: "2012-10-17"}
	for i := range n {
		s := services[r.Intn(len(services))]
		d.Statements = append(d.Statements, iam.Statement{Sid: fmt.Sprintf("S%d", i), Effect: iam.Allow, Action: iam.StringList{Values: []string{s + ":*"}}, Resource: iam.StringList{Values: []string{"*"}}})
	}
	return d
}

func document(action string) *iam.Document {
	return &iam.Document{Version: "2012-10-17", Statements: []iam.Statement{{Effect: iam.Allow, Action: iam.StringList{Values: []string{action}}, Resource: iam.StringList{Values: []string{"*"}}}}}
}

// facts are ninety days of use of all principals of the states: each uses a
// few of the actions that it is granted.
func facts(states map[string]*iam.State, rows int) *analyze.Facts {
	r := rand.New(rand.NewSource(2))
	f := &analyze.Facts{Window: analyze.Window{From: end.AddDate(0, 0, -90), To: end}, AsOf: end}
	for _, account := range sortedKeys(states) {
		f.Coverage = append(f.Coverage, analyze.Coverage{AccountID: account, First: f.Window.From, Last: end.Add(-time.Minute), Days: 90, Events: 1, ManagementRead: true, ManagementWrite: true})
		for _, h := range states[account].Holders() {
			kind := analyze.KindRole
			if h.User != nil {
				kind = analyze.KindUser
			}
			p := analyze.Principal{Actor: analyze.Actor{Kind: kind, ARN: h.ARN, AccountID: account, Name: h.Name}}
			p.Usage, p.Networks = use(r, &h, account, rows)
			for i := range p.Networks {
				p.Events += p.Networks[i].Count
			}
			f.Principals = append(f.Principals, p)
		}
	}
	slices.SortFunc(f.Principals, func(a, b analyze.Principal) int { return strings.Compare(a.ARN, b.ARN) })
	return f
}

func sortedKeys(m map[string]*iam.State) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func use(r *rand.Rand, h *iam.Holder, account string, rows int) (usage []analyze.Usage, nets []analyze.NetworkUse) {
	actions := granted(r, h)
	if len(actions) == 0 {
		return nil, nil
	}
	for n := range rows {
		a := actions[r.Intn(len(actions))]
		day := end.AddDate(0, 0, -1-n*90/rows)
		usage = append(usage, analyze.Usage{Action: a, Day: day, Resource: resource(r, a, account), Outcome: analyze.OutcomeAllowed, Region: "eu-west-1",
			Count: 5, First: day.Add(8 * time.Hour), Last: day.Add(17 * time.Hour), Events: []string{fmt.Sprint("e", n)}})
		nets = append(nets, analyze.NetworkUse{Day: day, Network: "203.0.113.0/24", Addresses: []string{"203.0.113.7"}, Count: 5, First: day.Add(8 * time.Hour), Last: day.Add(17 * time.Hour)})
	}
	return usage, nets
}

// granted are up to twelve of the actions that a principal is granted.
func granted(r *rand.Rand, h *iam.Holder) []string {
	var all, out []string
	for _, p := range h.Policies {
		for i := range p.Document.Statements {
			if s := &p.Document.Statements[i]; s.Effect == iam.Allow {
				all = append(all, s.Actions(catalog.Default())...)
			}
		}
	}
	for i := 0; i < 12 && len(all) > 0; i++ {
		out = append(out, all[r.Intn(len(all))])
	}
	return out
}

// resource is an ARN of one of the action's resource types, or *.
func resource(r *rand.Rand, action, account string) string {
	a, _ := catalog.Default().Action(action)
	if len(a.ResourceTypes) == 0 {
		return "*"
	}
	arn := strings.NewReplacer("${Partition}", "aws", "${Region}", "eu-west-1", "${Account}", account).Replace(a.ResourceTypes[0].ARN)
	for strings.Contains(arn, "${") {
		i, j := strings.Index(arn, "${"), strings.Index(arn, "}")
		arn = arn[:i] + fmt.Sprintf("thing-%d", r.Intn(6)) + arn[j+1:]
	}
	return arn
}
