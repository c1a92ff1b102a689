package orgsim

import (
	"strconv"
	"strings"
)

// composer writes records. One belongs to one worker.
type composer struct {
	w       *world
	r       rng
	ev      *event
	account string
	region  string
	name    []byte // of the resource
	arn     []byte
	id      []byte // event id
	action  string // what a denial names: action and resource
	refused []byte
	notes   []note
}

// note is an event of a plant, for the truth.
type note struct {
	plant    int
	id       string
	action   string
	resource string
	session  string
	key      string
}

// record appends the JSON of an event.
func (c *composer) record(b []byte, ev *event) []byte {
	c.begin(ev)
	a := ev.call.api
	b = append(append(b, `{"eventVersion":"`...), a.version...)
	b = c.identity(append(b, `","userIdentity":`...))
	b = appendISO(append(b, `,"eventTime":"`...), ev.at)
	b = append(append(b, `","eventSource":"`...), a.service...)
	b = append(append(b, `.amazonaws.com","eventName":"`...), a.name...)
	b = append(append(b, `","awsRegion":"`...), ev.region...)
	b = c.origin(b)
	b = c.outcome(b)
	b = append(append(b, `,"eventID":"`...), c.id...)
	b = strconv.AppendBool(append(b, `","readOnly":`...), a.flags&read != 0)
	if len(a.compiled.resources) > 0 && !c.bare() {
		b = c.expand(append(b, `,"resources":`...), a.compiled.resources)
	}
	b = c.tail(b)
	c.note()
	return b
}

// begin settles what the parts of a record share.
func (c *composer) begin(ev *event) {
	c.ev, c.r = ev, rng(ev.seed)
	c.account, c.region = c.w.accounts[ev.account], ev.region
	c.id = c.r.uuid(c.id[:0])
	c.name = c.expand(c.name[:0], ev.call.name)
	c.arn = append(c.arn[:0], '*')
	if t := ev.call.api.compiled.arn; len(t) > 0 {
		c.arn = c.expandARN(c.arn[:0], t)
	}
}

// expandARN is expand in the account that owns the resource.
func (c *composer) expandARN(b []byte, t template) []byte {
	if c.ev.issued != nil && c.ev.issued.roleARN != "" {
		return append(b, c.ev.issued.roleARN...)
	}
	return c.expand(b, t)
}

func (c *composer) bucket() []byte { return cut(c.name, false) }
func (c *composer) key() []byte    { return cut(c.name, true) }

// cut gives what stands before or after the first slash.
func cut(name []byte, after bool) []byte {
	for i, x := range name {
		if x == '/' {
			if after {
				return name[i+1:]
			}
			return name[:i]
		}
	}
	if after {
		return nil
	}
	return name
}

func (c *composer) identity(b []byte) []byte {
	by, text := c.ev.by, c.ev.by.identity
	switch {
	case c.ev.foreign:
		return append(b, `{"type":"AWSAccount","principalId":"`+by.id+`","accountId":"`+c.w.accounts[by.actor.account]+`"}`...)
	case c.ev.call.api.flags&signin != 0:
		text = strings.Replace(text, `"accessKeyId":"`+by.key+`",`, "", 1)
	}
	if c.ev.via == "" {
		return append(b, text...)
	}
	b = append(b, text[:len(text)-1]...)
	return append(append(append(b, `,"invokedBy":"`...), c.ev.via...), `"}`...)
}

// origin is where the call came from.
func (c *composer) origin(b []byte) []byte {
	address, agent := c.ev.address, c.ev.agent
	if c.ev.via != "" {
		address, agent = c.ev.via, c.ev.via
	}
	b = append(append(b, `","sourceIPAddress":"`...), address...)
	b = append(append(b, `","userAgent":"`...), agent...)
	return append(b, '"')
}

// outcome is error, request, response and request id.
func (c *composer) outcome(b []byte) []byte {
	a, f := c.ev.call.api, c.ev.fault
	if f != nil {
		b = c.failure(b, f)
	}
	b = append(b, `,"requestParameters":`...)
	if c.bare() {
		b = append(b, "null"...)
	} else {
		b = c.orNull(b, a.compiled.request)
	}
	b = append(b, `,"responseElements":`...)
	if f != nil || c.ev.foreign {
		b = append(b, "null"...)
	} else {
		b = c.orNull(b, a.compiled.response)
	}
	if len(a.compiled.extra) > 0 {
		b = c.extra(append(b, `,"additionalEventData":`...))
	}
	if a.flags&signin != 0 {
		return b
	}
	return append(c.r.uuid(append(b, `,"requestID":"`...)), '"')
}

// bare tells of a session that was refused: AWS records nothing of the request.
func (c *composer) bare() bool { return c.ev.issued == nil && c.ev.call.api.service == "sts" }

func (c *composer) orNull(b []byte, t template) []byte {
	if len(t) == 0 {
		return append(b, "null"...)
	}
	return c.expand(b, t)
}

// extra tells at a sign-in whether there was a second factor: IAM Identity
// Center asks for its own, which AWS does not see.
func (c *composer) extra(b []byte) []byte {
	a := c.ev.call.api
	if a.flags&signin != 0 && (c.ev.by.actor.Kind == SSO || !c.ev.by.actor.MFA) {
		return append(b, `{"LoginTo":"https://console.aws.amazon.com/console/home","MobileVersion":"No","MFAUsed":"No"}`...)
	}
	return c.expand(b, a.compiled.extra)
}

// tail is what follows the resources.
func (c *composer) tail(b []byte) []byte {
	ev := c.ev
	flags := ev.call.api.flags
	typ := "AwsApiCall"
	switch {
	case flags&signin != 0:
		typ = "AwsConsoleSignIn"
	case flags&own != 0:
		typ = "AwsServiceEvent"
	}
	b = append(append(b, `,"eventType":"`...), typ...)
	b = strconv.AppendBool(append(b, `","managementEvent":`...), flags&data == 0)
	b = append(append(b, `,"recipientAccountId":"`...), c.account...)
	b = append(b, '"')
	if flags&own != 0 {
		b = c.expand(append(b, `,"serviceEventDetails":`...), ev.call.api.compiled.details)
	}
	if ev.shared != 0 {
		shared := rng(ev.shared)
		b = append(shared.uuid(append(b, `,"sharedEventID":"`...)), '"')
	}
	if ev.vpce != "" {
		b = append(append(append(b, `,"vpcEndpointId":"`...), ev.vpce...), `","vpcEndpointAccountId":"`+c.account+`"`...)
	}
	b = append(b, `,"eventCategory":"`...)
	if flags&data != 0 {
		b = append(b, `Data"`...)
	} else {
		b = append(b, `Management"`...)
	}
	return append(c.tls(b), '}')
}

// tls is left out where a service calls.
func (c *composer) tls(b []byte) []byte {
	if c.ev.via != "" || strings.HasSuffix(c.ev.address, ".amazonaws.com") {
		return b
	}
	b = append(b, `,"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"`...)
	a := c.ev.call.api
	if a.flags&data != 0 && a.service == "s3" {
		b = append(append(b, c.bucket()...), '.')
	}
	b = append(b, a.service...)
	if a.flags&global == 0 {
		b = append(append(b, '.'), c.region...)
	}
	b = append(b, `.amazonaws.com"}`...)
	if c.ev.by.console && a.flags&signin == 0 {
		b = append(b, `,"sessionCredentialFromConsole":"true"`...)
	}
	return b
}

// note keeps what the truth tells of an event.
func (c *composer) note() {
	ev := c.ev
	if ev.plant == nil {
		return
	}
	n := note{plant: ev.plant.index, id: string(c.id), session: ev.by.name, key: ev.by.key, action: ev.call.api.action}
	if fixed(ev.call.name) && fixed(ev.call.api.compiled.arn) {
		n.resource = string(c.arn)
	}
	if ev.fault != nil && ev.fault.Action != "" {
		n.action = c.action
	}
	if ev.fault != nil && ev.fault.Resource != "" {
		n.resource = string(c.refused)
	}
	c.notes = append(c.notes, n)
}

// fixed tells that a template gives the same text for every call of an actor.
func fixed(t template) bool {
	for _, s := range t {
		switch s.op {
		case opText, opAccount, opRegion, opName, opUser, opPrincipal, opBucket, opKey:
		default:
			return false
		}
	}
	return true
}
