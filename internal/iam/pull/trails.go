package pull

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

// askTrails keeps all trails of the account with their selectors and status.
// A trail of another account is the organisation's: AWS may refuse its
// selectors to a member, which is no fault of a permission here.
func (s *session) askTrails(ctx context.Context, d *documents) error {
	list, err := s.describeTrails(ctx, d)
	if err != nil {
		return err
	}
	if err := d.add(map[string]any{"trailList": list}); err != nil {
		return err
	}
	for _, t := range list {
		err := s.logs(ctx, d, t)
		if foreign := aws.ToBool(t.IsOrganizationTrail) && accountOf(aws.ToString(t.TrailARN)) != s.account; err != nil && foreign && ctx.Err() == nil {
			continue
		}
		if err != nil {
			if err := d.miss(err); err != nil {
				return err
			}
		}
	}
	return nil
}

// describeTrails are the trails that the region sees, and those of one other
// region each, which only ListTrails finds.
func (s *session) describeTrails(ctx context.Context, d *documents) ([]types.Trail, error) {
	out, err := s.trails.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{})
	if err != nil {
		return nil, failed(ctx, "cloudtrail:DescribeTrails", err)
	}
	list := orNone(out.TrailList)
	in := &cloudtrail.ListTrailsInput{}
	for {
		page, err := s.trails.ListTrails(ctx, in)
		if err != nil {
			return list, d.miss(failed(ctx, "cloudtrail:ListTrails", err))
		}
		for _, t := range page.Trails {
			if known(list, t.TrailARN) {
				continue
			}
			out, err := s.trails.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{TrailNameList: []string{aws.ToString(t.TrailARN)}}, regional(t.HomeRegion))
			if err != nil {
				return list, d.miss(failed(ctx, "cloudtrail:DescribeTrails", err))
			}
			list = append(list, out.TrailList...)
		}
		if again, err := more("cloudtrail:ListTrails", true, page.NextToken, in.NextToken); err != nil || !again {
			return list, err
		}
		in.NextToken = page.NextToken
	}
}

func known(list []types.Trail, arn *string) bool {
	return slices.ContainsFunc(list, func(t types.Trail) bool { return aws.ToString(t.TrailARN) == aws.ToString(arn) })
}

// regional asks in another region.
func regional(region *string) func(*cloudtrail.Options) {
	return func(o *cloudtrail.Options) {
		if aws.ToString(region) != "" {
			o.Region = *region
		}
	}
}

// logs asks what one trail logs and whether it does.
func (s *session) logs(ctx context.Context, d *documents, t types.Trail) error {
	arn := aws.ToString(t.TrailARN)
	selectors, err := s.trails.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: &arn}, regional(t.HomeRegion))
	if err != nil {
		return failed(ctx, "cloudtrail:GetEventSelectors", err)
	}
	if err := d.add(selectors, "TrailARN", arn); err != nil {
		return err
	}
	status, err := s.trails.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: &arn}, regional(t.HomeRegion))
	if err != nil {
		return failed(ctx, "cloudtrail:GetTrailStatus", err)
	}
	return d.add(map[string]any{"IsLogging": status.IsLogging}, "TrailARN", arn)
}

func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
