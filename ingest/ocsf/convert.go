package ocsf

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// object is a JSON object being made: what is empty is left out.
type object map[string]any

func (o object) set(name, value string) {
	if value != "" {
		o[name] = value
	}
}

func (o object) put(name string, value object) {
	if len(value) > 0 {
		o[name] = value
	}
}

// raw sets a member that CloudTrail has JSON in: as such, or else as text.
func (o object) raw(name, value string) {
	if value != "" {
		o[name] = parsed(value)
	}
}

// parsed is a text that holds a JSON object or list as that; numbers stay as
// they are written.
func parsed(text string) any {
	if t := strings.TrimSpace(text); t != "" && (t[0] == '{' || t[0] == '[') && json.Valid([]byte(t)) {
		return json.RawMessage(t)
	}
	return text
}

// convert turns an OCSF record into CloudTrail's. Where Security Lake has kept the
// record as it came, that one counts.
func convert(r group) any {
	if raw := r.text("raw_data"); strings.Contains(raw, `"eventName"`) && json.Valid([]byte(raw)) {
		return json.RawMessage(raw)
	}
	o := object{}
	unmapped := r.at("unmapped").members()
	for _, name := range slices.Sorted(maps.Keys(unmapped)) {
		o.nest(strings.Split(name, "."), parsed(unmapped[name]))
	}
	for name, paths := range plainMembers {
		o.set(name, r.first(paths...))
	}
	o.set("eventTime", r.when("time", "time_dt"))
	o.raw("requestParameters", r.text("api", "request", "data"))
	o.raw("responseElements", r.text("api", "response", "data"))
	o.put("userIdentity", o.identity(r.at("actor")))
	if list := resources(r.at("resources").list()); len(list) > 0 {
		o["resources"] = list
	}
	origin := object{}
	origin.set("class", r.first("class_name", "class_uid"))
	origin.set("version", r.text("metadata", "version"))
	o.put("ocsf", origin) // where the event comes from, and that it is a translation
	return o
}

// plainMembers are members of a record that are texts, and where they are.
var plainMembers = map[string][]string{
	"eventID":            {"metadata.uid"},
	"eventVersion":       {"metadata.product.version"},
	"eventType":          {"metadata.event_code", "unmapped.eventType"},
	"eventCategory":      {"metadata.product.feature.name"},
	"eventSource":        {"api.service.name"},
	"eventName":          {"api.operation"},
	"apiVersion":         {"api.version"},
	"requestID":          {"api.request.uid"},
	"awsRegion":          {"cloud.region", "region"},
	"sourceIPAddress":    {"src_endpoint.ip", "src_endpoint.domain", "src_endpoint.svc_name"},
	"vpcEndpointId":      {"src_endpoint.uid"},
	"userAgent":          {"http_request.user_agent"},
	"errorCode":          {"api.response.error"},
	"errorMessage":       {"api.response.message"},
	"recipientAccountId": {"unmapped.recipientAccountId", "cloud.account.uid", "cloud.account_uid", "accountid"},
}

// nest sets what is unmapped at a path, such as requestParameters.bucketName. A
// text where others have members is kept under the path as it is written.
func (o object) nest(path []string, value any) {
	for ; len(path) > 1; path = path[1:] {
		inner, ok := o[path[0]].(object)
		if !ok && o[path[0]] != nil {
			break
		}
		if !ok {
			inner = object{}
			o[path[0]] = inner
		}
		o = inner
	}
	o[strings.Join(path, ".")] = value
}

// identity is userIdentity, beside what of it was unmapped. Of a user's ids one
// is the ARN and one the principal id; which one differs between versions.
func (o object) identity(actor group) object {
	id, _ := o["userIdentity"].(object)
	if id == nil {
		id = object{}
	}
	user := actor.at("user")
	for _, name := range [...]string{"uid", "uuid", "uid_alt"} {
		switch s := user.text(name); {
		case s == "":
		case strings.HasPrefix(s, "arn:"):
			id.set("arn", s)
		default:
			id.set("principalId", s)
		}
	}
	id.set("type", user.text("type"))
	id.set("userName", user.text("name"))
	id.set("accountId", user.first("account.uid", "account_uid"))
	id.set("accessKeyId", user.text("credential_uid"))
	id.set("invokedBy", actor.first("invoked_by", "app_name"))
	id.put("sessionContext", id.session(actor))
	if name := actor.text("idp", "name"); user.text("type") != "WebIdentityUser" {
		id.set("identityProvider", name)
	}
	return id
}

// session is sessionContext.
func (id object) session(actor group) object {
	s, _ := id["sessionContext"].(object)
	if s == nil {
		s = object{}
	}
	from := actor.at("session")
	attributes, issuer, web := object{}, object{}, object{}
	attributes.set("creationDate", from.when("created_time_dt", "created_time"))
	attributes.set("mfaAuthenticated", from.first("is_mfa", "mfa"))
	issuer.set("arn", from.text("issuer"))
	if actor.text("user", "type") == "WebIdentityUser" {
		web.set("federatedProvider", actor.text("idp", "name"))
	}
	for name, part := range map[string]object{"attributes": attributes, "sessionIssuer": issuer, "webIdFederationData": web} {
		have, _ := s[name].(object)
		for k, v := range have {
			if part[k] == nil {
				part[k] = v
			}
		}
		s.put(name, part)
	}
	return s
}

func resources(list []group) (out []object) {
	for _, r := range list {
		o := object{}
		o.set("ARN", r.first("uid", "name"))
		o.set("accountId", r.first("account.uid", "account_uid", "owner.account.uid"))
		o.set("type", r.text("type"))
		if len(o) > 0 {
			out = append(out, o)
		}
	}
	return out
}
