package catalog

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/event"
)

// record is a CloudTrail record as far as attribution reads it.
type record struct {
	EventID, EventSource, EventName, EventType, EventCategory, AWSRegion, ErrorCode, ErrorMessage, RecipientAccountID string
	ReadOnly                                                                                                          *bool
	RequestParameters, ResponseElements                                                                               json.RawMessage
	UserIdentity                                                                                                      struct{ Type, ARN, AccountID string }
	Resources                                                                                                         []event.Resource
}

func (r *record) event() event.Event {
	e := event.Event{
		EventID: r.EventID, EventSource: r.EventSource, EventName: r.EventName, EventType: r.EventType, EventCategory: r.EventCategory,
		AWSRegion: r.AWSRegion, ErrorCode: r.ErrorCode, ErrorMessage: r.ErrorMessage, ReadOnly: r.ReadOnly,
		AccountID: r.RecipientAccountID, IdentityType: r.UserIdentity.Type, IdentityARN: r.UserIdentity.ARN,
		RequestParameters: text(r.RequestParameters), ResponseElements: text(r.ResponseElements), Resources: r.Resources,
	}
	if e.AccountID == "" {
		e.AccountID = r.UserIdentity.AccountID
	}
	return e
}

func text(raw json.RawMessage) string {
	if string(raw) == "null" {
		return ""
	}
	return string(raw)
}

// realEvents are the distinct events of the folder that TRIMTRAIL_DATA names.
func realEvents(t testing.TB) []event.Event {
	root := os.Getenv("TRIMTRAIL_DATA")
	if root == "" {
		t.Skip("TRIMTRAIL_DATA is not set")
	}
	var out []event.Event
	seen := map[event.Key]bool{}
	err := filepath.WalkDir(filepath.Join(root, "cloudtrail"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(path, "Digest") || !strings.Contains(path, ".json") {
			return err
		}
		for _, e := range decodeFile(t, path) {
			if e.EventID == "" || !seen[e.Key()] {
				seen[e.Key()] = true
				out = append(out, e)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func decodeFile(t testing.TB, path string) []event.Event {
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.HasPrefix(raw, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			return nil
		}
		if raw, err = io.ReadAll(z); err != nil {
			return nil
		}
	}
	var out []event.Event
	for _, r := range decodeRecords(raw) {
		if r.EventName != "" {
			out = append(out, r.event())
		}
	}
	return out
}

// decodeRecords reads {"Records": […]}, an array, one record, or one a line.
func decodeRecords(raw []byte) []record {
	var wrapped struct{ Records []record }
	if json.Unmarshal(raw, &wrapped) == nil && wrapped.Records != nil {
		return wrapped.Records
	}
	var list []record
	if json.Unmarshal(raw, &list) == nil {
		return list
	}
	for dec := json.NewDecoder(bytes.NewReader(raw)); ; {
		var r record
		if dec.Decode(&r) != nil {
			return list
		}
		list = append(list, r)
	}
}
