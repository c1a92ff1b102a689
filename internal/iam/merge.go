package iam

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// MergeFrom takes in another state of the same account. Details and report
// are each taken from the later state, as a whole: who was deleted in between
// must not live on. States of one time are pages of one answer and are
// joined; where they contradict each other, other wins and a warning says so.
// Merge oldest first. The merged state shares documents with other.
func (s *State) MergeFrom(other *State) {
	order := other.TakenAt.Compare(s.TakenAt)
	if other.HasDetails {
		s.mergeDetails(other, order)
	}
	if other.HasReport {
		s.mergeReport(other, order)
	}
	if order > 0 {
		s.TakenAt = other.TakenAt
	}
	for _, w := range other.Warnings {
		s.warn(w)
	}
	s.tidy()
}

func (s *State) mergeDetails(other *State, order int) {
	switch {
	case !s.HasDetails || order > 0:
		s.Users, s.Roles = slices.Clone(other.Users), slices.Clone(other.Roles)
		s.Groups, s.Policies = slices.Clone(other.Groups), slices.Clone(other.Policies)
	case order == 0:
		s.Users = putAll(s, s.Users, other.Users, func(u User) string { return u.ARN })
		s.Roles = putAll(s, s.Roles, other.Roles, func(r Role) string { return r.ARN })
		s.Groups = putAll(s, s.Groups, other.Groups, func(g Group) string { return g.ARN })
		s.Policies = putAll(s, s.Policies, other.Policies, func(p Policy) string { return p.ARN })
	}
	s.HasDetails = true
}

func (s *State) mergeReport(other *State, order int) {
	switch {
	case !s.HasReport || order > 0:
		s.Report = slices.Clone(other.Report)
	case order == 0:
		s.Report = putAll(s, s.Report, other.Report, func(c Credentials) string { return c.ARN })
	}
	s.HasReport = true
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
	i, found := slices.BinarySearchFunc(list, k, func(t T, k string) int { return cmp.Compare(key(t), k) })
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
