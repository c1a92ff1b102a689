package ocsf_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/trimtrail/trimtrail/ingest"
	"github.com/trimtrail/trimtrail/ingest/ocsf"
	"github.com/trimtrail/trimtrail/internal/event"
)

// sink keeps what it is given.
type sink struct {
	events      []event.Event
	rejected    []event.Rejected
	quarantined []string
}

func (s *sink) Known(event.Object) bool { return false }

func (s *sink) Add(b *event.Batch) (int, int, error) {
	s.events = append(s.events, b.Events...)
	s.rejected = append(s.rejected, b.Rejected...)
	return len(b.Events), 0, nil
}

func (s *sink) Quarantine(o event.Object, reason string) error {
	s.quarantined = append(s.quarantined, filepath.Base(o.URI)+": "+reason)
	return nil
}

func (s *sink) Commit() error { return nil }

// A copy of a Security Lake bucket is read as far as it is CloudTrail's: by the
// layout, and within a file by its rows.
func TestSecurityLakeFolder(t *testing.T) {
	root := t.TempDir()
	const place = "region=eu-west-1/accountId=111122223333/eventDay=20260131/"
	for name, content := range map[string][]byte{
		"aws/CLOUD_TRAIL_MGMT/2.0/" + place + "a.gz.parquet": ocsf.FileOfLake(t, true),
		"aws/VPC_FLOW/2.0/" + place + "b.gz.parquet":         ocsf.FileOfLake(t, false),
		"aws/S3_DATA/2.0/" + place + "c.gz.parquet":          ocsf.FileOfLake(t, false)[:300],
		"other/d.parquet": []byte("PAR1"),
	} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	source, err := ingest.NewPath(root)
	if err != nil {
		t.Fatal(err)
	}
	s := &sink{}
	sum, err := ingest.Run(t.Context(), ingest.Config{Sources: []ingest.Source{source}, Sink: s, Filter: ingest.Filter{Since: "2026-01-31", Accounts: []string{"111122223333"}}})
	if err != nil || sum.Read != 1 || sum.Quarantined != 1 || sum.Ignored != 1 || sum.Unplaced != 0 {
		t.Errorf("%+v, %v, %v", sum, err, s.quarantined)
	}
	if len(s.rejected) != 1 || s.rejected[0].Reason != "an OCSF record of AWS Amazon VPC, not of CloudTrail" {
		t.Errorf("rejected %v", s.rejected)
	}
	if len(s.events) != 1 {
		t.Fatalf("%d events", len(s.events))
	}
	e := s.events[0]
	if e.AccountID != "111122223333" || e.EventID != "e-1" || e.IssuerUserName != "r" || e.AccessKeyID != "ASIAEXAMPLE" || e.Management == nil || *e.Management ||
		e.ReadOnly == nil || e.TLSVersion != "TLSv1.3" || len(e.Resources) != 1 || e.RequestParameters != `{"bucketName":"b","key":"<k>"}` {
		t.Errorf("%+v", e)
	}
}

// A file that is piped in is one object.
func TestStream(t *testing.T) {
	s := &sink{}
	source := ingest.NewStream("stdin", bytes.NewReader(ocsf.FileOfLake(t, false)))
	if sum, err := ingest.Run(t.Context(), ingest.Config{Sources: []ingest.Source{source}, Sink: s}); err != nil || sum.Events != 1 {
		t.Errorf("%+v, %v, %v", sum, err, s.quarantined)
	}
}
