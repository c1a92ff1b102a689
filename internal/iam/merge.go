package iam

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// MergeFrom takes in another state of the same account. Each part (see Parts)
// is taken from the later state, as a whole: who was deleted in between must
// not live on. States of one time are pages of one answer and are
// joined; where they contradict each other, other wins and a warning says so.
// Merge oldest first. The merged state shares documents with other.
func (s *State) MergeFrom(other *State) {
	s.mergeParts(other)
	if other.TakenAt.After(s.TakenAt) {
		s.TakenAt = other.TakenAt
	}
	for _, w := range other.Warnings {
		s.warn(w)
	}
	s.tidy()
}

func putAll[T any](s *State, list, add []T, key func(T) string) []T {
	for _, v := range add {
		list = put(s, list, v, key)
	}
	return list
}

// put adds to a list that is sorted by key; the same key twice must say the same.
func put[T any](s *State, list []T, v T, key func(T) string) []T {
	k := key(v)
	i, found := searchBy(list, k, key)
	if !found {
		return slices.Insert(list, i, v)
	}
	if !reflect.DeepEqual(list[i], v) {
		s.warn(fmt.Sprintf("%s is described twice, differently; the later description counts", k))
		list[i] = v
	}
	return list
}

func (s *State) warn(w string) {
	if !slices.Contains(s.Warnings, w) {
		s.Warnings = append(s.Warnings, w)
	}
}

const (
	onlyReport  = "in the credential report and not in the authorization details: "
	onlyDetails = "in the authorization details and not in the credential report: "
)

// tidy warns where details and report disagree about who exists, and sorts
// the warnings. A user made or deleted between the two is the usual cause.
func (s *State) tidy() {
	if s.HasDetails && s.HasReport {
		s.compare()
	}
	slices.Sort(s.Warnings)
}

func (s *State) compare() {
	// What an earlier pair of details and report said is over.
	s.Warnings = slices.DeleteFunc(s.Warnings, func(w string) bool {
		return strings.HasPrefix(w, onlyReport) || strings.HasPrefix(w, onlyDetails)
	})
	users := map[string]bool{}
	for _, u := range s.Users {
		users[u.ARN] = true
	}
	var strangers []string
	for _, c := range s.Report {
		if readCaller(c.ARN).kind == userCaller && !users[c.ARN] {
			strangers = append(strangers, c.ARN)
		}
		delete(users, c.ARN)
	}
	s.name(onlyReport, strangers)
	s.name(onlyDetails, slices.Sorted(maps.Keys(users)))
}

// name warns of some ARNs and counts the rest.
func (s *State) name(what string, arns []string) {
	const most = 5
	if len(arns) > most {
		s.warn(fmt.Sprintf("%s%s and %d more", what, strings.Join(arns[:most], ", "), len(arns)-most))
	} else if len(arns) > 0 {
		s.warn(what + strings.Join(arns, ", "))
	}
}
