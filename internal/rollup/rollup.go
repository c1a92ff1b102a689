// Package rollup is the shape of the daily rollups: what analysis keeps of
// one committed file of events, all of it of one account and one day.
//
// It owns the rows and the names of their tables and columns, so that package
// analyze, which makes and reads them, and package lake, which stores them,
// need not know each other. It holds no code that folds or writes.
//
// The parquet tags are the columns; account_id and event_date are in the path
// of a file alone, as for events. An absent text is NULL. Times are
// microseconds since 1970, UTC. All rows can be merged: counts by their sum,
// first and last by minimum and maximum, lists by their smallest members.
package rollup

// Rows are the rollups of some events of one account and day. Each list is
// sorted by what tells its rows apart.
type Rows struct {
	AccountID string // of the partition
	Actors    []Actor
	Usage     []Usage
	Networks  []Network
	Denials   []Denial
	Sessions  []Session
	Changes   []Change
	Coverage  []Coverage
	Unmapped  []Unmapped
}

// Events is the number of events that r was made of.
func (r *Rows) Events() (n int64) {
	for i := range r.Coverage {
		n += r.Coverage[i].Count
	}
	return n
}

// Who is the actor of a row: whom an event is charged to. It may belong to
// another account than the one that was called.
type Who struct {
	Actor          string `parquet:"actor,dict"` // ARN, or the DNS name of a service
	ActorAccountID string `parquet:"actor_account_id,optional,dict"`
}

// Tally counts events.
type Tally struct {
	Count int64 `parquet:"event_count"`
	Span
}

// Span is when the first and the last of some events was.
type Span struct {
	First int64 `parquet:"first_time,timestamp(microsecond)"`
	Last  int64 `parquet:"last_time,timestamp(microsecond)"`
}

// Sample is one of the earliest events of a row.
type Sample struct {
	EventID string `parquet:"event_id"`
	Time    int64  `parquet:"event_time,timestamp(microsecond)"`
}

// Actor is one credential of an actor.
type Actor struct {
	Who
	Kind      string   `parquet:"actor_kind,dict"`
	Name      string   `parquet:"actor_name,optional,dict"`
	UniqueIDs []string `parquet:"unique_ids,list"` // of the actor, whatever the credential
	// Credential is an access key id, console, sessions, or NULL for calls
	// without a key.
	Credential     string `parquet:"credential,optional,dict"`
	CredentialKind string `parquet:"credential_kind,dict"`
	Tally
	Denied      int64    `parquet:"denied_count"`
	LastSuccess *int64   `parquet:"last_success_time,optional,timestamp(microsecond)"`
	Regions     []string `parquet:"regions,list"`
	LastEvent   string   `parquet:"last_event,optional,dict"` // source and name of the event at last
}

// Usage is the use of one action on one resource.
type Usage struct {
	Who
	Action    string `parquet:"action,dict"`
	Resource  string `parquet:"resource,optional,dict"`
	Widened   int64  `parquet:"widened"` // how far the resources of the action were generalised
	Outcome   string `parquet:"outcome,dict"`
	Implied   bool   `parquet:"implied"`
	InvokedBy string `parquet:"invoked_by,optional,dict"`
	Condition string `parquet:"condition,optional,dict"`
	Region    string `parquet:"aws_region,optional,dict"`
	Tally
	EventID string `parquet:"event_id"` // of the event at First
}

// Network is the use from one network by one credential.
type Network struct {
	Who
	Network    string   `parquet:"network,dict"`
	Credential string   `parquet:"credential,optional,dict"` // access key id
	Session    string   `parquet:"session,optional,dict"`
	Instance   bool     `parquet:"instance"`
	Delivery   string   `parquet:"delivery,optional,dict"`
	Addresses  []string `parquet:"addresses,list"`
	Agents     []string `parquet:"agents,list"`
	Denied     int64    `parquet:"denied_count"`
	Tally
	Events []Sample `parquet:"events,list"`
}

// Denial is a group of refused calls.
type Denial struct {
	Who
	EventSource string   `parquet:"event_source,optional,dict"`
	EventName   string   `parquet:"event_name,optional,dict"`
	Action      string   `parquet:"action,optional,dict"`
	Resource    string   `parquet:"resource,optional,dict"`
	Widened     int64    `parquet:"widened"`
	Code        string   `parquet:"error_code,optional,dict"`
	Tier        string   `parquet:"tier,dict"`
	Layer       string   `parquet:"layer,optional,dict"`
	Effect      string   `parquet:"effect,optional,dict"`
	PolicyARN   string   `parquet:"policy_arn,optional,dict"`
	InvokedBy   string   `parquet:"invoked_by,optional,dict"`
	ReadOnly    bool     `parquet:"read_only"`
	Console     bool     `parquet:"console"`
	WithoutMFA  bool     `parquet:"without_mfa"`
	Message     string   `parquet:"message,optional,dict"` // of the first of Events
	Hours       []int64  `parquet:"hours,list"`            // since 1970
	Addresses   []string `parquet:"addresses,list"`
	Agents      []string `parquet:"agents,list"`
	Sessions    []string `parquet:"sessions,list"`
	Tally
	Events []Sample `parquet:"events,list"`
}

// Session is a role that was taken on, and by whom.
type Session struct {
	Role string `parquet:"role,optional,dict"`       // ARN
	By   string `parquet:"assumed_by,optional,dict"` // ARN, or the DNS name of a service
	Tally
	EventID string `parquet:"event_id"` // of the event at First
}

// Change is one successful mutation of permissions or of logging.
type Change struct {
	Who
	Kind        string `parquet:"actor_kind,dict"`
	Name        string `parquet:"actor_name,optional,dict"`
	Time        int64  `parquet:"event_time,timestamp(microsecond)"`
	EventID     string `parquet:"event_id"`
	EventSource string `parquet:"event_source,optional,dict"`
	EventName   string `parquet:"event_name,optional,dict"`
	Address     string `parquet:"source_ip_address,optional,dict"`
	Session     string `parquet:"session,optional,dict"`
	Target      string `parquet:"target,optional,dict"`
	Detail      string `parquet:"detail,optional"`
	Policy      string `parquet:"policy,optional,dict"`
	OnItself    bool   `parquet:"on_itself"`
}

// Coverage is what was delivered of one region and category.
type Coverage struct {
	Region   string  `parquet:"aws_region,optional,dict"`
	Category string  `parquet:"category,dict"`
	Hours    []int64 `parquet:"hours,list"` // since 1970, with an event
	// ReadEvents and WriteEvents tell which management events there are.
	ReadEvents  bool     `parquet:"read_events"`
	WriteEvents bool     `parquet:"write_events"`
	DataTypes   []string `parquet:"data_types,list"` // resource types, as AWS::S3::Object
	Tally
}

// Unmapped is an API call without a known action.
type Unmapped struct {
	EventSource string `parquet:"event_source,optional,dict"`
	EventName   string `parquet:"event_name,optional,dict"`
	Tally
	EventID string `parquet:"event_id"` // of the event at First
}
