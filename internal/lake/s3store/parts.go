package s3store

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// putParts uploads in parts, one after the other: several objects are uploaded
// at once already. What fails is aborted, so that no parts are left to pay for.
func (s *Store) putParts(ctx context.Context, key string, content io.ReadSeeker, size int64) error {
	in := &s3.CreateMultipartUploadInput{Bucket: &s.bucket, Key: s.key(key), ExpectedBucketOwner: s.owner()}
	if s.options.KMSKey != "" {
		in.ServerSideEncryption, in.SSEKMSKeyId = types.ServerSideEncryptionAwsKms, &s.options.KMSKey
	}
	upload, err := s.api.CreateMultipartUpload(ctx, in)
	if err != nil {
		return s.failed("write", key, err)
	}
	parts, err := s.parts(ctx, key, upload.UploadId, content, size)
	if err == nil {
		_, err = s.api.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
			Bucket: &s.bucket, Key: s.key(key), UploadId: upload.UploadId, ExpectedBucketOwner: s.owner(),
			MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
		})
	}
	if err != nil {
		return errors.Join(s.failed("write", key, err), s.abort(ctx, key, upload.UploadId))
	}
	return nil
}

func (s *Store) parts(ctx context.Context, key string, id *string, content io.ReadSeeker, size int64) (parts []types.CompletedPart, err error) {
	at, ok := content.(io.ReaderAt)
	if !ok {
		return nil, errors.New("content cannot be read in parts")
	}
	for from := int64(0); from < size; from += s.options.PartSize {
		n := min(s.options.PartSize, size-from)
		number := aws.Int32(int32(len(parts)) + 1)
		out, err := s.api.UploadPart(ctx, &s3.UploadPartInput{
			Bucket: &s.bucket, Key: s.key(key), UploadId: id, PartNumber: number, ExpectedBucketOwner: s.owner(),
			Body: io.NewSectionReader(at, from, n), ContentLength: &n,
		})
		if err != nil {
			return nil, err
		}
		parts = append(parts, types.CompletedPart{
			PartNumber: number, ETag: out.ETag, ChecksumCRC32: out.ChecksumCRC32, ChecksumCRC32C: out.ChecksumCRC32C,
			ChecksumCRC64NVME: out.ChecksumCRC64NVME, ChecksumSHA1: out.ChecksumSHA1, ChecksumSHA256: out.ChecksumSHA256,
		})
	}
	return parts, nil
}

// abort is for uploads of which the context may be done.
func (s *Store) abort(ctx context.Context, key string, id *string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	_, err := s.api.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{
		Bucket: &s.bucket, Key: s.key(key), UploadId: id, ExpectedBucketOwner: s.owner(),
	})
	return err
}
