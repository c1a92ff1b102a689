package orgsim

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// small is the organisation of the tests: a month and the first of the next, few events.
func small() Config {
	c := Default()
	c.Days, c.Events, c.Objects = 32, 12_000, 2
	return c
}

// month is the organisation of small, generated once.
var month *Org

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "orgsim")
	if err != nil {
		panic(err)
	}
	cfg := small()
	cfg.Broken = 2
	if month, err = Generate(dir, cfg); err != nil {
		panic(err)
	}
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		panic(err)
	}
	os.Exit(code)
}

func generate(t *testing.T, cfg Config) *Org {
	t.Helper()
	org, err := Generate(t.TempDir(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return org
}

// record is what the tests read of a CloudTrail record.
type record struct {
	EventVersion, EventID, EventTime, EventSource, EventName, AWSRegion  string
	SourceIPAddress, UserAgent, ErrorCode, ErrorMessage, SharedEventID   string
	EventType, EventCategory, RecipientAccountID, VPCEndpointID          string
	ReadOnly, ManagementEvent                                            *bool
	RequestParameters, ResponseElements, AdditionalEventData, TLSDetails json.RawMessage
	Resources                                                            []struct{ ARN, AccountID, Type string }
	UserIdentity                                                         struct {
		Type, PrincipalID, ARN, AccountID, AccessKeyID, UserName, InvokedBy string
		SessionContext                                                      struct {
			SessionIssuer   struct{ ARN, UserName string }
			Attributes      struct{ MFAAuthenticated string }
			EC2RoleDelivery string
		}
	}
}

// actor is the ARN that the truth names: the role behind a session, the
// user, the root, or the service.
func (r *record) actor() string {
	if s := r.UserIdentity.SessionContext.SessionIssuer.ARN; s != "" {
		return s
	}
	if r.UserIdentity.Type == "AWSService" {
		return r.UserIdentity.InvokedBy
	}
	return r.UserIdentity.ARN
}

// readArchive gives every record by name of its object, in order.
func readArchive(t *testing.T, org *Org, each func(object string, r *record)) {
	t.Helper()
	err := filepath.WalkDir(org.Archive, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, _ := filepath.Rel(org.Archive, path)
		if slices.Contains(org.Broken, filepath.ToSlash(name)) {
			return nil
		}
		text, err := unzip(path)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		var file struct{ Records []record }
		if err := json.Unmarshal(text, &file); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for i := range file.Records {
			each(filepath.ToSlash(name), &file.Records[i])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func unzip(path string) ([]byte, error) {
	packed, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

func TestSameSeedSameBytes(t *testing.T) {
	cfg := small()
	cfg.Days, cfg.Events, cfg.Broken = 8, 3000, 2
	one, four, other := cfg, cfg, cfg
	one.Workers, four.Workers, other.Seed = 1, 4, 2
	a, b, c := hash(t, one), hash(t, four), hash(t, other)
	if a != b {
		t.Error("one worker and four give different bytes")
	}
	if a == c {
		t.Error("another seed gives the same bytes")
	}
}

// hash is of every file's name and content.
func hash(t *testing.T, cfg Config) string {
	dir := t.TempDir()
	if _, err := Generate(dir, cfg); err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		text, err := os.ReadFile(path)
		fmt.Fprintf(h, "%s %d\n%s", name, len(text), text)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

func TestArchive(t *testing.T) {
	cfg, org := small(), month
	seen, records := map[string]int{}, int64(0)
	shared := map[string][]string{}
	readArchive(t, org, func(object string, r *record) {
		records++
		seen[r.RecipientAccountID+r.EventID]++
		checkRecord(t, org, object, r)
		if r.SharedEventID != "" && seen[r.RecipientAccountID+r.EventID] == 1 {
			shared[r.SharedEventID] = append(shared[r.SharedEventID], r.RecipientAccountID)
		}
	})
	if int64(len(seen)) != org.Events || records != org.Events+org.Duplicates {
		t.Errorf("%d records, %d distinct; Org says %d events and %d duplicates", records, len(seen), org.Events, org.Duplicates)
	}
	if d := float64(org.Events)/float64(cfg.Events) - 1; d < -0.1 || d > 0.1 {
		t.Errorf("%d events, wanted about %d", org.Events, cfg.Events)
	}
	if org.Duplicates == 0 || len(org.Broken) != 2 || len(shared) == 0 {
		t.Errorf("duplicates %d, broken %d, shared events %d", org.Duplicates, len(org.Broken), len(shared))
	}
	for id, accounts := range shared {
		if len(accounts) != 2 || accounts[0] == accounts[1] {
			t.Errorf("shared event %s is in accounts %v", id, accounts)
		}
	}
}

// checkRecord holds one record against the place where it lies.
func checkRecord(t *testing.T, org *Org, object string, r *record) {
	t.Helper()
	at, err := time.Parse(time.RFC3339, r.EventTime)
	want := "AWSLogs/" + org.ID + "/" + r.RecipientAccountID + "/CloudTrail/" + r.AWSRegion + "/"
	switch {
	case err != nil || at.Before(org.From) || !at.Before(org.End):
		t.Errorf("%s: time %s", r.EventID, r.EventTime)
	case !strings.HasPrefix(object, want):
		t.Errorf("%s: lies in %s, not under %s", r.EventID, object, want)
	case len(r.EventID) != 36 || r.EventSource == "" || r.EventName == "" || r.SourceIPAddress == "" || r.UserAgent == "" || r.UserIdentity.Type == "":
		t.Errorf("incomplete record %+v", r)
	case r.ReadOnly == nil || r.ManagementEvent == nil || *r.ManagementEvent != (r.EventCategory == "Management"):
		t.Errorf("%s: readOnly, managementEvent and eventCategory do not fit", r.EventID)
	case r.EventType == "AwsApiCall" && r.ErrorCode != "" && string(r.ResponseElements) != "null":
		t.Errorf("%s: failed, and has a response", r.EventID)
	case bytes.Contains(r.RequestParameters, []byte("<")):
		t.Errorf("%s: placeholder left in %s", r.EventID, r.RequestParameters)
	}
}

func TestBrokenObjectsAreCutShort(t *testing.T) {
	cfg := small()
	cfg.Days, cfg.Events, cfg.Broken = 3, 1000, 2
	org := generate(t, cfg)
	for _, name := range org.Broken {
		if _, err := unzip(filepath.Join(org.Archive, name)); err == nil {
			t.Errorf("%s reads to its end", name)
		}
	}
}

func TestBadConfig(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"accounts":  func(c *Config) { c.Accounts = -1 },
		"objects":   func(c *Config) { c.Objects = 7 },
		"broken":    func(c *Config) { c.Broken = 99 },
		"end":       func(c *Config) { c.End = c.End.Add(time.Hour) },
		"operation": func(c *Config) { c.Personas = []Persona{{Name: "x", Work: []string{"1 s3:NoSuch"}}} },
		"name":      func(c *Config) { c.Personas = []Persona{{Name: "x", Work: []string{"1 s3:GetObject <nonsense>"}}} },
		"script": func(c *Config) {
			c.Personas = []Persona{{Name: "x", Network: "192.0.2.1", Script: func(s *Scene) { s.Do("s3:NoSuch") }}}
		},
	} {
		cfg := small()
		change(&cfg)
		if _, err := Generate(t.TempDir(), cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestOwnPersonas(t *testing.T) {
	cfg := Config{Seed: 3, Days: 5, Events: 200, Accounts: 2, Personas: []Persona{
		{Name: "solo", Account: 1, Rate: 10, Network: "198.51.100.9", Agents: []string{"test"}, Work: []string{"1 s3:GetObject bucket/<hex8>"}},
	}}
	org := generate(t, cfg)
	n := 0
	readArchive(t, org, func(_ string, r *record) {
		n++
		if r.UserIdentity.UserName != "solo" || r.SourceIPAddress != "198.51.100.9" || r.EventName != "GetObject" || r.RecipientAccountID != org.Accounts[1] {
			t.Errorf("unexpected record %+v", r)
		}
	})
	if n < 180 || n > 220 || org.Principals != 1 {
		t.Errorf("%d records, %d principals", n, org.Principals)
	}
}
