package catalog

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/event"
)

// FuzzAttribute holds that no event, however it is made up, yields an action
// that does not exist, or a resource that is no ARN.
func FuzzAttribute(f *testing.F) {
	f.Add("s3.amazonaws.com", "GetObject", `{"bucketName":"b","key":"*"}`, "", "arn:aws:s3:::b/k")
	f.Add("lambda.amazonaws.com", "CreateFunction20150331", `{"functionName":"f","role":"arn:aws:iam::111122223333:role/r"}`, "", "")
	f.Add("kms.amazonaws.com", "ReEncrypt", `{"sourceKeyId":"arn:aws:kms:"}`, "", "arn:aws:kms:::key/")
	f.Add("iam.amazonaws.com", "DeleteUser", ``, "x is not authorized to perform: iam:DeleteUsers on resource: user bob", "")
	f.Add("apigateway.amazonaws.com", "GetResource", `{"restApiId":["r"]}`, "", "")
	f.Add("dynamodb.amazonaws.com", "ExecuteStatement", `{"statement":"SELECT * FROM \"t\".\"i\""}`, "", "")
	f.Add("sqs.amazonaws.com", "SendMessage", `{"queueUrl":"/"}`, "", "")
	f.Add("secretsmanager.amazonaws.com", "GetSecretValue", `{"secretId":"arn:aws:secretsmanager:us-east-1:111122223333:secret:"}`, "", "")
	f.Fuzz(func(t *testing.T, source, name, request, message, arn string) {
		e := event.Event{
			AccountID: "111122223333", EventSource: source, EventName: name, RequestParameters: request, ErrorMessage: message,
			AWSRegion: "us-east-1", Resources: []event.Resource{{ARN: arn}}, ResponseElements: request,
		}
		if !needsNone(&e) {
			checkUses(t, Default(), &e, Default().Attribute(&e))
		}
	})
}

// TestMisspelt holds that a name which is nearly an action's is no action: one
// letter changed, doubled or lost, in names of all services.
func TestMisspelt(t *testing.T) {
	c := Default()
	rnd := rand.New(rand.NewPCG(7, 7))
	all := c.Expand("*")
	for range 20000 {
		prefix, name, _ := strings.Cut(all[rnd.IntN(len(all))], ":")
		e := call(prefix, misspelt(rnd, name), `{"name":"n"}`)
		if rnd.IntN(4) == 0 {
			e.EventName += "2015_03_31"
		}
		if needsNone(&e) {
			continue
		}
		a := c.Attribute(&e)
		checkUses(t, c, &e, a)
		for _, u := range a.Actions {
			if u.Via == ViaName && !strings.EqualFold(u.Action, prefix+":"+stripVersion(e.EventName)) {
				t.Errorf("%s %s is taken for %s", e.EventSource, e.EventName, u.Action)
			}
		}
	}
}

func misspelt(rnd *rand.Rand, name string) string {
	i := rnd.IntN(len(name))
	switch rnd.IntN(3) {
	case 0:
		return name[:i] + string(rune('a'+rnd.IntN(26))) + name[i+1:]
	case 1:
		return name[:i] + name[i:i+1] + name[i:]
	}
	return name[:i] + name[i+1:]
}

// TestEveryAction holds that the event of an action's own operation is never
// attributed to less than an action that exists.
func TestEveryAction(t *testing.T) {
	c := Default()
	for _, name := range c.Expand("*") {
		a := c.find(name)
		if !a.operation {
			continue
		}
		e := call(a.prefix, strings.TrimPrefix(a.Name, a.prefix+":"), `{"name":"n"}`)
		if needsNone(&e) || a.prefix == "dynamodb" {
			continue
		}
		got := c.Attribute(&e)
		checkUses(t, c, &e, got)
		if got.Unmapped {
			t.Errorf("%s is unmapped", name)
		}
	}
}
