package digest

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// Keys tells the public keys of a region that were valid in a span of time.
type Keys interface {
	Keys(ctx context.Context, region string, from, to time.Time) (KeySet, error)
}

// KeySet is a set of public keys.
type KeySet struct {
	ByFingerprint map[string]PublicKey
	// Complete says that no other key of the region was valid in the span, so
	// that another fingerprint is a forgery.
	Complete bool
}

// PublicKey is a key of CloudTrail's, valid in a span of time.
type PublicKey struct {
	RSA        *rsa.PublicKey
	Start, End time.Time
}

// SavedKeys are keys from files, of any regions: whether more exist is unknown.
type SavedKeys map[string]PublicKey

var _ Keys = SavedKeys(nil)

// Keys returns all of them.
func (s SavedKeys) Keys(context.Context, string, time.Time, time.Time) (KeySet, error) {
	return KeySet{ByFingerprint: s}, nil
}

// listedKeys is the output of `aws cloudtrail list-public-keys`.
type listedKeys struct {
	PublicKeyList []struct {
		Value, Fingerprint                 string
		ValidityStartTime, ValidityEndTime any
	}
}

// ParseKeys reads the output of `aws cloudtrail list-public-keys`, or several of
// them behind each other.
func ParseKeys(text []byte) (SavedKeys, error) {
	keys := SavedKeys{}
	dec := json.NewDecoder(bytes.NewReader(text))
	for {
		var l listedKeys
		err := dec.Decode(&l)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("not the JSON output of list-public-keys: %w", err)
		}
		for _, k := range l.PublicKeyList {
			key, err := parseKey(k.Value)
			if err != nil {
				return nil, fmt.Errorf("public key %s: %w", k.Fingerprint, err)
			}
			keys[k.Fingerprint] = PublicKey{key, keyTime(k.ValidityStartTime), keyTime(k.ValidityEndTime)}
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("no public key in it")
	}
	return keys, nil
}

// parseKey reads a key as the API writes it: base64 of DER PKCS #1.
func parseKey(value string) (*rsa.PublicKey, error) {
	der, err := decodeBase64(value)
	if err != nil {
		return nil, err
	}
	return x509.ParsePKCS1PublicKey(der)
}

// keyTime reads a time as versions of the AWS CLI write it: RFC 3339, or
// seconds since 1970. What it cannot read is the zero time.
func keyTime(v any) time.Time {
	switch v := v.(type) {
	case string:
		t, _ := time.Parse(time.RFC3339, v)
		return t
	case float64:
		return time.UnixMilli(int64(v * 1000)).UTC()
	}
	return time.Time{}
}

// covers reports whether the key was valid at t.
func (k PublicKey) covers(t time.Time) bool { return !t.Before(k.Start) && !t.After(k.End) }
