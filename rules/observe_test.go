package rules

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
)

// shown is a cell of the last days, of which so many are covered.
func shown(region, category, kind string, days, covered int) analyze.Cell {
	return analyze.Cell{Region: region, Category: category, Type: kind, First: back(days, "00:00:00"), Last: back(1, "00:00:00"), Days: covered, Covered: covered}
}

const (
	homeRegion = "us-east-1"
	workRegion = "eu-west-1"
	objectType = "AWS::S3::Object"
)

// complete are cells that show everything on all of 100 days, in two regions.
func complete() []analyze.Cell {
	var out []analyze.Cell
	for _, r := range []string{workRegion, homeRegion} {
		out = append(out, shown(r, analyze.DataEvent, objectType, 100, 100), shown(r, analyze.ManagementRead, "", 100, 100), shown(r, analyze.ManagementWrite, "", 100, 100))
	}
	return out
}

// lacking are complete cells without some.
func lacking(gone func(analyze.Cell) bool) []analyze.Cell { return slices.DeleteFunc(complete(), gone) }

func TestSighting(t *testing.T) {
	writeOnly := lacking(func(c analyze.Cell) bool { return c.Category == analyze.ManagementRead })
	oneRegion := func(r string) []analyze.Cell { return lacking(func(c analyze.Cell) bool { return c.Region != r }) }
	half := complete()
	for i := range half {
		half[i].Covered = 45
	}
	late := complete()
	for i := range late {
		late[i].First, late[i].Covered = back(30, "00:00:00"), 30
	}
	quiet := append(oneRegion(workRegion), shown(homeRegion, analyze.ManagementWrite, "", 9, 2))
	busy := append(oneRegion(workRegion), shown(homeRegion, analyze.ManagementWrite, "", 90, 80))
	over := complete() // data events were switched off half a year ago
	for i := range over {
		over[i].Last = back(60, "00:00:00")
	}
	for _, c := range []struct {
		name, action string
		cells        []analyze.Cell
		regions      []string
		born         time.Time
		want         Verdict
		why          string
	}{
		{"all is there", "ec2:RunInstances", complete(), []string{workRegion}, time.Time{}, Observable, ""},
		{"kms:Decrypt is logged as a read", "kms:Decrypt", writeOnly, []string{workRegion}, time.Time{}, Unobservable, "no management events that read in eu-west-1"},
		{"sts:AssumeRole is logged as a read", "sts:AssumeRole", writeOnly, []string{workRegion}, time.Time{}, Unobservable, "no management events that read in any region"},
		{"a write is a write", "kms:CreateKey", writeOnly, []string{workRegion}, time.Time{}, Observable, ""},
		{"never logged", "kafka-cluster:Connect", complete(), nil, time.Time{}, Unobservable, "no log shows its use"},
		{"data events off", "dynamodb:GetItem", complete(), []string{workRegion}, time.Time{}, Unobservable, "no data events of AWS::DynamoDB::Table in eu-west-1"},
		{"data events on", "s3:GetObject", complete(), []string{workRegion}, time.Time{}, Observable, ""},
		{"a region that delivers nothing", "ec2:RunInstances", oneRegion(homeRegion), []string{workRegion}, time.Time{}, Unobservable, "no management events that write in eu-west-1"},
		{"one of two regions", "ec2:RunInstances", oneRegion(homeRegion), []string{homeRegion, workRegion}, time.Time{}, Unobservable, "no management events that write in eu-west-1"},
		{"works nowhere", "ec2:RunInstances", oneRegion(homeRegion), nil, time.Time{}, Observable, ""},
		{"IAM is logged in us-east-1", "iam:CreateUser", oneRegion(workRegion), []string{workRegion}, time.Time{}, Unobservable, "no management events that write in us-east-1, where AWS logs iam"},
		{"a quiet region is as the others", "iam:ListUsers", quiet, []string{workRegion}, time.Time{}, Observable, ""},
		{"a busy region speaks for itself", "ec2:DescribeInstances", busy, []string{homeRegion}, time.Time{}, Unobservable, "no management events that read in us-east-1"},
		{"few ever call IAM", "iam:ListUsers", busy, []string{workRegion}, time.Time{}, Observable, ""},
		{"STS is logged anywhere", "sts:AssumeRole", oneRegion(homeRegion), []string{workRegion}, time.Time{}, Observable, ""},
		{"half of the days are missing", "ec2:RunInstances", half, []string{workRegion}, time.Time{}, ShortWindow, "management events that write on 45 of 90 days in eu-west-1"},
		{"began late", "ec2:RunInstances", late, []string{workRegion}, time.Time{}, ShortWindow, "management events that write on 30 of 90 days in eu-west-1"},
		{"ended early", "ec2:RunInstances", over, []string{workRegion}, time.Time{}, ShortWindow, "management events that write on 31 of 90 days in eu-west-1"},
		{"made last week", "ec2:RunInstances", complete(), []string{workRegion}, back(7, "00:00:00"), TooNew, "made 7 days ago"},
		{"made long ago", "ec2:RunInstances", complete(), []string{workRegion}, back(300, "00:00:00"), Observable, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWatch(&analyze.Coverage{Cells: c.cells}, end, 90)
			w.regions, w.born = c.regions, c.born
			if s := w.of(c.action, catalog.Default().Observability(c.action)); s.Verdict != c.want || s.Why != c.why {
				t.Errorf("%+v, want %s: %s", s, c.want, c.why)
			}
		})
	}
	if s := newWatch(nil, end, 90).of("ec2:RunInstances", catalog.Default().Observability("ec2:RunInstances")); s.Verdict != Unobservable {
		t.Errorf("an account without logs: %+v", s)
	}
}

// TestWorkplaces holds that a stray call, IAM and STS do not make a region one to judge by.
func TestWorkplaces(t *testing.T) {
	p := &analyze.Principal{}
	add := func(action, region string, days int) {
		for n := range days {
			p.Usage = append(p.Usage, analyze.Usage{Action: action, Region: region, Day: back(n+1, "00:00:00")})
		}
	}
	add("ec2:RunInstances", "eu-west-1", 20)
	add("ec2:DescribeInstances", "eu-north-1", 10)
	add("ec2:DescribeInstances", "ap-south-1", 9)
	add("iam:ListUsers", "us-east-1", 30)
	add("sts:GetCallerIdentity", "us-west-2", 30)
	if got := strings.Join(workplaces(p), " "); got != "eu-north-1 eu-west-1" {
		t.Errorf("works in %s", got)
	}
}

// TestUnusedByCells holds the finding on unused permissions to what each
// region and kind of event could show.
func TestUnusedByCells(t *testing.T) {
	build := func(cells []analyze.Cell, actions ...string) (*analyze.Facts, Finding) {
		f, states := holding(t, actions...)
		f.Coverage[0].Cells = cells
		for i := range f.Principals {
			for j := range f.Principals[i].Usage {
				f.Principals[i].Usage[j].Region = workRegion
			}
		}
		for _, x := range evaluate(f, states).Findings {
			if x.Rule == "TT-C06" {
				return f, x
			}
		}
		return f, Finding{}
	}
	unused := func(x Finding, action string) bool { return slices.Contains(x.Evidence.Actions, action) }
	writeOnly := lacking(func(c analyze.Cell) bool { return c.Category == analyze.ManagementRead })
	actions := []string{"s3:GetObject", "kms:Decrypt", "kms:CreateKey", "kms:ScheduleKeyDeletion", "sts:AssumeRole", "iam:PutRolePolicy", "kms:PutKeyPolicy"}
	_, all := build(complete(), actions...)
	_, writes := build(writeOnly, actions...)
	for _, a := range []string{"kms:Decrypt", "sts:AssumeRole"} {
		if !unused(all, a) {
			t.Errorf("%s is not called unused though reads are logged: %v", a, all.Evidence.Actions)
		}
		if unused(writes, a) {
			t.Errorf("%s is called unused where only writes are logged", a)
		}
	}
	if !unused(writes, "kms:ScheduleKeyDeletion") || !strings.Contains(writes.Reason, "no management events that read in any region") {
		t.Errorf("writes %v; %s", writes.Evidence.Actions, writes.Reason)
	}
	_, elsewhere := build(lacking(func(c analyze.Cell) bool { return c.Region == homeRegion }), actions...)
	if unused(elsewhere, "iam:PutRolePolicy") || !unused(elsewhere, "kms:ScheduleKeyDeletion") {
		t.Errorf("without us-east-1: %v", elsewhere.Evidence.Actions)
	}
}

// TestUnusedOfTheNew holds that nobody is said to have left something unused
// for longer than it exists.
func TestUnusedOfTheNew(t *testing.T) {
	f, states := holding(t, "s3:GetObject", "iam:PutRolePolicy")
	states[testAccount].Roles[0].Created = days(12)
	x := wantOne(t, evaluate(f, states), "TT-C06", Medium)
	if !strings.HasSuffix(x.Title, "in 11 days") || x.Confidence != "low" || !strings.Contains(x.Reason, "made 11 days ago, too new") {
		t.Errorf("%s (%s): %s", x.Title, x.Confidence, x.Reason)
	}
}

// TestSizeByCells holds that a proposal keeps what the trail could not show.
func TestSizeByCells(t *testing.T) {
	cell := func(category string, first int) analyze.Cell {
		return analyze.Cell{Region: workRegion, Category: category, First: daysBefore(first), Last: daysBefore(1), Days: first, Covered: first}
	}
	for _, c := range []struct {
		name  string
		cells []analyze.Cell
		want  map[string]string // why it is kept, by action
	}{
		{"reads and writes", []analyze.Cell{cell(analyze.ManagementRead, 90), cell(analyze.ManagementWrite, 90)}, map[string]string{"kms:Decrypt": "", "sts:AssumeRole": "", "kms:CreateKey": "", "iam:CreateUser": "unobservable"}},
		{"writes only", []analyze.Cell{cell(analyze.ManagementWrite, 90)}, map[string]string{"kms:Decrypt": "unobservable", "sts:AssumeRole": "unobservable", "kms:CreateKey": ""}},
		{"reads since a month", []analyze.Cell{cell(analyze.ManagementRead, 30), cell(analyze.ManagementWrite, 90)}, map[string]string{"kms:Decrypt": "unobservable", "kms:CreateKey": ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := sizeFacts(daily("secretsmanager:GetSecretValue", secretARN))
			f.Coverage[0].Cells = c.cells
			p := sizeOf(t, f, sizeState(t, statements(`{"Effect":"Allow","Action":["secretsmanager:*","kms:Decrypt","kms:CreateKey","sts:AssumeRole","iam:CreateUser"],"Resource":"*"}`)))
			for action, why := range c.want {
				if got := keptWhy(p, action); got != why {
					t.Errorf("%s kept as %q, want %q", action, got, why)
				}
			}
		})
	}
}
