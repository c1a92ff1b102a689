package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// withLakeFlags gives each command below cmd that opens a lake the flags that
// say how a lake in a bucket is reached and written. What a command has by
// itself, such as --profile for its sources, is for the lake as well.
func withLakeFlags(cmd *cobra.Command) {
	for _, c := range cmd.Commands() {
		withLakeFlags(c)
	}
	fl := cmd.Flags()
	if fl.Lookup("lake") == nil && fl.Lookup("iam") == nil {
		return
	}
	for _, f := range []struct{ name, usage string }{
		{"profile", "AWS profile, as in the AWS CLI"},
		{"region", "AWS region, as in the AWS CLI; that of the bucket is found out"},
		{"endpoint-url", "another server that speaks S3; buckets in its path"},
		{"lake-kms-key", "encrypt what goes into a lake in a bucket with this KMS key, by id, ARN or alias"},
		{"lake-bucket-owner", "account that must own the lake's bucket"},
	} {
		if fl.Lookup(f.name) == nil {
			fl.String(f.name, "", f.usage)
		}
	}
}

// lakeOptionsKey is what a command's context has its lakeBucketOptions under.
type lakeOptionsKey struct{}

// lakeOptions are those of the command that ctx is of.
func lakeOptions(ctx context.Context) lakeBucketOptions {
	o, _ := ctx.Value(lakeOptionsKey{}).(lakeBucketOptions)
	return o
}

// readLakeFlags checks the flags about buckets before a command runs, and puts
// them into its context.
func readLakeFlags(cmd *cobra.Command, _ []string) error {
	text := func(name string) string {
		f := cmd.Flags().Lookup(name)
		if f == nil || f.Value.Type() != "string" { // --region of ingest chooses what to read
			return ""
		}
		return f.Value.String()
	}
	var o lakeBucketOptions
	o.Profile, o.EndpointURL, o.start = text("profile"), text("endpoint-url"), text("region")
	o.KMSKey, o.Owner = text("lake-kms-key"), text("lake-bucket-owner")
	if b, err := cmd.Flags().GetBool("path-style"); err == nil {
		o.PathStyle = b
	}
	if err := o.check(cmd.Flags(), text("lake")); err != nil {
		return err
	}
	cmd.SetContext(context.WithValue(cmd.Context(), lakeOptionsKey{}, o))
	return nil
}

// keyForm is an id, an ARN or an alias of a KMS key.
var keyForm = regexp.MustCompile(`^(arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:(key|alias)/\S+|alias/\S+|[A-Za-z0-9-]+)$`)

// check holds the flags against their rules; errors are of usage.
func (o lakeBucketOptions) check(fl *pflag.FlagSet, dir string) error {
	switch {
	case o.Owner != "" && !accountForm.MatchString(o.Owner):
		return usage(fmt.Errorf("--lake-bucket-owner %q is none", o.Owner), "write it as 111122223333, twelve digits")
	case o.KMSKey != "" && !keyForm.MatchString(o.KMSKey):
		return usage(fmt.Errorf("--lake-kms-key %q is none", o.KMSKey), "write it as arn:aws:kms:eu-west-1:111122223333:key/ID, alias/NAME or ID")
	case (o.Owner != "" || o.KMSKey != "") && fl.Lookup("lake") != nil && !inBucket(dir):
		return usage(errors.New("--lake-kms-key and --lake-bucket-owner are for a lake in a bucket"), "name one as  --lake s3://bucket/lake")
	case o.EndpointURL != "" && !urlForm.MatchString(o.EndpointURL):
		return usage(fmt.Errorf("--endpoint-url %q is no URL", o.EndpointURL), "write it as https://host:port")
	}
	return nil
}
