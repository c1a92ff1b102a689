package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/trimtrail/trimtrail/internal/event"
)

const (
	// resumes is how often a body that breaks is taken up again: the SDK
	// retries requests, not bodies.
	resumes = 6
	// stall is how long one answer may take, beside a second a megabyte.
	stall = 2 * time.Minute
)

// Fetch reads an object as it was listed; where it was replaced since, as it is
// now, and names that version.
func (s *S3) Fetch(ctx context.Context, o event.Object) (event.Object, []byte, error) {
	key := strings.TrimPrefix(o.URI, s.uri(""))
	buf, err := s.download(ctx, key, o)
	if changed := (*changedError)(nil); errors.As(err, &changed) {
		o.Version = "" // whatever is there
		var now event.Object
		if now, err = s.head(ctx, key, o); err == nil {
			o = now
			buf, err = s.download(ctx, key, o)
		}
	}
	if err != nil {
		return o, nil, s.getError(o.URI, err)
	}
	return o, buf, nil
}

// changedError says that an object is no longer the version that was asked for.
type changedError struct{ err error }

func (e *changedError) Error() string { return "it changes while it is read" }

func (e *changedError) Unwrap() error { return e.err }

// head learns the version and size of what is there now, by opening it.
func (s *S3) head(ctx context.Context, key string, o event.Object) (event.Object, error) {
	ctx, cancel := context.WithTimeout(ctx, stall)
	defer cancel()
	out, err := s.get(ctx, key, o, 0)
	if err != nil {
		return o, err
	}
	o.Size, o.Version = aws.ToInt64(out.ContentLength), strings.Trim(aws.ToString(out.ETag), `"`)
	return o, out.Body.Close()
}

// download reads the whole object, resuming where the body breaks.
func (s *S3) download(ctx context.Context, key string, o event.Object) ([]byte, error) {
	buf := make([]byte, 0, o.Size+pad)
	for try := 0; ; try++ {
		before := len(buf)
		err := s.part(ctx, key, o, &buf)
		if err == nil {
			return buf, nil
		}
		var broken *brokenBody
		if !errors.As(err, &broken) || ctx.Err() != nil {
			return nil, err
		}
		if len(buf) > before {
			try = 0 // it gets on
		}
		if try >= resumes {
			return nil, err
		}
		select {
		case <-time.After(time.Duration(try+1) * 100 * time.Millisecond):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// brokenBody says that an answer began well and did not end.
type brokenBody struct{ err error }

func (e *brokenBody) Error() string { return "the transfer broke off: " + e.err.Error() }

func (e *brokenBody) Unwrap() error { return e.err }

// part reads from the end of buf to the end of the object.
func (s *S3) part(ctx context.Context, key string, o event.Object, buf *[]byte) error {
	ctx, cancel := context.WithTimeout(ctx, stall+time.Duration(o.Size>>20)*time.Second)
	defer cancel()
	out, err := s.get(ctx, key, o, len(*buf))
	if err != nil {
		return err
	}
	defer out.Body.Close()
	if from := fmt.Sprintf("bytes %d-", len(*buf)); len(*buf) > 0 && !strings.HasPrefix(aws.ToString(out.ContentRange), from) {
		return fmt.Errorf("the server was asked for %s and answered with %q", from, aws.ToString(out.ContentRange))
	}
	for {
		b := *buf
		if cap(b)-len(b) <= pad {
			b = append(b, make([]byte, max(4096, len(b)/2))...)[:len(b)]
		}
		n, err := out.Body.Read(b[len(b):cap(b)])
		*buf = b[:len(b)+n]
		if err == io.EOF && int64(len(*buf)) < o.Size {
			err = io.ErrUnexpectedEOF
		}
		switch {
		case int64(len(*buf)) > o.Size:
			return &changedError{fmt.Errorf("longer than the %d bytes that were listed", o.Size)}
		case err == io.EOF:
			return nil
		case err != nil:
			return &brokenBody{err}
		}
	}
}

// get asks for the object from a byte on, in the version that o names.
func (s *S3) get(ctx context.Context, key string, o event.Object, from int) (*s3.GetObjectOutput, error) {
	in := &s3.GetObjectInput{Bucket: &s.bucket, Key: &key}
	if o.Version != "" {
		in.IfMatch = aws.String(`"` + o.Version + `"`)
	}
	if from > 0 {
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", from))
	}
	out, err := s.api.GetObject(ctx, in)
	if codeOf(err) == "PreconditionFailed" {
		return nil, &changedError{err}
	}
	return out, err
}
