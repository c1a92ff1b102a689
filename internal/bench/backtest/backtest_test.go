package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// TestNotDominated holds, on two organisations of different casts, that no
// baseline denies as little and grants as little as trimtrail does.
func TestNotDominated(t *testing.T) {
	if testing.Short() {
		t.Skip("sizes two organisations several times")
	}
	o := options{seeds: 2, first: 101, events: 20_000, workers: 2, windows: []int{14, 30, 60, 90}, horizons: []int{7, 30}}
	got, err := measure(o, new(bytes.Buffer))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range o.windows {
		for _, h := range o.horizons {
			us := got.at(cell{w, h, ours})
			if us.calls < 500 || us.sized < 50 {
				t.Fatalf("%d calls of %d principals", us.calls, us.sized)
			}
			for _, m := range baselines {
				if r := got.at(cell{w, h, m}); dominates(r, us) {
					t.Errorf("%d days, the next %d: %s denies %.4f and grants %.4f for nothing, trimtrail %.4f and %.4f", w, h, m, r.under(), r.overMean(), us.under(), us.overMean())
				}
			}
			if now := got.at(cell{w, h, current}); now.denied != 0 || us.granted >= now.granted {
				t.Errorf("%d days, the next %d: the current policies deny %d; power %.1f of %.1f left", w, h, now.denied, us.granted, now.granted)
			}
		}
	}
}

func TestCommand(t *testing.T) {
	var out bytes.Buffer
	if err := run([]string{"--seeds", "1", "--events", "1000", "--windows", "10", "--horizons", "5"}, &out, new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	for _, m := range methods {
		if !strings.Contains(out.String(), "| "+m+" |") {
			t.Errorf("no line of %s:\n%s", m, &out)
		}
	}
	if err := run([]string{"--seeds", "0"}, &out, new(bytes.Buffer)); err == nil {
		t.Error("no seeds: no error")
	}
}

const (
	worker = "arn:aws:iam::111122223333:role/worker"
	object = "arn:aws:s3:::data/in/1.csv"
	next   = "arn:aws:s3:::data/in/2.csv"
)

func on(day int, action, resource string, denied bool) used {
	return used{call{action: action, resource: resource}, time.Date(2026, 3, day, 0, 0, 0, 0, time.UTC), 2, denied}
}

func mayDo(t *testing.T, text string) []*iam.Document {
	t.Helper()
	d, err := iam.ParsePolicy([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return []*iam.Document{d}
}

// TestBaselines holds what each baseline makes of the same window: what it
// would deny of a horizon of a known object, a new one, and a new action.
func TestBaselines(t *testing.T) {
	cat := catalog.Default()
	s := &subject{arn: worker, window: []used{on(1, "s3:GetObject", object, false), on(1, "sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:q", true)},
		docs: mayDo(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","sqs:*","ec2:*","iam:PassRole"],"Resource":"*"},{"Effect":"Deny","Action":"s3:DeleteBucket","Resource":"*"}]}`)}
	horizon := []used{on(2, "s3:GetObject", object, false), on(2, "s3:GetObject", next, false), on(3, "s3:PutObject", next, false), on(3, "ec2:DescribeInstances", "*", false),
		on(4, "s3:DeleteBucket", "arn:aws:s3:::data", false), on(4, "s3:GetObject", next, true)}
	for _, c := range []struct {
		method         string
		docs           []*iam.Document
		denied, grants int64
		broken         int
	}{
		{current, s.docs, 0, 100, 0},
		{service, s.byService(cat), 2, 100, 1},
		{action, s.byAction(), 4, 1, 1},
		{exact, s.byARN(), 6, 1, 2},
	} {
		power := granted(cat, c.docs)
		r := trial(cat, worker, c.docs, newJudge(worker, s.docs), horizon, power)
		if r.calls != 8 || r.denied != c.denied || r.broken != c.broken || r.days != 2 || r.cannotExplain != 2 {
			t.Errorf("%s: %d of %d calls denied, %d of %d days broken, %d not explained", c.method, r.denied, r.calls, r.broken, r.days, r.cannotExplain)
		}
		if int64(len(power)) < c.grants || c.grants == 1 && len(power) != 1 {
			t.Errorf("%s grants %d actions", c.method, len(power))
		}
	}
	if power := granted(cat, s.byService(cat)); power["ec2:RunInstances"] != 0 || power["sqs:SendMessage"] == 0 || power["iam:PassRole"] == 0 || power["s3:DeleteBucket"] != 0 {
		t.Error("service-level keeps other services than those called")
	}
}

// TestPower holds the weights: level times reach.
func TestPower(t *testing.T) {
	cat := catalog.Default()
	for _, c := range []struct {
		name, resources string
		action          string
		want            float64
	}{
		{"all", `"*"`, "s3:PutObject", 3},
		{"a pattern", `"arn:aws:s3:::data/in/*"`, "s3:PutObject", .75},
		{"named", `"arn:aws:s3:::data/in/1.csv"`, "s3:PutObject", .3},
		{"a whole kind", `"arn:aws:sqs:*:111122223333:*"`, "sqs:SendMessage", 3},
		{"no resources to name", `"*"`, "s3:ListAllMyBuckets", .5},
		{"eleven", `"arn:aws:s3:::a/1","arn:aws:s3:::a/2","arn:aws:s3:::a/3","arn:aws:s3:::a/4","arn:aws:s3:::a/5","arn:aws:s3:::a/6","arn:aws:s3:::a/7","arn:aws:s3:::a/8","arn:aws:s3:::a/9","arn:aws:s3:::a/10","arn:aws:s3:::a/11"`, "s3:PutObject", .75},
	} {
		got := granted(cat, mayDo(t, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"`+c.action+`","Resource":[`+c.resources+`]}}`))
		if d := got[c.action] - c.want; d > 1e-9 || d < -1e-9 {
			t.Errorf("%s: %v, want %v", c.name, got[c.action], c.want)
		}
	}
}
