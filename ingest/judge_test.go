package ingest

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/event"
)

// This file holds the decoder against encoding/json: a record taken apart and
// put together again must say what encoding/json reads in it.

// parse is JSON as encoding/json reads it, numbers as they are written.
func parse(t testing.TB, text string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%.200s: %v", text, err)
	}
	return v
}

// tree is a JSON object that is put together member by member.
type tree map[string]any

// put sets a member, below the names on the way to it, unless v is nothing.
func (m tree) put(v any, names ...string) {
	if s, ok := v.(string); ok && s == "" || v == nil {
		return
	}
	for _, name := range names[:len(names)-1] {
		if m[name] == nil {
			m[name] = map[string]any{}
		}
		m = m[name].(map[string]any)
	}
	m[names[len(names)-1]] = v
}

// merge adds the members of an object that is kept as text, level by level.
func merge(into, from map[string]any) {
	for k, v := range from {
		deep, ok := v.(map[string]any)
		if old, both := into[k].(map[string]any); ok && both {
			merge(old, deep)
			continue
		}
		into[k] = v
	}
}

func flagOf(b *bool) any {
	if b == nil {
		return nil
	}
	return *b
}

func timeOf(t *time.Time) any {
	if t == nil || t.IsZero() {
		return nil
	}
	return t.UTC()
}

// recompose is the inverse of the decoder.
func recompose(t testing.TB, e *event.Event) map[string]any {
	m, id := tree{}, tree{}
	for name, v := range map[string]any{
		"eventVersion": e.EventVersion, "eventID": e.EventID, "eventTime": timeOf(&e.EventTime), "eventSource": e.EventSource,
		"eventName": e.EventName, "awsRegion": e.AWSRegion, "sourceIPAddress": e.SourceIPAddress, "userAgent": e.UserAgent,
		"requestID": e.RequestID, "readOnly": flagOf(e.ReadOnly), "eventType": e.EventType, "managementEvent": flagOf(e.Management),
		"recipientAccountId": e.RecipientAccountID, "eventCategory": e.EventCategory, "errorCode": e.ErrorCode,
		"errorMessage": e.ErrorMessage, "sharedEventID": e.SharedEventID, "apiVersion": e.APIVersion,
		"vpcEndpointId": e.VPCEndpointID, "vpcEndpointAccountId": e.VPCEndpointAccountID, "sessionCredentialFromConsole": flagOf(e.ConsoleCredential),
	} {
		m.put(v, name)
	}
	for name, text := range map[string]string{
		"requestParameters": e.RequestParameters, "responseElements": e.ResponseElements,
		"additionalEventData": e.AdditionalEventData, "serviceEventDetails": e.ServiceEventDetails,
	} {
		if text != "" {
			m.put(parse(t, text), name)
		}
	}
	m.put(e.TLSVersion, "tlsDetails", "tlsVersion")
	m.put(e.TLSCipherSuite, "tlsDetails", "cipherSuite")
	m.put(e.TLSHostHeader, "tlsDetails", "clientProvidedHostHeader")
	for name, v := range map[string]string{
		"type": e.IdentityType, "principalId": e.PrincipalID, "arn": e.IdentityARN, "accountId": e.IdentityAccountID,
		"accessKeyId": e.AccessKeyID, "userName": e.IdentityUserName, "invokedBy": e.InvokedBy, "identityProvider": e.IdentityProvider,
	} {
		id.put(v, name)
	}
	id.put(flagOf(e.MFAAuthenticated), "sessionContext", "attributes", "mfaAuthenticated")
	id.put(timeOf(e.SessionCreated), "sessionContext", "attributes", "creationDate")
	for name, v := range map[string]string{
		"type": e.IssuerType, "principalId": e.IssuerPrincipalID, "arn": e.IssuerARN, "accountId": e.IssuerAccountID, "userName": e.IssuerUserName,
	} {
		id.put(v, "sessionContext", "sessionIssuer", name)
	}
	id.put(e.EC2RoleDelivery, "sessionContext", "ec2RoleDelivery")
	id.put(e.SourceIdentity, "sessionContext", "sourceIdentity")
	id.put(e.WebIDProvider, "sessionContext", "webIdFederationData", "federatedProvider")
	id.put(e.OnBehalfOfUserID, "onBehalfOf", "userId")
	id.put(e.OnBehalfOfStoreARN, "onBehalfOf", "identityStoreArn")
	if e.IdentityExtra != "" {
		merge(id, parse(t, e.IdentityExtra).(map[string]any))
	}
	if len(id) > 0 {
		m["userIdentity"] = map[string]any(id)
	}
	m.put(resourcesOf(e), "resources")
	if e.Extra != "" {
		merge(m, parse(t, e.Extra).(map[string]any))
	}
	return m
}

func resourcesOf(e *event.Event) any {
	if len(e.Resources) == 0 {
		return nil
	}
	var list []any
	for _, r := range e.Resources {
		m := tree{}
		m.put(r.ARN, "ARN")
		m.put(r.AccountID, "accountId")
		m.put(r.Type, "type")
		list = append(list, map[string]any(m))
	}
	return list
}

// opaque members are kept as their text, whatever it is.
var opaque = map[string]bool{"requestParameters": true, "responseElements": true, "additionalEventData": true, "serviceEventDetails": true}

// settled takes out of v what says nothing in a field that is known (null, "",
// {} and []), and reads the flags and times that AWS writes as text.
func settled(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, x := range v {
			switch s, _ := x.(string); {
			case opaque[k]:
				if x != nil {
					out[k] = x
				}
				continue
			case s == "true" && flags[k], s == "false" && flags[k]:
				x = s == "true"
			case k == "eventTime", k == "creationDate":
				if at, err := time.Parse(time.RFC3339, s); err == nil {
					x = at.UTC()
				}
			case k == "resources":
				x = renamed(x)
			}
			if x = settled(x); x != nil {
				out[k] = x
			}
		}
		if len(out) > 0 {
			return out
		}
		return nil
	case []any:
		var out []any
		for _, x := range v {
			out = append(out, settled(x))
		}
		if len(out) > 0 {
			return out
		}
		return nil
	case string:
		if v == "" {
			return nil
		}
	}
	return v
}

// renamed gives the ARNs in a list of resources their one column's name.
func renamed(list any) any {
	items, _ := list.([]any)
	for _, item := range items {
		if r, ok := item.(map[string]any); ok {
			for _, k := range []string{"arn", "ARNPrefix"} {
				if v, has := r[k]; has && r["ARN"] == nil {
					r["ARN"] = v
					delete(r, k)
				}
			}
		}
	}
	return list
}

var flags = map[string]bool{"readOnly": true, "managementEvent": true, "sessionCredentialFromConsole": true, "mfaAuthenticated": true}

// same reports a difference between a record and the event made of it.
func same(t testing.TB, raw string, e *event.Event) {
	t.Helper()
	made := recompose(t, e)
	if len(e.EventID) == 64 { // of the content, since the record has none
		delete(made, "eventID")
	}
	want, got := settled(parse(t, raw)), settled(made)
	if !reflect.DeepEqual(want, got) {
		a, _ := json.Marshal(want)
		b, _ := json.Marshal(got)
		t.Errorf("a record is not what was decoded\nrecord  %s\ndecoded %s", a, b)
	}
}

// full is a record with every field that has a column.
const full = `{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE:s","arn":"arn:aws:sts::111122223333:assumed-role/r/s",
"accountId":"111122223333","accessKeyId":"ASIAEXAMPLE","userName":"u","invokedBy":"ec2.amazonaws.com","identityProvider":"p","inScopeOf":{"credentialsIssuedTo":"arn"},
"sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLE","arn":"arn:aws:iam::111122223333:role/r","accountId":"111122223333","userName":"r","new":null},
"webIdFederationData":{"federatedProvider":"accounts.example","attributes":{"a":"b"}},"attributes":{"creationDate":"2026-01-31T11:00:00Z","mfaAuthenticated":"false"},
"ec2RoleDelivery":"2.0","sourceIdentity":"ana","assumedRoot":"x"},"onBehalfOf":{"userId":"u1","identityStoreArn":"arn:aws:identitystore::111122223333:identitystore/d-1"}},
"eventTime":"2026-01-31T12:34:56Z","eventSource":"s3.amazonaws.com","eventName":"PutObject","awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.7","userAgent":"[aws-cli\/2 \u00e9]",
"errorCode":"AccessDenied","errorMessage":"no \"way\"","requestParameters":{"bucketName":"b","n":1.50},"responseElements":{"a":[{}]},"additionalEventData":{"x":"y"},
"requestID":"R","eventID":"6f0a","readOnly":false,"resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::b/k"},{"accountId":"111122223333","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::b"}],
"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"111122223333","sharedEventID":"S","vpcEndpointId":"vpce-1","vpcEndpointAccountId":"111122223333",
"eventCategory":"Data","apiVersion":"2006-03-01","serviceEventDetails":{"k":1},"sessionCredentialFromConsole":"true",
"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"b.s3.amazonaws.com","keyExchange":"x25519"},
"edgeDeviceDetails":{"type":"new"},"eventContext":null}`

func TestRoundTrip(t *testing.T) {
	same(t, full, &decode(t, doc(full)).Events[0])
	var object map[string]json.RawMessage
	check(t, json.Unmarshal([]byte(full), &object))
	for name := range object { // each field in turn is missing, null, a number, a list, an object, a text
		if name == "eventName" || name == "eventTime" || name == "eventID" {
			continue
		}
		for _, odd := range []string{"", "null", "17", "[1]", "[]", "{}", `{"x":{"y":[]}}`, `"text"`, "true"} {
			changed := map[string]json.RawMessage{}
			for k, v := range object {
				changed[k] = v
			}
			if changed[name] = json.RawMessage(odd); odd == "" {
				delete(changed, name)
			}
			text, err := json.Marshal(changed)
			check(t, err)
			b := decode(t, doc(string(text)))
			if len(b.Events) != 1 {
				t.Fatalf("%s is %s: %+v", name, odd, b.Rejected)
			}
			same(t, string(text), &b.Events[0])
		}
	}
}

// TestRealEvents takes real events apart and puts them together, where there
// are any.
func TestRealEvents(t *testing.T) {
	root := os.Getenv("TRIMTRAIL_DATA")
	if root == "" {
		t.Skip("TRIMTRAIL_DATA is not set")
	}
	n, files := 0, 0
	check(t, filepath.WalkDir(filepath.Join(root, "cloudtrail"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !readable(path) {
			return err
		}
		if files++; strings.Contains(path, "sans504") && files%5 != 0 {
			return nil // many of one kind
		}
		content, err := os.ReadFile(path)
		check(t, err)
		raws := recordsOf(t, content)
		b, err := Decode(event.Object{URI: path}, content, Limits{})
		if err != nil || len(b.Events)+len(b.Rejected) != len(raws) {
			t.Errorf("%s: %v, want %d records", path, err, len(raws))
			return nil
		}
		for i := range b.Events {
			if n++; len(b.Rejected) == 0 {
				same(t, raws[i], &b.Events[i])
			}
		}
		return nil
	}))
	if n < 1000 {
		t.Errorf("%d events only", n)
	}
}

// recordsOf are the records of an object, found by encoding/json.
func recordsOf(t testing.TB, content []byte) []string {
	raw, err := new(memory).unpack(bytes.Clone(content), Limits{})
	check(t, err)
	raw = bytes.TrimPrefix(raw[:len(raw)-pad], []byte("\ufeff"))
	var out []string
	for d := json.NewDecoder(bytes.NewReader(raw)); ; {
		var v json.RawMessage
		err := d.Decode(&v)
		if err == io.EOF {
			return out
		}
		check(t, err)
		var document struct{ Records []json.RawMessage }
		var list []json.RawMessage
		switch {
		case json.Unmarshal(v, &list) == nil:
		case json.Unmarshal(v, &document) == nil && document.Records != nil:
			list = document.Records
		default:
			list = []json.RawMessage{v}
		}
		for _, r := range list {
			out = append(out, string(r))
		}
	}
}
