package digest

import (
	"context"
	"errors"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/trimtrail/trimtrail/ingest"
	"github.com/trimtrail/trimtrail/internal/event"
)

// bucket is an archive where CloudTrail delivers it.
type bucket struct {
	api   ingest.S3API
	place Place
}

// NewS3 returns the archive below a prefix of a bucket as a store.
func NewS3(api ingest.S3API, name, prefix string) Store {
	root := prefix
	if root != "" && !strings.HasSuffix(root, "/") {
		root += "/"
	}
	return &bucket{api, Place{Name: "s3://" + name + "/" + prefix, Root: root, Bucket: name, Live: true}}
}

func (b *bucket) Place() Place { return b.place }

// List lists keys page by page.
func (b *bucket) List(ctx context.Context, folder, after string, deep bool) iter.Seq2[string, error] {
	in := &s3.ListObjectsV2Input{Bucket: &b.place.Bucket, Prefix: &folder}
	if after != "" {
		in.StartAfter = &after
	}
	if !deep {
		in.Delimiter = aws.String("/")
	}
	return func(yield func(string, error) bool) {
		for {
			out, err := b.api.ListObjectsV2(ctx, in)
			if err != nil {
				yield("", ingest.NewS3(b.api, b.place.Bucket, folder).ListError(err))
				return
			}
			for _, o := range out.Contents {
				if key := aws.ToString(o.Key); !strings.HasSuffix(key, "/") && !yield(key, nil) {
					return
				}
			}
			for _, p := range out.CommonPrefixes {
				if !yield(aws.ToString(p.Prefix), nil) {
					return
				}
			}
			if !aws.ToBool(out.IsTruncated) || out.NextContinuationToken == nil {
				return
			}
			in.ContinuationToken = out.NextContinuationToken
		}
	}
}

// stall is how long one object may take before it is asked for again.
const stall = 2 * time.Minute

// Get reads an object with its metadata. What does not come at the first call
// is left to ingest's reader, which resumes, and has words for what is wrong.
func (b *bucket) Get(ctx context.Context, path string) (Object, error) {
	o := event.Object{URI: b.place.uri(path)}
	out, content, err := b.read(ctx, path)
	if err == nil {
		return Object{Content: content, Signature: signatureIn(out.Metadata), Metadata: true}, nil
	}
	var api smithy.APIError
	if errors.As(err, &api) && (api.ErrorCode() == "NoSuchKey" || api.ErrorCode() == "NotFound") {
		return Object{}, ErrGone
	}
	signature := ""
	if out != nil {
		o.Size, o.Version = aws.ToInt64(out.ContentLength), strings.Trim(aws.ToString(out.ETag), `"`)
		signature = signatureIn(out.Metadata)
	}
	_, content, err = ingest.NewS3(b.api, b.place.Bucket, path).Fetch(ctx, o)
	return Object{Content: content, Signature: signature, Metadata: out != nil}, err
}

func (b *bucket) read(ctx context.Context, path string) (*s3.GetObjectOutput, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, stall)
	defer cancel()
	out, err := b.api.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.place.Bucket, Key: &path})
	if err != nil {
		return nil, nil, err
	}
	defer out.Body.Close()
	content, err := io.ReadAll(out.Body)
	if n := aws.ToInt64(out.ContentLength); err == nil && int64(len(content)) < n {
		err = io.ErrUnexpectedEOF
	}
	return out, content, err
}

// signatureIn finds the signature, which counts where its algorithm is named
// too. Names of metadata may come in any case.
func signatureIn(metadata map[string]string) string {
	signature, algorithm := "", ""
	for k, v := range metadata {
		switch strings.ToLower(k) {
		case "signature":
			signature = v
		case "signature-algorithm":
			algorithm = v
		}
	}
	if algorithm == "" {
		return ""
	}
	return signature
}
