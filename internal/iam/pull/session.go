package pull

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
)

// ErrNoCredentials is the error of Open where nothing gives credentials.
var ErrNoCredentials = errors.New("no AWS credentials")

// ErrNoProfile is the error of Open for a profile that no configuration file has.
var ErrNoProfile = errors.New("no such AWS profile")

// ErrNoOrganization is the error of Run where accounts are to be found in an
// organisation and the caller's account tells none.
var ErrNoOrganization = errors.New("the account of the credentials shows no organization: use the management account or a delegated administrator, or name the accounts")

// Open reads the AWS configuration, as the AWS CLI does, and makes sure that
// it gives credentials.
func Open(ctx context.Context, o Options) (aws.Config, error) {
	// The SDK's own warnings would stand among the messages: what matters of
	// them comes back as an error.
	client := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) { t.ResponseHeaderTimeout = time.Minute })
	opts := []func(*config.LoadOptions) error{config.WithLogger(logging.Nop{}), config.WithHTTPClient(client)}
	if o.Profile != "" {
		opts = append(opts, config.WithSharedConfigProfile(o.Profile))
	}
	if o.Region != "" {
		opts = append(opts, config.WithRegion(o.Region))
	}
	cfg, err := config.LoadDefaultConfig(ctx, opts...)
	var unknown config.SharedConfigProfileNotExistError
	if errors.As(err, &unknown) {
		return cfg, fmt.Errorf("%w: %q is not in the configuration files", ErrNoProfile, unknown.Profile)
	}
	if err != nil {
		return cfg, fmt.Errorf("read the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		cfg.Region = "us-east-1"
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil && ctx.Err() == nil {
		return cfg, fmt.Errorf("%w (%s)", ErrNoCredentials, lastCause(err))
	}
	return cfg, context.Cause(ctx)
}

// session speaks with one account.
type session struct {
	cfg                aws.Config
	account, partition string

	// Clients as they are, not behind interfaces of ours: that would put every
	// operation of theirs into the program (docs/decisions/0009-iam-pull.md).
	sts    *sts.Client
	iam    *awsiam.Client
	trails *cloudtrail.Client
	org    *organizations.Client
	sso    *ssoadmin.Client

	pause, patience time.Duration
	progress        func(account, part string)
	reportErr       error // of the last try to begin the credential report
}

func newSession(cfg aws.Config, o Options) *session {
	cfg.Region = cmp.Or(o.Region, cfg.Region, "us-east-1")
	cfg.Retryer = retryer(cmp.Or(o.MaxBackoff, 20*time.Second))
	if o.EndpointURL != "" {
		cfg.BaseEndpoint = aws.String(o.EndpointURL)
	}
	center := cfg.Copy()
	center.Region = cmp.Or(o.IdentityCenterRegion, cfg.Region)
	s := &session{
		cfg: cfg, sts: sts.NewFromConfig(cfg), iam: awsiam.NewFromConfig(cfg), trails: cloudtrail.NewFromConfig(cfg), org: organizations.NewFromConfig(cfg),
		sso:   ssoadmin.NewFromConfig(center),
		pause: cmp.Or(o.Pause, 2*time.Second), patience: cmp.Or(o.Patience, 5*time.Minute), progress: o.Progress,
	}
	if s.progress == nil {
		s.progress = func(string, string) {}
	}
	return s
}

// retryer slows down as AWS's throttling asks, and does not give up soon: a
// large organisation meets it often.
func retryer(most time.Duration) func() aws.Retryer {
	return func() aws.Retryer {
		return retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) {
			o.StandardOptions = append(o.StandardOptions, func(so *retry.StandardOptions) {
				so.MaxAttempts, so.MaxBackoff = 8, most
			})
		})
	}
}

// identify finds out the account of the credentials.
func (s *session) identify(ctx context.Context) error {
	who, err := s.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}, func(o *sts.Options) {
		o.RetryMaxAttempts = 3 // a wrong address is told soon
	})
	if err != nil {
		return fmt.Errorf("ask who the credentials are of: %w", plain(ctx, err))
	}
	s.account = aws.ToString(who.Account)
	s.partition = "aws"
	if parts := strings.SplitN(aws.ToString(who.Arn), ":", 3); len(parts) == 3 {
		s.partition = parts[1]
	}
	return nil
}

// as is a session in another account, by the role. The home account is asked
// as the caller: the role need not exist there.
func (s *session) as(account string, o Options) *session {
	if account == s.account {
		return s
	}
	arn := strings.NewReplacer("{account}", account, "{partition}", s.partition).Replace(o.RoleARN)
	cfg := s.cfg.Copy()
	cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(s.sts, arn, func(a *stscreds.AssumeRoleOptions) {
		a.RoleSessionName = "trimtrail"
		if o.ExternalID != "" {
			a.ExternalID = &o.ExternalID
		}
	}))
	other := newSession(cfg, o)
	other.account, other.partition = account, s.partition
	return other
}

// accountOf is the account in an ARN, or "".
func accountOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return ""
}
