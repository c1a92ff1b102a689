package digest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/trimtrail/trimtrail/ingest"
)

// maxLog is more than any log file unpacks to.
const maxLog = 4 << 30

// logResult is what was found at the place of a log file that a digest names.
type logResult struct {
	path   string // "" where it lies in a place that is not read
	object string // for people
	kind   Kind   // "" where it is as the digest says
	detail string
}

// checkLogs reads the log files that a digest names.
func (u *unit) checkLogs(ctx context.Context, f *file) error {
	if !f.read {
		return nil
	}
	for _, ref := range f.Logs {
		r, err := u.checkLog(ctx, f, ref)
		if err != nil {
			return err
		}
		f.logs = append(f.logs, r)
	}
	f.Logs = nil // millions, over years
	return nil
}

func (u *unit) checkLog(ctx context.Context, f *file, ref logRef) (logResult, error) {
	r := logResult{path: u.place.resolve(ref.Bucket, ref.Key, f.path)}
	if r.path == "" {
		r.object, r.kind, r.detail = "s3://"+ref.Bucket+"/"+ref.Key, Elsewhere, "lies in a bucket that is not read"
		return r, nil
	}
	r.object = u.place.uri(r.path)
	o, err := u.store.Get(ctx, r.path)
	var unread *ingest.UnreadError
	switch {
	case errors.Is(err, ErrGone):
		r.kind, r.detail = MissingLog, "the digest of "+stamp(f.end)+" names it, and it is not there"
	case errors.As(err, &unread):
		r.kind, r.detail = Unread, unread.Reason
	case err != nil:
		return r, err
	default:
		r.kind, r.detail = compare(o.Content, ref)
	}
	return r, nil
}

// compare judges a log file's content by the digest's words.
func compare(content []byte, ref logRef) (Kind, string) {
	if ref.Algorithm != "" && ref.Algorithm != "SHA-256" {
		return Unread, fmt.Sprintf("its hash is of an unknown kind, %q", ref.Algorithm)
	}
	sum := sha256.New()
	rest, err := unpack(sum, content, maxLog)
	switch {
	case err != nil:
		return BadFormat, err.Error()
	case !strings.EqualFold(hex.EncodeToString(sum.Sum(nil)), ref.Hash):
		return ModifiedLog, "its content is not what the digest has the hash of"
	case rest > 0:
		return TrailingData, fmt.Sprintf("%d bytes behind the end of the gzip data: some readers take them for records", rest)
	}
	return "", ""
}

// unknown reports whether a kind says that a log file could not be judged.
func (k Kind) unknown() bool { return k == Elsewhere || k == Unread }
