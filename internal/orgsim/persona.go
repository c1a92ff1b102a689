package orgsim

// Persona is one kind of actor: its place in IAM and its habits. The zero
// value of a field means the plain case.
type Persona struct {
	// Name is the user's or role's name, for SSO the permission set, for a
	// service its DNS name.
	Name string
	Kind Kind
	// Account is the index of its account, modulo their number; Every puts
	// one into each account.
	Account int
	Every   bool
	// Units are the sessions side by side: people of an SSO role, functions,
	// instances (named by us where empty). Empty: one.
	Units []string
	// By is the persona that assumes an Assumed role.
	By string
	// Region is where it works; empty: eu-west-1.
	Region string

	Rhythm Rhythm
	// Rate is the mean number of calls on an active day, of each unit, before
	// Config.Events scales it; Least does not scale.
	Rate  float64
	Least int
	// Network is where calls come from: addresses parted by |, one of them a
	// session, in which <day>, <run> and <n> are three hex digits: of the day, of the
	// session, any. MovesTo replaces it from MovesLeft days before the end on.
	Network   string
	MovesTo   string
	MovesLeft int
	Agents    []string
	// Endpoint is the VPC endpoint that its S3 calls pass, from a private
	// address in 10.20.0.0/16.
	Endpoint string
	// Console is the share of calls that come through the console.
	Console float64
	// Work is what it calls: "weight service:EventName name…", where a name
	// is a resource and may hold the placeholders of templates; one of
	// "via:service" and "fail:kind" may follow.
	Work []string
	// Script adds what is written by hand, a day at a time.
	Script func(*Scene)

	// Policies are its own. Beside them comes a policy of just what Work
	// needs and they leave out, unless Strict.
	Policies []Policy
	Strict   bool
	Attached []string // names of AWS managed policies
	Group    string   // users: the group that holds the policies instead
	Boundary string   // name of a policy of the account
	Tags     string   // "key=value", parted by spaces

	Created      int  // days before the end; 0: 700
	Joined       int  // active only in that many days before the end; 0: always
	Password     bool // users: may sign in to the console
	MFA          bool
	NoKey        bool // users: without an access key
	SecondKey    bool
	LastUsed     int // days before the end, where the archive shows no use; 0: never
	PasswordUsed int
	Plants       []Plant
}

// Kind is how a persona gets its credentials.
type Kind int

// The kinds of persona.
const (
	User     Kind = iota
	Instance      // role of EC2 instances
	Function      // role of Lambda functions
	Task          // role of ECS tasks
	Job           // role that Glue assumes
	Pipeline      // role by GitHub's OpenID Connect
	SSO           // IAM Identity Center's role, a person a unit
	Assumed       // role that another persona assumes
	Linked        // service-linked role
	Root
	Service // an AWS service on its own behalf
	Vendor  // role that a third party's account assumes, with an external id
)

// Rhythm is when a persona works.
type Rhythm int

// The rhythms.
const (
	Always   Rhythm = iota
	Office          // weekdays, 7 to 18 UTC
	Nightly         // 1 to 4 UTC
	Monthly         // the first of the month, 3 to 6 UTC
	PartTime        // Tuesdays and Thursdays
	Never
)

// Policy is a policy document by its grants.
type Policy struct {
	Name   string
	Inline bool
	// Detached policies are in the account, attached to nobody.
	Detached bool
	Grants   []Grant
}

// Grant is one statement. Actions and resources are parted by spaces;
// <account> is the account's id. Empty resources mean *.
type Grant struct {
	Actions   string
	Resources string
	Deny      bool
	// Condition is JSON text, or empty.
	Condition string
}

// Fault is why a call failed.
type Fault struct {
	// Code is the error code; empty: the service's code for a denial.
	Code string
	// Message is a template; empty: the sentence that AWS writes for Layer.
	Message string
	// Layer is the kind of policy that refused, in AWS's words; Policy the
	// ARN of the one with an explicit deny.
	Layer    string
	Explicit bool
	Policy   string
	// Action and Resource are templates of what was refused, where it is not
	// the call's own.
	Action, Resource string
}

// faults are the failures of calls that passed authorisation, by the word
// after "fail:" in Persona.Work.
var faults = map[string]*Fault{
	"throttled": {Code: "ThrottlingException", Message: "Rate exceeded"},
	"missing":   {Code: "ResourceNotFoundException", Message: "Secrets Manager can't find the specified secret."},
	"nokey":     {Code: "NoSuchKey", Message: "The specified key does not exist."},
	"noentity":  {Code: "NoSuchEntityException", Message: "The user with name <name> cannot be found."},
	"exists":    {Code: "ResourceAlreadyExistsException", Message: "The specified log stream already exists"},
	"logs":      {Code: "AccessDenied", Message: "Access Denied"},
}
