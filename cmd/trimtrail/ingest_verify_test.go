package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/ingest/digest/chaintest"
)

// verifying runs ingest and returns what it says about the digests, and of
// which objects and events.
func verifying(t *testing.T, code int, args ...string) (v verifiedDoc, read, quarantined, events int64) {
	t.Helper()
	out, errs, got := command(t, "", append([]string{"ingest", "--format", "json"}, args...)...)
	var d ingestDoc
	if err := json.Unmarshal([]byte(out), &d); err != nil || got != code {
		t.Fatalf("%v: exit %d, want %d\n%s%s", args, got, code, out, errs)
	}
	if d.Verified != nil {
		v = *d.Verified
	}
	return v, d.Objects.Read, d.Objects.Quarantined, d.Events
}

// logsOf are the log files of a copy, by name.
func logsOf(a *chaintest.Archive, dir string) (names []string) {
	for key := range a.Files {
		if strings.Contains(key, "/CloudTrail/") {
			names = append(names, filepath.Join(dir, filepath.FromSlash(key)))
		}
	}
	slices.Sort(names)
	return names
}

func TestIngestVerify(t *testing.T) {
	a, digests, dir, keys, signatures := copied(t)
	logs := logsOf(a, dir)
	good, err := os.ReadFile(logs[2])
	if err != nil {
		t.Fatal(err)
	}
	lakeAt := func() string { return filepath.Join(t.TempDir(), "lake") }
	how := []string{dir, "--verify", "--public-keys", keys, "--signatures", signatures}

	v, read, quarantined, all := verifying(t, 0, append(how, "--lake", lakeAt())...)
	if v.Proven != 8 || v.Failed+v.Unproven+v.Uncovered != 0 || v.Digests.Valid != 4 || read != 8 || quarantined != 0 {
		t.Errorf("as delivered: %+v, %d read", v, read)
	}
	v, _, _, _ = verifying(t, 0, dir, "--verify", "--public-keys", "none", "--lake", lakeAt())
	if v.Unproven != 8 || v.Proven != 0 {
		t.Errorf("without keys: %+v", v)
	}

	// Changed, added, and of a digest that is broken.
	if err := os.WriteFile(logs[2], chaintest.Zip(strings.Replace(string(chaintest.Unzip(good)), `"Records":[`, `"Records":[{"eventName":"Forged","eventTime":"2026-01-31T08:00:00Z"},`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "added.json"), []byte(trail("x", 3)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(digests[3])), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	lake := lakeAt()
	v, read, quarantined, some := verifying(t, exitQuarantined, append(how, "--lake", lake)...)
	if v.Failed != 1 || v.Uncovered != 1+2 || v.Proven+v.Unproven != 5 || v.Digests.Invalid != 1 || read != 8 || quarantined != 1 {
		t.Errorf("tampered with: %+v, %d read, %d quarantined", v, read, quarantined)
	}
	out, _, _ := command(t, "", append([]string{"ingest", "--lake", lakeAt()}, how...)...)
	for _, want := range []string{"3 that no digest names", "1 not as their digest says, and quarantined", "1 digest broken or missing", "not as CloudTrail delivered it: its content is not what the digest has the hash of"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}

	// What is put back leaves the quarantine.
	if _, _, _, events := verifying(t, 0, append(how, "--lake", lake)...); events != 0 {
		t.Errorf("%d events on a second run", events)
	}
	if v, _, _, _ = verifying(t, exitQuarantined, append(how, "--lake", lake, "--retry-quarantined")...); v.Failed != 1 {
		t.Errorf("tried again: %+v", v)
	}
	if err := os.WriteFile(logs[2], good, 0o600); err != nil {
		t.Fatal(err)
	}
	v, read, _, rest := verifying(t, 0, append(how, "--lake", lake, "--retry-quarantined")...)
	if v.Proven+v.Unproven != 1 || read != 1 || some+rest != all+3 {
		t.Errorf("put back: %+v, %d read, %d + %d events of %d", v, read, some, rest, all)
	}
	if out, _, _ := command(t, "", "lake", "status", "--lake", lake, "--format", "json"); !strings.Contains(out, `"quarantined": 0`) {
		t.Errorf("still quarantined: %s", out)
	}
	if _, errs, code := command(t, "", "ingest", dir, "--lake", lake, "--public-keys", keys); code != exitUsage || !strings.Contains(errs, "add --verify") {
		t.Errorf("keys without --verify: exit %d\n%s", code, errs)
	}
}
