package digest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/ingest"
	"github.com/trimtrail/trimtrail/ingest/digest/chaintest"
)

var (
	begin = time.Date(2026, 1, 30, 20, 1, 31, 0, time.UTC)
	west  = chaintest.Trail{Account: "111122223333", Region: "eu-west-1", Name: "org_trail.x", Home: "eu-west-1"}
	east  = chaintest.Trail{Account: "111122223333", Region: "us-east-1", Name: "org_trail.x", Home: "eu-west-1"}
)

// memory is a bucket in memory, with metadata.
type memory struct {
	a     *chaintest.Archive
	place Place
}

func inMemory(a *chaintest.Archive) *memory {
	return &memory{a, Place{Name: "s3://" + a.Bucket + "/", Bucket: a.Bucket}}
}

func (m *memory) Place() Place { return m.place }

func (m *memory) List(_ context.Context, folder, after string, deep bool) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		last := ""
		for _, key := range slices.Sorted(maps.Keys(m.a.Files)) {
			rest, ok := strings.CutPrefix(key, folder)
			if i := strings.IndexByte(rest, '/'); !deep && i >= 0 {
				key = folder + rest[:i+1]
			}
			if !ok || key <= after || key == last {
				continue
			}
			if last = key; !yield(key, nil) {
				return
			}
		}
	}
}

func (m *memory) Get(_ context.Context, path string) (Object, error) {
	f, ok := m.a.Files[path]
	if !ok {
		return Object{}, ErrGone
	}
	if string(f.Content) == "denied" {
		return Object{}, &ingest.UnreadError{URI: path, Reason: "access denied", Denied: true}
	}
	return Object{Content: f.Content, Signature: f.Metadata["signature"], Metadata: true}, nil
}

// archive is six hours of two regions, two log files an hour, the last but one
// hour without any.
func archive() (a *chaintest.Archive, westKeys, eastKeys []string) {
	a = chaintest.New("trail")
	return a, a.Chain(west, begin, 6, 2), a.Chain(east, begin.Add(10*time.Minute), 6, 1)
}

func savedKeys(t *testing.T, a *chaintest.Archive) SavedKeys {
	t.Helper()
	keys, err := ParseKeys(a.PublicKeys())
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func verify(t *testing.T, c Config) *Report {
	t.Helper()
	r, err := Verify(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// found writes entries as "kind region object-or-count".
func found(list []Entry) string {
	var out []string
	for _, e := range list {
		line := fmt.Sprintf("%s %s", e.Kind, e.Region)
		if e.Count > 1 {
			line += fmt.Sprintf(" x%d", e.Count)
		}
		out = append(out, line)
	}
	return strings.Join(out, ", ")
}

func TestValidChains(t *testing.T) {
	a, _, _ := archive()
	r := verify(t, Config{Stores: []Store{inMemory(a)}, Keys: savedKeys(t, a)})
	if r.Status != "valid" || r.Digests != (Tally{Valid: 12}) || r.Logs != (Tally{Valid: 18}) || len(r.Chains) != 2 || len(r.Problems)+len(r.NotEvaluable)+len(r.Notes) != 0 {
		t.Errorf("%+v", r)
	}
	if c := r.Chains[0]; c.Trail != "org_trail.x" || c.Home != "eu-west-1" || !c.From.Equal(begin) || !c.To.Equal(begin.Add(6*time.Hour)) || c.Status != "valid" {
		t.Errorf("%+v", c)
	}
}

// TestTampering changes a valid archive in each way that there is.
func TestTampering(t *testing.T) {
	content := func(a *chaintest.Archive, key string, c []byte) {
		f := a.Files[key]
		f.Content = c
		a.Files[key] = f
	}
	for name, c := range map[string]struct {
		change                   func(a *chaintest.Archive, w, e []string)
		problems, unknown, notes string
	}{
		"a log file is gone": {func(a *chaintest.Archive, w, e []string) { delete(a.Files, a.Logs[w[2]][0]) }, "missing_log eu-west-1", "", ""},
		"a log file is another": {func(a *chaintest.Archive, w, e []string) {
			content(a, a.Logs[w[2]][0], chaintest.Zip(`{"Records":[]}`))
		}, "modified_log eu-west-1", "", ""},
		"a log file is cut": {func(a *chaintest.Archive, w, e []string) {
			content(a, a.Logs[w[2]][0], a.Files[a.Logs[w[2]][0]].Content[:30])
		}, "bad_format eu-west-1", "", ""},
		"a log file has a second member": {func(a *chaintest.Archive, w, e []string) {
			key := a.Logs[w[2]][0]
			content(a, key, append(bytes.Clone(a.Files[key].Content), chaintest.Zip(`{"Records":[]}`)...))
		}, "trailing_data eu-west-1", "", ""},
		"a log file has trailing bytes": {func(a *chaintest.Archive, w, e []string) {
			key := a.Logs[w[2]][0]
			content(a, key, append(bytes.Clone(a.Files[key].Content), 0))
		}, "trailing_data eu-west-1", "", ""},
		"a log file was added": {func(a *chaintest.Archive, w, e []string) { a.Log(west, begin.Add(100*time.Minute), 9) }, "unlisted_log eu-west-1", "", ""},
		"a file of another name was added": {func(a *chaintest.Archive, w, e []string) {
			a.Files["AWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/30/x.json.gz"] = chaintest.File{Content: chaintest.Zip("{}")}
		}, "unlisted_log eu-west-1", "", ""},
		"a log file may not be read": {func(a *chaintest.Archive, w, e []string) { content(a, a.Logs[w[2]][0], []byte("denied")) }, "", "unread eu-west-1", ""},
		"a digest may not be read":   {func(a *chaintest.Archive, w, e []string) { content(a, w[2], []byte("denied")) }, "", "unlisted_log eu-west-1 x2, unread eu-west-1", ""},
		"a digest is another": {func(a *chaintest.Archive, w, e []string) {
			content(a, w[2], chaintest.Zip(strings.Replace(string(chaintest.Unzip(a.Files[w[2]].Content)), `"logFiles":[{`, `"logFiles":[{"x":1,`, 1)))
		}, "bad_signature eu-west-1", "", ""},
		"the newest digest is another": {func(a *chaintest.Archive, w, e []string) {
			content(a, w[5], chaintest.Zip(strings.Replace(string(chaintest.Unzip(a.Files[w[5]].Content)), `"logFiles":[{`, `"logFiles":[{"x":1,`, 1)))
		}, "bad_signature eu-west-1", "", ""},
		"a digest is no gzip": {func(a *chaintest.Archive, w, e []string) { content(a, w[2], []byte("x")) }, "bad_format eu-west-1", "unlisted_log eu-west-1 x2", ""},
		"a digest is no JSON": {func(a *chaintest.Archive, w, e []string) { content(a, w[2], chaintest.Zip("x")) }, "bad_format eu-west-1", "unlisted_log eu-west-1 x2", ""},
		"a digest lacks what it must have": {func(a *chaintest.Archive, w, e []string) {
			a.Edit(w[5], func(doc map[string]any) { delete(doc, "previousDigestSignature") })
		}, "bad_format eu-west-1", "", "pending eu-west-1 x2"},
		"a digest has trailing bytes": {func(a *chaintest.Archive, w, e []string) {
			content(a, w[2], append(bytes.Clone(a.Files[w[2]].Content), "more"...))
		}, "trailing_data eu-west-1", "", ""},
		"a digest lost its metadata": {func(a *chaintest.Archive, w, e []string) {
			a.Files[w[2]] = chaintest.File{Content: a.Files[w[2]].Content}
		}, "no_signature eu-west-1", "", ""},
		"a signature is no hex": {func(a *chaintest.Archive, w, e []string) { a.Files[w[2]].Metadata["signature"] = "zz" }, "bad_signature eu-west-1", "", ""},
		"a digest is gone":      {func(a *chaintest.Archive, w, e []string) { delete(a.Files, w[2]) }, "missing_digest eu-west-1", "unlisted_log eu-west-1 x2", ""},
		"two digests are gone": {func(a *chaintest.Archive, w, e []string) {
			delete(a.Files, w[2])
			delete(a.Files, w[3])
		}, "missing_digest eu-west-1 x2", "unlisted_log eu-west-1 x4", ""},
		"the first digest is gone": {func(a *chaintest.Archive, w, e []string) { delete(a.Files, w[0]) }, "missing_digest eu-west-1", "", "before_chain eu-west-1 x2"},
		"the newest digests are gone": {func(a *chaintest.Archive, w, e []string) {
			delete(a.Files, w[4])
			delete(a.Files, w[5])
		}, "missing_newest eu-west-1 x2", "", "pending eu-west-1 x4"},
		"all digests of a region are gone": {func(a *chaintest.Archive, w, e []string) {
			a.Chain(chaintest.Trail{Account: "111122223333", Region: "us-west-2", Name: "org_trail.x", Home: "eu-west-1"}, begin, 6, 0)
			for _, key := range e {
				delete(a.Files, key)
			}
		}, "missing_chain us-east-1 x6", "", ""},
		"a digest lies elsewhere": {func(a *chaintest.Archive, w, e []string) {
			a.Files[strings.Replace(w[2], "20260130T230131Z", "20260130T230132Z", 1)] = a.Files[w[2]]
			delete(a.Files, w[2])
		}, "missing_digest eu-west-1, moved eu-west-1", "", ""},
		"a digest lies twice": {func(a *chaintest.Archive, w, e []string) {
			a.Files[strings.Replace(w[2], "20260130T230131Z", "20260130T230132Z", 1)] = a.Files[w[2]]
		}, "moved eu-west-1", "", ""},
		"a digest was signed with another key": {func(a *chaintest.Archive, w, e []string) {
			was := *a
			a.Key, a.Fingerprint = chaintest.NewKey(), "00e8b5433410dfb61a9dc45cc65b22ff"
			a.Edit(w[5], func(doc map[string]any) { doc["digestPublicKeyFingerprint"] = a.Fingerprint })
			a.Key, a.Fingerprint = was.Key, was.Fingerprint
		}, "unknown_key eu-west-1", "", ""},
		"a digest was made anew": {func(a *chaintest.Archive, w, e []string) {
			a.Edit(w[2], func(doc map[string]any) { doc["logFiles"] = []any{} })
		}, "unlisted_log eu-west-1, unlisted_log eu-west-1, broken_link eu-west-1", "", ""},
		"a digest's signature was made anew": {func(a *chaintest.Archive, w, e []string) {
			a.Edit(w[3], func(doc map[string]any) { doc["previousDigestSignature"] = "00" })
			a.Relink(w[3:]...)
		}, "broken_link eu-west-1", "", ""},
		"a link passes over a digest": {func(a *chaintest.Archive, w, e []string) {
			a.Digest(west, chaintest.Hour{Start: begin.Add(5 * time.Hour), End: begin.Add(6 * time.Hour), Previous: w[3], Logs: a.Logs[w[5]]})
		}, "orphan_digest eu-west-1, time_break eu-west-1", "", ""},
		"an hour that overlaps": {func(a *chaintest.Archive, w, e []string) {
			a.Digest(west, chaintest.Hour{Start: begin.Add(5*time.Hour - time.Minute), End: begin.Add(6 * time.Hour), Previous: w[4], Logs: a.Logs[w[5]]})
		}, "time_break eu-west-1", "", ""},
		"the trail got a prefix": {func(a *chaintest.Archive, w, e []string) { prefixed(a, w) }, "", "", ""},
		"the trail got a prefix, and the digest before that is another": {func(a *chaintest.Archive, w, e []string) {
			prefixed(a, w)
			a.Edit(w[5], func(doc map[string]any) { doc["x"] = 1 })
		}, "broken_link eu-west-1", "", ""},
		"the trail got a prefix, and the digest before that is gone": {func(a *chaintest.Archive, w, e []string) {
			prefixed(a, w)
			delete(a.Files, w[5])
			delete(a.Files, a.Logs[w[5]][0])
			delete(a.Files, a.Logs[w[5]][1])
		}, "missing_digest eu-west-1", "", ""},
		"the trail got a prefix, and the digest before that may not be read": {func(a *chaintest.Archive, w, e []string) {
			prefixed(a, w)
			content(a, w[5], []byte("denied"))
		}, "", "unread eu-west-1, unread eu-west-1", "pending eu-west-1 x2"},
		"a log file from before, and a backfill of that time": {func(a *chaintest.Archive, w, e []string) {
			a.Log(west, begin.Add(-150*time.Minute), 9)
			a.Digest(west, chaintest.Hour{Start: begin.Add(-3 * time.Hour), End: begin.Add(-2 * time.Hour), Suffix: "_backfill"})
		}, "", "", "before_chain eu-west-1"},
		"a chain in a circle": {func(a *chaintest.Archive, w, e []string) {
			a.Edit(w[5], func(doc map[string]any) { doc["previousDigestS3Object"] = w[5] })
		}, "broken_link eu-west-1", "", ""},
		"validation was off": {func(a *chaintest.Archive, w, e []string) {
			a.Chain(west, begin.Add(8*time.Hour), 1, 1)
			a.Chain(east, begin.Add(8*time.Hour), 1, 1)
			a.Log(west, begin.Add(7*time.Hour), 0)
		}, "", "unlisted_log eu-west-1", "gap eu-west-1, gap us-east-1"},
		"a log file came late": {func(a *chaintest.Archive, w, e []string) {
			late := a.Log(west, begin.Add(100*time.Minute), 9)
			a.Digest(west, chaintest.Hour{Start: begin.Add(time.Hour), End: begin.Add(2 * time.Hour), Logs: []string{late}, Suffix: "_backfill"})
		}, "", "", ""},
		"a log file that came late is gone": {func(a *chaintest.Archive, w, e []string) {
			late := a.Log(west, begin.Add(100*time.Minute), 9)
			a.Digest(west, chaintest.Hour{Start: begin.Add(time.Hour), End: begin.Add(2 * time.Hour), Logs: []string{late}, Suffix: "_backfill"})
			delete(a.Files, late)
		}, "missing_log eu-west-1", "", ""},
		"the trail delivers to another bucket": {func(a *chaintest.Archive, w, e []string) {
			a.Edit(w[0], func(doc map[string]any) {
				doc["previousDigestS3Bucket"], doc["previousDigestS3Object"], doc["previousDigestSignature"] = "old", "AWSLogs/x", "00"
			})
			a.Relink(w...)
		}, "", "", "elsewhere eu-west-1"},
		"another trail took over": {func(a *chaintest.Archive, w, e []string) {
			for _, l := range []chaintest.Trail{west, east} {
				l.Name = "new"
				a.Chain(l, begin.Add(5*time.Hour), 40, 1)
			}
		}, "", "", ""},
		"a file of another kind": {func(a *chaintest.Archive, w, e []string) {
			a.Files["AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/01/30/README"] = chaintest.File{}
		}, "", "", "odd_name eu-west-1"},
		"other services' folders": {func(a *chaintest.Archive, w, e []string) {
			a.Files["AWSLogs/111122223333/Config/eu-west-1/2026/1/30/x.json.gz"] = chaintest.File{}
			a.Files["AWSLogs/111122223333/CloudTrail-Insight/eu-west-1/2026/01/30/x.json.gz"] = chaintest.File{}
			a.Files["elb/a/b/c/d/e/f/g"] = chaintest.File{}
		}, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			a, w, e := archive()
			c.change(a, w, e)
			r := verify(t, Config{Stores: []Store{inMemory(a)}, Keys: savedKeys(t, a), Workers: 3})
			if p, u, n := found(r.Problems), found(r.NotEvaluable), found(r.Notes); p != c.problems || u != c.unknown || n != c.notes {
				t.Errorf("problems %q, want %q\nnot evaluable %q, want %q\nnotes %q, want %q", p, c.problems, u, c.unknown, n, c.notes)
			}
			want := "valid"
			if c.unknown != "" {
				want = "not_evaluable"
			}
			if c.problems != "" {
				want = "broken"
			}
			if r.Status != want || r.UnlistedLogs != strings.Count(c.problems, "unlisted_log") {
				t.Errorf("status %s, want %s; %d unlisted", r.Status, want, r.UnlistedLogs)
			}
			again := verify(t, Config{Stores: []Store{inMemory(a)}, Keys: savedKeys(t, a), Workers: 1})
			if !reflect.DeepEqual(r, again) {
				t.Error("the report depends on the number of workers")
			}
		})
	}
}

// prefixed lets west go on below a prefix.
func prefixed(a *chaintest.Archive, w []string) {
	l := west
	l.Prefix = "new"
	a.Digest(l, chaintest.Hour{Start: begin.Add(6 * time.Hour), End: begin.Add(7 * time.Hour), Previous: w[5]})
}

// TestBrokenDigestProvesNothing looks at what a broken digest names, and at
// which digest is the broken one.
func TestBrokenDigestProvesNothing(t *testing.T) {
	a, w, _ := archive()
	a.Files[w[2]].Metadata["signature"] = "00"
	delete(a.Files, a.Logs[w[2]][0])
	r := verify(t, Config{Stores: []Store{inMemory(a)}, Keys: savedKeys(t, a)})
	if found(r.Problems) != "bad_signature eu-west-1" || r.Logs != (Tally{Valid: 16, NotEvaluable: 2}) || r.Digests != (Tally{Valid: 11, Invalid: 1}) {
		t.Errorf("%+v", r)
	}
	a, w, _ = archive()
	a.Edit(w[4], func(doc map[string]any) { doc["previousDigestS3Object"] = w[5] })
	a.Relink(w[4], w[5])
	r = verify(t, Config{Stores: []Store{inMemory(a)}, Keys: savedKeys(t, a)})
	if found(r.Problems) != "broken_link eu-west-1" || r.Problems[0].Object != "s3://trail/"+w[4] {
		t.Errorf("it names a newer one: %+v", r.Problems)
	}
}

// allKeys are keys that are all there are.
type allKeys struct{ SavedKeys }

func (k allKeys) Keys(context.Context, string, time.Time, time.Time) (KeySet, error) {
	return KeySet{ByFingerprint: k.SavedKeys, Complete: true}, nil
}

func TestAllKeysAreKnown(t *testing.T) {
	a, _, _ := archive()
	other := allKeys{SavedKeys{"00": savedKeys(t, a)[a.Fingerprint]}}
	if r := verify(t, Config{Stores: []Store{inMemory(a)}, Keys: other}); len(r.Problems) != 12 || r.Problems[0].Kind != UnknownKey {
		t.Errorf("%+v", r)
	}
}

func TestEnds(t *testing.T) {
	a := chaintest.New("trail")
	w := a.Chain(west, begin, 6, 2)
	for _, key := range w[3:] {
		delete(a.Files, key)
	}
	r := verify(t, Config{Stores: []Store{inMemory(a)}, Keys: savedKeys(t, a)})
	if found(r.Problems) != "missing_newest eu-west-1 x2" || found(r.Notes) != "pending eu-west-1 x6" {
		t.Errorf("log files go on: %+v", r)
	}
	a = chaintest.New("trail")
	a.Chain(west, begin, 6, 2)
	l := west
	l.Name = "new"
	a.Chain(l, begin.Add(5*time.Hour), 40, 1)
	r = verify(t, Config{Stores: []Store{inMemory(a)}, Keys: savedKeys(t, a), Until: begin.Add(45 * time.Hour), Now: begin.Add(99 * time.Hour)})
	if r.Status != "valid" || found(r.Notes) != "chain_ended eu-west-1" {
		t.Errorf("another trail goes on: %+v", r)
	}
}

func TestNewestIsDue(t *testing.T) {
	a, _, _ := archive()
	end := begin.Add(6 * time.Hour)
	for name, c := range map[string]struct {
		until, now time.Time
		live       bool
		want       string
	}{
		"just now":               {now: end.Add(2 * time.Hour), live: true},
		"five hours later":       {now: end.Add(5 * time.Hour), live: true, want: "missing_newest eu-west-1 x5, missing_newest us-east-1 x4"},
		"a copy":                 {now: end.Add(5 * time.Hour)},
		"a copy until the end":   {until: end, now: end.Add(9 * time.Hour)},
		"a copy said to go on":   {until: end.Add(3 * time.Hour), now: end.Add(9 * time.Hour), want: "missing_newest eu-west-1 x3, missing_newest us-east-1 x2"},
		"a copy until just now":  {until: end.Add(2 * time.Hour), now: end.Add(2 * time.Hour)},
		"a copy until now":       {until: end.Add(4 * time.Hour), now: end.Add(4 * time.Hour), want: "missing_newest eu-west-1 x4, missing_newest us-east-1 x3"},
		"live, asked up to then": {until: end, now: end.Add(50 * time.Hour), live: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := inMemory(a)
			s.place.Live = c.live
			r := verify(t, Config{Stores: []Store{s}, Keys: savedKeys(t, a), Until: c.until, Now: c.now})
			if got := found(r.Problems); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestRange(t *testing.T) {
	a, w, _ := archive()
	delete(a.Files, w[0]) // older than what is asked for
	delete(a.Files, w[1])
	delete(a.Files, a.Logs[w[1]][0])
	a.Log(west, begin.Add(100*time.Minute), 9)
	a.Log(west, begin.Add(270*time.Minute), 9)
	a.Log(west, begin.Add(99*time.Hour), 9)
	r := verify(t, Config{Stores: []Store{inMemory(a)}, Keys: savedKeys(t, a), Since: begin.Add(2 * time.Hour), Until: begin.Add(4 * time.Hour), Regions: []string{"eu-west-1"}})
	// An hour more at the end, since log files of the last minutes are in it.
	if r.Status != "valid" || r.Digests.Valid != 3 || r.Logs.Valid != 6 || len(r.Chains) != 1 || len(r.Notes) > 0 {
		t.Errorf("%+v", r)
	}
}

func TestWithoutKeys(t *testing.T) {
	a, w, _ := archive()
	r := verify(t, Config{Stores: []Store{inMemory(a)}})
	if r.Status != "not_evaluable" || r.Digests != (Tally{NotEvaluable: 12}) || r.Logs != (Tally{NotEvaluable: 18}) || found(r.NotEvaluable) != "no_key eu-west-1 x6, no_key us-east-1 x6" {
		t.Errorf("%+v", r)
	}
	delete(a.Files, a.Logs[w[3]][0])
	a.Files[w[1]] = chaintest.File{Content: chaintest.Zip(string(chaintest.Unzip(a.Files[w[1]].Content)) + " "), Metadata: a.Files[w[1]].Metadata}
	if r = verify(t, Config{Stores: []Store{inMemory(a)}}); found(r.Problems) != "broken_link eu-west-1, missing_log eu-west-1" {
		t.Errorf("what needs no key: %q", found(r.Problems))
	}
	other := SavedKeys{"00": savedKeys(t, a)[a.Fingerprint]}
	if r = verify(t, Config{Stores: []Store{inMemory(a)}, Keys: other}); r.Digests.Valid != 0 || !strings.HasPrefix(found(r.NotEvaluable), "no_key") {
		t.Errorf("with another key: %+v", r)
	}
}

func TestDirectory(t *testing.T) {
	a, w, e := archive()
	org := chaintest.Trail{Prefix: "audit", Org: "o-a1b2c3d4e5", Account: "444455556666", Region: "eu-west-1", Name: "org", Home: "eu-west-1"}
	o := a.Chain(org, begin, 3, 1)
	root := t.TempDir()
	if err := a.Write(root); err != nil {
		t.Fatal(err)
	}
	signatures := map[string]string{}
	for _, key := range []string{w[5], e[5], o[2]} {
		signatures[key] = a.Files[key].Metadata["signature"]
	}
	for name, c := range map[string]struct {
		dir    string
		sigs   map[string]string
		status string
		valid  int
	}{
		"the newest have no signature":   {"", nil, "not_evaluable", 12},
		"their signatures are given":     {"", signatures, "valid", 15},
		"a part":                         {"audit", signatures, "valid", 3},
		"an account":                     {"AWSLogs/111122223333", signatures, "valid", 12},
		"a region":                       {"AWSLogs/111122223333/CloudTrail-Digest/eu-west-1", signatures, "valid", 6},
		"a region's log files of a year": {"AWSLogs/111122223333/CloudTrail/us-east-1/2026", signatures, "valid", 6},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := NewDir(filepath.Join(root, c.dir))
			if err != nil {
				t.Fatal(err)
			}
			r := verify(t, Config{Stores: []Store{s}, Keys: savedKeys(t, a), Signatures: c.sigs})
			if r.Status != c.status || r.Digests.Valid != c.valid || len(r.Problems) > 0 {
				t.Errorf("%+v", r)
			}
		})
	}
	t.Run("a copy in part", func(t *testing.T) {
		part := t.TempDir()
		if err := os.CopyFS(filepath.Join(part, "444455556666"), os.DirFS(filepath.Join(root, "audit/AWSLogs/o-a1b2c3d4e5/444455556666"))); err != nil {
			t.Fatal(err)
		}
		s, err := NewDir(part)
		if err != nil {
			t.Fatal(err)
		}
		if r := verify(t, Config{Stores: []Store{s}, Keys: savedKeys(t, a), Signatures: signatures}); r.Status != "valid" || r.Logs.Valid != 3 {
			t.Errorf("%+v", r)
		}
	})
	t.Run("nothing", func(t *testing.T) {
		s, err := NewDir(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if _, err = Verify(t.Context(), Config{Stores: []Store{s}}); err == nil || err.Error() == "" {
			t.Error("an empty directory verifies")
		}
	})
}

func TestParseKeys(t *testing.T) {
	a := chaintest.New("trail")
	text := a.PublicKeys()
	if keys, err := ParseKeys(append(append(bytes.Clone(text), '\n'), text...)); err != nil || len(keys) != 1 || !keys[a.Fingerprint].covers(begin) {
		t.Errorf("two documents: %v, %v", keys, err)
	}
	var doc map[string][]map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	doc["PublicKeyList"][0]["ValidityStartTime"] = 1.7e9
	seconds, _ := json.Marshal(doc)
	if keys, err := ParseKeys(seconds); err != nil || keys[a.Fingerprint].Start.Unix() != 1.7e9 {
		t.Errorf("seconds: %v, %v", keys, err)
	}
	for _, bad := range []string{"", "{}", "x", `{"PublicKeyList":[{"Value":"!"}]}`, `{"PublicKeyList":[{"Value":"AAAA"}]}`} {
		if keys, err := ParseKeys([]byte(bad)); err == nil {
			t.Errorf("%q: %v", bad, keys)
		}
	}
}
