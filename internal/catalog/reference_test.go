package catalog

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// serviceFiles are three services in the shape of AWS's files: one that the
// embedded data lacks, one with a newer action, and the index beside them.
var serviceFiles = fstest.MapFS{
	"index.json": {Data: []byte(`[{"service":"newsvc","url":"https://example.com/newsvc.json"}]`)},
	"v1/newsvc/newsvc.json": {Data: []byte(`{"Name":"newsvc","Version":"v1.4","Actions":[
		{"Name":"MakeThing","ActionConditionKeys":["aws:RequestTag/${TagKey}"],"Annotations":{"Properties":{"IsList":false,"IsPermissionManagement":false,"IsTaggingOnly":false,"IsWrite":true}},
		 "Resources":[{"Name":"thing"}],"SupportedBy":{"IAM Access Analyzer Policy Generation":false}},
		{"Name":"ListThings","Annotations":{"Properties":{"IsList":true}}},
		{"Name":"SeeThing","Resources":[{"Name":"thing"}]},
		{"Name":"ShareThing","Annotations":{"Properties":{"IsPermissionManagement":true,"IsWrite":true}},"Resources":[{"Name":"thing"}]}],
		"ConditionKeys":[{"Name":"newsvc:Size","Types":["Numeric"]},{"Name":"aws:RequestTag/${TagKey}","Types":["String"]}],
		"Resources":[{"Name":"thing","ARNFormats":["arn:${Partition}:newsvc:${Region}:${Account}:thing/${ThingName}"],"ConditionKeys":["newsvc:Size"]}],
		"Operations":[{"Name":"MakeThing","AuthorizedActions":[{"Name":"MakeThing","Service":"newsvc"},{"Name":"PassRole","Service":"iam","Context":{"iam:PassedToService":["bullet"]}}]},
			{"Name":"HeadThing","AuthorizedActions":[{"Name":"SeeThing","Service":"newsvc"}]},
			{"Name":"MoveThing","AuthorizedActions":[{"Name":"SeeThing","Service":"newsvc"},{"Name":"MakeThing","Service":"newsvc"}]}]}`)},
	"v1/sqs/sqs.json": {Data: []byte(`{"Name":"sqs","Actions":[{"Name":"PeekMessage","Annotations":{"Properties":{}},"Resources":[{"Name":"queue"}]},
		{"Name":"SendMessage","Annotations":{"Properties":{"IsWrite":true}},"ActionConditionKeys":["sqs:New"],"Resources":[{"Name":"queue"}]}],
		"Resources":[{"Name":"queue","ARNFormats":["arn:${Partition}:sqs:${Region}:${Account}:${QueueName}"]}],"Operations":[{"Name":"PeekMessage"}]}`)},
}

func referenced(t *testing.T) *Catalog {
	t.Helper()
	c, err := WithServiceReference(serviceFiles)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWithServiceReference(t *testing.T) {
	c := referenced(t)
	if c.References() != 2 || Default().References() != 0 || c.Date() != Default().Date() {
		t.Errorf("%d files, date %s", c.References(), c.Date())
	}
	for name, want := range map[string]AccessLevel{
		"newsvc:makething": Write, "newsvc:ListThings": List, "newsvc:SeeThing": Read, "newsvc:ShareThing": Permission,
		"sqs:PeekMessage": Read, "sqs:DeleteQueue": Write, "s3:GetObject": Read,
	} {
		if got := c.Level(name); got != want {
			t.Errorf("level of %s is %q, want %q", name, got, want)
		}
	}
	if Default().Known("newsvc:MakeThing") || Default().Known("sqs:PeekMessage") {
		t.Error("the embedded catalogue changed")
	}
	if got, want := len(c.Expand("*")), len(Default().Expand("*"))+5; got != want {
		t.Errorf("%d actions, want %d", got, want)
	}
	if v, _ := c.Visibility("newsvc:MakeThing"); v != Management {
		t.Errorf("newsvc:MakeThing is %v", v)
	}
	if v, _ := c.Visibility("newsvc:ShareThing"); v != Never {
		t.Errorf("newsvc:ShareThing, which no operation has, is %v", v)
	}
}

func TestReferenceDetails(t *testing.T) {
	c := referenced(t)
	d, _ := c.Detail("newsvc:MakeThing")
	if len(d.ConditionKeys) != 2 || d.ConditionKeys[1] != (ConditionKey{"newsvc:Size", "Numeric"}) {
		t.Errorf("condition keys %v", d.ConditionKeys)
	}
	if d, _ := c.Detail("newsvc:SeeThing"); len(d.Operations) != 1 || d.Operations[0].Name != "HeadThing" {
		t.Errorf("operations %v", d.Operations)
	}
	if d, _ := c.Detail("sqs:SendMessage"); len(d.ConditionKeys) != 1 || len(d.Operations) != 2 {
		t.Errorf("sqs:SendMessage: %+v", d)
	}
}

func TestReferenceAttributes(t *testing.T) {
	c := referenced(t)
	for _, v := range []struct{ source, event, request, want string }{
		{"newsvc", "MakeThing", `{"thingName":"t","roleArn":"arn:aws:iam::111122223333:role/r"}`,
			"iam:PassRole arn:aws:iam::111122223333:role/r implied;newsvc:MakeThing arn:aws:newsvc:us-east-1:111122223333:thing/t name"},
		{"newsvc", "HeadThing", `{"thingName":"t"}`, "newsvc:SeeThing arn:aws:newsvc:us-east-1:111122223333:thing/t rule"},
		{"newsvc", "MoveThing", `{}`, ""}, // two actions may be checked: which, nobody says
		{"sqs", "PeekMessage", `{"queueUrl":"https://sqs.us-east-1.amazonaws.com/111122223333/q"}`, "sqs:PeekMessage arn:aws:sqs:us-east-1:111122223333:q name"},
		{"sqs", "SendMessageBatch", `{"queueUrl":"https://sqs.us-east-1.amazonaws.com/111122223333/q"}`, "sqs:SendMessage arn:aws:sqs:us-east-1:111122223333:q rule"},
	} {
		e := call(v.source, v.event, v.request)
		if got := strings.Join(lines(c.Attribute(&e)), ";"); got != v.want {
			t.Errorf("%s %s:\n got %s\nwant %s", v.source, v.event, got, v.want)
		}
	}
}

func TestReferenceErrors(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON":    `{"Name":`,
		"no service": `{"Hello":1}`,
		"no action":  `{"Name":"x","Actions":[{"Name":"Do\u001b[31m"}]}`,
		"no ARN":     `{"Name":"x","Actions":[],"Resources":[{"Name":"r","ARNFormats":["thing"]}]}`,
	} {
		_, err := WithServiceReference(fstest.MapFS{"x.json": {Data: []byte(text)}})
		var bad *ReferenceError
		if !errors.As(err, &bad) || bad.File != "x.json" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := WithServiceReference(fstest.MapFS{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("empty directory: %v", err)
	}
	if _, err := WithServiceReference(os.DirFS(t.TempDir() + "/nosuch")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing directory: %v", err)
	}
}
