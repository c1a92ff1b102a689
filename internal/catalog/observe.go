package catalog

// Observability says which trails could show the use of an action. It reasons
// about absence only: where an event exists, its own category wins.
type Observability struct {
	Visibility Visibility
	// ReadOnly tells, for Management, that trails of read events deliver it;
	// else those of write events do. A trail may take either kind or both.
	ReadOnly bool
	// DataType is, for Data, the resource type that a trail must have asked
	// for, as AWS::S3::Object.
	DataType string
	// NetworkSource is the event source under which network activity events
	// show calls through a VPC endpoint, as kms.amazonaws.com; empty where
	// CloudTrail is not known to write them.
	NetworkSource string
}

// Observability says how a trail could have seen the action, named in any
// case. An action that does not exist is Never.
func (c *Catalog) Observability(name string) Observability {
	var o Observability
	o.Visibility, o.DataType = c.Visibility(name)
	a := c.find(name)
	if a == nil || o.Visibility == Never {
		return o
	}
	o.ReadOnly = o.Visibility == Management && readOnly(a)
	if networkServices[a.prefix] {
		o.NetworkSource = a.prefix + ".amazonaws.com"
	}
	return o
}

// String is what trimtrail catalog prints, as "management events (write)".
func (o Observability) String() string {
	text := "never logged"
	switch {
	case o.Visibility == Data:
		text = "data events of " + o.DataType
	case o.Visibility == Management && o.ReadOnly:
		text = "management events (read)"
	case o.Visibility == Management:
		text = "management events (write)"
	}
	if o.NetworkSource != "" {
		text += ", network activity events of " + o.NetworkSource
	}
	return text
}

// readOnly tells whether the action's events have readOnly true: List and
// Read by IAM's levels, and the calls that IAM calls writes and CloudTrail
// does not.
func readOnly(a *action) bool {
	return a.Level == List || a.Level == Read || matchAny(readOnlyWrites[a.prefix], a.key)
}

// readOnlyWrites are actions of other levels whose events CloudTrail marks as
// read-only, by lower-case pattern (KMS developer guide, "Examples of AWS KMS
// log entries"; IAM user guide, "Logging IAM and AWS STS API calls").
var readOnlyWrites = map[string]string{
	"kms": "decrypt encrypt generate* reencrypt* sign verify* derivesharedsecret",
	"sts": "assumerole* getsessiontoken",
}

// networkServices are the services that CloudTrail wrote network activity
// events for when these became available (CloudTrail user guide, "Logging
// network activity events"). The list has grown since.
var networkServices = map[string]bool{"cloudtrail": true, "ec2": true, "kms": true, "s3": true, "secretsmanager": true}
