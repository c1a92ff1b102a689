package deliver

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// latest is the folder that holds the newest reports.
const latest = "latest"

// Directory writes the files of a run to a folder of its own, and to latest.
type Directory struct{ Path string }

// Send implements Target.
func (d Directory) Send(ctx context.Context, p *Parcel) error {
	for _, f := range p.Files {
		for _, dir := range foldersOf(p) {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := writeFile(filepath.Join(d.Path, filepath.FromSlash(dir), f.Name), f.Data); err != nil {
				return err
			}
		}
	}
	return nil
}

// foldersOf are where the files of a parcel go: by day and run, then latest.
func foldersOf(p *Parcel) []string {
	return []string{path.Join(dayOf(p).Format("2006/01/02"), p.Message.Run), latest}
}

// dayOf is the day of the run, with which its id begins.
func dayOf(p *Parcel) time.Time {
	if run := p.Message.Run; len(run) > 8 {
		if t, err := time.Parse("20060102", run[:8]); err == nil {
			return t
		}
	}
	return p.Message.AsOf.UTC()
}

// writeFile writes beside and renames.
func writeFile(name string, data []byte) error {
	dir := filepath.Dir(name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".trimtrail-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	for _, step := range []func() error{f.Sync, func() error { return f.Chmod(0o644) }, f.Close} {
		if e := step(); err == nil {
			err = e
		}
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// PutObject is what S3 needs of the SDK. Permission: s3:PutObject; with a key
// of one's own kms:GenerateDataKey.
type PutObject interface {
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

var _ PutObject = (*s3.Client)(nil)

// S3 puts the files of a run under dated keys of a prefix, and under latest.
type S3 struct {
	API            PutObject
	Bucket, Prefix string
	KMSKey         string // empty: the bucket's default
}

// Send implements Target.
func (s S3) Send(ctx context.Context, p *Parcel) error {
	for _, dir := range foldersOf(p) {
		for _, f := range p.Files {
			if err := s.put(ctx, path.Join(s.Prefix, dir, f.Name), f); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s S3) put(ctx context.Context, key string, f File) error {
	in := &s3.PutObjectInput{Bucket: &s.Bucket, Key: &key, ContentType: &f.Type, Body: bytes.NewReader(f.Data)}
	if s.KMSKey != "" {
		in.ServerSideEncryption, in.SSEKMSKeyId = types.ServerSideEncryptionAwsKms, &s.KMSKey
	}
	if _, err := s.API.PutObject(ctx, in); err != nil {
		return fmt.Errorf("write s3://%s/%s: %w", s.Bucket, key, err)
	}
	return nil
}
