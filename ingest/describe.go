package ingest

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

// notJSON says, for a text that starts like no JSON, what it looks like, and
// "" where it may be JSON.
func notJSON(text []byte) string {
	start := bytes.TrimLeft(text[:min(len(text), 4096)], " \t\r\n")
	switch {
	case len(start) == 0 && len(bytes.TrimSpace(text)) == 0:
		return "empty file"
	case len(start) == 0 || start[0] == '{' || start[0] == '[':
		return ""
	}
	head := string(start)
	for _, k := range textKinds {
		if k.re.MatchString(head) {
			return "not CloudTrail: " + k.what
		}
	}
	return "not CloudTrail: neither JSON nor gzip"
}

// textKinds are files that lie beside CloudTrail's in many buckets.
var textKinds = []struct {
	re   *regexp.Regexp
	what string
}{
	{regexp.MustCompile(`^[0-9a-f]{64} \S+ \[\d\d/\w{3}/\d{4}:`), "an S3 access log"},
	{regexp.MustCompile(`^(version account-id|\d \d{12} eni-|\d \S+ eni-)`), "a VPC flow log"},
	{regexp.MustCompile(`^(https?|h2|wss?|grpcs?) \d{4}-\d\d-\d\dT\S+ (app|net)/`), "a load balancer's access log"},
	{regexp.MustCompile(`^#Version: `), "a CloudFront access log"},
	{regexp.MustCompile(`^PAR1`), "a Parquet file"},
	{regexp.MustCompile(`^Obj\x01`), "an Avro file"},
	{regexp.MustCompile(`^PK\x03\x04`), "a zip archive"},
	{regexp.MustCompile(`^\x28\xb5\x2f\xfd`), "zstd data"},
	{regexp.MustCompile(`^BZh`), "bzip2 data"},
	{regexp.MustCompile(`^(\xff\xfe|\xfe\xff)`), "text in UTF-16"},
	{regexp.MustCompile(`^<`), "XML or HTML"},
	{regexp.MustCompile(`^[\w ."-]+(,[\w ."-]*){2,}\r?\n`), "a CSV file without CloudTrail's columns"},
	{regexp.MustCompile(`^[[:print:]\s]+$`), "plain text"},
}

// describe says what a JSON text without CloudTrail records is, from the text
// and the first object in it that could have been one.
func describe(src, first string) string {
	if t := memberOf(src, "detail-type"); t != "" {
		return "an EventBridge event of type " + quote(t)
	}
	if memberOf(src, "digestStartTime") != "" {
		return "a CloudTrail digest file"
	}
	if memberOf(src, "Event") == "s3:TestEvent" {
		return "an S3 test event"
	}
	if memberOf(first, "insightDetails") != "" {
		return "CloudTrail Insights events, which are no calls"
	}
	source := memberOf(first, "eventSource") + memberOf(first, "EventSource")
	switch source {
	case "aws:s3":
		return "an S3 event notification"
	case "aws:sqs":
		return "a batch of SQS messages"
	case "aws:sns":
		return "SNS notifications"
	case "":
		return "JSON without a record that has an eventName"
	}
	return "event notifications of " + quote(source)
}

// memberOf returns a member of the JSON object in text that is a string, or the
// text of any other value; "" where there is none. It is for messages only: it
// looks no further than the first value, and gives up on what is long.
func memberOf(text, name string) string {
	const most = 1 << 20
	if len(text) > most || !strings.Contains(text, `"`+name+`"`) {
		return ""
	}
	var object map[string]json.RawMessage
	if json.NewDecoder(strings.NewReader(text)).Decode(&object) != nil {
		return ""
	}
	var s string
	if json.Unmarshal(object[name], &s) == nil {
		return s
	}
	return string(object[name])
}
