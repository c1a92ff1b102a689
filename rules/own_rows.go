package rules

import "time"

// PrincipalRow is a principal as rules of the user's see it: what it did in
// the window, by the logs, and what it is, by the IAM state. Lists are sorted
// and hold each value once. Times are zero, and ages -1, where nothing is known.
type PrincipalRow struct {
	ARN       string `cel:"arn"`
	Name      string `cel:"name"`
	Kind      string `cel:"kind"` // user, role, root, service, federated, account, unknown
	AccountID string `cel:"account_id"`
	Owner     string `cel:"owner"` // as the configuration names it

	// By the logs.
	Seen          bool      `cel:"seen"` // it called within the window
	First         time.Time `cel:"first"`
	Last          time.Time `cel:"last"`
	IdleDays      int64     `cel:"idle_days"` // since the last call
	Events        int64     `cel:"events"`
	Denied        int64     `cel:"denied"`
	Days          int64     `cel:"days"`           // with at least one call
	Actions       []string  `cel:"actions"`        // that were allowed, as s3:GetObject
	DeniedActions []string  `cel:"denied_actions"` // that were refused
	Services      []string  `cel:"services"`       // of the actions, as s3
	Regions       []string  `cel:"regions"`
	Addresses     []string  `cel:"addresses"`
	Networks      []string  `cel:"networks"`       // /24 or /48, a VPC endpoint, or private
	KnownNetworks []string  `cel:"known_networks"` // labels of the configuration
	Outside       bool      `cel:"outside"`        // it called from an address outside the known networks
	Agents        []string  `cel:"agents"`         // user-agent families, as aws-cli/linux
	AssumedBy     []string  `cel:"assumed_by"`     // of a role: ARNs and services
	ServiceLinked bool      `cel:"service_linked"`

	// By the IAM state.
	Loaded        bool              `cel:"loaded"` // the state has it
	Created       time.Time         `cel:"created"`
	AgeDays       int64             `cel:"age_days"`
	Administrator bool              `cel:"administrator"` // it may do anything
	Policies      []string          `cel:"policies"`      // managed policies by ARN, others as "inline NAME"
	Boundary      string            `cel:"boundary"`      // ARN of the permissions boundary, or empty
	Groups        []string          `cel:"groups"`
	Tags          map[string]string `cel:"tags"`
	Password      bool              `cel:"password"` // by the credential report
	MFA           bool              `cel:"mfa"`      // by the credential report
	Reported      bool              `cel:"reported"` // the credential report has it
}

// DenialRow is a group of refused calls of one principal: one action, one
// resource, one error code.
type DenialRow struct {
	EventSource  string    `cel:"event_source"` // as s3.amazonaws.com
	EventName    string    `cel:"event_name"`
	Action       string    `cel:"action"`
	Resource     string    `cel:"resource"`
	Code         string    `cel:"code"`   // as AccessDenied
	Tier         string    `cel:"tier"`   // caller, dependency, authentication, state
	Layer        string    `cel:"layer"`  // identity, resource, scp, rcp, boundary, session, endpoint, trust, or empty
	Effect       string    `cel:"effect"` // implicit, explicit, or empty
	PolicyARN    string    `cel:"policy_arn"`
	InvokedBy    string    `cel:"invoked_by"`
	Message      string    `cel:"message"`
	Count        int64     `cel:"count"`
	First        time.Time `cel:"first"`
	Last         time.Time `cel:"last"`
	Days         int64     `cel:"days"`
	Hours        int64     `cel:"hours"`
	Addresses    []string  `cel:"addresses"`
	Agents       []string  `cel:"agents"`
	Sessions     []string  `cel:"sessions"` // names of the role sessions
	ReadOnly     bool      `cel:"read_only"`
	Console      bool      `cel:"console"`
	WithoutMFA   bool      `cel:"without_mfa"`
	WorkedBefore bool      `cel:"worked_before"` // the action was allowed before
	WorksNow     bool      `cel:"works_now"`     // and since
}

// ChangeRow is one call that altered permissions or logging.
type ChangeRow struct {
	At           time.Time `cel:"at"`
	AccountID    string    `cel:"account_id"`   // that was changed
	EventSource  string    `cel:"event_source"` // as iam.amazonaws.com
	EventName    string    `cel:"event_name"`
	Address      string    `cel:"address"`
	KnownNetwork string    `cel:"known_network"` // label of the configuration, or empty
	Session      string    `cel:"session"`       // name of the role session: for people, their own
	Target       string    `cel:"target"`        // ARN of what was changed
	Detail       string    `cel:"detail"`        // the policy document, policy ARN or key id, shortened
	Policy       string    `cel:"policy"`        // name of the inline policy
	OnItself     bool      `cel:"on_itself"`
}

// CredentialRow is an access key, or a password, of a principal: by the logs
// and, where it was loaded, by the credential report.
type CredentialRow struct {
	ID        string    `cel:"id"`   // access key id, "access key 1" where only the report has it, "console", "sessions"
	Kind      string    `cel:"kind"` // access key, session, console, none
	Seen      bool      `cel:"seen"` // by the logs, in the window
	Events    int64     `cel:"events"`
	Denied    int64     `cel:"denied"`
	Regions   []string  `cel:"regions"`
	Addresses []string  `cel:"addresses"`
	LastEvent string    `cel:"last_event"`
	Reported  bool      `cel:"reported"` // the credential report has it, active
	Created   time.Time `cel:"created"`
	AgeDays   int64     `cel:"age_days"`
	LastUsed  time.Time `cel:"last_used"` // the later of logs and report
	IdleDays  int64     `cel:"idle_days"` // since the last use
	MFA       bool      `cel:"mfa"`       // of the user, by the report
}
