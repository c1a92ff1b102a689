package catalog

import (
	"strings"

	"github.com/trimtrail/trimtrail/internal/event"
)

// planKey is what decides, but for the request, which actions a call needs.
type planKey struct{ prefix, name string }

// plan is how the events of one service prefix and name are attributed.
type plan struct {
	actions []*action
	via     Via
	special func(*request) []Use // instead of actions
	// passes tells that the operation can pass a role.
	passes bool
	tags   map[*action][]*action // see taggings
	prefix string
	op     string // event name in lower case, without an API version
}

func (c *Catalog) planFor(k planKey) *plan {
	p := &plan{prefix: k.prefix, op: strings.ToLower(stripVersion(k.name))}
	s := c.service(k.prefix)
	if s == nil {
		return p
	}
	own := s.byName[p.op]
	p.passes = (s.passers[p.op] || own != nil && own.passes) && !noPass(k.prefix, p.op) || alsoPass(k.prefix, p.op)
	if p.special = specialFor(k.prefix, p.op); p.special != nil {
		return p
	}
	p.actions, p.via = c.actionsFor(k.prefix, p.op, own)
	p.tags = c.taggings(p.actions)
	return p
}

// actionsFor finds the actions of an operation without looking at a request:
// the overlay, the name itself, the name's family.
func (c *Catalog) actionsFor(prefix, op string, own *action) ([]*action, Via) {
	if names := overlaid(prefix, op); names != nil {
		var found []*action
		for _, n := range names {
			if a := c.find(n); a != nil {
				found = append(found, a)
			}
		}
		return found, ViaRule
	}
	if own != nil {
		return []*action{own}, ViaName
	}
	if a := c.find(family(prefix, op)); a != nil {
		return []*action{a}, ViaRule
	}
	if s := c.service(prefix); s != nil {
		if a := c.find(s.sole[op]); a != nil {
			return []*action{a}, ViaRule
		}
	}
	for _, other := range shared[prefix] {
		if s := c.service(other); s != nil && s.byName[op] != nil {
			return []*action{s.byName[op]}, ViaName
		}
	}
	return nil, ""
}

// shared are other services whose calls come under a service's event source.
// A denied call has no request to tell them by: a name that the source's own service
// does not have is theirs.
var shared = map[string][]string{"autoscaling": {"application-autoscaling", "autoscaling-plans"}}

// needsNone reports whether the event needs no IAM permission: AWS's own
// events, insights, sign-in, and calls that every caller may make.
func needsNone(e *event.Event) bool {
	switch e.EventType {
	case "AwsServiceEvent", "AwsConsoleSignIn", "AwsCloudTrailInsight":
		return true
	}
	if e.EventCategory == "Insight" {
		return true
	}
	switch e.EventSource {
	case "signin.amazonaws.com":
		return overlaid("signin", strings.ToLower(e.EventName)) == nil
	case "sts.amazonaws.com":
		return e.EventName == "GetCallerIdentity"
	case "s3.amazonaws.com":
		return e.EventName == "PreflightRequest" // CORS decides it
	case "sso.amazonaws.com", "portal.sso.amazonaws.com", "sso-oauth.amazonaws.com":
		return portalCalls[e.EventName]
	}
	return false
}

// portalCalls are calls of the AWS access portal, authorised by the sign-in
// itself (IAM Identity Center user guide, "CloudTrail events for the AWS
// access portal").
var portalCalls = map[string]bool{
	"Authenticate": true, "CreateToken": true, "Federate": true, "GetRoleCredentials": true, "ListAccountRoles": true, "ListAccounts": true,
	"ListApplications": true, "ListProfilesForApplication": true, "Logout": true, "RegisterClient": true, "StartDeviceAuthorization": true,
	"UserAuthentication": true,
}
