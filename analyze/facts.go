// Package analyze turns events into facts: who acted, with which credential,
// doing what to what, from where, allowed or denied, and what the logs cover.
//
// Events come in one at a time and are folded into bounded, mergeable rows;
// facts, sorted, go out. It is pure: no I/O, no clock, no flags; the window
// and the as-of time are arguments; the same events give the same facts in
// any order and for any number of workers. It judges nothing (package rules
// does).
package analyze

import "time"

// Window is a half-open span of time [From, To), in UTC.
type Window struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Days is the length of w in days, to the nearest: a window that begins with
// the first event of its first day is as long as its days.
func (w Window) Days() int { return int(w.To.Sub(w.From).Hours()/24 + 0.5) }

// Contains reports whether t is in w.
func (w Window) Contains(t time.Time) bool { return !t.Before(w.From) && t.Before(w.To) }

// Coverage says what the lake has seen of one account: what can be judged and
// what cannot.
type Coverage struct {
	AccountID string    `json:"account_id"`
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`
	Events    int64     `json:"events"`
	// Days is the number of days with at least one event.
	Days    int      `json:"days"`
	Regions []string `json:"regions"`
	// Gaps are spans longer than a day without any event between First and Last.
	Gaps []Window `json:"gaps"`
	// ManagementRead and ManagementWrite tell which management events appear.
	ManagementRead  bool `json:"management_read"`
	ManagementWrite bool `json:"management_write"`
	// DataEvents are the resource types that data events appear for, as AWS::S3::Object.
	DataEvents []string `json:"data_events"`
	// Cells are what was seen by region and kind of event, sorted; at most 500.
	// What is cut counts as not seen.
	Cells []Cell `json:"cells"`
	// HasDetails and HasReport say which IAM state was loaded for the account.
	HasDetails bool `json:"has_details"`
	HasReport  bool `json:"has_report"`
}

// Facts is everything that the rules judge by, over one window. All lists
// are sorted; equal input gives equal facts.
type Facts struct {
	Window Window
	// AsOf is the newest time that the input knows of, never the wall clock.
	AsOf     time.Time
	Coverage []Coverage
	// Principals are sorted by ARN.
	Principals []Principal
	// Denials are grouped calls that AWS refused, sorted by principal, action, resource, code.
	Denials []Denial
	// Changes are successful calls that alter who may do what or what is
	// logged: IAM, Organizations and CloudTrail mutations, sorted by time.
	Changes []Change
	// Episodes retell, event by event, the spans that Accumulator.Nominate
	// named; empty when the caller did not fetch them.
	Episodes []Episode
	// Unmapped are API events without a known IAM action, with their counts.
	Unmapped []Unmapped
	Warnings []string
}

// Principal returns the facts of the principal with this ARN, nil where the logs have none.
func (f *Facts) Principal(arn string) *Principal {
	for i := range f.Principals {
		if f.Principals[i].ARN == arn {
			return &f.Principals[i]
		}
	}
	return nil
}

// Kind says what a principal is.
type Kind string

// The kinds of principal.
const (
	KindUser      Kind = "user"
	KindRole      Kind = "role" // with every session of it
	KindRoot      Kind = "root"
	KindService   Kind = "service"   // an AWS service on its own behalf
	KindFederated Kind = "federated" // sts:GetFederationToken sessions, SAML and web identities before a role
	KindAccount   Kind = "account"   // another account, without more
	KindUnknown   Kind = "unknown"   // anonymous, or not told
)

// Actor is who an event is charged to: the user, the role behind a session,
// the root, a service.
type Actor struct {
	Kind Kind
	// ARN identifies the actor: of the user or role (never of the session),
	// arn:…:root, or a service's DNS name.
	ARN string
	// AccountID is the account that the actor belongs to, which may differ
	// from the account that was called.
	AccountID string
	// Name is what a person calls it: user name, role name, service.
	Name string
}

// Principal is one actor with what it did in the window.
type Principal struct {
	Actor
	UniqueIDs []string // AIDA…, AROA…: more than one when it was deleted and made again
	First     time.Time
	Last      time.Time
	// LastSuccess is the last call that was not denied; zero where all were.
	LastSuccess time.Time
	Events      int64
	Denied      int64
	Days        int // with at least one event
	Credentials []Credential
	// Usage is sorted by action, day, resource, outcome.
	Usage []Usage
	// Networks are sorted by network, credential, day.
	Networks []NetworkUse
	// AssumedBy are the ARNs or services that assumed the role.
	AssumedBy []string
	// ServiceLinked tells of a role that AWS made and keeps.
	ServiceLinked bool
}

// CredentialKind says how a call was signed.
type CredentialKind string

// The kinds of credential.
const (
	LongTermKey CredentialKind = "access key" // AKIA…
	Session     CredentialKind = "session"    // ASIA…, of a role or of a user
	Console     CredentialKind = "console"    // a console session or sign-in
	NoKey       CredentialKind = "none"       // a service, or not told
)

// Credential is one access key, or all console use, of a principal.
//
// Temporary keys are too many to list: all sessions of a principal are one
// Credential with the id "sessions"; NetworkUse has the keys apart.
type Credential struct {
	ID      string // access key id; "console" for console use; "sessions"
	Kind    CredentialKind
	First   time.Time
	Last    time.Time
	Events  int64
	Denied  int64
	Regions []string
	// LastEvent is event source and name of the latest use; of several at one time the greatest.
	LastEvent string
}

// Outcome is what AWS answered.
type Outcome string

// The outcomes. Failed calls passed authorisation and broke on something
// else, so they count as use.
const (
	OutcomeAllowed Outcome = "allowed"
	OutcomeFailed  Outcome = "failed"
	OutcomeDenied  Outcome = "denied"
)

// Usage is the use of one action on one resource on one day.
type Usage struct {
	Action string
	Day    time.Time // midnight UTC
	// Resource is an ARN, a generalised pattern with * where single values
	// were too many, "*" where the action takes none, "" where the event does not tell.
	Resource string
	Outcome  Outcome
	// Implied tells that the action was inferred (iam:PassRole), not logged.
	Implied bool
	// InvokedBy is the service that called on the principal's behalf, or empty.
	InvokedBy string
	// Condition is a context key and value the request fixes, as iam:PassedToService=lambda.amazonaws.com, or empty.
	Condition string
	Region    string
	Count     int64
	First     time.Time
	Last      time.Time
	Events    []string // the id of the earliest event
}

// NetworkUse is a day's use from one network by one credential.
type NetworkUse struct {
	Day time.Time
	// Network is the /24 or /48 of a public address, the id of a VPC
	// endpoint, "private" for other private addresses, or, where AWS wrote no
	// address, what it wrote. Calls that services make are not in here.
	Network string
	// Addresses are the distinct addresses within it, at most twenty.
	Addresses []string
	// Credential is the access key id; empty where the event has none.
	Credential string
	// Session is the role session name; Instance tells that the session
	// belongs to an EC2 instance profile.
	Session  string
	Instance bool
	// Delivery is how the instance got the credential: "1.0" IMDSv1, "2.0"
	// IMDSv2; empty where the event does not tell.
	Delivery string
	// Agents are user-agent families, as aws-cli/linux.
	Agents []string
	Count  int64
	Denied int64
	First  time.Time
	Last   time.Time
	Events []string // event ids, the earliest three
}

// Denial is a group of refused calls of one principal.
type Denial struct {
	Actor
	EventSource string
	EventName   string
	// Action is the action that AWS refused: from the message where it
	// names one, else attributed; may be empty.
	Action   string
	Resource string
	Code     string
	// Tier is the kind of refusal, see Tier.
	Tier Tier
	// Layer is identity, resource, scp, rcp, boundary, session, endpoint, trust, or empty; Effect is implicit or explicit, or empty.
	Layer     string
	Effect    string
	PolicyARN string
	InvokedBy string
	Message   string // of the earliest, shortened
	Count     int64
	First     time.Time
	Last      time.Time
	Days      int
	Hours     int
	Addresses []string // at most twenty
	Agents    []string
	// Sessions are the names of the role sessions that were refused: the
	// people, for federated roles. At most ten.
	Sessions []string
	ReadOnly bool
	Console  bool
	// WithoutMFA tells that every call said that its session had no MFA.
	WithoutMFA bool
	// AllowedBefore is the last success of the same action by the same
	// principal before First; AllowedAfter the first one after Last. Zero: none.
	AllowedBefore time.Time
	AllowedAfter  time.Time
	Events        []string // event ids, the earliest five
}

// Tier is the kind of a refusal.
type Tier string

// The tiers of refusals.
const (
	TierCaller         Tier = "caller"         // the caller is not authorised
	TierDependency     Tier = "dependency"     // something the call depends on refused
	TierAuthentication Tier = "authentication" // the credential was not accepted
	TierState          Tier = "state"          // opt-in, subscription, region
)

// Change is one successful mutation of permissions or of logging.
type Change struct {
	Actor
	At          time.Time
	AccountID   string // the account that was changed
	EventSource string
	EventName   string
	EventID     string
	Address     string
	// Session is the name of the actor's role session, for people their own; or empty.
	Session string
	// Target is the ARN of what was changed, where the event tells.
	Target string
	// Detail is the policy document, policy ARN or key id concerned, shortened.
	Detail string
	// Policy is the name of the inline policy concerned (requestParameters.policyName), or empty.
	Policy string
	// OnItself tells that the actor changed its own permissions or credentials.
	OnItself bool
}

// Nomination asks for the events of one principal over a span.
type Nomination struct {
	Principal string // ARN
	AccountID string // partition to read
	Span      Window
}

// Episode is a nominated span, event by event.
type Episode struct {
	Nomination
	Moments []Moment // in time order, ties by event id
}

// Moment is one event of an episode.
type Moment struct {
	At        time.Time
	EventID   string
	EventName string
	Actions   []string
	Resource  string
	Outcome   Outcome
	Address   string
	Network   string
	Agent     string
	// Key is the access key that signed.
	Key string
	// Target, Detail, Policy and OnItself are as in Change, for changes.
	Target   string
	Detail   string
	Policy   string
	OnItself bool
	Change   bool
}

// Unmapped is an API call without a known IAM action.
type Unmapped struct {
	EventSource string
	EventName   string
	Count       int64
	Event       string // one event id
}
