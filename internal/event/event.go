// Package event is the row: what AWS said about one API call, typed.
//
// It owns the shape of a CloudTrail record as the rest of trimtrail sees it,
// whatever wrapper or eventVersion it came in, and the identity of an event.
// It decodes nothing (package ingest does) and stores nothing (package lake
// does); it imports nothing but the standard library.
//
//	e := event.Event{EventID: "…", EventSource: "s3.amazonaws.com", EventName: "GetObject"}
//	key := e.Key() // what makes two deliveries the same event
package event

import (
	"crypto/sha256"
	"time"
)

// Event is one CloudTrail record, one row of the lake's events table.
//
// An empty string, a zero time and a nil pointer mean that AWS did not say;
// the lake stores them as NULL. The parquet tags are the lake's column names
// and physical types; AccountID and Date are partition columns and live in
// the path, never inside the file. Field meanings follow the CloudTrail user
// guide, "CloudTrail record contents".
type Event struct {
	// AccountID is the account that the event belongs to: the recipient,
	// else the identity's account, else UnknownAccount. Twelve digits.
	AccountID string `parquet:"-"`

	EventID       string    `parquet:"event_id"`
	EventTime     time.Time `parquet:"event_time,timestamp(microsecond)"` // UTC
	EventSource   string    `parquet:"event_source,optional,dict"`
	EventName     string    `parquet:"event_name,optional,dict"`
	EventVersion  string    `parquet:"event_version,optional,dict"`
	EventType     string    `parquet:"event_type,optional,dict"`
	EventCategory string    `parquet:"event_category,optional,dict"`
	AWSRegion     string    `parquet:"aws_region,optional,dict"`
	ReadOnly      *bool     `parquet:"read_only,optional"`
	Management    *bool     `parquet:"management_event,optional"`

	RecipientAccountID string `parquet:"recipient_account_id,optional,dict"`
	RequestID          string `parquet:"request_id,optional"`
	SharedEventID      string `parquet:"shared_event_id,optional"`
	APIVersion         string `parquet:"api_version,optional,dict"`

	ErrorCode    string `parquet:"error_code,optional,dict"`
	ErrorMessage string `parquet:"error_message,optional,dict"`

	SourceIPAddress      string `parquet:"source_ip_address,optional,dict"` // as AWS wrote it: an address, a service name, "AWS Internal"
	UserAgent            string `parquet:"user_agent,optional,dict"`
	VPCEndpointID        string `parquet:"vpc_endpoint_id,optional,dict"`
	VPCEndpointAccountID string `parquet:"vpc_endpoint_account_id,optional,dict"`
	TLSVersion           string `parquet:"tls_version,optional,dict"`
	TLSCipherSuite       string `parquet:"tls_cipher_suite,optional,dict"`
	TLSHostHeader        string `parquet:"tls_client_provided_host_header,optional,dict"`
	ConsoleCredential    *bool  `parquet:"session_credential_from_console,optional"`

	IdentityType        string     `parquet:"identity_type,optional,dict"` // userIdentity.type: IAMUser, AssumedRole, Root, AWSService, …
	PrincipalID         string     `parquet:"identity_principal_id,optional,dict"`
	IdentityARN         string     `parquet:"identity_arn,optional,dict"`
	IdentityAccountID   string     `parquet:"identity_account_id,optional,dict"`
	AccessKeyID         string     `parquet:"access_key_id,optional,dict"`
	IdentityUserName    string     `parquet:"identity_user_name,optional,dict"`
	InvokedBy           string     `parquet:"invoked_by,optional,dict"`
	IdentityProvider    string     `parquet:"identity_provider,optional,dict"`
	IssuerType          string     `parquet:"session_issuer_type,optional,dict"`
	IssuerPrincipalID   string     `parquet:"session_issuer_principal_id,optional,dict"`
	IssuerARN           string     `parquet:"session_issuer_arn,optional,dict"`
	IssuerAccountID     string     `parquet:"session_issuer_account_id,optional,dict"`
	IssuerUserName      string     `parquet:"session_issuer_user_name,optional,dict"`
	MFAAuthenticated    *bool      `parquet:"mfa_authenticated,optional"`
	SessionCreated      *time.Time `parquet:"session_creation_date,optional,timestamp(microsecond)"`
	EC2RoleDelivery     string     `parquet:"ec2_role_delivery,optional,dict"` // "1.0" IMDSv1, "2.0" IMDSv2
	SourceIdentity      string     `parquet:"source_identity,optional,dict"`
	WebIDProvider       string     `parquet:"web_id_federated_provider,optional,dict"`
	OnBehalfOfUserID    string     `parquet:"on_behalf_of_user_id,optional,dict"` // IAM Identity Center user
	OnBehalfOfStoreARN  string     `parquet:"on_behalf_of_identity_store_arn,optional,dict"`
	IdentityExtra       string     `parquet:"identity_extra,optional"` // JSON text: what userIdentity holds beyond the columns above
	Resources           []Resource `parquet:"resources,list"`
	RequestParameters   string     `parquet:"request_parameters,optional"`    // JSON text, as AWS wrote it
	ResponseElements    string     `parquet:"response_elements,optional"`     // JSON text
	AdditionalEventData string     `parquet:"additional_event_data,optional"` // JSON text
	ServiceEventDetails string     `parquet:"service_event_details,optional"` // JSON text
	Extra               string     `parquet:"extra,optional"`                 // JSON text: every top-level field that has no column
}

// Resource is one entry of an event's resources list.
type Resource struct {
	ARN       string `parquet:"arn,optional"` // or ARNPrefix where AWS gives only that
	AccountID string `parquet:"account_id,optional"`
	Type      string `parquet:"type,optional"` // such as AWS::S3::Object
}

// UnknownAccount stands for the account of an event that names none.
const UnknownAccount = "unknown"

// Key identifies an event: a hash of account and event id. Two records with
// one key are one event, delivered twice.
type Key [16]byte

// Key returns what e is deduplicated by.
func (e *Event) Key() Key { return KeyOf(e.AccountID, e.EventID) }

// KeyOf returns the key of the event with this id in this account.
func KeyOf(accountID, eventID string) Key {
	buf := make([]byte, 0, 64)
	buf = append(buf, accountID...)
	buf = append(buf, 0)
	buf = append(buf, eventID...)
	sum := sha256.Sum256(buf)
	return Key(sum[:16])
}

// Date is the partition of e: the day of its time in UTC, as 2026-01-31.
func (e *Event) Date() string { return e.EventTime.UTC().Format(time.DateOnly) }

// Failed reports whether AWS answered the call with an error.
func (e *Event) Failed() bool { return e.ErrorCode != "" || e.ErrorMessage != "" }

// Object names one source object that events came from.
type Object struct {
	// URI is how a person would fetch it: s3://bucket/key, or an absolute path.
	URI string
	// Size is in bytes, as stored.
	Size int64
	// Version changes when the content does: the ETag on S3, the
	// modification time on a disk.
	Version string
}
