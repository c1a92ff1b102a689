package ingest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
)

// S3Problem is a kind of failure that a person can do something about.
type S3Problem string

// The kinds of S3Error.
const (
	NoCredentials S3Problem = "no credentials"
	BadKey        S3Problem = "unknown access key"
	BadSignature  S3Problem = "wrong secret key"
	Expired       S3Problem = "expired credentials"
	NoBucket      S3Problem = "no such bucket"
	Denied        S3Problem = "access denied"
	WrongRegion   S3Problem = "wrong region"
	Unreachable   S3Problem = "unreachable"
	BadProfile    S3Problem = "no such profile"
	OtherProblem  S3Problem = "other"
)

// S3Error says why a bucket cannot be read.
type S3Error struct {
	Do      string // "list", "read", "open"
	URI     string
	Problem S3Problem
	Bucket  string
	Region  string // of the bucket, where WrongRegion learnt it
	What    string // in words
	Err     error
}

func (e *S3Error) Error() string { return fmt.Sprintf("%s %s: %s", e.Do, e.URI, e.What) }

func (e *S3Error) Unwrap() error { return e.Err }

// codeOf is the code that S3 answered with, or "".
func codeOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// statusOf is the HTTP status of an answer, or 0.
func statusOf(err error) int {
	var r *awshttp.ResponseError
	if errors.As(err, &r) {
		return r.HTTPStatusCode()
	}
	return 0
}

// regionOf is the bucket's region, which S3 names when it was asked elsewhere.
func regionOf(err error) string {
	var r *awshttp.ResponseError
	if errors.As(err, &r) && r.Response != nil {
		return r.Response.Header.Get("X-Amz-Bucket-Region")
	}
	return ""
}

func (s *S3) listError(prefix string, err error) error {
	e := s.problem(err, "s3:ListBucket on arn:aws:s3:::"+s.bucket)
	e.Do, e.URI = "list", s.uri(prefix)
	return e
}

// getError tells what is wrong with one object from what is wrong with all.
func (s *S3) getError(uri string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	unread := &UnreadError{URI: uri, Err: err}
	switch changed := (*changedError)(nil); {
	case errors.As(err, &changed):
		unread.Reason = changed.Error()
	case codeOf(err) == "NoSuchKey":
		unread.Reason = "gone since it was listed"
	case codeOf(err) == "InvalidObjectState":
		unread.Reason = "archived, in a storage class that must be restored before it is read"
	case codeOf(err) == "AccessDenied" || codeOf(err) == "" && statusOf(err) == 403:
		unread.Denied = true
		unread.Reason = "access denied (" + deniedAction(err) + " on arn:aws:s3:::" + strings.TrimPrefix(uri, "s3://") + ")"
	case strings.HasPrefix(codeOf(err), "KMS."):
		unread.Denied = true
		unread.Reason = "its key cannot be used: " + messageOf(err)
	default:
		e := s.problem(err, "")
		e.Do, e.URI = "read", uri
		return e
	}
	return unread
}

// deniedAction is what a denied read lacks: objects encrypted with KMS need
// their key as well.
func deniedAction(err error) string {
	if strings.Contains(messageOf(err), "kms:") || strings.Contains(messageOf(err), "KMS") {
		return "kms:Decrypt for the object's key"
	}
	return "s3:GetObject"
}

func messageOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorMessage()
	}
	return err.Error()
}

// problem puts an answer of S3 into words.
func (s *S3) problem(err error, action string) *S3Error {
	e := &S3Error{Bucket: s.bucket, Err: err, Problem: OtherProblem}
	switch code := codeOf(err); code {
	case "InvalidAccessKeyId":
		e.Problem, e.What = BadKey, "AWS does not know the access key"
	case "SignatureDoesNotMatch":
		e.Problem, e.What = BadSignature, "the secret key does not fit the access key"
	case "ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidToken", "TokenRefreshRequired":
		e.Problem, e.What = Expired, "the credentials have expired"
	case "RequestTimeTooSkewed":
		e.What = "this machine's clock is wrong"
	case "NoSuchBucket", "InvalidBucketName":
		e.Problem, e.What = NoBucket, "no such bucket"
	case "AccessDenied", "AllAccessDisabled", "AccountProblem":
		e.Problem, e.What = Denied, "access denied"
		if action != "" {
			e.What += " (" + action + ")"
		}
	case "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "BadRequest":
		if e.Region = regionOf(err); e.Region != "" {
			e.Problem, e.What = WrongRegion, "the bucket is in the region "+e.Region
		}
	}
	if e.What == "" {
		s.transport(e, err)
	}
	return e
}

// transport puts into words what is no answer of S3, or an unknown one.
func (s *S3) transport(e *S3Error, err error) {
	var op *net.OpError
	var dns *net.DNSError
	switch {
	case errors.Is(err, context.Canceled):
		e.What = "interrupted"
	case errors.As(err, &dns):
		e.Problem, e.What = Unreachable, "no such host: "+dns.Name
	case errors.As(err, &op):
		e.Problem, e.What = Unreachable, "no connection: "+op.Err.Error()
		if op.Addr != nil {
			e.What = "no connection to " + op.Addr.String() + ": " + op.Err.Error()
		}
	case strings.Contains(err.Error(), "get credentials"):
		e.Problem, e.What = NoCredentials, "no AWS credentials"
	case codeOf(err) != "":
		e.What = codeOf(err) + ": " + messageOf(err)
	default:
		e.What = err.Error()
	}
}
