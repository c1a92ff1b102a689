// Package chaintest makes archives with signed digest chains for tests, with a
// key pair of its own in CloudTrail's place.
//
//	a := chaintest.New("trail")
//	keys := a.Chain(chaintest.Trail{Account: "111122223333", Region: "eu-west-1", Name: "org", Home: "eu-west-1"}, start, 6, 2)
//	delete(a.Files, keys[2])
package chaintest

import (
	"bytes"
	"compress/gzip"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// File is an object of the archive.
type File struct {
	Content  []byte
	Metadata map[string]string
}

// Archive is a bucket's objects by key. Tests change Files as they like.
type Archive struct {
	Bucket string
	Files  map[string]File
	// Fingerprint names the key that signs.
	Fingerprint string
	Key         *rsa.PrivateKey
	// Logs are the log files that each digest names, by its key.
	Logs map[string][]string
}

// pair is made once a process: it takes a while.
var pair = sync.OnceValue(NewKey)

// NewKey makes a key pair.
func NewKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err) // the system has no randomness
	}
	return key
}

// New returns an empty archive.
func New(bucket string) *Archive {
	return &Archive{Bucket: bucket, Files: map[string]File{}, Fingerprint: "31e8b5433410dfb61a9dc45cc65b22ff", Key: pair(), Logs: map[string][]string{}}
}

// Trail is a trail's part in one account and region.
type Trail struct {
	Prefix, Org, Account, Region, Name, Home string
}

func (t Trail) folder(kind string, at time.Time) string {
	f := "AWSLogs/"
	if t.Prefix != "" {
		f = t.Prefix + "/" + f
	}
	if t.Org != "" {
		f += t.Org + "/"
	}
	return f + t.Account + "/" + kind + "/" + t.Region + "/" + at.Format("2006/01/02") + "/"
}

// DigestKey is where the digest of the hour until end lies.
func (t Trail) DigestKey(end time.Time, suffix string) string {
	return t.folder("CloudTrail-Digest", end) + fmt.Sprintf("%s_CloudTrail-Digest_%s_%s_%s_%s%s.json.gz", t.Account, t.Region, t.Name, t.Home, end.Format("20060102T150405Z"), suffix)
}

// LogKey is where a log file lies that was delivered at a minute.
func (t Trail) LogKey(at time.Time, n int) string {
	return t.folder("CloudTrail", at) + fmt.Sprintf("%s_CloudTrail_%s_%s_%016x.json.gz", t.Account, t.Region, at.Format("20060102T1504Z"), at.Unix()+int64(n))
}

// Hour says what one digest is to be.
type Hour struct {
	Start, End time.Time
	Previous   string // key of the digest before, or empty
	Logs       []string
	Suffix     string // "_backfill"
}

// Chain adds hourly digests from start on, each with so many new log files,
// and returns their keys, oldest first. Its first digest names none before it.
func (a *Archive) Chain(t Trail, start time.Time, hours, logs int) []string {
	var keys []string
	previous := ""
	for h := range hours {
		hour := Hour{Start: start.Add(time.Duration(h) * time.Hour), End: start.Add(time.Duration(h+1) * time.Hour), Previous: previous}
		for n := range logs {
			at := hour.Start.Add(time.Duration(n+1) * time.Hour / time.Duration(logs+1)).Truncate(time.Minute)
			hour.Logs = append(hour.Logs, a.Log(t, at, n))
		}
		previous = a.Digest(t, hour)
		keys = append(keys, previous)
	}
	return keys
}

// Log adds a log file and returns its key.
func (a *Archive) Log(t Trail, at time.Time, n int) string {
	key := t.LogKey(at, n)
	a.Files[key] = File{Content: Zip(fmt.Sprintf(`{"Records":[{"eventVersion":"1.11","eventTime":%q,"eventSource":"s3.amazonaws.com","eventName":"GetObject","recipientAccountId":%q,"eventID":"%s-%s-%d-%d"}]}`,
		at.UTC().Format(time.RFC3339), t.Account, t.Account, t.Region, at.Unix(), n))}
	return key
}

// Digest adds a signed digest and returns its key.
func (a *Archive) Digest(t Trail, h Hour) string {
	key := t.DigestKey(h.End, h.Suffix)
	doc := map[string]any{
		"awsAccountId": t.Account, "digestStartTime": h.Start.Format(time.RFC3339), "digestEndTime": h.End.Format(time.RFC3339),
		"digestS3Bucket": a.Bucket, "digestS3Object": key, "digestPublicKeyFingerprint": a.Fingerprint, "digestSignatureAlgorithm": "SHA256withRSA",
		"previousDigestS3Bucket": nil, "previousDigestS3Object": nil, "previousDigestHashValue": nil, "previousDigestHashAlgorithm": nil, "previousDigestSignature": nil,
		"newestEventTime": nil, "oldestEventTime": nil,
	}
	if h.Previous != "" {
		before := a.Files[h.Previous]
		doc["previousDigestS3Bucket"], doc["previousDigestS3Object"] = a.Bucket, h.Previous
		doc["previousDigestHashValue"], doc["previousDigestHashAlgorithm"] = hash(Unzip(before.Content)), "SHA-256"
		doc["previousDigestSignature"] = before.Metadata["signature"]
	}
	logs := []any{}
	for _, l := range h.Logs {
		logs = append(logs, map[string]string{"s3Bucket": a.Bucket, "s3Object": l, "hashValue": hash(Unzip(a.Files[l].Content)), "hashAlgorithm": "SHA-256"})
	}
	doc["logFiles"] = logs
	text, err := json.Marshal(doc)
	if err != nil {
		panic(err) // maps of strings always marshal
	}
	a.Logs[key] = h.Logs
	a.Sign(key, text, doc)
	return key
}

// Sign stores a digest with the signature of its text.
func (a *Archive) Sign(key string, text []byte, doc map[string]any) {
	previous, ok := doc["previousDigestSignature"].(string)
	if !ok {
		previous = "null"
	}
	signed := fmt.Sprintf("%s\n%s/%s\n%s\n%s", doc["digestEndTime"], doc["digestS3Bucket"], doc["digestS3Object"], hash(text), previous)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, a.Key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err) // the key is of this process
	}
	a.Files[key] = File{Zip(string(text)), map[string]string{
		"signature": hex.EncodeToString(signature), "signature-algorithm": "SHA256withRSA",
		"backfill-generation-timestamp": fmt.Sprint(doc["digestEndTime"]),
	}}
}

// Edit changes a digest's text and signs it anew.
func (a *Archive) Edit(key string, change func(doc map[string]any)) {
	var doc map[string]any
	if err := json.Unmarshal(Unzip(a.Files[key].Content), &doc); err != nil {
		panic(err) // written by Digest
	}
	change(doc)
	text, err := json.Marshal(doc)
	if err != nil {
		panic(err)
	}
	a.Sign(key, text, doc)
}

// Relink makes each digest after the first name the one before it as it is now.
func (a *Archive) Relink(keys ...string) {
	for i, key := range keys[1:] {
		before := a.Files[keys[i]]
		a.Edit(key, func(doc map[string]any) {
			doc["previousDigestHashValue"], doc["previousDigestSignature"] = hash(Unzip(before.Content)), before.Metadata["signature"]
		})
	}
}

// PublicKeys is what `aws cloudtrail list-public-keys --output json` would say.
func (a *Archive) PublicKeys() []byte {
	text, err := json.Marshal(map[string]any{"PublicKeyList": []any{map[string]any{
		"Value": x509.MarshalPKCS1PublicKey(&a.Key.PublicKey), "Fingerprint": a.Fingerprint,
		"ValidityStartTime": "2020-01-01T00:00:00Z", "ValidityEndTime": "2040-01-01T00:00:00Z",
	}}})
	if err != nil {
		panic(err)
	}
	return text
}

// Write writes the files below a directory, without metadata, as a copy has them.
func (a *Archive) Write(dir string) error {
	for key, f := range a.Files {
		name := filepath.Join(dir, filepath.FromSlash(key))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, f.Content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func hash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Zip packs text as one gzip member.
func Zip(text string) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write([]byte(text))
	z.Close()
	return out.Bytes()
}

// Unzip unpacks what Zip made.
func Unzip(content []byte) []byte {
	var out bytes.Buffer
	z, err := gzip.NewReader(bytes.NewReader(content))
	if err == nil {
		_, err = out.ReadFrom(z)
	}
	if err != nil {
		panic(err) // not made by Zip
	}
	return out.Bytes()
}
