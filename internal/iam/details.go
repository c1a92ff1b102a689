package iam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
)

// details is one page of get-account-authorization-details.
type details struct {
	UserDetailList  []userDetail
	GroupDetailList []groupDetail
	RoleDetailList  []roleDetail
	Policies        []policyDetail
	IsTruncated     bool
	NextToken       string
}

type userDetail struct {
	Arn, UserName, UserID   string
	CreateDate              when
	GroupList               []string
	UserPolicyList          []inlineDetail
	AttachedManagedPolicies []attachedDetail
	PermissionsBoundary     boundaryDetail
	Tags                    []tagDetail
}

type groupDetail struct {
	Arn, GroupName          string
	GroupPolicyList         []inlineDetail
	AttachedManagedPolicies []attachedDetail
}

type roleDetail struct {
	Arn, RoleName, Path, RoleID string
	CreateDate                  when
	AssumeRolePolicyDocument    documentText
	InstanceProfileList         []struct{ Arn string }
	RolePolicyList              []inlineDetail
	AttachedManagedPolicies     []attachedDetail
	PermissionsBoundary         boundaryDetail
	RoleLastUsed                struct{ LastUsedDate when }
	Tags                        []tagDetail
}

type policyDetail struct {
	Arn, PolicyName, DefaultVersionID string
	AttachmentCount                   int
	PolicyVersionList                 []versionDetail
}

type versionDetail struct {
	Document         documentText
	VersionID        string
	IsDefaultVersion bool
}

type inlineDetail struct {
	PolicyName     string
	PolicyDocument documentText
}

type (
	attachedDetail struct{ PolicyArn string }
	boundaryDetail struct{ PermissionsBoundaryArn string }
	tagDetail      struct{ Key, Value string }
)

// documentText is a policy as an object, or as the text that the raw API
// returns: URL-encoded (RFC 3986). What cannot be read is kept as its error:
// one odd document must not lose an account.
type documentText struct {
	doc *Document
	err error
}

// UnmarshalJSON never fails: see err.
func (t *documentText) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	if data[0] == '"' {
		data, t.err = unquote(data)
	}
	if t.err == nil {
		t.doc, t.err = decode(data)
	}
	return nil
}

// unquote takes a document out of a JSON string, URL-encoded or not.
func unquote(data []byte) ([]byte, error) {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, err
	}
	if bytes.HasPrefix(bytes.TrimSpace([]byte(s)), []byte("{")) {
		return []byte(s), nil
	}
	s, err := url.PathUnescape(s)
	return []byte(s), err
}

func (l *Loaded) details(docs []json.RawMessage, into States) error {
	var all details
	for i, raw := range docs {
		var page details
		if err := json.Unmarshal(raw, &page); err != nil {
			return fmt.Errorf("authorization details, page %d: %w", i+1, broken(err))
		}
		all.add(page)
	}
	l.Partial = all.IsTruncated || all.NextToken != ""
	accounts := all.accounts(into)
	if len(accounts) == 0 {
		return errors.New("authorization details without an ARN that names the account")
	}
	l.Accounts = accounts
	all.into(into, accounts)
	return nil
}

func (d *details) add(page details) {
	d.UserDetailList = append(d.UserDetailList, page.UserDetailList...)
	d.GroupDetailList = append(d.GroupDetailList, page.GroupDetailList...)
	d.RoleDetailList = append(d.RoleDetailList, page.RoleDetailList...)
	d.Policies = append(d.Policies, page.Policies...)
	d.IsTruncated, d.NextToken = page.IsTruncated, page.NextToken
}
