package ingest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/trimtrail/trimtrail/internal/event"
)

// bucket is an S3 bucket in memory, with S3's listing, versions and ranges.
type bucket struct {
	mu      sync.Mutex
	objects map[string][]byte
	page    int
	lists   []string // prefix, delimiter and start of each first page
	pages   int
	listed  int // keys given out
	gets    []string
	// breaks is after how many bytes each answer's body breaks off, 0 never.
	breaks int
	denied map[string]bool // keys
	// rangeless is a server that answers every range with the whole.
	rangeless bool
	// onGet is called before an object is given out.
	onGet func(key string)
}

func newBucket(objects map[string]string) *bucket {
	b := &bucket{objects: map[string][]byte{}, page: 1000, denied: map[string]bool{}}
	for k, v := range objects {
		b.objects[k] = []byte(v)
	}
	return b
}

func etag(content []byte) string { return fmt.Sprintf(`"%x"`, md5.Sum(content)) }

// refuse is an answer as the SDK gives it.
func refuse(status int, code, region string) error {
	header := http.Header{}
	header.Set("X-Amz-Bucket-Region", region)
	return &awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status, Header: header}},
		Err:      &smithy.GenericAPIError{Code: code, Message: "no"},
	}}
}

func (b *bucket) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	prefix, delimiter, after := aws.ToString(in.Prefix), aws.ToString(in.Delimiter), aws.ToString(in.StartAfter)
	if b.pages++; in.ContinuationToken == nil {
		b.lists = append(b.lists, strings.TrimRight(prefix+" "+delimiter+" "+after, " "))
	} else {
		after = *in.ContinuationToken
	}
	out := &s3.ListObjectsV2Output{IsTruncated: aws.Bool(false)}
	most := min(b.page, int(cmp.Or(aws.ToInt32(in.MaxKeys), 1000)))
	for _, key := range slices.Sorted(maps.Keys(b.objects)) {
		rest, ok := strings.CutPrefix(key, prefix)
		folder, _, deep := strings.Cut(rest, delimiter)
		folder = prefix + folder + delimiter
		deep = deep && delimiter != ""
		if !ok || key <= after || deep && strings.HasPrefix(after, folder) {
			continue
		}
		if n := len(out.CommonPrefixes); deep && n > 0 && *out.CommonPrefixes[n-1].Prefix == folder {
			continue
		}
		if len(out.Contents)+len(out.CommonPrefixes) == most {
			out.IsTruncated, out.NextContinuationToken = aws.Bool(true), in.ContinuationToken
			out.NextContinuationToken = aws.String(last(out))
			break
		}
		if deep {
			out.CommonPrefixes = append(out.CommonPrefixes, types.CommonPrefix{Prefix: &folder})
			continue
		}
		content := b.objects[key]
		out.Contents = append(out.Contents, types.Object{Key: &key, Size: aws.Int64(int64(len(content))), ETag: aws.String(etag(content))})
	}
	b.listed += len(out.Contents)
	return out, nil
}

// last is the last key or folder of a page.
func last(out *s3.ListObjectsV2Output) string {
	var s string
	for _, o := range out.Contents {
		s = max(s, *o.Key)
	}
	for _, p := range out.CommonPrefixes {
		s = max(s, *p.Prefix)
	}
	return s
}

func (b *bucket) GetObject(ctx context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.onGet != nil {
		b.onGet(*in.Key)
	}
	b.gets = append(b.gets, strings.TrimRight(*in.Key+" "+aws.ToString(in.Range), " "))
	content, ok := b.objects[*in.Key]
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case b.denied[*in.Key]:
		return nil, refuse(403, "AccessDenied", "")
	case !ok:
		return nil, refuse(404, "NoSuchKey", "")
	case in.IfMatch != nil && *in.IfMatch != etag(content):
		return nil, refuse(412, "PreconditionFailed", "")
	}
	tag, answered := etag(content), (*string)(nil)
	if in.Range != nil && !b.rangeless {
		from, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(*in.Range, "bytes="), "-"))
		if err != nil || from >= len(content) {
			return nil, refuse(416, "InvalidRange", "")
		}
		answered = aws.String(fmt.Sprintf("bytes %d-%d/%d", from, len(content)-1, len(content)))
		content = content[from:]
	}
	var body io.Reader = bytes.NewReader(content)
	if b.breaks > 0 && len(content) > b.breaks {
		body = io.MultiReader(bytes.NewReader(content[:b.breaks]), broken{})
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(body), ContentLength: aws.Int64(int64(len(content))), ETag: &tag, ContentRange: answered}, nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("connection reset by peer") }

// keys lists a source's keys, without the ignored ones.
func keys(t testing.TB, s *S3, f Filter) []string {
	t.Helper()
	list, _ := names(t, s, f, "s3://b/")
	return list
}

// organisation is a bucket of an organisation's trail: accounts, regions and
// days, n objects a day, with the digests and other services' logs beside.
func organisation(accounts, regions []string, days []string, n int) *bucket {
	objects := map[string]string{}
	for _, a := range accounts {
		for _, r := range regions {
			for _, d := range days {
				for i := range n {
					key := "org/" + strings.Replace(logName(a, r, d, fmt.Sprintf("%04d", i)), "AWSLogs/", "AWSLogs/o-abcd/", 1)
					objects[key] = doc(rec(a + r + d + fmt.Sprint(i)))
				}
				objects["org/AWSLogs/o-abcd/"+a+"/CloudTrail-Digest/"+r+"/"+d+"/digest.json.gz"] = "x"
				objects["org/AWSLogs/o-abcd/"+a+"/vpcflowlogs/"+r+"/"+d+"/x.log.gz"] = "x"
			}
		}
	}
	return newBucket(objects)
}

var (
	twoAccounts = []string{account, "444455556666"}
	twoRegions  = []string{"eu-west-1", "us-east-1"}
	fourDays    = []string{"2025/12/31", "2026/01/30", "2026/01/31", "2026/02/01"}
)

// The listing gives every log, in the order of its key, and no more requests
// than the tree has branches.
func TestBucketIsListed(t *testing.T) {
	b := organisation(twoAccounts, twoRegions, fourDays, 3)
	got := keys(t, NewS3(b, "b", ""), Filter{})
	if len(got) != 2*2*4*3 || !slices.IsSorted(got) {
		t.Errorf("%d keys, sorted %v", len(got), slices.IsSorted(got))
	}
	// "", org/, AWSLogs/, o-abcd/, accounts, CloudTrails, regions, years
	if want := 1 + 1 + 1 + 1 + 2 + 2 + 4 + 8; len(b.lists) != want {
		t.Errorf("%d requests, want %d:\n%s", len(b.lists), want, strings.Join(b.lists, "\n"))
	}
	b.page = 2 // of everything
	if again := keys(t, NewS3(b, "b", ""), Filter{}); !slices.Equal(again, got) {
		t.Errorf("in small pages: %d keys of %d", len(again), len(got))
	}
}

// What the filter excludes is not listed: neither its folders nor its keys.
func TestBucketIsPruned(t *testing.T) {
	f := Filter{Accounts: twoAccounts[:1], Regions: twoRegions[1:], Orgs: []string{"o-abcd"}, Since: "2026-01-31", Until: "2026-01-31"}
	for _, prefix := range []string{"", "org/", "org/AWSLogs/o-abcd/", "org/AWSLogs/o-abcd/" + account, "org/AWSLogs/o-abcd/" + account + "/CloudTrail/us-east-1/", "org/AWSLogs/o-abcd/" + account + "/CloudTrail/us-east-1/2026/01/"} {
		b := organisation(twoAccounts, twoRegions, append(slices.Clone(fourDays), "2026/02/02", "2026/11/30"), 3)
		b.page = 3
		got := keys(t, NewS3(b, "b", prefix), f)
		if len(got) != 3 || !strings.Contains(got[0], account+"/CloudTrail/us-east-1/2026/01/31/") {
			t.Errorf("%q: %q", prefix, got)
		}
		if b.listed > 6 { // a page with what was asked, and the one that shows its end
			t.Errorf("%q: %d keys were listed", prefix, b.listed)
		}
		for _, l := range b.lists {
			for _, no := range []string{twoAccounts[1], twoRegions[0], "Digest", "vpcflowlogs", "2025"} {
				if strings.Contains(l, no) {
					t.Errorf("%q: %q was listed", prefix, l)
				}
			}
		}
	}
	b := organisation(twoAccounts, twoRegions, fourDays, 3)
	if got := keys(t, NewS3(b, "b", ""), Filter{Orgs: []string{"o-efgh"}}); len(got) != 0 || len(b.lists) != 3 {
		t.Errorf("another organisation: %q after %q", got, b.lists)
	}
}

// Buckets that are laid out otherwise are listed whole, without a request for
// each of thousands of folders.
func TestBucketOfAnotherLayout(t *testing.T) {
	objects := map[string]string{"marker/": "", "a.json": "{}", "z/README.md": ""}
	for i := range 300 {
		objects[fmt.Sprintf("logs/%03d/%03d/x.json", i, i)] = "{}"
	}
	objects["deep/1/2/3/4/5/6/AWSLogs/x.json"] = "{}"
	b := newBucket(objects)
	got := keys(t, NewS3(b, "b", ""), Filter{})
	if len(got) != 302 || !slices.IsSorted(got) || len(b.lists) > 12 {
		t.Errorf("%d keys after %d requests: %q", len(got), len(b.lists), b.lists)
	}
	for prefix, want := range map[string][]string{
		"a.json": {"a.json"}, "logs/007/007/x": {"logs/007/007/x.json"}, "z/README.md": {"z/README.md"}, "none": nil,
	} {
		if got := keys(t, NewS3(b, "b", prefix), Filter{}); !slices.Equal(got, want) {
			t.Errorf("%s: %q", prefix, got)
		}
	}
	day := strings.TrimSuffix(logName(account, "eu-west-1", "2026/01/31", "1"), "1.json.gz")
	b = newBucket(map[string]string{day + "1.json": "{}", day + "1.json.gz": "{}", day + "2.json": "{}"})
	if got := keys(t, NewS3(b, "b", day+"1.json"), Filter{}); !slices.Equal(got, []string{day + "1.json"}) {
		t.Errorf("an object of a day that is named: %q", got)
	}
	if got := keys(t, NewS3(b, "b", day), Filter{}); len(got) != 3 {
		t.Errorf("objects of a day by the start of their names: %q", got)
	}
}

func object(b *bucket, key string) event.Object {
	return event.Object{URI: "s3://b/" + key, Size: int64(len(b.objects[key])), Version: strings.Trim(etag(b.objects[key]), `"`)}
}

// A body that breaks is taken up where it broke, in the same version.
func TestFetchResumes(t *testing.T) {
	content := noise(100_000)
	b := newBucket(map[string]string{"x": content})
	b.breaks = 30_000
	o, got, err := NewS3(b, "b", "").Fetch(t.Context(), object(b, "x"))
	if err != nil || string(got) != content || o != object(b, "x") {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if want := []string{"x", "x bytes=30000-", "x bytes=60000-", "x bytes=90000-"}; !slices.Equal(b.gets, want) {
		t.Errorf("asked for %q, want %q", b.gets, want)
	}
}

// An object that is replaced between listing and reading, or while it is read,
// comes whole and under its new version.
func TestFetchOfAReplacedObject(t *testing.T) {
	was, longer := noise(50_000), "new"+noise(70_000)
	for _, at := range []int{1, 2, 3} {
		for _, now := range []string{longer, longer[:len(was)], "short"} {
			b := newBucket(map[string]string{"x": was})
			b.breaks = 30_000
			listed, n, want := object(b, "x"), 0, now
			b.onGet = func(string) {
				if n++; n == at {
					b.objects["x"] = []byte(now)
				}
			}
			o, got, err := NewS3(b, "b", "").Fetch(t.Context(), listed)
			if at == 3 { // it was read by then
				want = was
			} else if o != object(b, "x") {
				t.Errorf("replaced at request %d: %+v", at, o)
			}
			if err != nil || string(got) != want {
				t.Errorf("replaced at request %d by %d bytes: %d bytes, %v", at, len(now), len(got), err)
			}
		}
	}
}

func TestFetchFails(t *testing.T) {
	odd := newBucket(map[string]string{"x": noise(1000)})
	odd.breaks, odd.rangeless = 100, true
	if _, _, err := NewS3(odd, "b", "").Fetch(t.Context(), object(odd, "x")); err == nil || len(odd.gets) != 2 {
		t.Errorf("a server that ignores ranges: %v after %d requests", err, len(odd.gets))
	}
	long := object(odd, "x")
	long.Size, odd.breaks = 10, 0
	if o, got, err := NewS3(odd, "b", "").Fetch(t.Context(), long); err != nil || o.Size != 1000 || len(got) != 1000 {
		t.Errorf("an object that is longer than it was listed: %+v, %d bytes, %v", o, len(got), err)
	}
	b := newBucket(map[string]string{"x": noise(1000), "secret": "x"})
	s := NewS3(b, "b", "")
	b.denied["secret"] = true
	_, _, err := s.Fetch(t.Context(), object(b, "secret"))
	var unread *UnreadError
	if !errors.As(err, &unread) || !unread.Denied || unread.Reason != "access denied (s3:GetObject on arn:aws:s3:::b/secret)" {
		t.Errorf("denied: %v", err)
	}
	_, _, err = s.Fetch(t.Context(), event.Object{URI: "s3://b/gone", Version: "1"})
	if !errors.As(err, &unread) || unread.Denied || unread.Reason != "gone since it was listed" {
		t.Errorf("gone: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err = s.Fetch(ctx, object(b, "x")); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

// One object that may not be read is put aside and tried again; where none may
// be, the run ends early and nothing is kept.
func TestDeniedObjects(t *testing.T) {
	b := organisation(twoAccounts[:1], twoRegions, fourDays, 10)
	all := keys(t, NewS3(b, "b", ""), Filter{})
	b.denied[all[3]] = true
	sink := newFake()
	c := Config{Sources: []Source{NewS3(b, "b", "")}, Sink: sink}
	sum, err := Run(t.Context(), c)
	if err != nil || sum.Read != 79 || sum.Quarantined != 1 || sum.Denied != 1 || sum.Problems[0].URI != "s3://b/"+all[3] {
		t.Errorf("one denied: %+v, %v", sum, err)
	}
	sum, err = Run(t.Context(), c)
	if err != nil || sum.Known != 79 || sum.Quarantined != 1 || strings.Count(strings.Join(sink.log, "\n"), "quarantine") != 1 {
		t.Errorf("again: %+v, %v", sum, err)
	}
	b.denied = nil
	sum, err = Run(t.Context(), c)
	if err != nil || sum.Known != 79 || sum.Read != 1 {
		t.Errorf("once it may be read: %+v, %v", sum, err)
	}

	b.denied = map[string]bool{}
	for _, k := range all {
		b.denied[k] = true
	}
	for _, prefix := range []string{"", all[0]} {
		sink, b.gets = newFake(), nil
		_, err = Run(t.Context(), Config{Sources: []Source{NewS3(b, "b", prefix)}, Sink: sink, Workers: 1, Fetchers: 1})
		var denied *DeniedError
		if !errors.As(err, &denied) || len(b.gets) > 20 || strings.Contains(strings.Join(sink.log, "\n"), "commit") {
			t.Errorf("all denied below %q: %v after %d requests", prefix, err, len(b.gets))
		}
	}
}

// A listing that fails keeps what came before it.
func TestListingFails(t *testing.T) {
	b := organisation(twoAccounts[:1], twoRegions[:1], fourDays, 10)
	b.page = 5
	sink := newFake()
	_, err := Run(t.Context(), Config{Sources: []Source{NewS3(failing{b, 10}, "b", "org/AWSLogs/o-abcd/")}, Sink: sink})
	var s3err *S3Error
	if !errors.As(err, &s3err) || s3err.Problem != Expired || sink.pending != 0 {
		t.Errorf("%v, %d events are not committed", err, sink.pending)
	}
}

// failing is a bucket whose credentials expire after so many pages.
type failing struct {
	*bucket
	after int
}

func (f failing) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input, o ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	f.bucket.mu.Lock()
	expired := f.bucket.pages >= f.after
	f.bucket.mu.Unlock()
	if expired {
		return nil, refuse(400, "ExpiredToken", "")
	}
	return f.bucket.ListObjectsV2(ctx, in, o...)
}

func TestS3Errors(t *testing.T) {
	s := NewS3(newBucket(nil), "b", "p/")
	for code, c := range map[string]struct {
		problem S3Problem
		text    string
	}{
		"InvalidAccessKeyId":    {BadKey, "list s3://b/p/: AWS does not know the access key"},
		"SignatureDoesNotMatch": {BadSignature, "list s3://b/p/: the secret key does not fit the access key"},
		"ExpiredToken":          {Expired, "list s3://b/p/: the credentials have expired"},
		"NoSuchBucket":          {NoBucket, "list s3://b/p/: no such bucket"},
		"AccessDenied":          {Denied, "list s3://b/p/: access denied (s3:ListBucket on arn:aws:s3:::b)"},
		"PermanentRedirect":     {WrongRegion, "list s3://b/p/: the bucket is in the region eu-west-1"},
		"RequestTimeTooSkewed":  {OtherProblem, "list s3://b/p/: this machine's clock is wrong"},
		"SlowDown":              {OtherProblem, "list s3://b/p/: SlowDown: no"},
	} {
		err := s.listError("p/", refuse(400, code, "eu-west-1"))
		var e *S3Error
		if !errors.As(err, &e) || e.Problem != c.problem || err.Error() != c.text {
			t.Errorf("%s: %v", code, err)
		}
	}
	for _, uri := range []string{"s3://", "s3:///x", "https://b", "b"} {
		if _, _, err := ParseS3(uri); err == nil {
			t.Errorf("%q is taken for a bucket", uri)
		}
	}
}
