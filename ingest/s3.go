package ingest

import (
	"context"
	"iter"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/trimtrail/trimtrail/internal/event"
)

// S3API is what a bucket is read with: s3:ListBucket and s3:GetObject.
type S3API interface {
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

var _ S3API = (*s3.Client)(nil)

// S3 is a prefix of a bucket. Its errors are *S3Error and *UnreadError.
type S3 struct {
	api            S3API
	bucket, prefix string
	lists          atomic.Int64
}

// NewS3 returns the objects below a prefix as a source. A prefix that is the
// key of an object stands for that object alone.
func NewS3(api S3API, bucket, prefix string) *S3 {
	return &S3{api: api, bucket: bucket, prefix: prefix}
}

func (s *S3) String() string { return s.uri(s.prefix) }

// ListCalls is how many ListObjectsV2 requests were made, retries not counted.
func (s *S3) ListCalls() int64 { return s.lists.Load() }

func (s *S3) uri(key string) string { return "s3://" + s.bucket + "/" + key }

// List walks the folders of the archive down to the years, so that accounts,
// regions and years which the filter excludes are never listed, and then lists
// each year from its first day that counts to its last. Several are listed at
// once; entries come in the order of the keys.
func (s *S3) List(ctx context.Context, f Filter) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		nodes, err := s.tree(ctx, f)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		s.stream(ctx, f, nodes, yield)
	}
}

// listed is one answer of a listing.
type listed struct {
	folders []string // whole prefixes, ending in a slash
	objects []types.Object
}

// pages lists a prefix page by page: with a delimiter one level of it, without
// everything below, after the key after.
func (s *S3) pages(ctx context.Context, prefix, delimiter, after string) iter.Seq2[listed, error] {
	in := &s3.ListObjectsV2Input{Bucket: &s.bucket}
	for dst, v := range map[**string]string{&in.Prefix: prefix, &in.Delimiter: delimiter, &in.StartAfter: after} {
		if v != "" {
			*dst = &v
		}
	}
	return func(yield func(listed, error) bool) {
		for {
			s.lists.Add(1)
			out, err := s.api.ListObjectsV2(ctx, in)
			if err != nil {
				yield(listed{}, s.listError(prefix, err))
				return
			}
			page := listed{objects: out.Contents}
			for _, p := range out.CommonPrefixes {
				page.folders = append(page.folders, aws.ToString(p.Prefix))
			}
			if !yield(page, nil) || !aws.ToBool(out.IsTruncated) || out.NextContinuationToken == nil {
				return
			}
			in.ContinuationToken = out.NextContinuationToken
		}
	}
}

// entry judges a listed object.
func (s *S3) entry(o types.Object, f Filter) (Entry, bool) {
	key := aws.ToString(o.Key)
	if strings.HasSuffix(key, "/") {
		return Entry{}, false // a console's folder marker
	}
	e, keep := f.entryAt(key)
	if key == s.prefix {
		e, keep = Entry{}, true // named itself
	}
	e.Modified = aws.ToTime(o.LastModified)
	e.Object = event.Object{URI: s.uri(key), Size: aws.ToInt64(o.Size), Version: strings.Trim(aws.ToString(o.ETag), `"`)}
	return e, keep
}
