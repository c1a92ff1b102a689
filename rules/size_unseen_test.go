package rules

import "testing"

// TestSizeUnseen holds what happens to actions whose use no log shows: those
// that a service's wildcard swept in get a statement of their own, those that
// only * granted go, those that somebody spelt out stay where they are.
func TestSizeUnseen(t *testing.T) {
	bucket := daily("s3:ListBucket", "arn:aws:s3:::b")
	p := sizeOf(t, sizeFacts(bucket), sizeState(t, statements(`{"Sid":"S","Effect":"Allow","Action":"s3:*","Resource":"*"}`)))
	text := proposedText(p)
	if !contains(text, `{"Sid":"S","Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::b"}`) ||
		!contains(text, `"Sid":"SUnobservable"`) || keptWhy(p, "s3:ReplicateObject") != "unobservable" {
		t.Errorf("s3:* became\n%s", text)
	}
	p = sizeOf(t, sizeFacts(bucket), sizeState(t, statements(`{"Effect":"Allow","Action":"*","Resource":"*"}`)))
	if !isRemoved(p, "s3:ReplicateObject") || keptWhy(p, "s3:GetObject") != "unobservable" || !warned(p, "only * grants them") {
		t.Errorf("* became\n%s\n%q", proposedText(p), p.Warnings)
	}
	spelt := statements(`{"Sid":"S","Effect":"Allow","Action":["s3:ListBucket","s3:ReplicateObject","s3:PutBucketPolicy"],"Resource":"*"}`)
	p = sizeOf(t, sizeFacts(bucket), sizeState(t, spelt))
	if text := proposedText(p); contains(text, "Unobservable") || keptWhy(p, "s3:ReplicateObject") != "unobservable" {
		t.Errorf("spelt out became\n%s", text)
	}
}
