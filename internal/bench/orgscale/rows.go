package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/trimtrail/trimtrail/internal/rollup"
)

// calls are what principals do; %s is the account.
var calls = []struct{ action, resource string }{
	{"s3:GetObject", "arn:aws:s3:::data-%s/in/*"}, {"s3:PutObject", "arn:aws:s3:::data-%s/out/*"}, {"s3:ListBucket", "arn:aws:s3:::data-%s"},
	{"dynamodb:Query", "arn:aws:dynamodb:eu-west-1:%s:table/orders"}, {"dynamodb:PutItem", "arn:aws:dynamodb:eu-west-1:%s:table/orders"},
	{"kms:Decrypt", "arn:aws:kms:eu-west-1:%s:key/0f1e2d3c-0000-4000-8000-000000000001"}, {"sts:AssumeRole", "arn:aws:iam::%s:role/app-1"},
	{"ec2:DescribeInstances", "*"}, {"ec2:DescribeNetworkInterfaces", "*"}, {"logs:CreateLogStream", "arn:aws:logs:eu-west-1:%s:log-group:/aws/lambda/f:*"},
	{"logs:PutLogEvents", "arn:aws:logs:eu-west-1:%s:log-group:/aws/lambda/f:*"}, {"sqs:ReceiveMessage", "arn:aws:sqs:eu-west-1:%s:jobs"},
	{"sqs:DeleteMessage", "arn:aws:sqs:eu-west-1:%s:jobs"}, {"secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:%s:secret:db-AbCdEf"},
	{"ssm:GetParameter", "arn:aws:ssm:eu-west-1:%s:parameter/app/url"}, {"iam:GetRole", "arn:aws:iam::%s:role/app-1"},
}

var regions = []string{"eu-west-1", "eu-central-1", "us-east-1"}

// maker makes the rows of one account and day; the same for the same.
type maker struct {
	size
	account string
	day     int64 // its beginning, in microseconds since 1970
	rng     *rand.Rand
	rows    *rollup.Rows
}

func (s size) rows(account, day int) *rollup.Rows {
	m := &maker{
		size: s, account: accountID(account), day: start().AddDate(0, 0, day).UnixMicro(),
		rng: rand.New(rand.NewPCG(uint64(account), uint64(day))),
	}
	m.rows = &rollup.Rows{AccountID: m.account}
	share := s.events / int64(s.days) / int64(s.principals)
	for p := account; p < s.principals; p += s.accounts {
		m.principal(p, share)
	}
	slices.SortFunc(m.rows.Usage, func(a, b rollup.Usage) int {
		return cmp.Or(cmp.Compare(a.Actor, b.Actor), cmp.Compare(a.Action, b.Action))
	})
	m.coverage(share)
	return m.rows
}

// principal adds the rows of one principal: two of three are roles.
func (m *maker) principal(p int, events int64) {
	who, kind, name := rollup.Who{ActorAccountID: m.account}, "role", fmt.Sprintf("app-%d", p)
	who.Actor = "arn:aws:iam::" + m.account + ":role/" + name
	credential, of := "sessions", "session"
	if p%3 == 0 {
		kind, name = "user", fmt.Sprintf("user-%d", p)
		who.Actor = "arn:aws:iam::" + m.account + ":user/" + name
		credential, of = fmt.Sprintf("AKIA%016d", p), "access key"
	}
	all := m.tally(events)
	last := all.Last
	m.rows.Actors = append(m.rows.Actors, rollup.Actor{
		Who: who, Kind: kind, Name: name, UniqueIDs: []string{fmt.Sprintf("AROA%016d", p)}, Credential: credential, CredentialKind: of,
		Tally: all, LastSuccess: &last, Regions: regions[:1+p%2], LastEvent: "sts.amazonaws.com AssumeRole",
	})
	for n := range m.usage {
		c := calls[(p+n*n)%len(calls)]
		resource := c.resource
		if resource != "*" {
			resource = fmt.Sprintf(resource, m.account)
		}
		m.rows.Usage = append(m.rows.Usage, rollup.Usage{
			Who: who, Action: c.action, Resource: resource, Outcome: "allowed", Region: regions[n%2], Tally: m.tally(events / int64(m.usage)), EventID: m.id(),
		})
	}
	m.origins(who, p, credential, events)
	if p%20 == 0 {
		m.denial(who, p)
	}
}

func (m *maker) origins(who rollup.Who, p int, credential string, events int64) {
	for n := range m.networks {
		session := ""
		if credential == "sessions" {
			session = "i-0123456789abcdef0"
		}
		key := credential
		if session != "" {
			key = fmt.Sprintf("ASIA%016d", m.rng.Uint64()%1e16)
		}
		net := fmt.Sprintf("198.51.%d", (p+n)%250)
		m.rows.Networks = append(m.rows.Networks, rollup.Network{
			Who: who, Network: net + ".0/24", Credential: key, Session: session, Addresses: []string{net + ".7"}, Agents: []string{"boto3/linux"},
			Tally: m.tally(max(3, events/int64(m.networks))), Events: m.samples(3),
		})
	}
}

func (m *maker) denial(who rollup.Who, p int) {
	t := m.tally(2)
	m.rows.Denials = append(m.rows.Denials, rollup.Denial{
		Who: who, EventSource: "ec2.amazonaws.com", EventName: "RunInstances", Action: "ec2:RunInstances", Resource: "*", Code: "Client.UnauthorizedOperation",
		Tier: "caller", Layer: "identity", Effect: "implicit", Message: "no identity-based policy allows the action", Hours: []int64{t.First / 3_600_000_000},
		Addresses: []string{fmt.Sprintf("198.51.%d.7", p%250)}, Agents: []string{"boto3/linux"}, Tally: t, Events: m.samples(2),
	})
}

// coverage adds up to the events of all principals.
func (m *maker) coverage(share int64) {
	hours := make([]int64, 24)
	for i := range hours {
		hours[i] = m.day/3_600_000_000 + int64(i)
	}
	total := share * int64(len(m.rows.Actors))
	m.rows.Coverage = []rollup.Coverage{
		{Region: regions[1], Category: "management", Hours: hours, ReadEvents: true, WriteEvents: true, Tally: m.tally(total / 2)},
		{Region: regions[0], Category: "management", Hours: hours, ReadEvents: true, WriteEvents: true, Tally: m.tally(total - total/2)},
	}
}

// tally spans a part of the day.
func (m *maker) tally(events int64) rollup.Tally {
	const minute = 60_000_000
	first := m.day + minute + m.rng.Int64N(600*minute)
	return rollup.Tally{Count: events, Span: rollup.Span{First: first, Last: first + m.rng.Int64N(600*minute)}}
}

func (m *maker) samples(n int) []rollup.Sample {
	out := make([]rollup.Sample, n)
	for i := range out {
		out[i] = rollup.Sample{EventID: m.id(), Time: m.day + int64(i+1)*60_000_000}
	}
	return out
}

func (m *maker) id() string {
	a, b := m.rng.Uint64(), m.rng.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>52, b&0xffffffffffff)
}
