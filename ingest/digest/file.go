package digest

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/trimtrail/trimtrail/ingest"
)

// header is a digest's content. A pointer is nil where the member is missing
// or null.
type header struct {
	Fingerprint       string          `json:"digestPublicKeyFingerprint"`
	Bucket            string          `json:"digestS3Bucket"`
	Key               string          `json:"digestS3Object"`
	Start             string          `json:"digestStartTime"`
	End               string          `json:"digestEndTime"`
	PreviousBucket    *string         `json:"previousDigestS3Bucket"`
	PreviousKey       *string         `json:"previousDigestS3Object"`
	PreviousHash      *string         `json:"previousDigestHashValue"`
	PreviousSignature json.RawMessage `json:"previousDigestSignature"`
	Logs              []logRef        `json:"logFiles"`
}

// logRef is a log file as a digest names it. The hash is that of the unpacked
// content, in hex.
type logRef struct {
	Bucket    string `json:"s3Bucket"`
	Key       string `json:"s3Object"`
	Hash      string `json:"hashValue"`
	Algorithm string `json:"hashAlgorithm"`
}

// file is one digest file of a chain as it was read.
type file struct {
	path       string
	id         chainID
	start, end time.Time // end from the name until the content is read

	header
	read      bool   // the content was read and parsed
	hash      string // of the unpacked content, in hex
	previous  string // path of the digest before it; "" where there is none here
	signature string // in hex
	metadata  bool   // the store has signatures
	logs      []logResult

	problem Kind // what is wrong with it alone, or ""
	detail  string
	unread  string // why it could not be read, or ""
	state   string // valid, broken, notEvaluable, once judged
}

// gone is why a digest could not be read that is not there.
const gone = "gone since it was listed"

// load reads a digest and judges all of it but signature and links.
func (u *unit) load(ctx context.Context, f *file) error {
	o, err := u.store.Get(ctx, f.path)
	var unread *ingest.UnreadError
	switch {
	case errors.Is(err, ErrGone):
		f.unread = gone
		return nil
	case errors.As(err, &unread):
		f.unread = unread.Reason
		return nil
	case err != nil:
		return err
	}
	f.signature, f.metadata = o.Signature, o.Metadata
	f.problem, f.detail = f.parse(o.Content)
	if !f.read {
		return nil
	}
	if f.Key == "" || u.place.resolve(f.Bucket, f.Key, f.path) != f.path {
		f.problem, f.detail = Moved, fmt.Sprintf("it says that it is s3://%s/%s", f.Bucket, f.Key)
	}
	if f.PreviousBucket != nil && f.PreviousKey != nil {
		f.previous = u.place.resolve(*f.PreviousBucket, *f.PreviousKey, f.path)
	}
	return nil
}

const (
	// maxDigest is more than any digest unpacks to: an hour of log files, some
	// 500 bytes each.
	maxDigest = 256 << 20
	// freeRaw is what any file may unpack to, and ratio how many times its size
	// a larger one: digests, full of hashes, reach about 10, log files 60.
	freeRaw, ratio = 16 << 20, 250
)

// parse unpacks a digest and reads what every one must have.
func (f *file) parse(content []byte) (Kind, string) {
	var text bytes.Buffer
	rest, err := unpack(&text, content, maxDigest)
	if err != nil {
		return BadFormat, err.Error()
	}
	sum := sha256.Sum256(text.Bytes())
	f.hash = hex.EncodeToString(sum[:])
	if err := json.Unmarshal(text.Bytes(), &f.header); err != nil {
		return BadFormat, "not the JSON of a digest"
	}
	start, err1 := time.Parse(time.RFC3339, f.Start)
	end, err2 := time.Parse(time.RFC3339, f.End)
	if err1 != nil || err2 != nil || f.Fingerprint == "" || f.Bucket == "" || f.Key == "" || f.PreviousSignature == nil {
		return BadFormat, "a member that every digest has is missing"
	}
	f.start, f.end, f.read = start.UTC(), end.UTC(), true
	if rest > 0 {
		return TrailingData, fmt.Sprintf("%d bytes behind the end of the gzip data", rest)
	}
	return "", ""
}

// unpack writes the first gzip member of content to w. It returns how many
// bytes follow it: one reader takes them for records, another does not see them.
// It gives up on what unpacks to more than most, or out of proportion.
func unpack(w io.Writer, content []byte, most int64) (rest int, err error) {
	src := bytes.NewReader(content)
	z, err := gzip.NewReader(src)
	if err != nil {
		return 0, errors.New("not gzip")
	}
	z.Multistream(false)
	most = min(most, max(freeRaw, ratio*int64(len(content))))
	n, err := io.Copy(w, io.LimitReader(z, most+1))
	switch {
	case err != nil:
		return 0, errors.New("damaged or truncated gzip")
	case n > most:
		return 0, fmt.Errorf("it unpacks to more than %d bytes", most)
	}
	return src.Len(), nil
}

// previousSignature is the one of the digest before, as this one has it.
func (h *header) previousSignature() (string, bool) {
	var s *string
	if json.Unmarshal(h.PreviousSignature, &s) != nil || s == nil {
		return "null", false // as CloudTrail signs it
	}
	return *s, true
}

// signedHash is the hash of what is signed.
func (f *file) signedHash() [32]byte {
	previous, _ := f.previousSignature()
	return sha256.Sum256([]byte(f.End + "\n" + f.Bucket + "/" + f.Key + "\n" + f.hash + "\n" + previous))
}

// signedBy checks a signature: RSASSA-PKCS1-v1_5 with SHA-256, in hex.
func (f *file) signedBy(key *rsa.PublicKey, signature string) bool {
	raw, err := hex.DecodeString(signature)
	sum := f.signedHash()
	return err == nil && rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], raw) == nil
}

// decodeBase64 reads base64, which people may have wrapped.
func decodeBase64(s string) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		return nil, errors.New("not base64")
	}
	return raw, nil
}
