// Package s3store is a bucket of S3, or of a server that speaks S3, as a lake
// needs it: lake.Bucket on the AWS SDK.
//
// New objects of the log are made by conditional writes (If-None-Match: *),
// large ones are uploaded in parts, and nothing is ever renamed. It knows
// nothing of what a lake is.
//
//	b := s3store.New(client, "bucket", "lake", s3store.Options{})
//	l, err := lake.OpenBucket(ctx, b.String(), b)
package s3store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/trimtrail/trimtrail/internal/lake"
	"github.com/trimtrail/trimtrail/internal/par"
)

// API is what of the SDK is used. Permissions: s3:ListBucket, s3:GetObject,
// s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload; with a key of one's
// own kms:GenerateDataKey and kms:Decrypt.
type API interface {
	HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error)
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
	DeleteObjects(context.Context, *s3.DeleteObjectsInput, ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error)
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
	Multipart
}

// Multipart is how large objects are uploaded.
type Multipart interface {
	CreateMultipartUpload(context.Context, *s3.CreateMultipartUploadInput, ...func(*s3.Options)) (*s3.CreateMultipartUploadOutput, error)
	UploadPart(context.Context, *s3.UploadPartInput, ...func(*s3.Options)) (*s3.UploadPartOutput, error)
	CompleteMultipartUpload(context.Context, *s3.CompleteMultipartUploadInput, ...func(*s3.Options)) (*s3.CompleteMultipartUploadOutput, error)
	AbortMultipartUpload(context.Context, *s3.AbortMultipartUploadInput, ...func(*s3.Options)) (*s3.AbortMultipartUploadOutput, error)
}

var _ API = (*s3.Client)(nil)

// Options say how objects are written; the zero value is the bucket's defaults.
type Options struct {
	// KMSKey encrypts with this key, by id, ARN or alias, instead of the
	// bucket's default.
	KMSKey string
	// Owner is the account that must own the bucket; requests fail otherwise.
	Owner string
	// PartSize is from how many bytes on an object goes in parts, and their
	// size: at least 5 MB but for tests. 0 means 16 MB.
	PartSize int64
}

// Store is a prefix of a bucket. It is safe for concurrent use.
type Store struct {
	api            API
	bucket, prefix string
	options        Options
}

var _ lake.Bucket = (*Store)(nil)

// New returns what is below a prefix of a bucket; "" is all of it.
func New(api API, bucket, prefix string, o Options) *Store {
	if prefix = strings.Trim(prefix, "/"); prefix != "" {
		prefix += "/"
	}
	if o.PartSize <= 0 {
		o.PartSize = 16 << 20
	}
	return &Store{api, bucket, prefix, o}
}

// String is s3://bucket/prefix.
func (s *Store) String() string { return strings.TrimSuffix("s3://"+s.bucket+"/"+s.prefix, "/") }

func (s *Store) key(key string) *string { return aws.String(s.prefix + key) }

func (s *Store) owner() *string { return text(s.options.Owner) }

func text(v string) *string {
	if v == "" {
		return nil
	}
	return &v
}

// Size implements lake.Bucket.
func (s *Store) Size(ctx context.Context, key string) (int64, error) {
	out, err := s.api.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.bucket, Key: s.key(key), ExpectedBucketOwner: s.owner()})
	if err != nil {
		return 0, s.failed("look at", key, err)
	}
	return aws.ToInt64(out.ContentLength), nil
}

// Get implements lake.Bucket. A body that breaks off is fetched again.
func (s *Store) Get(ctx context.Context, key string, from, length int64) (data []byte, err error) {
	in := &s3.GetObjectInput{Bucket: &s.bucket, Key: s.key(key), ExpectedBucketOwner: s.owner()}
	if length == 0 {
		return nil, nil
	}
	if length > 0 {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-%d", from, from+length-1))
	}
	for try := 1; ; try++ {
		out, err := s.api.GetObject(ctx, in)
		if err != nil {
			return nil, s.failed("read", key, err)
		}
		data, err := body(out)
		if err == nil && length > 0 && int64(len(data)) != length {
			err = fmt.Errorf("%d of %d bytes came", len(data), length)
		}
		if err == nil {
			return data, nil
		}
		if try == tries || ctx.Err() != nil {
			return nil, s.failed("read", key, err)
		}
	}
}

// tries is how often a broken body, or a write that met another, is tried.
const tries = 5

func body(out *s3.GetObjectOutput) ([]byte, error) {
	defer out.Body.Close()
	var data bytes.Buffer
	if n := aws.ToInt64(out.ContentLength); n > 0 && n < 1<<30 {
		data.Grow(int(n) + bytes.MinRead)
	}
	_, err := data.ReadFrom(out.Body)
	if n := out.ContentLength; err == nil && n != nil && int64(data.Len()) != *n {
		err = io.ErrUnexpectedEOF
	}
	return data.Bytes(), err
}

// Put implements lake.Bucket.
func (s *Store) Put(ctx context.Context, key string, content io.ReadSeeker, size int64, fresh bool) error {
	if size > s.options.PartSize && !fresh {
		return s.putParts(ctx, key, content, size)
	}
	in := &s3.PutObjectInput{Bucket: &s.bucket, Key: s.key(key), ContentLength: &size, ExpectedBucketOwner: s.owner()}
	if s.options.KMSKey != "" {
		in.ServerSideEncryption, in.SSEKMSKeyId = types.ServerSideEncryptionAwsKms, &s.options.KMSKey
	}
	if fresh {
		in.IfNoneMatch = aws.String("*")
	}
	for try := 1; ; try++ {
		if _, err := content.Seek(0, io.SeekStart); err != nil {
			return err
		}
		in.Body = content
		_, err := s.api.PutObject(ctx, in)
		// A conflict is a write under way of the same key: it may fail yet.
		if status(err) != http.StatusConflict || try == tries {
			return s.failed("write", key, err)
		}
		if err := par.Sleep(ctx, time.Duration(try)*100*time.Millisecond); err != nil {
			return err
		}
	}
}

// Delete implements lake.Bucket.
func (s *Store) Delete(ctx context.Context, keys []string) error {
	const most = 1000
	for ; len(keys) > 0; keys = keys[min(most, len(keys)):] {
		in := &s3.DeleteObjectsInput{Bucket: &s.bucket, Delete: &types.Delete{Quiet: aws.Bool(true)}, ExpectedBucketOwner: s.owner()}
		for _, key := range keys[:min(most, len(keys))] {
			in.Delete.Objects = append(in.Delete.Objects, types.ObjectIdentifier{Key: s.key(key)})
		}
		out, err := s.api.DeleteObjects(ctx, in)
		if err != nil {
			return s.failed("delete", keys[0], err)
		}
		for _, e := range out.Errors {
			if code := aws.ToString(e.Code); code != "NoSuchKey" {
				return fmt.Errorf("delete s3://%s/%s: %s: %s", s.bucket, aws.ToString(e.Key), code, aws.ToString(e.Message))
			}
		}
	}
	return nil
}

// List implements lake.Bucket.
func (s *Store) List(ctx context.Context, prefix string, each func(string, int64, time.Time) error) error {
	in := &s3.ListObjectsV2Input{Bucket: &s.bucket, Prefix: s.key(prefix), ExpectedBucketOwner: s.owner()}
	for {
		out, err := s.api.ListObjectsV2(ctx, in)
		if err != nil {
			return s.failed("list", prefix, err)
		}
		for _, o := range out.Contents {
			name := strings.TrimPrefix(aws.ToString(o.Key), s.prefix)
			if strings.HasSuffix(name, "/") || name == "" {
				continue // a folder, made by a console
			}
			if err := each(name, aws.ToInt64(o.Size), aws.ToTime(o.LastModified)); err != nil {
				return err
			}
		}
		if !aws.ToBool(out.IsTruncated) {
			return nil
		}
		in.ContinuationToken = out.NextContinuationToken
	}
}

// failed names the object in err, and makes of it what lake goes by.
func (s *Store) failed(do, key string, err error) error {
	if err == nil {
		return nil
	}
	name := "s3://" + s.bucket + "/" + s.prefix + key
	var missing interface{ ErrorCode() string }
	isNoBucket := errors.As(err, &missing) && missing.ErrorCode() == "NoSuchBucket"
	switch code := status(err); {
	case code == http.StatusNotFound && !isNoBucket:
		return &fs.PathError{Op: do, Path: name, Err: fs.ErrNotExist}
	case code == http.StatusPreconditionFailed:
		return &fs.PathError{Op: do, Path: name, Err: fs.ErrExist}
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		return fmt.Errorf("%s %s: %s: %w", do, name, api.ErrorCode(), err)
	}
	return fmt.Errorf("%s %s: %w", do, name, err)
}

// status is the HTTP status of an answer, 0 where there was none.
func status(err error) int {
	var r *awshttp.ResponseError
	if errors.As(err, &r) {
		return r.HTTPStatusCode()
	}
	return 0
}
