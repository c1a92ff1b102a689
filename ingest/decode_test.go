package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/event"
)

// Every shape that records come in gives the same events.
func TestShapes(t *testing.T) {
	a, b := rec("a"), rec("b")
	quoted := func(s string) string { q, _ := json.Marshal(s); return string(q) }
	for name, text := range map[string]string{
		"the usual document":           doc(a, b),
		"white space everywhere":       " {\n \"Records\" : [ " + a + " ,\t" + b + "\r\n] } \n",
		"members before the list":      `{"digest":{"Records":[1]},"Records":[` + a + "," + b + `]}`,
		"members behind the list":      `{"Records":[` + a + "," + b + `],"more":{"x":[1,{}]}}`,
		"two lists":                    `{"Records":[` + a + `],"Records":[` + b + `]}`,
		"an array":                     "[" + a + "," + b + "]",
		"JSON lines":                   a + "\n" + b + "\n",
		"lines that are pretty":        strings.ReplaceAll(a, ",", ",\n  ") + "\n\n" + b,
		"documents one after another":  doc(a) + doc(b),
		"a byte order mark":            "\ufeff" + doc(a, b),
		"EventBridge":                  `{"detail-type":"AWS API Call via CloudTrail","detail":` + a + `}` + "\n" + `{"version":"0","detail":` + b + `}`,
		"a CloudWatch subscription":    `{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","message":` + quoted(a) + `},{"id":"2","message":` + quoted(b) + `}]}`,
		"lookup-events":                `{"Events":[{"EventId":"a","CloudTrailEvent":` + quoted(a) + `},{"EventId":"b","CloudTrailEvent":` + quoted(b) + `}]}`,
		"Stackdriver":                  `{"insertId":"1","jsonPayload":` + a + "}\n" + `{"jsonPayload":` + b + "}",
		"EventBridge inside a message": `{"logEvents":[{"message":` + quoted(`{"detail":`+a+`}`) + `},{"message":` + quoted(b) + `}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			if got := ids(decode(t, text)); got != "a b" {
				t.Errorf("plain: %q", got)
			}
			batch, err := Decode(event.Object{}, zip(t, text), Limits{})
			check(t, err)
			if got := ids(batch); got != "a b" || batch.RawBytes != int64(len(text)) {
				t.Errorf("gzip: %q, %d bytes of %d", got, batch.RawBytes, len(text))
			}
		})
	}
}

// One record of each eventVersion, with what that version brought.
func TestVersions(t *testing.T) {
	for version, c := range map[string]struct {
		member string
		got    func(e *event.Event) any
		want   any
	}{
		"1.0":  {`"userIdentity":{"type":"Root","accountId":"444455556666"},"recipientAccountId":null`, func(e *event.Event) any { return e.AccountID }, "444455556666"},
		"1.01": {`"eventType":"AwsApiCall"`, func(e *event.Event) any { return e.EventType }, "AwsApiCall"},
		"1.02": {`"apiVersion":"2012-10-17"`, func(e *event.Event) any { return e.APIVersion }, "2012-10-17"},
		"1.03": {`"readOnly":true`, func(e *event.Event) any { return *e.ReadOnly }, true},
		"1.04": {`"sharedEventID":"s"`, func(e *event.Event) any { return e.SharedEventID }, "s"},
		"1.05": {`"userIdentity":{"sessionContext":{"attributes":{"mfaAuthenticated":"false"}}}`, func(e *event.Event) any { return *e.MFAAuthenticated }, false},
		"1.06": {`"managementEvent":false`, func(e *event.Event) any { return *e.Management }, false},
		"1.07": {`"eventCategory":"Data"`, func(e *event.Event) any { return e.EventCategory }, "Data"},
		"1.08": {`"tlsDetails":{"tlsVersion":"TLSv1.3","x":1}`, func(e *event.Event) any { return e.TLSVersion + e.Extra }, `TLSv1.3{"tlsDetails":{"x":1}}`},
		"1.09": {`"sessionCredentialFromConsole":"true"`, func(e *event.Event) any { return *e.ConsoleCredential }, true},
		"1.10": {`"userIdentity":{"onBehalfOf":{"userId":"u","identityStoreArn":"n"}}`, func(e *event.Event) any { return e.OnBehalfOfUserID + e.OnBehalfOfStoreARN }, "un"},
		"1.11": {`"vpcEndpointAccountId":"444455556666"`, func(e *event.Event) any { return e.VPCEndpointAccountID }, "444455556666"},
	} {
		text := `{"eventVersion":"` + version + `","eventTime":"2026-01-31T12:00:00Z","eventName":"X","eventID":"a",` + c.member + `}`
		b := decode(t, doc(text))
		if len(b.Events) != 1 || b.Events[0].EventVersion != version {
			t.Fatalf("%s: %+v", version, b)
		}
		if got := c.got(&b.Events[0]); got != c.want {
			t.Errorf("%s: %v, want %v", version, got, c.want)
		}
	}
}

// What a record says beyond the columns is kept, as it was written.
func TestNothingIsLost(t *testing.T) {
	for name, c := range map[string]struct{ member, extra, identityExtra string }{
		"unknown fields":      {`"new":{"deep":[1,2.50,1e999,"\u0041"]},"other":null`, `{"new":{"deep":[1,2.50,1e999,"\u0041"]},"other":null}`, ""},
		"a field's new type":  {`"requestID":17`, `{"requestID":17}`, ""},
		"a flag that is none": {`"readOnly":"perhaps"`, `{"readOnly":"perhaps"}`, ""},
		"null":                {`"requestID":null`, "", ""},
		"identity as text":    {`"userIdentity":"root"`, `{"userIdentity":"root"}`, ""},
		"identity unknown":    {`"userIdentity":{"type":"Root","inScopeOf":{"a":1}}`, "", `{"inScopeOf":{"a":1}}`},
		"deep in identity":    {`"userIdentity":{"sessionContext":{"x":2,"attributes":{"y":3}}}`, "", `{"sessionContext":{"x":2,"attributes":{"y":3}}}`},
		"a name with quotes":  {`"a\"b":1`, `{"a\"b":1}`, ""},
		"odd resources":       {`"resources":["arn"]`, `{"resources":["arn"]}`, ""},
		"rich resources":      {`"resources":[{"ARN":"a","x":1}]`, `{"resources":[{"ARN":"a","x":1}]}`, ""},
	} {
		e := decode(t, doc(rec("a", c.member))).Events[0]
		if e.Extra != c.extra || e.IdentityExtra != c.identityExtra {
			t.Errorf("%s: extra %s and %s, want %s and %s", name, e.Extra, e.IdentityExtra, c.extra, c.identityExtra)
		}
	}
	const raw = `{ "n":12345678901234567890.10, "s":"\u00e9\/", "e":{} }`
	e := decode(t, doc(rec("a", `"requestParameters":`+raw, `"responseElements":null`))).Events[0]
	if e.RequestParameters != raw || e.ResponseElements != "" {
		t.Errorf("parameters are not as they were: %q, %q", e.RequestParameters, e.ResponseElements)
	}
}

func TestText(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain":                  {`curl/8`, "curl/8"},
		"every short escape":     {`\"\\\/\b\f\n\r\t`, "\"\\/\b\f\n\r\t"},
		"a unicode escape":       {`\u00e9\u4e2d`, "é中"},
		"a surrogate pair":       {`\ud83d\ude00`, "😀"},
		"a lone surrogate":       {`x\ud83dy`, "x\ufffdy"},
		"raw unicode":            {`naïve 中 😀`, "naïve 中 😀"},
		"an escape at each edge": {`\u0041bcdefgh\u0042`, "AbcdefghB"},
		"no UTF-8":               {"a\xff\xfeb", "a\ufffdb"},
		"empty":                  {"", ""},
		"an escaped NUL":         {`a\u0000b`, "a\x00b"},
	} {
		e := decode(t, doc(rec("a", `"userAgent":"`+c.in+`"`))).Events[0]
		if e.UserAgent != c.want {
			t.Errorf("%s: %q, want %q", name, e.UserAgent, c.want)
		}
	}
}

func TestTimes(t *testing.T) {
	noon := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	for in, want := range map[string]time.Time{
		`"2026-01-31T12:00:00Z"`:                noon,
		`"2026-01-31T12:00:00.25Z"`:             noon.Add(250 * time.Millisecond),
		`"2026-01-31T14:00:00+02:00"`:           noon,
		`"2026-01-31 12:00:00"`:                 noon,
		strconv.FormatInt(noon.Unix(), 10):      noon,
		strconv.FormatInt(noon.UnixMilli(), 10): noon,
		`"2026-02-30T12:00:00Z"`:                {},
		`"yesterday"`:                           {},
		`"1969-12-31T23:59:59Z"`:                {},
		`""`:                                    {},
		`null`:                                  {},
		`{"at":1}`:                              {},
	} {
		b := decode(t, `[{"eventName":"X","eventID":"a","eventTime":`+in+`}]`)
		if want.IsZero() {
			if len(b.Events) != 0 || len(b.Rejected) != 1 {
				t.Errorf("%s is taken for a time: %+v", in, b)
			}
			continue
		}
		if len(b.Events) != 1 || !b.Events[0].EventTime.Equal(want) {
			t.Errorf("%s: %+v, want %s", in, b.Events, want)
		}
	}
}

// A record that is no event is put aside, and the others count.
func TestRejected(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 600) + "1" + strings.Repeat("}", 600)
	for name, c := range map[string]struct{ bad, reason string }{
		"no eventName":      {`{"eventTime":"2026-01-31T12:00:00Z"}`, "no eventName"},
		"no eventTime":      {`{"eventName":"X"}`, "no eventTime"},
		"a bad eventTime":   {`{"eventName":"X","eventTime":"soon"}`, `eventTime "soon" is no time`},
		"not an object":     {`"text"`, "not an object"},
		"null":              {`null`, "not an object"},
		"an array":          {`[1]`, "not an object"},
		"a field twice":     {`{"eventName":"X","eventTime":"2026-01-31T12:00:00Z","eventName":"Y"}`, "the field eventName comes twice, and readers disagree on which counts"},
		"nested too deep":   {`{"eventName":"X","eventTime":"2026-01-31T12:00:00Z","requestParameters":` + deep + `}`, "nested deeper than 512 levels"},
		"a notification":    {`{"eventName":"ObjectCreated:Put","eventTime":"2026-01-31T12:00:00Z","eventSource":"aws:s3"}`, `not a CloudTrail record: an event notification of "aws:s3"`},
		"an Insights event": {`{"eventType":"AwsCloudTrailInsight","insightDetails":{"state":"Start"}}`, "a CloudTrail Insights event, which is no call"},
	} {
		b := decode(t, doc(rec("a"), c.bad, rec("b")))
		if ids(b) != "a b!" {
			t.Fatalf("%s: %q", name, ids(b))
		}
		if r := b.Rejected[0]; r.Reason != c.reason || r.Index != 1 || r.Record != c.bad {
			t.Errorf("%s: record %d %q, %q; want %q", name, r.Index, r.Record, r.Reason, c.reason)
		}
	}
}

// A record without an eventID is named by what it says, however it is written.
func TestContentID(t *testing.T) {
	const a = `{"eventName":"X","eventTime":"2026-01-31T12:00:00Z","n":[1,{"a":1,"b":2}]}`
	const same = `{ "n":[1,{"b":2,"a":1}],"eventTime":"2026-01-31T12:00:00Z", "eventName":"\u0058" }`
	const other = `{"eventName":"X","eventTime":"2026-01-31T12:00:00Z","n":[1,{"a":1,"b":2.0}]}`
	b := decode(t, doc(a, same, other))
	x, y, z := b.Events[0].EventID, b.Events[1].EventID, b.Events[2].EventID
	// The canonical form is kept in lakes: it must stay as it is.
	sum := sha256.Sum256([]byte(`{"eventName":"<&>","eventTime":"2026-01-31T12:00:00Z"}`))
	if got := decode(t, `{"eventTime":"2026-01-31T12:00:00Z","eventName":"<&>"}`).Events[0].EventID; got != hex.EncodeToString(sum[:]) {
		t.Errorf("the content's id is %s", got)
	}
	if len(x) != 64 || x != y || x == z {
		t.Errorf("ids %q, %q and %q: want two the same, one not", x, y, z)
	}
}

func TestAccounts(t *testing.T) {
	for i, e := range decode(t, doc(rec("a"), rec("b", `"userIdentity":{}`), strings.Replace(rec("c"), account, "444455556666", 1), rec("d"))).Events {
		if want := []string{account, account, "444455556666", account}[i]; e.AccountID != want {
			t.Errorf("event %d of one object: account %s, want %s", i, e.AccountID, want)
		}
	}
	for name, c := range map[string]struct{ members, want string }{
		"the recipient":       {`"recipientAccountId":"111122223333","userIdentity":{"accountId":"444455556666"}`, "111122223333"},
		"the identity":        {`"userIdentity":{"accountId":"444455556666"}`, "444455556666"},
		"none":                {`"x":1`, "unknown"},
		"no path":             {`"recipientAccountId":"../../../../etc"`, "unknown"},
		"digits of elsewhere": {`"recipientAccountId":"１２３４５６７８９０１２"`, "unknown"},
	} {
		e := decode(t, `[{"eventName":"X","eventTime":"2026-01-31T12:00:00Z",`+c.members+`}]`).Events[0]
		if e.AccountID != c.want {
			t.Errorf("%s: %q, want %q", name, e.AccountID, c.want)
		}
	}
}

// Texts that are no JSON give an error that says where, and no event.
func TestBroken(t *testing.T) {
	for name, c := range map[string]struct {
		text, what string
		records    int
	}{
		"cut in a record":      {doc(rec("a"), rec("b"))[:300], "the text ends too early", 1},
		"cut in a string":      {`{"Records":[{"eventName":"X`, "the text ends too early", 0},
		"cut behind a record":  {`{"Records":[` + rec("a"), "the text ends too early", 1},
		"a control character":  {doc(rec("a", "\"x\":\"a\nb\"")), "control character in a string", 0},
		"a bad escape":         {doc(rec("a", `"x":"\x41"`)), "bad escape in a string", 0},
		"a short escape":       {doc(rec("a", `"x":"\u12"`)), "bad escape in a string", 0},
		"a leading zero":       {doc(rec("a", `"x":01`)), "a comma or a closing bracket is missing", 0},
		"a trailing comma":     {`{"Records":[` + rec("a") + `,]}`, "a value is missing", 1},
		"a comma in an object": {`{"Records":[{"a":1,}]}`, "a member's name is missing", 0},
		"no colon":             {`{"Records":[{"a" 1}]}`, "a colon is missing", 0},
		"text behind":          {doc(rec("a")) + "x", "neither an object nor an array", 1},
		"no literal":           {doc(rec("a", `"x":nul`)), "a value is missing", 0},
		"NaN":                  {doc(rec("a", `"x":NaN`)), "a value is missing", 0},
		"deeper than bearable": {doc(strings.Repeat(`{"a":`, 20_000)), "nested deeper than 10000 levels", 0},
	} {
		b, err := Decode(event.Object{}, []byte(c.text), Limits{})
		var bad *SyntaxError
		if !errors.As(err, &bad) || b != nil {
			t.Errorf("%s: %v, %v", name, b, err)
			continue
		}
		if bad.What != c.what || bad.Records != c.records {
			t.Errorf("%s: %q after %d records, want %q after %d", name, bad.What, bad.Records, c.what, c.records)
		}
	}
}

// What is not CloudTrail is told by what it is.
func TestNotCloudTrail(t *testing.T) {
	line := strings.Repeat("0123456789abcdef", 4)
	for want, text := range map[string]string{
		"empty file":                                                     "",
		"not CloudTrail: an S3 access log":                               line + ` bucket [31/Jan/2026:12:00:00 +0000] 192.0.2.1 - X REST.GET.OBJECT key`,
		"not CloudTrail: a VPC flow log":                                 "version account-id interface-id srcaddr",
		"not CloudTrail: plain text":                                     "hello",
		"not CloudTrail: XML or HTML":                                    "<?xml version='1.0'?>",
		"not CloudTrail: a zip archive":                                  "PK\x03\x04....",
		"not CloudTrail: neither JSON nor gzip":                          "\x00\x01\x02",
		"not CloudTrail: a CloudTrail digest file":                       `{"awsAccountId":"111122223333","digestStartTime":"2026-01-31T12:00:00Z","logFiles":[]}`,
		"not CloudTrail: an S3 event notification":                       `{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","eventTime":"2026-01-31T12:00:00Z"}]}`,
		`not CloudTrail: an EventBridge event of type "Scheduled Event"`: `{"detail-type":"Scheduled Event","detail":{}}`,
		"not CloudTrail: JSON without a record that has an eventName":    `{"a":[1,2]}`,
		"not CloudTrail: CloudTrail Insights events, which are no calls": `{"Records":[{"insightDetails":{"state":"Start"}}]}`,
	} {
		_, err := Decode(event.Object{}, []byte(text), Limits{})
		var bad *FormatError
		if !errors.As(err, &bad) || bad.What != want {
			t.Errorf("%.40q: %v, want %s", text, err, want)
		}
	}
	if got := ids(decode(t, `{"Records":[]}`)); got != "" {
		t.Errorf("a document without records: %q", got)
	}
}

// A record of some megabytes, and many in one object.
func TestLarge(t *testing.T) {
	big := strings.Repeat("x", 4<<20)
	e := decode(t, doc(rec("a", `"requestParameters":{"body":"`+big+`"}`), rec("b"))).Events
	if len(e) != 2 || len(e[0].RequestParameters) != len(big)+len(`{"body":""}`) {
		t.Errorf("%d events", len(e))
	}
	if n := len(decode(t, doc(many("a", 20_000)...)).Events); n != 20_000 {
		t.Errorf("%d events of 20000", n)
	}
}

// A wrapper's record that is broken costs itself alone.
func TestBrokenInsideAWrapper(t *testing.T) {
	b := decode(t, fmt.Sprintf(`{"logEvents":[{"message":%q},{"message":"{\"eventName\":"},{"message":"text"}]}`, rec("a")))
	if ids(b) != "a!!" || !strings.Contains(b.Rejected[0].Reason, "the text ends too early") {
		t.Errorf("%q, %+v", ids(b), b.Rejected)
	}
}
