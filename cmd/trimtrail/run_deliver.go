package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"github.com/trimtrail/trimtrail/ingest"
	"github.com/trimtrail/trimtrail/internal/config"
	"github.com/trimtrail/trimtrail/internal/deliver"
	"github.com/trimtrail/trimtrail/rules"
)

// secrets are those of one delivery, read.
type secrets struct{ address, password, signing, token deliver.Secret }

// secretsOf reads the secrets that a delivery names.
func secretsOf(d *config.Delivery, folder string) (secrets, error) {
	var s secrets
	for _, x := range []struct {
		from config.SecretRef
		to   *deliver.Secret
	}{{d.Address, &s.address}, {d.Password, &s.password}, {d.Signing, &s.signing}, {d.Token, &s.token}} {
		var err error
		if *x.to, err = readSecret(x.from, folder); err != nil {
			return s, fmt.Errorf("delivery %s: %w", d.Name, err)
		}
	}
	return s, nil
}

func readSecret(from config.SecretRef, folder string) (deliver.Secret, error) {
	var value, where string
	switch {
	case from.Env != "":
		value, where = os.Getenv(from.Env), "the variable "+from.Env
	case from.File != "":
		data, err := os.ReadFile(below(folder, from.File))
		if err != nil {
			return "", err
		}
		value, where = string(data), "the file "+from.File
	default:
		return "", nil
	}
	if value = strings.TrimSpace(value); value == "" {
		return "", fmt.Errorf("%s is empty or not set", where)
	}
	return deliver.Secret(value), nil
}

// fileNames are what reports are called in a delivery, with their MIME types.
var fileNames = map[string][2]string{
	"html": {"report.html", "text/html; charset=utf-8"}, "markdown": {"report.md", "text/markdown; charset=utf-8"}, "table": {"report.txt", "text/plain; charset=utf-8"},
	"json": {"report.json", "application/json"}, "csv": {"report.csv", "text/csv; charset=utf-8"}, "sarif": {"report.sarif", "application/json"},
	"asff": {"report.asff.json", "application/json"}, "ocsf": {"report.ocsf.json", "application/json"},
}

// fill puts what there is to tell into the outbox.
func (t *turn) fill() error {
	rendered := map[string]deliver.File{}
	for i := range t.cfg.Run.Deliveries {
		d := &t.cfg.Run.Deliveries[i]
		if t.model == nil && (takesFiles(d) || d.Kind == "security_hub") {
			continue
		}
		files, err := t.files(d, rendered)
		if err != nil {
			return err
		}
		p, ok, err := deliver.Pack(t.model, deliver.Packing{
			Name: d.Name, Run: t.doc.ID, MinSeverity: rules.Severity(d.MinSeverity), Always: d.Always || takesFiles(d), Location: t.location(),
			Failed: t.doc.failed(), Files: files, Before: t.before, Hub: hubRegion(d),
		})
		if err != nil {
			return err
		}
		if d.Kind == "security_hub" {
			ok = len(p.Findings) > 0
		}
		if !ok {
			continue
		}
		if err := (deliver.Outbox{Lake: t.lake}).Add(p, time.Now()); err != nil {
			return err
		}
	}
	return nil
}

// takesFiles tells of deliveries that are for the reports themselves.
func takesFiles(d *config.Delivery) bool { return d.Kind == "directory" || d.Kind == "s3" }

func hubRegion(d *config.Delivery) string {
	if d.Kind == "security_hub" {
		return d.Region
	}
	return ""
}

// files are the reports of a delivery, each format rendered once a run.
func (t *turn) files(d *config.Delivery, rendered map[string]deliver.File) ([]deliver.File, error) {
	formats := d.Formats
	if len(formats) == 0 && takesFiles(d) {
		formats = []string{"html", "json"}
	}
	var out []deliver.File
	if t.model == nil {
		return nil, nil
	}
	for _, format := range formats {
		f, ok := rendered[format]
		if !ok {
			data, err := t.render(format)
			if err != nil {
				return nil, err
			}
			f = deliver.File{Name: fileNames[format][0], Type: fileNames[format][1], Data: data}
			rendered[format] = f
		}
		out = append(out, f)
	}
	return out, nil
}

// location is where people find the report.
func (t *turn) location() string {
	r := &t.cfg.Run
	if r.Reports.Location != "" {
		return r.Reports.Location
	}
	for i := range r.Deliveries {
		if d := &r.Deliveries[i]; takesFiles(d) {
			return strings.TrimSuffix(cmp.Or(d.URI, d.Path), "/") + "/latest/"
		}
	}
	if len(r.Reports.Files) > 0 {
		return r.Reports.Files[0].Path
	}
	return ""
}

// targets are where parcels go, by name. One that cannot be had fails when it
// is used, and stops no other.
func (t *turn) targets(ctx context.Context) map[string]deliver.Target {
	out := map[string]deliver.Target{}
	for i := range t.cfg.Run.Deliveries {
		d := &t.cfg.Run.Deliveries[i]
		target, err := t.target(ctx, d)
		if err != nil {
			target = failing{err}
		}
		out[d.Name] = target
	}
	return out
}

// failing is a target that could not be made.
type failing struct{ err error }

func (f failing) Send(context.Context, *deliver.Parcel) error { return f.err }

func (t *turn) target(ctx context.Context, d *config.Delivery) (deliver.Target, error) {
	s, err := secretsOf(d, t.folder)
	if err != nil {
		return nil, err
	}
	client, address := deliver.NewClient(), deliver.Secret(d.URL)
	if s.address != "" {
		address = s.address
	}
	switch d.Kind {
	case "directory":
		return deliver.Directory{Path: below(t.folder, d.Path)}, nil
	case "slack":
		return deliver.Slack{URL: address, Client: client}, nil
	case "webhook":
		return deliver.Webhook{URL: address, Signing: s.signing, Token: s.token, Client: client}, nil
	case "smtp":
		return deliver.SMTP{Envelope: deliver.Envelope{From: d.From, To: d.To}, Host: d.Host, Port: d.Port, TLS: d.TLS, User: d.User, Password: s.password}, nil
	case "s3":
		return bucketTarget(ctx, d)
	}
	return awsTarget(ctx, d, client)
}

func bucketTarget(ctx context.Context, d *config.Delivery) (deliver.Target, error) {
	bucket, prefix, err := ingest.ParseS3(d.URI)
	if err != nil {
		return nil, err
	}
	cfg, err := awsConfig(ctx, d.Profile)
	if err != nil {
		return nil, err
	}
	o := lakeBucketOptions{S3Options: ingest.S3Options{EndpointURL: d.EndpointURL, Region: d.Region, PathStyle: d.PathStyle}}
	if cfg.Region = o.region(cfg.Region); d.Region == "" {
		cfg.Region = cmp.Or(bucketRegion(ctx, cfg, o, bucket), cfg.Region)
	}
	return deliver.S3{API: o.client(cfg), Bucket: bucket, Prefix: prefix, KMSKey: d.KMSKey}, nil
}

func awsConfig(ctx context.Context, profile string) (aws.Config, error) {
	opts := []func(*awsconfig.LoadOptions) error{awsconfig.WithLogger(logging.Nop{})}
	if profile != "" {
		opts = append(opts, awsconfig.WithSharedConfigProfile(profile))
	}
	return awsconfig.LoadDefaultConfig(ctx, opts...)
}

// awsTarget is a target in AWS beside a bucket.
func awsTarget(ctx context.Context, d *config.Delivery, client *deliver.Client) (deliver.Target, error) {
	cfg, err := awsConfig(ctx, d.Profile)
	if err != nil {
		return nil, err
	}
	if cfg.Credentials == nil {
		return nil, errors.New("no AWS credentials")
	}
	a := deliver.AWS{Credentials: cfg.Credentials, Region: d.Region, EndpointURL: d.EndpointURL, Client: client}
	switch d.Kind {
	case "sns":
		a.Region = strings.Split(d.TopicARN, ":")[3]
		return deliver.SNS{AWS: a, TopicARN: d.TopicARN}, nil
	case "ses":
		return deliver.SES{AWS: a, Envelope: deliver.Envelope{From: d.From, To: d.To}}, nil
	}
	account, err := callerAccount(ctx, cfg, d)
	if err != nil {
		return nil, err
	}
	return deliver.SecurityHub{AWS: a, Account: account}, nil
}

// callerAccount is the account that the credentials are of: the only one whose
// default product takes what they import.
func callerAccount(ctx context.Context, cfg aws.Config, d *config.Delivery) (string, error) {
	c := sts.NewFromConfig(cfg, func(o *sts.Options) {
		o.Region = d.Region
		if d.EndpointURL != "" {
			o.BaseEndpoint = &d.EndpointURL
		}
	})
	out, err := c.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", fmt.Errorf("ask for the account of the credentials: %w", err)
	}
	account := aws.ToString(out.Account)
	if d.Account != "" && d.Account != account {
		return "", fmt.Errorf("the credentials are of account %s, the delivery is for %s", account, d.Account)
	}
	return account, nil
}
