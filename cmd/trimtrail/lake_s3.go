package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/logging"

	"github.com/trimtrail/trimtrail/ingest"
	"github.com/trimtrail/trimtrail/internal/lake"
	"github.com/trimtrail/trimtrail/internal/lake/s3store"
)

// lakeBucketOptions say how a lake in a bucket is reached and written.
type lakeBucketOptions struct {
	ingest.S3Options
	s3store.Options
	start string // region to ask for the bucket's own
}

// inBucket reports whether --lake names a bucket.
func inBucket(dir string) bool { return strings.HasPrefix(dir, "s3://") }

// lakeAt opens the lake in a directory or a bucket, which is reached as the flags
// of the command say that ctx is of.
func lakeAt(ctx context.Context, dir string) (*lake.Lake, error) {
	if !inBucket(dir) {
		return lake.Open(dir)
	}
	b, err := lakeBucket(ctx, dir, lakeOptions(ctx))
	if err != nil {
		return nil, err
	}
	return lake.OpenBucket(ctx, b.String(), b)
}

// newLakeAt is lakeAt that makes a lake where there is nothing.
func newLakeAt(ctx context.Context, dir string) (*lake.Lake, error) {
	if !inBucket(dir) {
		return lake.Create(dir)
	}
	b, err := lakeBucket(ctx, dir, lakeOptions(ctx))
	if err != nil {
		return nil, err
	}
	return lake.CreateBucket(ctx, b.String(), b)
}

func lakeBucket(ctx context.Context, uri string, o lakeBucketOptions) (*s3store.Store, error) {
	name, prefix, err := ingest.ParseS3(uri)
	if err != nil {
		return nil, usage(fmt.Errorf("--lake %w", err), "name a directory, or a bucket as  s3://bucket/lake")
	}
	opts := []func(*config.LoadOptions) error{config.WithLogger(logging.Nop{})}
	if o.Profile != "" {
		opts = append(opts, config.WithSharedConfigProfile(o.Profile))
	}
	cfg, err := config.LoadDefaultConfig(ctx, opts...)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", uri, err)
	}
	if cfg.Region = o.region(cfg.Region); o.Region == "" {
		if found := bucketRegion(ctx, cfg, o, name); found != "" {
			cfg.Region = found
		}
	}
	return s3store.New(o.client(cfg), name, prefix, o.Options), nil
}

// region is the one to start with.
func (o lakeBucketOptions) region(configured string) string {
	for _, r := range []string{o.Region, o.start, configured} {
		if r != "" {
			return r
		}
	}
	return "us-east-1"
}

func (o lakeBucketOptions) client(cfg aws.Config) *s3.Client {
	return s3.NewFromConfig(cfg, func(so *s3.Options) {
		if o.EndpointURL != "" {
			so.BaseEndpoint = &o.EndpointURL
		}
		so.UsePathStyle = o.PathStyle || so.BaseEndpoint != nil
		so.RetryMaxAttempts = 8
		so.DisableLogOutputChecksumValidationSkipped = true
	})
}

// bucketRegion asks S3 where a bucket is; "" where it does not say.
func bucketRegion(ctx context.Context, cfg aws.Config, o lakeBucketOptions, name string) string {
	out, err := o.client(cfg).HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name})
	if err == nil {
		return aws.ToString(out.BucketRegion)
	}
	var answer *awshttp.ResponseError
	if errors.As(err, &answer) && answer.Response != nil {
		return answer.Response.Header.Get("X-Amz-Bucket-Region")
	}
	return ""
}
