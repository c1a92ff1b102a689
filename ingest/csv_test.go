package ingest

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/event"
)

// history is a header of the console's "Event history" as it downloads it.
const history = "User name,AWS access key,Event time,Event source,Event name,AWS region,Source IP address,User agent,Error code,Resources,Request ID,Event ID,Read-only,Event type,Recipient Account Id,Event category"

const historyRow = `mary,ASIAEXAMPLE,2026-01-31T12:00:00Z,ec2.amazonaws.com,RunInstances,eu-west-1,192.0.2.7,"Mozilla/5.0 (X11; Linux)
second line",AccessDenied,"[{""resourceType"":""AWS::IAM::Role"",""resourceName"":""arn:aws:iam::111122223333:role/r""},{""resourceType"":""AWS::EC2::Ami"",""resourceName"":""ami-1""}]",r-1,e-1,false,AwsApiCall,111122223333,Management`

func TestEventHistoryCSV(t *testing.T) {
	b := decode(t, "\xef\xbb\xbf"+history+"\r\n"+historyRow+"\r\n,,2026-01-31T12:00:01Z,iam.amazonaws.com,GetUser,us-east-1,'=1+1,\"=\"\"agent\"\"\",,[],,e-2,true,AwsApiCall,111122223333,Management\r\n")
	if ids(b) != "e-1 e-2" {
		t.Fatalf("events %s", ids(b))
	}
	e := b.Events[0]
	want := event.Event{
		AccountID: account, EventID: "e-1", EventTime: time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC), EventSource: "ec2.amazonaws.com",
		EventName: "RunInstances", AWSRegion: "eu-west-1", SourceIPAddress: "192.0.2.7", UserAgent: "Mozilla/5.0 (X11; Linux)\nsecond line",
		ErrorCode: "AccessDenied", RequestID: "r-1", EventType: "AwsApiCall", EventCategory: "Management", RecipientAccountID: account,
		IdentityUserName: "mary", AccessKeyID: "ASIAEXAMPLE",
	}
	if e.ReadOnly == nil || *e.ReadOnly || len(e.Resources) != 2 || e.Resources[0].ARN != "arn:aws:iam::111122223333:role/r" || e.Resources[1].Type != "AWS::EC2::Ami" {
		t.Errorf("read-only %v, resources %v", e.ReadOnly, e.Resources)
	}
	if !strings.Contains(e.Extra, `"resourceName":"ami-1"`) {
		t.Errorf("what has no column is lost: %s", e.Extra)
	}
	e.ReadOnly, e.Resources, e.Extra = nil, nil, ""
	if !sameEvent(e, want) {
		t.Errorf("got  %+v\nwant %+v", e, want)
	}
	if e := b.Events[1]; e.SourceIPAddress != "=1+1" || e.UserAgent != "agent" || e.RequestID != "" || len(e.Resources) != 0 {
		t.Errorf("the guarded row: %+v", e)
	}
}

// sameEvent compares events without pointers and lists.
func sameEvent(a, b event.Event) bool {
	return a.Key() == b.Key() && a.EventTime.Equal(b.EventTime) && func() bool {
		a.EventTime, b.EventTime = time.Time{}, time.Time{}
		return strings.Join(columnsOf(a), "|") == strings.Join(columnsOf(b), "|")
	}()
}

func columnsOf(e event.Event) []string {
	return []string{e.AccountID, e.EventSource, e.EventName, e.AWSRegion, e.SourceIPAddress, e.UserAgent, e.ErrorCode, e.RequestID, e.EventType,
		e.EventCategory, e.RecipientAccountID, e.IdentityUserName, e.AccessKeyID, e.IdentityARN, e.IdentityType, e.IssuerARN, e.Extra}
}

func TestLakeCSV(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		ids  string
		see  func(e event.Event) bool
	}{
		"whole records": {"eventJson,other\n\"" + strings.ReplaceAll(rec("a"), `"`, `""`) + "\",x\n", "a", nil},
		"one is broken": {"eventjson\n\"{\"\"eventName\"\":\"\n\"" + strings.ReplaceAll(rec("a"), `"`, `""`) + "\"\n", "a!", nil},
		"chosen columns": {"eventID,eventTime,eventSource,eventName,userIdentity.arn,mine\na,2026-01-31 12:00:00.000,s3.amazonaws.com,GetObject,arn:aws:iam::111122223333:user/u,7\n", "a",
			func(e event.Event) bool {
				return e.IdentityARN == "arn:aws:iam::111122223333:user/u" && e.Extra == `{"mine":"7"}`
			}},
		"a struct": {"eventID,eventTime,eventSource,eventName,userIdentity\na,2026-01-31 12:00:00.000,s3.amazonaws.com,GetObject,\"{type=AssumedRole, principalid=A:s, arn=arn:aws:sts::111122223333:assumed-role/r/a, b, accountid=111122223333, sessioncontext={attributes={mfaauthenticated=false}, sessionissuer={type=Role, arn=arn:aws:iam::111122223333:role/r}, sourceidentity=null}}\"\n", "a",
			func(e event.Event) bool {
				return e.IdentityType == "AssumedRole" && e.IdentityARN == "arn:aws:sts::111122223333:assumed-role/r/a, b" && e.AccountID == account &&
					e.IssuerARN == "arn:aws:iam::111122223333:role/r" && e.MFAAuthenticated != nil && e.SourceIdentity == ""
			}},
		"a map": {"eventID,eventTime,eventSource,eventName,requestParameters\na,2026-01-31 12:00:00,s3.amazonaws.com,GetObject,\"{bucketName=b, key=k}\"\n", "a",
			func(e event.Event) bool { return e.RequestParameters == `"{bucketName=b, key=k}"` }},
		"no time in a row": {"eventID,eventTime,eventSource,eventName\na,,s3.amazonaws.com,GetObject\n", "!", nil},
		"no rows":          {"eventID,eventTime,eventSource,eventName\n", "", nil},
	} {
		b := decode(t, c.text)
		if got := ids(b); got != c.ids {
			t.Errorf("%s: events %q, want %q: %v", name, got, c.ids, b.Rejected)
		} else if c.see != nil && !c.see(b.Events[0]) {
			t.Errorf("%s: %+v", name, b.Events[0])
		}
	}
	b, err := Decode(event.Object{}, zip(t, history+"\n"+historyRow+"\n"), Limits{})
	if err != nil || ids(b) != "e-1" {
		t.Errorf("packed: %v, %v", b, err)
	}
}

func TestCSVRefused(t *testing.T) {
	for text, want := range map[string]string{
		"eventName,eventTime\nx,y\n":         "a CSV export without eventID, eventSource: select eventJson, or at least eventID, eventTime, eventSource, eventName",
		history + "\na,b\n":                  "broken CSV in line 2: wrong number of fields",
		"eventJson,x\n\"a,b\n":               "broken CSV in line 2: extraneous or missing \" in quoted-field",
		"user,arn,password_enabled\na,b,c\n": "not CloudTrail: a CSV file without CloudTrail's columns",
	} {
		_, err := Decode(event.Object{}, []byte(text), Limits{})
		var format *FormatError
		if !errors.As(err, &format) || format.What != want {
			t.Errorf("%.30q: %v, want %s", text, err, want)
		}
	}
	text := history + strings.Repeat("\n"+historyRow, 9)
	_, err := Decode(event.Object{}, []byte(text), Limits{MaxRaw: int64(len(text)) + 1}) // as JSON it is longer
	if err == nil || !strings.Contains(err.Error(), "larger than the limit") {
		t.Errorf("over the limit: %v", err)
	}
}

// A CSV file on standard input is one object, however large, and whatever
// brackets are in it.
func TestStreamedCSV(t *testing.T) {
	rows := 20_000
	text := history + "\n" + strings.Repeat(historyRow+"\n", rows)
	var chunks [][]byte
	for e, err := range NewStream("stdin", bytes.NewReader([]byte(text))).List(t.Context(), Filter{}) {
		check(t, err)
		chunks = append(chunks, e.Content)
	}
	if len(chunks) != 1 {
		t.Fatalf("%d chunks", len(chunks))
	}
	b, err := Decode(event.Object{}, chunks[0], Limits{})
	if err != nil || len(b.Events) != rows {
		t.Errorf("%v", err)
	}
}

// Exports of structs nest no deeper than AWS's, and cost no more than they are
// long.
func TestStructTextHostile(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("{type=", 1e6), "{type=" + strings.Repeat(", ", 1e6) + "}", "{type=a", "{type=a}}", "{a=b}", "{type=a, b}x", "[a, b]", "[{type=a}{type=b}]",
	} {
		if out, ok := structText(text); ok && len(out) < 20 {
			t.Errorf("%.30q is taken for %s", text, out)
		}
	}
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte(history + "\n" + historyRow))
	f.Add([]byte("eventjson,x\n\"{}\",1\n"))
	f.Add([]byte("eventID,eventTime,eventSource,eventName,userIdentity\na,1,b,c,\"{type=a, arn=[{type=}]}\""))
	f.Fuzz(func(t *testing.T, text []byte) {
		if !isCSV(withoutMark(text)) {
			return
		}
		b, err := Decode(event.Object{}, text, Limits{})
		var broken *SyntaxError
		if errors.As(err, &broken) {
			t.Fatalf("the JSON made of it is broken: %v", err)
		}
		if err == nil {
			checkBatch(t, b, nil)
		}
	})
}
