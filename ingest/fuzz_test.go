package ingest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/trimtrail/trimtrail/internal/event"
)

// FuzzDecode holds the decoder against encoding/json: both take the same texts
// for JSON, and a plain array of records gives as many of them.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		full, doc(rec("a"), rec("b")), "[" + rec("a") + ",1,null]", rec("a") + "\n" + rec("b"),
		`{"Events":[{"CloudTrailEvent":"{\"eventName\":\"X\"}"}]}`, `{"detail":{"eventName":"X","eventTime":17e8}}`,
		`[{"a":"\ud83d\ude00\u12"}]`, `[-0.0e+1,01]`, "\ufeff{}", "{\"a\":\"\xff\"}", `{"a":1,"a":2}{`, "[[[[",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1 && text[0] == 0x1f && text[1] == 0x8b {
			return
		}
		b, err := Decode(event.Object{}, bytes.Clone(text), Limits{})
		var format *FormatError
		if errors.As(err, &format) {
			return
		}
		values, sound := judge(bytes.TrimPrefix(text, []byte("\ufeff")))
		var broken *SyntaxError
		if sound == errors.As(err, &broken) {
			t.Fatalf("encoding/json says sound: %v; the decoder: %v", sound, err)
		}
		if err == nil {
			checkBatch(t, b, values)
		}
	})
}

// judge reads objects and arrays one after another as encoding/json does.
func judge(text []byte) (values []json.RawMessage, sound bool) {
	for d := json.NewDecoder(bytes.NewReader(text)); ; {
		var v json.RawMessage
		switch err := d.Decode(&v); {
		case err == io.EOF:
			return values, true
		case err != nil || v[0] != '{' && v[0] != '[':
			return nil, false
		}
		values = append(values, v)
	}
}

func checkBatch(t *testing.T, b *event.Batch, values []json.RawMessage) {
	var list []json.RawMessage
	if len(values) == 1 && json.Unmarshal(values[0], &list) == nil && !wrapped(list) {
		if got := len(b.Events) + len(b.Rejected); got != len(list) {
			t.Fatalf("%d records of %d", got, len(list))
		}
	}
	if !b.UTF8 || !utf8.ValidString(fmt.Sprint(b.Events)) {
		t.Fatalf("texts that are no UTF-8, or not known to be: %+v", b.Events)
	}
	for _, e := range b.Events {
		if e.EventID == "" || e.EventName == "" || e.EventTime.IsZero() || e.AccountID == "" {
			t.Fatalf("an event without identity: %+v", e)
		}
		for _, s := range []string{e.Extra, e.IdentityExtra, e.RequestParameters, e.ResponseElements, e.AdditionalEventData} {
			if s != "" && !json.Valid([]byte(s)) || !utf8.ValidString(s) {
				t.Fatalf("a column is no JSON: %q", s)
			}
		}
	}
}

// wrapped reports whether a record may stand for more than itself.
func wrapped(list []json.RawMessage) bool {
	for _, r := range list {
		for _, name := range []string{"Records", "vents", "logEvents", "detail", "jsonPayload", "CloudTrailEvent", "message", `\u`} {
			if strings.Contains(string(r), name) {
				return true
			}
		}
	}
	return false
}
