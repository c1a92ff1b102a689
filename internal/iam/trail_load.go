package iam

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
)

func trailARN(t Trail) string { return t.ARN }

// trail takes in a trail, or what another file says of a known one.
func (s *State) trail(t Trail) {
	s.HasTrails = true
	i, found := searchBy(s.Trails, t.ARN, trailARN)
	if !found {
		s.Trails = slices.Insert(s.Trails, i, t)
		return
	}
	old := &s.Trails[i]
	if t.Name == "" { // no more than selectors or status
		named := *old
		named.HasSelectors, named.Selectors, named.Advanced, named.Logging = t.HasSelectors, t.Selectors, t.Advanced, t.Logging
		t = named
	}
	if !t.HasSelectors {
		t.HasSelectors, t.Selectors, t.Advanced = old.HasSelectors, old.Selectors, old.Advanced
	}
	t.Logging = cmp.Or(t.Logging, old.Logging)
	*old = t
}

type trailAnswer struct {
	Name, TrailARN, HomeRegion, S3BucketName, KmsKeyID, CloudWatchLogsLogGroupArn string
	IsMultiRegionTrail, IsOrganizationTrail, IncludeGlobalServiceEvents           bool
	LogFileValidationEnabled, HasCustomEventSelectors                             bool
}

// trails reads describe-trails and get-trail. A trail belongs to the account
// in its ARN: a member account's list holds the organisation's trails too.
func (l *Loaded) trails(docs []json.RawMessage, into States) error {
	type answer struct {
		TrailList []trailAnswer
		Trail     *trailAnswer
		AccountID string // whose list it is, where whoever kept it says so
	}
	return each(l, docs, func(a answer, raw json.RawMessage) error {
		if a.Trail != nil {
			a.TrailList = append(a.TrailList, *a.Trail)
		}
		if len(a.TrailList) == 0 {
			s, err := l.only(into, raw)
			if err == nil {
				s.HasTrails = true
			}
			return err
		}
		for _, t := range a.TrailList {
			if err := l.trail(into, a.AccountID, t.trail()); err != nil {
				return err
			}
		}
		return nil
	})
}

// trail puts a trail into an account, by default that of its ARN.
func (l *Loaded) trail(into States, account string, t Trail) error {
	if accountOf(t.ARN) == "" {
		return fmt.Errorf("%s: the trail's ARN %q names no account", l.What, t.ARN)
	}
	account = cmp.Or(account, accountOf(t.ARN))
	l.of(account)
	into.of(account).trail(t)
	return nil
}

func (a *trailAnswer) trail() Trail {
	return Trail{
		Name: a.Name, ARN: a.TrailARN, HomeRegion: a.HomeRegion, MultiRegion: a.IsMultiRegionTrail, Organization: a.IsOrganizationTrail,
		GlobalEvents: a.IncludeGlobalServiceEvents, Validation: a.LogFileValidationEnabled, Bucket: a.S3BucketName, KMSKey: a.KmsKeyID,
		LogGroup: a.CloudWatchLogsLogGroupArn, Custom: a.HasCustomEventSelectors,
	}
}

type selectorAnswer struct {
	TrailARN, AccountID string
	EventSelectors      []struct {
		ReadWriteType                 string
		IncludeManagementEvents       *bool
		ExcludeManagementEventSources []string
		DataResources                 []DataResource
	}
	AdvancedEventSelectors []struct {
		Name           string
		FieldSelectors []struct {
			Field                                                               string
			Equals, NotEquals, StartsWith, NotStartsWith, EndsWith, NotEndsWith []string
		}
	}
}

func (l *Loaded) selectors(docs []json.RawMessage, into States) error {
	return each(l, docs, func(a selectorAnswer, _ json.RawMessage) error {
		return l.trail(into, a.AccountID, a.trail())
	})
}

func (a *selectorAnswer) trail() Trail {
	t := Trail{ARN: a.TrailARN, HasSelectors: true}
	for _, s := range a.EventSelectors {
		management := s.IncludeManagementEvents == nil || *s.IncludeManagementEvents
		t.Selectors = append(t.Selectors, EventSelector{s.ReadWriteType, management, s.ExcludeManagementEventSources, s.DataResources})
	}
	for _, s := range a.AdvancedEventSelectors {
		v := AdvancedSelector{Name: s.Name}
		for _, f := range s.FieldSelectors {
			v.Fields = append(v.Fields, SelectorField(f))
		}
		t.Advanced = append(t.Advanced, v)
	}
	return t
}

// trailStatus reads get-trail-status, which does not name its trail.
func (l *Loaded) trailStatus(docs []json.RawMessage, into States) error {
	type answer struct {
		TrailARN, AccountID string
		IsLogging           *bool
	}
	return each(l, docs, func(a answer, _ json.RawMessage) error {
		if a.TrailARN == "" {
			var known []Trail
			for _, s := range into {
				known = append(known, s.Trails...)
			}
			if len(known) != 1 {
				return fmt.Errorf("status of a trail: AWS does not say whose it is; put TrailARN beside IsLogging, or load it with one trail only: %w", ErrNotYet)
			}
			a.TrailARN = known[0].ARN
		}
		return l.trail(into, a.AccountID, Trail{ARN: a.TrailARN, Logging: a.IsLogging})
	})
}
