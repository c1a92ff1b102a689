package ingest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/event"
)

const account = "111122223333"

// rec is the text of a record with these further members.
func rec(id string, more ...string) string {
	members := append([]string{
		`"eventVersion":"1.11"`, `"eventTime":"2026-01-31T12:00:00Z"`, `"eventSource":"s3.amazonaws.com"`,
		`"eventName":"GetObject"`, `"eventID":"` + id + `"`, `"recipientAccountId":"` + account + `"`,
	}, more...)
	return "{" + strings.Join(members, ",") + "}"
}

// doc is the text of an object with these records.
func doc(records ...string) string { return `{"Records":[` + strings.Join(records, ",") + `]}` }

// zip packs a text as one gzip member.
func zip(t testing.TB, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// decode decodes a text that must be readable.
func decode(t testing.TB, text string) *event.Batch {
	t.Helper()
	b, err := Decode(event.Object{URI: "x"}, []byte(text), Limits{})
	if err != nil {
		t.Fatalf("decode %.80q: %v", text, err)
	}
	return b
}

// ids are the event ids of a batch, with a ! for each record rejected.
func ids(b *event.Batch) string {
	var out []string
	for _, e := range b.Events {
		out = append(out, e.EventID)
	}
	return strings.Join(out, " ") + strings.Repeat("!", len(b.Rejected))
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// many is n records called a1, a2 and so on.
func many(prefix string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = rec(fmt.Sprintf("%s%d", prefix, i+1))
	}
	return out
}
