package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"syscall"

	"github.com/trimtrail/trimtrail/ingest"
	"github.com/trimtrail/trimtrail/internal/lake"
)

// sources opens what args name: first all that is local and the form of the
// rest, then S3.
func (f *ingestFlags) sources(ctx context.Context, io streams, args []string) ([]ingest.Source, error) {
	out := make([]ingest.Source, len(args))
	for i, arg := range args {
		var err error
		switch {
		case strings.HasPrefix(arg, "s3://"):
			_, _, err = ingest.ParseS3(arg)
		case arg == "-":
			out[i], err = f.stdin(io, args)
		default:
			out[i], err = f.local(ctx, arg)
		}
		if err != nil {
			return nil, err
		}
	}
	f.s3.Connections = fetchers
	for i, arg := range args {
		if !strings.HasPrefix(arg, "s3://") {
			continue
		}
		s, err := ingest.OpenS3(ctx, arg, f.s3)
		if err != nil {
			return nil, err
		}
		out[i] = s
	}
	return out, nil
}

func (f *ingestFlags) stdin(io streams, args []string) (ingest.Source, error) {
	if f.dryRun {
		return nil, usage(errors.New("--dry-run cannot list standard input"), "leave - out")
	}
	if first := slices.Index(args, "-"); slices.Contains(args[first+1:], "-") {
		return nil, usage(errors.New("standard input is named twice"), "name - once")
	}
	return ingest.NewStream("stdin", io.in), nil
}

func (f *ingestFlags) local(ctx context.Context, arg string) (ingest.Source, error) {
	s, err := ingest.NewPath(arg)
	if err != nil {
		return nil, withHint(err, "SOURCE is s3://bucket/prefix, a directory, a file, or - for standard input")
	}
	if ingest.Streamed(s) {
		return s, nil
	}
	return s, ingest.Holds(ctx, s, f.filter)
}

// hinted adds to an error what to try.
func (f *ingestFlags) hinted(ctx context.Context, err error) error {
	var known *exitError
	var s3 *ingest.S3Error
	var empty *ingest.EmptyError
	var denied *ingest.DeniedError
	switch {
	case ctx.Err() != nil:
		return context.Canceled
	case errors.As(err, &known):
		return err
	case errors.As(err, &s3):
		return withHint(err, f.s3Hint(s3))
	case errors.As(err, &empty):
		return withHint(err, f.emptyHint(empty))
	case errors.As(err, &denied):
		return withHint(err, f.deniedHint(denied))
	}
	return f.lakeHint(err)
}

func (f *ingestFlags) lakeHint(err error) error {
	if no := (*lake.NotLakeError)(nil); errors.As(err, &no) {
		return withHint(err, "name a directory that is new or empty, or a lake that trimtrail made")
	}
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return withHint(err, "free some space and run it again; the lake is as it was at its last commit")
	case errors.Is(err, fs.ErrPermission):
		return withHint(err, "run it as a user that may read the sources and write the lake")
	}
	return lakeHint(err)
}

// aws is an AWS CLI command with the flags that this run was given.
func (f *ingestFlags) aws(command string) string {
	if f.s3.Profile != "" {
		command += " --profile " + f.s3.Profile
	}
	if f.s3.EndpointURL != "" {
		command += " --endpoint-url " + f.s3.EndpointURL
	}
	return command
}

func (f *ingestFlags) s3Hint(e *ingest.S3Error) string {
	switch e.Problem {
	case ingest.NoCredentials:
		return "name a profile with --profile or AWS_PROFILE, or log in; check with  " + f.aws("aws sts get-caller-identity")
	case ingest.BadProfile:
		return "see which there are with  aws configure list-profiles"
	case ingest.BadKey, ingest.BadSignature:
		return "look where the credentials come from with  " + f.aws("aws configure list")
	case ingest.Expired:
		return "log in again, as with  " + f.aws("aws sso login")
	case ingest.NoBucket:
		return "see your buckets with  " + f.aws("aws s3 ls")
	case ingest.Denied:
		return fmt.Sprintf("trimtrail needs s3:ListBucket on arn:aws:s3:::%s and s3:GetObject on arn:aws:s3:::%s/*; see who you are with  %s", e.Bucket, e.Bucket, f.aws("aws sts get-caller-identity"))
	case ingest.WrongRegion:
		return "try  --bucket-region " + e.Region
	case ingest.Unreachable:
		return "check the network, the proxy settings and --endpoint-url"
	}
	return "try  " + f.aws("aws s3 ls "+e.URI)
}

func (f *ingestFlags) emptyHint(e *ingest.EmptyError) string {
	switch {
	case e.Pruned:
		return "try it without --since, --until, --account, --region or --org-id; the days are those of delivery"
	case len(e.Beside) > 0:
		return "there is " + strings.Join(e.Beside, ", ")
	case strings.HasPrefix(e.Source, "s3://"):
		return "look with  " + f.aws("aws s3 ls "+e.Source)
	}
	return "logs are .json, .json.gz or .jsonl files; name a file itself to read it whatever it is called"
}

func (f *ingestFlags) deniedHint(e *ingest.DeniedError) string {
	rest, ok := strings.CutPrefix(e.First.URI, "s3://")
	if !ok {
		return "run it as a user that may read the files"
	}
	bucket, _, _ := strings.Cut(rest, "/")
	return fmt.Sprintf("the listing works, the reading does not: allow s3:GetObject on arn:aws:s3:::%s/* and, where the bucket has a KMS key, kms:Decrypt", bucket)
}
