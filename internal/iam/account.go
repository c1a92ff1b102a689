package iam

import "time"

// PasswordPolicy is what the account asks of its users' passwords (IAM API,
// PasswordPolicy).
type PasswordPolicy struct {
	// Exists is false where the account has no policy of its own: AWS's
	// default is in force, and the other fields are zero.
	Exists         bool `json:"exists"`
	MinimumLength  int  `json:"minimum_length"`
	Symbols        bool `json:"symbols"`
	Numbers        bool `json:"numbers"`
	Uppercase      bool `json:"uppercase"`
	Lowercase      bool `json:"lowercase"`
	UsersChange    bool `json:"users_change"`    // users may change their own
	MaxAgeDays     int  `json:"max_age_days"`    // 0: passwords do not expire
	RememberedPast int  `json:"remembered_past"` // number of earlier passwords that may not come back; 0: none
	HardExpiration bool `json:"hard_expiration"` // an expired password needs an administrator
}

// VirtualMFA is an MFA device that is software. The root user's is among
// them; an account whose root has MFA and none here has a hardware device.
type VirtualMFA struct {
	Serial  string    `json:"serial"`  // the device's ARN
	User    string    `json:"user"`    // ARN of the user or of the root; empty: assigned to nobody
	Enabled time.Time `json:"enabled"` // zero: not known
}

// AccessKey is an access key with its id, which the credential report leaves out.
type AccessKey struct {
	ID      string    `json:"id"`
	User    string    `json:"user"` // the user's name
	Active  bool      `json:"active"`
	Created time.Time `json:"created"`
}

// LastAccessed is IAM's own record of which services a principal used in the
// trailing 400 days (IAM API, GetServiceLastAccessedDetails).
type LastAccessed struct {
	ARN string    `json:"arn"`
	At  time.Time `json:"at"` // when AWS made the record
	// Complete tells that AWS was asked for this principal: a service without
	// a time was not used. Where it is false only the times that are there
	// say something: the file did not name the principal.
	Complete bool            `json:"complete"`
	Services []ServiceAccess `json:"services"` // sorted by Service
}

// ServiceAccess is the last use of one service.
type ServiceAccess struct {
	Service string         `json:"service"` // its namespace, as s3
	Last    time.Time      `json:"last"`    // zero: not in the period that AWS tracks
	Region  string         `json:"region"`
	Actions []ActionAccess `json:"actions"` // actions that IAM tracks one by one; empty: asked at service level
}

// ActionAccess is the last use of one action.
type ActionAccess struct {
	Action string    `json:"action"` // as s3:PutBucketPolicy
	Last   time.Time `json:"last"`   // zero: not in the period that AWS tracks
	Region string    `json:"region"`
}

// PermissionSet is a set of permissions of IAM Identity Center, which makes a
// role AWSReservedSSO_<name>_<hash> in each account it is assigned in.
type PermissionSet struct {
	ARN             string       `json:"arn"`
	Name            string       `json:"name"`
	Description     string       `json:"description"`
	SessionDuration string       `json:"session_duration"` // ISO 8601, as PT8H
	Inline          *Document    `json:"inline"`
	Managed         []string     `json:"managed"`          // ARNs of AWS managed policies
	CustomerManaged []string     `json:"customer_managed"` // names of policies of the accounts, with their path
	Boundary        string       `json:"boundary"`         // ARN, or path and name, of the boundary; or empty
	Assignments     []Assignment `json:"assignments"`      // sorted
}

// Assignment gives a permission set to a person or group in one account.
type Assignment struct {
	AccountID string `json:"account_id"`
	Kind      string `json:"kind"` // USER or GROUP
	Principal string `json:"principal"`
}
