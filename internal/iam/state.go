package iam

import "time"

// State is what is known of one account's IAM at one time, merged from the
// files that were loaded. Lists are sorted by ARN.
type State struct {
	AccountID string    `json:"account_id"`
	TakenAt   time.Time `json:"taken_at"` // when AWS was asked; the report's own time where it has one
	// HasDetails and HasReport say which inputs were loaded; what an absent
	// input would tell is not evaluable, never "none".
	HasDetails bool     `json:"has_details"`
	HasReport  bool     `json:"has_report"`
	Users      []User   `json:"users"`
	Roles      []Role   `json:"roles"`
	Groups     []Group  `json:"groups"`
	Policies   []Policy `json:"policies"`
	// Report is the credential report, one line a user, the root included.
	Report []Credentials `json:"report"`
	// Summary is the account summary by AWS's own keys, as AccountMFAEnabled;
	// nil: not loaded.
	Summary        map[string]int  `json:"summary,omitzero"`
	PasswordPolicy *PasswordPolicy `json:"password_policy,omitempty"` // nil: not loaded
	LastAccessed   []LastAccessed  `json:"last_accessed,omitempty"`   // sorted by ARN
	HasTrails      bool            `json:"has_trails,omitempty"`
	Trails         []Trail         `json:"trails,omitempty"` // sorted by ARN
	HasVirtualMFA  bool            `json:"has_virtual_mfa,omitempty"`
	VirtualMFA     []VirtualMFA    `json:"virtual_mfa,omitempty"` // sorted by serial
	// HasAccessKeys tells that keys were loaded, which may be those of some users only.
	HasAccessKeys     bool            `json:"has_access_keys,omitempty"`
	AccessKeys        []AccessKey     `json:"access_keys,omitempty"`  // sorted by id
	Organization      *Organization   `json:"organization,omitempty"` // nil: not loaded; of the management account only
	HasPermissionSets bool            `json:"has_permission_sets,omitempty"`
	PermissionSets    []PermissionSet `json:"permission_sets,omitempty"` // sorted by ARN
	Warnings          []string        `json:"warnings"`

	// What bears on the account from above; States.Organize makes it.
	levels     []guardLevel
	unguarded  []string // what of it is not known
	levelNames map[*Document]string
}

// User is an IAM user of the authorization details.
type User struct {
	Name     string            `json:"name"`
	ARN      string            `json:"arn"`
	ID       string            `json:"id"`
	Created  time.Time         `json:"created"`
	Groups   []string          `json:"groups"`
	Inline   []NamedDocument   `json:"inline"`
	Attached []string          `json:"attached"` // ARNs of managed policies
	Boundary string            `json:"boundary"` // ARN of the permissions boundary, or empty
	Tags     map[string]string `json:"tags"`
}

// Role is an IAM role of the authorization details.
type Role struct {
	Name     string            `json:"name"`
	Path     string            `json:"path"`
	ARN      string            `json:"arn"`
	ID       string            `json:"id"`
	Created  time.Time         `json:"created"`
	Trust    *Document         `json:"trust"`
	Inline   []NamedDocument   `json:"inline"`
	Attached []string          `json:"attached"`
	Boundary string            `json:"boundary"`
	Profiles []string          `json:"profiles"` // ARNs of instance profiles that hold the role
	Tags     map[string]string `json:"tags"`
	// LastUsed is AWS's own record over the trailing 400 days; nil where it has none.
	LastUsed *time.Time `json:"last_used"`
}

// Group is an IAM group.
type Group struct {
	Name     string          `json:"name"`
	ARN      string          `json:"arn"`
	Inline   []NamedDocument `json:"inline"`
	Attached []string        `json:"attached"`
}

// Policy is a managed policy with its default version.
type Policy struct {
	Name     string    `json:"name"`
	ARN      string    `json:"arn"`
	Document *Document `json:"document"`
	Attached int       `json:"attached"` // number of principals that it is attached to
}

// NamedDocument is a policy document with its name.
type NamedDocument struct {
	Name     string    `json:"name"`
	Document *Document `json:"document"`
}

// Credentials is one line of the credential report. Times are zero for N/A
// and no_information.
type Credentials struct {
	User             string    `json:"user"` // <root_account> for the root
	ARN              string    `json:"arn"`
	Created          time.Time `json:"created"`
	PasswordEnabled  bool      `json:"password_enabled"`
	PasswordLastUsed time.Time `json:"password_last_used"`
	PasswordChanged  time.Time `json:"password_changed"`
	MFA              bool      `json:"mfa"`
	Keys             [2]Key    `json:"keys"`
}

// Key is one of a user's two access keys as the credential report has it:
// without its id.
type Key struct {
	Active      bool      `json:"active"`
	Rotated     time.Time `json:"rotated"`
	LastUsed    time.Time `json:"last_used"`
	LastService string    `json:"last_service"`
	LastRegion  string    `json:"last_region"`
}
