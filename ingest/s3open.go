package ingest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/logging"
)

// S3Options say how a bucket is reached; the zero value is the environment's
// and the shared configuration files' choice, as in the AWS CLI.
type S3Options struct {
	Profile     string
	EndpointURL string // of another server that speaks S3; implies PathStyle
	Region      string // of the bucket; found out where empty
	PathStyle   bool
	Connections int // at once, 64 by default
}

// ParseS3 splits s3://bucket/prefix. The error says what is wrong with uri.
func ParseS3(uri string) (bucket, prefix string, err error) {
	rest, ok := strings.CutPrefix(uri, "s3://")
	bucket, prefix, _ = strings.Cut(rest, "/")
	if !ok || bucket == "" {
		return "", "", fmt.Errorf("%q is not of the form s3://bucket/prefix", uri)
	}
	return bucket, prefix, nil
}

// OpenS3 returns the objects below s3://bucket/prefix, having made sure that it
// can be listed and holds something. The error is an *S3Error or *EmptyError.
func OpenS3(ctx context.Context, uri string, o S3Options) (*S3, error) {
	bucket, prefix, err := ParseS3(uri)
	if err != nil {
		return nil, err
	}
	cfg, err := o.load(ctx, uri)
	if err != nil {
		return nil, err
	}
	s := NewS3(o.client(cfg, ""), bucket, prefix)
	err = s.probe(ctx)
	var elsewhere *S3Error
	if errors.As(err, &elsewhere) && elsewhere.Problem == WrongRegion && o.Region == "" {
		s = NewS3(o.client(cfg, elsewhere.Region), bucket, prefix)
		err = s.probe(ctx)
	}
	return s, err
}

// load reads the configuration and makes sure that it gives credentials.
func (o S3Options) load(ctx context.Context, uri string) (aws.Config, error) {
	// The SDK's own warnings would stand among the messages: what matters of
	// them comes back as an error.
	opts := []func(*config.LoadOptions) error{config.WithHTTPClient(o.httpClient()), config.WithLogger(logging.Nop{})}
	if o.Profile != "" {
		opts = append(opts, config.WithSharedConfigProfile(o.Profile))
	}
	cfg, err := config.LoadDefaultConfig(ctx, opts...)
	var noProfile config.SharedConfigProfileNotExistError
	switch {
	case errors.As(err, &noProfile):
		return cfg, &S3Error{Do: "open", URI: uri, Problem: BadProfile, What: fmt.Sprintf("no AWS profile %q in the configuration files", noProfile.Profile), Err: err}
	case err != nil:
		return cfg, &S3Error{Do: "open", URI: uri, Problem: OtherProblem, What: err.Error(), Err: err}
	}
	if o.Region != "" {
		cfg.Region = o.Region
	}
	if cfg.Region == "" {
		cfg.Region = "us-east-1" // S3 there names the bucket's own region
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil && ctx.Err() == nil {
		return cfg, &S3Error{Do: "open", URI: uri, Problem: NoCredentials, What: "no AWS credentials (" + lastCause(err) + ")", Err: err}
	}
	return cfg, context.Cause(ctx)
}

// lastCause is the innermost of a chain of errors, in one line.
func lastCause(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil || inner.Error() == "" {
			return strings.Join(strings.Fields(err.Error()), " ")
		}
		err = inner
	}
}

func (o S3Options) connections() int {
	if o.Connections <= 0 {
		return 64
	}
	return o.Connections
}

func (o S3Options) httpClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConns, t.MaxIdleConnsPerHost = 0, o.connections()+treeWorkers
		t.ResponseHeaderTimeout = time.Minute
	})
}

func (o S3Options) client(cfg aws.Config, region string) *s3.Client {
	return s3.NewFromConfig(cfg, func(so *s3.Options) {
		if region != "" {
			so.Region = region
		}
		if o.EndpointURL != "" {
			so.BaseEndpoint = aws.String(o.EndpointURL)
		}
		so.UsePathStyle = o.PathStyle || o.EndpointURL != ""
		so.DisableLogOutputChecksumValidationSkipped = true
		so.Retryer = retryer(cfg)
	})
}

// retryer retries throttled and failed requests longer than the SDK does by
// itself: an archive of millions of objects meets more of them. The client-side
// budget for retries is off, since many fetchers would share it.
func retryer(cfg aws.Config) aws.Retryer {
	standard := func(so *retry.StandardOptions) {
		so.MaxAttempts = max(8, cfg.RetryMaxAttempts)
		so.MaxBackoff = 20 * time.Second
		so.RateLimiter = ratelimit.None
	}
	if cfg.RetryMode == aws.RetryModeAdaptive {
		return retry.NewAdaptiveMode(func(ao *retry.AdaptiveModeOptions) {
			ao.StandardOptions = append(ao.StandardOptions, standard)
		})
	}
	return retry.NewStandard(standard)
}

// probeAttempts are few: a wrong address is told soon, while a run that is
// under way waits longer for a server to come back.
const probeAttempts = 3

// probe lists one key.
func (s *S3) probe(ctx context.Context) error {
	s.lists.Add(1)
	out, err := s.api.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &s.bucket, Prefix: &s.prefix, MaxKeys: aws.Int32(1)},
		func(o *s3.Options) { o.RetryMaxAttempts = probeAttempts })
	if err != nil {
		return s.listError(s.prefix, err)
	}
	if len(out.Contents) == 0 {
		return &EmptyError{Source: s.String(), Beside: s.beside(ctx)}
	}
	return nil
}

// beside names what lies where an empty prefix was looked for; it may be nothing.
func (s *S3) beside(ctx context.Context) []string {
	const most = 5
	parent := strings.TrimRight(s.prefix, "/")
	parent = parent[:strings.LastIndexByte(parent, '/')+1]
	out, err := s.api.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &s.bucket, Prefix: &parent, Delimiter: aws.String("/"), MaxKeys: aws.Int32(most)})
	if err != nil {
		return nil
	}
	var names []string
	for _, p := range out.CommonPrefixes {
		names = append(names, s.uri(aws.ToString(p.Prefix)))
	}
	for _, o := range out.Contents {
		names = append(names, s.uri(aws.ToString(o.Key)))
	}
	return names
}
