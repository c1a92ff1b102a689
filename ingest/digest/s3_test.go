package digest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/trimtrail/trimtrail/ingest"
	"github.com/trimtrail/trimtrail/ingest/digest/chaintest"
)

// pagesOf is how many names a listing of the server below has.
const pagesOf = 3

// faulty is a server of a bucket that ends listings early, and the first body
// of the objects in broken.
type faulty struct {
	a      *chaintest.Archive
	mu     sync.Mutex
	broken map[string]bool
	gets   int
}

var _ ingest.S3API = (*faulty)(nil)

func (f *faulty) ListObjectsV2(_ context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	if aws.ToString(in.Bucket) != f.a.Bucket {
		return nil, &smithy.GenericAPIError{Code: "NoSuchBucket"}
	}
	after := max(aws.ToString(in.StartAfter), aws.ToString(in.ContinuationToken))
	out := &s3.ListObjectsV2Output{}
	for _, key := range slices.Sorted(maps.Keys(f.a.Files)) {
		rest, ok := strings.CutPrefix(key, aws.ToString(in.Prefix))
		i := strings.IndexByte(rest, '/')
		folder := in.Delimiter != nil && i >= 0
		if folder {
			key = aws.ToString(in.Prefix) + rest[:i+1]
		}
		if !ok || key <= after {
			continue
		}
		if len(out.Contents)+len(out.CommonPrefixes) == pagesOf {
			out.IsTruncated, out.NextContinuationToken = aws.Bool(true), &after
			break
		}
		if after = key; folder {
			out.CommonPrefixes = append(out.CommonPrefixes, types.CommonPrefix{Prefix: &key})
		} else {
			out.Contents = append(out.Contents, types.Object{Key: &key})
		}
	}
	return out, nil
}

func (f *faulty) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.gets++
	key := aws.ToString(in.Key)
	file, ok := f.a.Files[key]
	if !ok {
		return nil, &smithy.GenericAPIError{Code: "NoSuchKey"}
	}
	if string(file.Content) == "denied" {
		return nil, &smithy.GenericAPIError{Code: "AccessDenied"}
	}
	metadata := map[string]string{}
	for k, v := range file.Metadata {
		metadata[strings.ToUpper(k[:1])+k[1:]] = v
	}
	var body io.Reader = bytes.NewReader(file.Content)
	if f.broken[key] {
		delete(f.broken, key)
		body = io.MultiReader(bytes.NewReader(file.Content[:9]), failing{})
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(body), ContentLength: aws.Int64(int64(len(file.Content))), ETag: aws.String(`"1"`), Metadata: metadata}, nil
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestS3(t *testing.T) {
	a, w, _ := archive()
	f := &faulty{a: a, broken: map[string]bool{w[1]: true, a.Logs[w[3]][0]: true}}
	r := verify(t, Config{Stores: []Store{NewS3(f, "trail", "")}, Keys: savedKeys(t, a), Now: begin.Add(8 * 3600e9)})
	if r.Status != "valid" || r.Digests.Valid != 12 || r.Logs.Valid != 18 || f.gets != 12+18+2 {
		t.Errorf("%d GETs: %+v", f.gets, r)
	}
	s := NewS3(f, "trail", "AWSLogs")
	if p := s.Place(); p.Root != "AWSLogs/" || p.uri("x") != "s3://trail/x" {
		t.Errorf("%+v", p)
	}
	if _, err := s.Get(t.Context(), "absent"); !errors.Is(err, ErrGone) {
		t.Errorf("absent: %v", err)
	}
	a.Files["no"] = chaintest.File{Content: []byte("denied")}
	var unread *ingest.UnreadError
	if _, err := s.Get(t.Context(), "no"); !errors.As(err, &unread) || !unread.Denied {
		t.Errorf("denied: %v", err)
	}
	delete(a.Files[w[2]].Metadata, "signature-algorithm")
	if r := verify(t, Config{Stores: []Store{s}, Keys: savedKeys(t, a), Until: begin.Add(6 * 3600e9)}); found(r.Problems) != "no_signature eu-west-1" {
		t.Errorf("without the algorithm: %q", found(r.Problems))
	}
	var problem *ingest.S3Error
	if _, err := Verify(t.Context(), Config{Stores: []Store{NewS3(f, "other", "")}}); !errors.As(err, &problem) || problem.Problem != ingest.NoBucket {
		t.Errorf("another bucket: %v", err)
	}
}
