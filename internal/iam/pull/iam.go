package pull

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/internal/par"
)

func (s *session) details(ctx context.Context, d *documents) error {
	in := &awsiam.GetAccountAuthorizationDetailsInput{MaxItems: aws.Int32(1000)}
	for {
		out, err := s.iam.GetAccountAuthorizationDetails(ctx, in)
		if err != nil {
			return failed(ctx, "iam:GetAccountAuthorizationDetails", err)
		}
		if err := d.add(out); err != nil {
			return err
		}
		if again, err := more("iam:GetAccountAuthorizationDetails", out.IsTruncated, out.Marker, in.Marker); err != nil || !again {
			return err
		}
		in.Marker = out.Marker
	}
}

// more tells that another page follows. A server that gives one page over and
// over is not asked for ever.
func more(action string, truncated bool, next, last *string) (bool, error) {
	if !truncated || aws.ToString(next) == "" {
		return false, nil
	}
	if aws.ToString(next) == aws.ToString(last) {
		return false, &callError{action: action, reason: "the same page came twice, and the list does not end"}
	}
	return true, nil
}

func (s *session) summary(ctx context.Context, d *documents) error {
	out, err := s.iam.GetAccountSummary(ctx, &awsiam.GetAccountSummaryInput{})
	if err != nil {
		return failed(ctx, "iam:GetAccountSummary", err)
	}
	return d.add(out)
}

// passwordPolicy keeps that there is none, too.
func (s *session) passwordPolicy(ctx context.Context, d *documents) error {
	out, err := s.iam.GetAccountPasswordPolicy(ctx, &awsiam.GetAccountPasswordPolicyInput{})
	if no := (*types.NoSuchEntityException)(nil); errors.As(err, &no) {
		return d.add(map[string]any{"PasswordPolicy": nil})
	}
	if err != nil {
		return failed(ctx, "iam:GetAccountPasswordPolicy", err)
	}
	return d.add(out)
}

func (s *session) virtualMFA(ctx context.Context, d *documents) error {
	in := &awsiam.ListVirtualMFADevicesInput{}
	for {
		out, err := s.iam.ListVirtualMFADevices(ctx, in)
		if err != nil {
			return failed(ctx, "iam:ListVirtualMFADevices", err)
		}
		if err := d.add(out); err != nil {
			return err
		}
		if again, err := more("iam:ListVirtualMFADevices", out.IsTruncated, out.Marker, in.Marker); err != nil || !again {
			return err
		}
		in.Marker = out.Marker
	}
}

// accessKeys lists the keys of each user that the details name; two keys a
// user are the most that AWS allows, so that there is one page.
func (s *session) accessKeys(ctx context.Context, d *documents, state *iam.State) error {
	if len(state.Users) == 0 {
		return d.add(&awsiam.ListAccessKeysOutput{AccessKeyMetadata: []types.AccessKeyMetadata{}})
	}
	for _, u := range state.Users {
		out, err := s.iam.ListAccessKeys(ctx, &awsiam.ListAccessKeysInput{UserName: &u.Name})
		if err != nil {
			return failed(ctx, "iam:ListAccessKeys", err)
		}
		if err := d.add(out); err != nil {
			return err
		}
	}
	return nil
}

// startReport begins the credential report; report goes on with it.
func (s *session) startReport(ctx context.Context) {
	_, s.reportErr = s.iam.GenerateCredentialReport(ctx, &awsiam.GenerateCredentialReportInput{})
}

// report waits for the credential report. AWS keeps one for four hours, and
// gives that one when asked again.
func (s *session) report(ctx context.Context, d *documents) error {
	if s.reportErr != nil {
		return failed(ctx, "iam:GenerateCredentialReport", s.reportErr)
	}
	for waited := time.Duration(0); ; waited += s.pause {
		out, err := s.iam.GetCredentialReport(ctx, &awsiam.GetCredentialReportInput{})
		switch code := codeOf(err); {
		case err == nil:
			return d.add(out)
		case waited >= s.patience && strings.HasPrefix(code, "ReportInProgress"):
			return s.late("iam:GetCredentialReport")
		case strings.HasPrefix(code, "ReportNotPresent"), code == "ReportExpired":
			if s.startReport(ctx); s.reportErr != nil || waited >= s.patience {
				return failed(ctx, "iam:GenerateCredentialReport", errors.Join(s.reportErr, err))
			}
		case !strings.HasPrefix(code, "ReportInProgress"):
			return failed(ctx, "iam:GetCredentialReport", err)
		}
		if err := par.Sleep(ctx, s.pause); err != nil {
			return err
		}
	}
}

func (s *session) late(action string) error {
	return &callError{action: action, reason: fmt.Sprintf("not ready after %s; try again later", s.patience)}
}

// jobsAtOnce are last-accessed jobs under way: each takes some seconds.
const jobsAtOnce = 8

// lastAccessed asks for each user and role; service-linked roles, which
// nobody sizes, are left out.
func (s *session) lastAccessed(ctx context.Context, d *documents, state *iam.State, actions bool) error {
	var arns []string
	for _, u := range state.Users {
		arns = append(arns, u.ARN)
	}
	for _, r := range state.Roles {
		if !strings.HasPrefix(r.Path, "/aws-service-role/") {
			arns = append(arns, r.ARN)
		}
	}
	type job struct {
		arn   string
		pages []*awsiam.GetServiceLastAccessedDetailsOutput
	}
	work := func(ctx context.Context, arn string) (job, error) {
		pages, err := s.accessedBy(ctx, arn, actions)
		return job{arn, pages}, err
	}
	return par.Ordered(ctx, jobsAtOnce, func(yield func(string) bool) {
		for _, a := range arns {
			if !yield(a) {
				return
			}
		}
	}, work, func(j job) error {
		for _, p := range j.pages {
			if err := d.add(p, "Arn", j.arn); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *session) accessedBy(ctx context.Context, arn string, actions bool) (pages []*awsiam.GetServiceLastAccessedDetailsOutput, err error) {
	in := &awsiam.GenerateServiceLastAccessedDetailsInput{Arn: &arn, Granularity: types.AccessAdvisorUsageGranularityTypeServiceLevel}
	if actions {
		in.Granularity = types.AccessAdvisorUsageGranularityTypeActionLevel
	}
	job, err := s.iam.GenerateServiceLastAccessedDetails(ctx, in)
	if err != nil {
		return nil, failed(ctx, "iam:GenerateServiceLastAccessedDetails", err)
	}
	get := &awsiam.GetServiceLastAccessedDetailsInput{JobId: job.JobId, MaxItems: aws.Int32(1000)}
	for waited := time.Duration(0); ; {
		out, err := s.iam.GetServiceLastAccessedDetails(ctx, get)
		switch {
		case err != nil:
			return nil, failed(ctx, "iam:GetServiceLastAccessedDetails", err)
		case out.JobStatus == types.JobStatusTypeFailed:
			return nil, &callError{action: "iam:GetServiceLastAccessedDetails", reason: "the job for " + arn + " failed"}
		case out.JobStatus == types.JobStatusTypeInProgress && waited >= s.patience:
			return nil, s.late("iam:GetServiceLastAccessedDetails")
		case out.JobStatus == types.JobStatusTypeInProgress:
			if err := par.Sleep(ctx, s.pause); err != nil {
				return nil, err
			}
			waited += s.pause
			continue
		}
		pages = append(pages, out)
		if again, err := more("iam:GetServiceLastAccessedDetails", out.IsTruncated, out.Marker, get.Marker); err != nil || !again {
			return pages, err
		}
		get.Marker = out.Marker
	}
}
