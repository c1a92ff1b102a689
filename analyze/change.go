package analyze

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/trimtrail/trimtrail/internal/event"
)

// maxDetail bounds Change.Detail, in bytes: more than any managed policy.
const maxDetail = 8 << 10

// changeSources are the services whose mutations decide who may do what, or
// what is logged.
var changeSources = map[string]bool{
	"iam.amazonaws.com": true, "organizations.amazonaws.com": true, "cloudtrail.amazonaws.com": true,
	"sso.amazonaws.com": true,
}

// changeNames are the calls elsewhere that set a resource's policy or turn
// monitoring on or off.
var changeNames = map[string]bool{
	"PutBucketPolicy": true, "DeleteBucketPolicy": true, "PutBucketAcl": true, "PutBucketPublicAccessBlock": true,
	"DeleteBucketPublicAccessBlock": true, "PutKeyPolicy": true, "PutResourcePolicy": true, "DeleteResourcePolicy": true,
	"AddPermission20150331v2": true, "AddPermission": true, "SetQueueAttributes": true, "SetRepositoryPolicy": true,
	"StopConfigurationRecorder": true, "DeleteConfigurationRecorder": true, "DeleteDeliveryChannel": true,
	"DeleteDetector": true, "UpdateDetector": true, "DisassociateFromMasterAccount": true, "DisassociateFromAdministratorAccount": true,
	"DeleteMembers": true, "StopMonitoringMembers": true, "DisableSecurityHub": true, "DeleteFlowLogs": true,
}

// readPrefixes begin the names of calls that change nothing; older events
// carry no readOnly.
var readPrefixes = []string{"Get", "List", "Describe", "Lookup", "Generate", "Simulate", "Validate", "Head", "Batch", "Select", "Deliver", "Test"}

// isChange reports whether e altered permissions or logging.
func isChange(e *event.Event) bool {
	if e.Failed() || !changeSources[e.EventSource] && !changeNames[e.EventName] {
		return false
	}
	if e.ReadOnly != nil && *e.ReadOnly {
		return false
	}
	for _, p := range readPrefixes {
		if strings.HasPrefix(e.EventName, p) {
			return false
		}
	}
	return true
}

func changeOf(c *call) Change {
	e := c.event
	m := readMutation(c)
	return Change{
		Actor: c.actor, At: c.stamp.time(), AccountID: e.AccountID, EventSource: strings.Clone(e.EventSource),
		EventName: strings.Clone(e.EventName), EventID: strings.Clone(e.EventID), Address: strings.Clone(e.SourceIPAddress),
		Target: m.target, Detail: m.detail, Policy: m.policy, OnItself: m.onItself, Session: strings.Clone(sessionName(e)),
	}
}

// mutation is what a change changed.
type mutation struct {
	target, detail, policy string
	onItself               bool
}

// parameters are the members that name what a change is about, over the
// requests of IAM, Organizations and CloudTrail.
type parameters struct {
	UserName                 string
	RoleName                 string
	GroupName                string
	PolicyName               string
	PolicyArn                string
	PolicyDocument           string
	AssumeRolePolicyDocument string
	AccessKeyID              string `json:"accessKeyId"`
	PermissionsBoundary      string
	Name                     string
	TrailName                string
	BucketName               string
	TargetID                 string `json:"targetId"`
	PolicyID                 string `json:"policyId"`
	EventSelectors           json.RawMessage
	AdvancedEventSelectors   json.RawMessage
}

func readMutation(c *call) mutation {
	var p parameters
	// Parameters that do not fit leave their fields empty: the change stays.
	_ = json.Unmarshal([]byte(c.event.RequestParameters), &p)
	m := mutation{policy: p.PolicyName, target: p.target(c), detail: p.detail(c.event)}
	m.onItself = c.actor.owns(m.target)
	return m
}

// target is the ARN of what was changed. The path of a user or role is not in
// the request; the actor's own is known.
func (p *parameters) target(c *call) string {
	e := c.event
	if e.EventSource != "iam.amazonaws.com" {
		return cmp.Or(p.TargetID, p.Name, p.TrailName, bucketARN(p.BucketName), resourceOf(e), firstResource(c))
	}
	root := "arn:" + partition(c.actor.ARN) + ":iam::" + e.AccountID + ":"
	switch {
	case p.UserName != "":
		return c.actor.orSelf(KindUser, p.UserName, root+"user/"+p.UserName)
	case p.RoleName != "":
		return c.actor.orSelf(KindRole, p.RoleName, root+"role/"+p.RoleName)
	case p.GroupName != "":
		return root + "group/" + p.GroupName
	case p.PolicyArn != "":
		return p.PolicyArn
	case ofCaller[e.EventName]:
		return c.actor.ARN
	case p.PolicyName != "":
		return root + "policy/" + p.PolicyName
	}
	return firstResource(c)
}

// ofCaller are the calls that act on the caller where no user is named.
var ofCaller = map[string]bool{
	"CreateAccessKey": true, "DeleteAccessKey": true, "UpdateAccessKey": true, "ChangePassword": true,
	"CreateLoginProfile": true, "EnableMFADevice": true, "DeactivateMFADevice": true,
}

// orSelf is the actor's ARN where kind and name are its own, else arn.
func (a Actor) orSelf(kind Kind, name, arn string) string {
	if a.Kind == kind && a.Name == name && accountIn(arn, "") == a.AccountID {
		return a.ARN
	}
	return arn
}

func (a Actor) owns(target string) bool {
	return target != "" && target == a.ARN && (a.Kind == KindUser || a.Kind == KindRole || a.Kind == KindRoot)
}

func bucketARN(name string) string {
	if name == "" {
		return ""
	}
	return "arn:aws:s3:::" + name
}

func resourceOf(e *event.Event) string {
	for _, r := range e.Resources {
		if r.ARN != "" {
			return strings.Clone(r.ARN)
		}
	}
	return ""
}

func firstResource(c *call) string {
	for _, u := range c.uses {
		if r := u.resources[0]; r != "" && r != "*" {
			return strings.Clone(r)
		}
	}
	return ""
}

func (p *parameters) detail(e *event.Event) string {
	d := cmp.Or(p.PolicyDocument, p.AssumeRolePolicyDocument, p.PolicyArn, p.PermissionsBoundary, p.AccessKeyID, p.PolicyID,
		string(p.EventSelectors), string(p.AdvancedEventSelectors))
	if d == "" && e.EventName == "CreateAccessKey" {
		d = createdKey(e)
	}
	return shorten(d, maxDetail)
}

func createdKey(e *event.Event) string {
	var r struct {
		AccessKey struct {
			AccessKeyID string `json:"accessKeyId"`
		}
	}
	_ = json.Unmarshal([]byte(e.ResponseElements), &r)
	return r.AccessKey.AccessKeyID
}

func compareChanges(a, b Change) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.EventID, b.EventID), cmp.Compare(a.AccountID, b.AccountID))
}
