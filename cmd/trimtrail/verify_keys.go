package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/smithy-go"

	"github.com/trimtrail/trimtrail/ingest/digest"
)

// keys makes the source of public keys that the flags name.
func (f *verifyFlags) keys() (digest.Keys, error) {
	if len(f.keyFiles) == 0 {
		return &liveKeys{profile: f.in.s3.Profile, known: map[string]askedKeys{}}, nil
	}
	if len(f.keyFiles) == 1 && f.keyFiles[0] == "none" {
		return nil, nil
	}
	all := digest.SavedKeys{}
	for _, name := range f.keyFiles {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, usage(fmt.Errorf("--public-keys %s: cannot be read", name), "name a file that  aws cloudtrail list-public-keys  wrote")
		}
		keys, err := digest.ParseKeys(text)
		if err != nil {
			return nil, usage(fmt.Errorf("--public-keys %s: %w", name, err), "name a file that  aws cloudtrail list-public-keys  wrote")
		}
		for fingerprint, k := range keys {
			all[fingerprint] = k
		}
	}
	return all, nil
}

// liveKeys asks CloudTrail, once a region unless a longer time is asked for.
type liveKeys struct {
	profile string
	mu      sync.Mutex
	known   map[string]askedKeys
}

var _ digest.Keys = (*liveKeys)(nil)

// askedKeys are the keys of a region and a time.
type askedKeys struct {
	from, to time.Time
	set      digest.KeySet
}

// keysError says that a region's public keys could not be had.
type keysError struct {
	region string
	err    error
}

func (e *keysError) Error() string {
	var api smithy.APIError
	if errors.As(e.err, &api) {
		return fmt.Sprintf("list CloudTrail's public keys in %s: %s: %s", e.region, api.ErrorCode(), api.ErrorMessage())
	}
	return fmt.Sprintf("list CloudTrail's public keys in %s: %v", e.region, e.err)
}

func (e *keysError) Unwrap() error { return e.err }

// Keys asks the region that the digests are of: each has its own keys.
func (l *liveKeys) Keys(ctx context.Context, region string, from, to time.Time) (digest.KeySet, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k, ok := l.known[region]
	if ok && !from.Before(k.from) && !to.After(k.to) {
		return k.set, nil
	}
	if ok && k.from.Before(from) {
		from = k.from
	}
	if ok && k.to.After(to) {
		to = k.to
	}
	set, err := l.ask(ctx, region, from, to)
	if err != nil {
		return set, &keysError{region, err}
	}
	l.known[region] = askedKeys{from, to, set}
	return set, nil
}

func (l *liveKeys) ask(ctx context.Context, region string, from, to time.Time) (digest.KeySet, error) {
	opts := []func(*config.LoadOptions) error{config.WithRegion(region)}
	if l.profile != "" {
		opts = append(opts, config.WithSharedConfigProfile(l.profile))
	}
	cfg, err := config.LoadDefaultConfig(ctx, opts...)
	if err != nil {
		return digest.KeySet{}, err
	}
	set := digest.KeySet{ByFingerprint: map[string]digest.PublicKey{}}
	pages := cloudtrail.NewListPublicKeysPaginator(cloudtrail.NewFromConfig(cfg), &cloudtrail.ListPublicKeysInput{StartTime: &from, EndTime: &to})
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return set, err
		}
		for _, k := range out.PublicKeyList {
			key, err := x509.ParsePKCS1PublicKey(k.Value)
			if err != nil {
				return set, fmt.Errorf("key %s: %w", aws.ToString(k.Fingerprint), err)
			}
			set.ByFingerprint[aws.ToString(k.Fingerprint)] = digest.PublicKey{RSA: key, Start: aws.ToTime(k.ValidityStartTime), End: aws.ToTime(k.ValidityEndTime)}
		}
	}
	// An answer without any key says nothing of what CloudTrail signed with.
	set.Complete = len(set.ByFingerprint) > 0
	return set, nil
}
