package analyze

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/event"
	"github.com/trimtrail/trimtrail/internal/rollup"
)

// rolled folds events into rows by account, day and, within those, parts.
func rolled(events []event.Event, parts int) []*rollup.Rows {
	type part struct {
		account string
		day     day
		n       int
	}
	rollers := map[part]*Roller{}
	for i := range events {
		e := &events[i]
		k := part{e.AccountID, dayOf(e.EventTime.UnixMicro()), i % parts}
		if rollers[k] == nil {
			rollers[k] = NewRoller(catalog.Default())
		}
		rollers[k].Add(e)
	}
	var all []*rollup.Rows
	for k, r := range rollers { // in any order
		all = append(all, r.Rows(k.account))
	}
	return all
}

// TestRowsAreTheEvents holds that facts made of rows are those made of events.
func TestRowsAreTheEvents(t *testing.T) {
	for name, events := range rollCases() {
		want := accumulated(events).Facts(time.Time{}, nil, nil)
		for _, parts := range []int{1, 3} {
			a, n := NewAccumulator(march, catalog.Default()), int64(0)
			for _, rows := range rolled(events, parts) {
				if err := rows.Check(); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				a.AddRows(rows)
				n += rows.Events()
			}
			if n != int64(len(events)) {
				t.Errorf("%s: rows of %d events, %d were added", name, n, len(events))
			}
			if got := a.Facts(time.Time{}, nil, nil); !reflect.DeepEqual(got, want) {
				t.Errorf("%s in %d parts: the facts differ: %s", name, parts, firstDifference(got, want))
			}
		}
	}
}

// TestRowsAreTheSame holds that equal events give equal rows, in any order.
func TestRowsAreTheSame(t *testing.T) {
	events := rollCases()["many"][:500]
	for i := range events {
		events[i].EventTime = noon.Add(time.Duration(i%7) * time.Minute)
	}
	want := rolled(events, 1)
	rand.New(rand.NewSource(5)).Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	if got := rolled(events, 1); len(got) != 1 || !reflect.DeepEqual(got, want) {
		t.Errorf("%d parts, shuffled other rows: %s", len(got), firstDifference(got, want))
	}
}

// rollCases are events that reach every table, and every bound.
func rollCases() map[string][]event.Event {
	cases := map[string][]event.Event{"many": manyEvents(4000)}
	var odd []event.Event
	add := func(e event.Event) { odd = append(odd, e) }
	for n := range 40 {
		e := params(by(n*700, "sts", "AssumeRole"), fmt.Sprintf(`{"roleArn":"arn:aws:iam::111122223333:role/r%d"}`, n%3))
		e.AWSRegion = fmt.Sprintf("eu-west-%d", n%3)
		add(e)
		u := by(n*700+1, "nowhere", fmt.Sprintf("Do%d", n%4))
		u.AccessKeyID = ""
		u.ReadOnly, u.Management, u.EventCategory = nil, new(n%2 == 0), ""
		add(u)
		d := denied(by(n*650+2, "ec2", "RunInstances"), fmt.Sprintf("%d: no because no identity-based policy allows it", n%5))
		d.MFAAuthenticated = new(n%9 == 0)
		d.IdentityType, d.IdentityARN = "AssumedRole", fmt.Sprintf("arn:aws:sts::111122223333:assumed-role/r%d/s%d", n%2, n)
		d.AccessKeyID, d.PrincipalID = "ASIA"+fmt.Sprint(n%4), fmt.Sprintf("AROAR%d:s%d", n%2, n)
		add(d)
		// One actor whose name and kind the events do not agree on.
		x := by(n*600+3, "s3", "ListAllMyBuckets")
		x.IdentityType, x.IdentityARN, x.IdentityUserName = []string{"SAMLUser", "Directory"}[n%2], "arn:aws:x::1:y/z", fmt.Sprintf("n%d", n%3)
		add(x)
	}
	add(write(params(by(9, "iam", "CreateAccessKey"), `{}`)))
	add(event.Event{AccountID: "222233334444", EventID: "bare", EventTime: noon})
	cases["odd"] = odd
	// A day whose resources have to widen beside one whose need not.
	var flood []event.Event
	for n := range 300 {
		minute := n % 600
		if n >= 290 {
			minute += 24 * 60
		}
		get := params(by(minute, "s3", "GetObject"), fmt.Sprintf(`{"bucketName":"b","key":"in/%06d.json"}`, n))
		put := denied(params(by(minute, "s3", "PutObject"), fmt.Sprintf(`{"bucketName":"b","key":"in/%06d.json"}`, n)), "Access Denied")
		get.EventID, put.EventID = fmt.Sprintf("get-%03d", n), fmt.Sprintf("put-%03d", n)
		flood = append(flood, get, put)
	}
	cases["flood"] = flood
	return cases
}

// firstDifference tells where two values begin to differ.
func firstDifference(a, b any) string {
	x, y := fmt.Sprintf("%+v", a), fmt.Sprintf("%+v", b)
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("\n …%.300s\n …%.300s", x[max(0, i-80):], y[max(0, i-80):])
		}
	}
	return fmt.Sprintf("%d and %d bytes", len(x), len(y))
}

// TestRowsVersion holds that rows of other content have another version: what
// a lake keeps of an old one would be taken for right.
func TestRowsVersion(t *testing.T) {
	var sums []string
	cases := rollCases()
	for _, name := range []string{"flood", "many", "odd"} {
		for _, rows := range rolled(cases[name], 1) {
			text, err := json.Marshal(rows)
			if err != nil {
				t.Fatal(err)
			}
			sums = append(sums, fmt.Sprintf("%x", sha256.Sum256(text)))
		}
	}
	slices.Sort(sums)
	const known = "1 2026-09-26 bc2430a753a757a2, rows 171ffe540b9029d2"
	sum := sha256.Sum256([]byte(strings.Join(sums, " ")))
	if got := fmt.Sprintf("%s, rows %x", RowsVersion(catalog.Default()), sum[:8]); got != known {
		t.Errorf("rows are\n%s, were\n%s\nwrite down the new; where the catalogue is the same and the rows are not, raise rowsVersion first", got, known)
	}
}
