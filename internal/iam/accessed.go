package iam

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
)

// Accessed is IAM's record of a principal's use, by the principal's ARN; nil
// where it was not loaded. Do not change it.
func (s *State) Accessed(arn string) *LastAccessed {
	if i, found := searchBy(s.LastAccessed, arn, accessedARN); found {
		return &s.LastAccessed[i]
	}
	return nil
}

func accessedARN(l LastAccessed) string { return l.ARN }

// Last is when the principal last used an action, or, where IAM does not track
// the action by itself, its service: then exact is false. The zero time means
// not in the trailing 400 days; known is false where the record does not say.
func (l *LastAccessed) Last(action string) (at time.Time, exact, known bool) {
	service, _, _ := strings.Cut(strings.ToLower(action), ":")
	i, found := searchBy(l.Services, service, func(a ServiceAccess) string { return a.Service })
	if !found {
		// A service that the principal may not use is not in AWS's list.
		return time.Time{}, false, l.Complete
	}
	s := &l.Services[i]
	for _, a := range s.Actions {
		if strings.EqualFold(a.Action, action) {
			return a.Last, true, l.Complete || !a.Last.IsZero()
		}
	}
	return s.Last, false, l.Complete || !s.Last.IsZero()
}

// accessed takes in a record; of two about one principal the services are
// joined, the later time counts.
func (s *State) accessed(l LastAccessed) {
	i, found := searchBy(s.LastAccessed, l.ARN, accessedARN)
	if !found {
		s.LastAccessed = slices.Insert(s.LastAccessed, i, l)
		return
	}
	old := &s.LastAccessed[i]
	old.Complete = old.Complete || l.Complete
	if l.At.After(old.At) {
		old.At = l.At
	}
	services := slices.Clone(old.Services)
	for _, a := range l.Services {
		if j, found := searchBy(services, a.Service, func(a ServiceAccess) string { return a.Service }); !found {
			services = slices.Insert(services, j, a)
		} else {
			services[j] = services[j].with(a)
		}
	}
	old.Services = services
}

// with joins what two records say of a service; of actions the later one
// that tracks them counts.
func (s ServiceAccess) with(a ServiceAccess) ServiceAccess {
	if a.Last.Before(s.Last) {
		a.Last, a.Region = s.Last, s.Region
	}
	if len(a.Actions) == 0 {
		a.Actions = s.Actions
	}
	return a
}

func isAccessed(m object) bool { return m.has("ServicesLastAccessed") }

// accessAnswer is a page of get-service-last-accessed-details. Arn is whom it
// was asked for: AWS does not repeat that; `iam pull` puts it there.
type accessAnswer struct {
	Arn                  string
	JobStatus            string
	JobCompletionDate    when
	ServicesLastAccessed []struct {
		ServiceNamespace, LastAuthenticatedEntity, LastAuthenticatedRegion string
		LastAuthenticated                                                  when
		TrackedActionsLastAccessed                                         []struct {
			ActionName, LastAccessedEntity, LastAccessedRegion string
			LastAccessedTime                                   when
		}
	}
}

func (l *Loaded) lastAccessed(docs []json.RawMessage, into States) error {
	found := 0
	err := each(l, docs, func(a accessAnswer, _ json.RawMessage) error {
		for _, r := range a.records() {
			account := accountOf(r.ARN)
			if account == "" {
				return errors.New("last-accessed details: " + r.ARN + " names no account")
			}
			found++
			l.of(account)
			into.of(account).accessed(r)
		}
		return nil
	})
	if err == nil && found == 0 {
		l.Used, l.Reason = false, "it names no principal: nobody used a service, and AWS does not repeat whom it was asked for"
	}
	return err
}

// records are one of the principal that was asked for, or what the answer says
// of whoever used a service last.
func (a *accessAnswer) records() []LastAccessed {
	if c := readCaller(a.Arn); c.kind == userCaller || c.kind == roleCaller {
		return []LastAccessed{a.record(a.Arn, true)}
	}
	var arns []string
	for _, s := range a.ServicesLastAccessed {
		if s.LastAuthenticatedEntity != "" && !slices.Contains(arns, s.LastAuthenticatedEntity) {
			arns = append(arns, s.LastAuthenticatedEntity)
		}
	}
	out := make([]LastAccessed, len(arns))
	for i, arn := range arns {
		out[i] = a.record(arn, false)
	}
	return out
}

func (a *accessAnswer) record(arn string, complete bool) LastAccessed {
	l := LastAccessed{ARN: arn, At: a.JobCompletionDate.Time, Complete: complete, Services: []ServiceAccess{}}
	for _, s := range a.ServicesLastAccessed {
		if !complete && s.LastAuthenticatedEntity != arn {
			continue
		}
		v := ServiceAccess{s.ServiceNamespace, s.LastAuthenticated.Time, s.LastAuthenticatedRegion, []ActionAccess{}}
		for _, t := range s.TrackedActionsLastAccessed {
			if complete || t.LastAccessedEntity == arn {
				v.Actions = append(v.Actions, ActionAccess{s.ServiceNamespace + ":" + t.ActionName, t.LastAccessedTime.Time, t.LastAccessedRegion})
			}
		}
		l.Services = append(l.Services, v)
	}
	slices.SortStableFunc(l.Services, func(a, b ServiceAccess) int { return cmp.Compare(a.Service, b.Service) })
	return l
}
