package iam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// ErrNoAccount is the error of Load for a file that does not say which account
// it is of, where into does not hold just one.
var ErrNoAccount = errors.New("the file does not say which account it is of")

// ErrNotYet is the error of Load for a file that speaks of something by its
// id alone, which another file must explain before.
var ErrNotYet = errors.New("load the file that describes it before")

// object is a JSON object by its members.
type object map[string]json.RawMessage

func (m object) has(names ...string) bool {
	for _, n := range names {
		if _, ok := m[n]; ok {
			return true
		}
	}
	return false
}

// text is a member that is a string, or "".
func (m object) text(name string) (s string) {
	if json.Unmarshal(m[name], &s) != nil {
		return ""
	}
	return s
}

// inner are the members of a member that is an object.
func (m object) inner(name string) (in object) {
	if json.Unmarshal(m[name], &in) != nil {
		return nil
	}
	return in
}

// documents recognises by the first document; the others must be of its sort.
func (l *Loaded) documents(docs []json.RawMessage, into States) error {
	docs, err := unwrapped(docs)
	if err != nil {
		return err
	}
	var m object
	if len(docs) == 0 || json.Unmarshal(docs[0], &m) != nil {
		return ErrUnknown
	}
	for _, s := range sorts {
		if s.is(m) {
			l.What, l.Used = s.what, true
			return s.load(l, docs, into)
		}
	}
	for _, u := range unused {
		if m.has(u.key) {
			l.What, l.Reason = u.what, u.reason
			return nil
		}
	}
	return ErrUnknown
}

// unwrapped takes answers out of recordings, which put the status beside them.
func unwrapped(docs []json.RawMessage) ([]json.RawMessage, error) {
	out := make([]json.RawMessage, len(docs))
	for i, raw := range docs {
		var r struct {
			Status int `json:"status_code"`
			Data   json.RawMessage
		}
		out[i] = raw
		if bytes.Contains(raw, []byte(`"status_code"`)) && json.Unmarshal(raw, &r) == nil && r.Data != nil {
			out[i] = r.Data
		}
	}
	return out, nil
}

// sort is a kind of file that is used.
type sort struct {
	what string
	is   func(object) bool
	load func(*Loaded, []json.RawMessage, States) error
}

// sorts in the order of asking.
var sorts = []sort{
	{"authorization details", isDetails, (*Loaded).details},
	{"credential report", func(m object) bool { return m.has("Content") && m.has("GeneratedTime", "ReportFormat") }, (*Loaded).wrapped},
	{"stored state", func(m object) bool { return m.has("has_details") && m.has("account_id") }, (*Loaded).stored},
	{"account summary", withMember("SummaryMap"), (*Loaded).summary},
	{"password policy", isPasswordPolicy, (*Loaded).passwordPolicy},
	{"last-accessed details", isAccessed, (*Loaded).lastAccessed},
	{"list of trails", withMember("trailList", "TrailList", "Trail"), (*Loaded).trails},
	{"event selectors of a trail", withMember("EventSelectors", "AdvancedEventSelectors"), (*Loaded).selectors},
	{"status of a trail", withMember("IsLogging"), (*Loaded).trailStatus},
	{"list of virtual MFA devices", withMember("VirtualMFADevices"), (*Loaded).virtualMFA},
	{"list of access keys", withMember("AccessKeyMetadata"), (*Loaded).accessKeys},
	{"organization", withMember("Organization"), (*Loaded).describedOrganization},
	{"roots of the organization", withMember("Roots"), (*Loaded).roots},
	{"units of the organization", withMember("OrganizationalUnits"), (*Loaded).units},
	{"unit of the organization", withMember("OrganizationalUnit"), (*Loaded).unit},
	{"accounts of the organization", withMember("Accounts"), (*Loaded).accounts},
	{"parents in the organization", withMember("Parents"), (*Loaded).parents},
	{"children in the organization", withMember("Children"), (*Loaded).children},
	{"organization policy", isOrgPolicy, (*Loaded).orgPolicy},
	{"organization policies of a target", isOrgPolicies, (*Loaded).orgPolicies},
	{"targets of an organization policy", withMember("Targets"), (*Loaded).targets},
	{"permission set", withMember("PermissionSet"), (*Loaded).permissionSet},
	{"assignments of a permission set", withMember("AccountAssignments"), (*Loaded).assignments},
	{"policies of a permission set", isSetPolicies, (*Loaded).setPolicies},
	{"caller identity", func(m object) bool { return m.has("UserId") && m.has("Account") }, (*Loaded).identity},
}

func withMember(names ...string) func(object) bool {
	return func(m object) bool { return m.has(names...) }
}

func isDetails(m object) bool {
	return m.has("UserDetailList", "RoleDetailList", "GroupDetailList") || bytes.Contains(m["Policies"], []byte(`"PolicyVersionList"`))
}

// unused are files of the AWS CLI that are recognised by a member and of no use.
var unused = []struct{ key, what, reason string }{
	{"JobStatus", "last-accessed job", "it was still running; ask again for its details"},
	{"JobId", "job id", "it names a job; ask for its details"},
	{"TrailARN", "trail", "it has no event selectors"},
	{"Trails", "list of trail names", "describe-trails says more"},
	{"analyzers", "list of access analyzers", "no rule asks for it"},
	{"findings", "access analyzer findings", "trimtrail makes its own"},
	{"SAMLProviderList", "list of SAML providers", "the trust policies in the authorization details name them"},
	{"OpenIDConnectProviderList", "list of OpenID Connect providers", "the trust policies in the authorization details name them"},
	{"PolicyVersion", "policy version", "it does not name its policy; get-account-authorization-details does"},
	{"PolicyDocument", "inline policy", inDetails},
	{"Policy", "policy", inDetails},
	{"Policies", "list of policies", "it has no documents; get-account-authorization-details has"},
	{"AttachedPolicies", "list of attached policies", inDetails},
	{"PolicyNames", "list of inline policies", inDetails},
	{"Users", "list of users", "it has no policies; get-account-authorization-details has"},
	{"User", "user", inDetails},
	{"Roles", "list of roles", "it has no policies; get-account-authorization-details has"},
	{"Role", "role", inDetails},
	{"Groups", "list of groups", "it has no policies; get-account-authorization-details has"},
	{"Group", "group", inDetails},
	{"MFADevices", "list of MFA devices", "the credential report tells who has one"},
	{"AccessKeyLastUsed", "last use of an access key", "the credential report has it"},
	{"PermissionSets", "list of permission sets", "it has ARNs only; describe-permission-set says more"},
	{"AccountAliases", "account aliases", "no rule asks for it"},
	{"Error", "error that AWS answered", "there is nothing in it"},
	{"State", "state of a report still to come", "ask again with get-credential-report"},
	{"ResponseMetadata", "answer", "there is nothing in it"},
}

const inDetails = "get-account-authorization-details has it"

// targetForm are the ids that Organizations and Identity Center give, and account ids.
var targetForm = regexp.MustCompile(`(?:^|[^0-9a-z])(ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|r-[0-9a-z]{4,32}|p-(?:[0-9a-z]{8,128}|FullAWSAccess|RCPFullAWSAccess)|ps-[0-9a-f]{16}|[0-9]{12})(?:[^0-9a-z]|$)`)

// asked is whom an answer is about, which AWS does not repeat in it: a
// member that whoever kept the answer put beside it, else the id in the file's name.
func (l *Loaded) asked(doc json.RawMessage, member string) (string, error) {
	var m object
	if json.Unmarshal(doc, &m) == nil && m.text(member) != "" {
		return m.text(member), nil
	}
	base := l.Name[strings.LastIndexAny(l.Name, `/\`)+1:]
	if ids := targets(base); len(ids) == 1 {
		return ids[0], nil
	}
	return "", fmt.Errorf("%s: the file does not say whose: put the id into its name, as in %s", l.What, "list-…-ou-ab12-cdefgh34.json")
}

// targets are the ids in a name; what parts two of them may be one character.
func targets(name string) (ids []string) {
	for {
		at := targetForm.FindStringSubmatchIndex(name)
		if at == nil {
			return ids
		}
		ids, name = append(ids, name[at[2]:at[3]]), name[at[3]:]
	}
}

// only is the state that a document without an ARN belongs to: of the account
// that whoever kept it put beside it as AccountId, else of the one known account.
func (l *Loaded) only(into States, doc json.RawMessage) (*State, error) {
	var m object
	if json.Unmarshal(doc, &m) == nil && isAccountID(m.text("AccountId")) {
		l.of(m.text("AccountId"))
		return into.of(m.text("AccountId")), nil
	}
	for a, s := range into {
		if len(into) == 1 {
			l.of(a)
			return s, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", l.What, ErrNoAccount)
}

// of notes an account that the file speaks of.
func (l *Loaded) of(account string) {
	for _, a := range l.Accounts {
		if a == account {
			return
		}
	}
	l.Accounts = append(l.Accounts, account)
}

// each decodes every document as a T.
func each[T any](l *Loaded, docs []json.RawMessage, do func(T, json.RawMessage) error) error {
	list := make([]T, len(docs))
	for i, raw := range docs {
		if err := json.Unmarshal(raw, &list[i]); err != nil {
			return fmt.Errorf("%s: %w", l.What, broken(err))
		}
	}
	for i := range list {
		if err := do(list[i], docs[i]); err != nil {
			return err
		}
	}
	return nil
}
