package catalog

import "strings"

// passedRoles is iam:PassRole for each role of this account that the request
// holds in a member named like one. CloudTrail never logs the action; without
// a role in the request nothing is passed. Roles of other accounts cannot be
// passed (IAM user guide, "Grant permissions to pass a role").
func (r *request) passedRoles() []Use {
	raw := r.params.raw
	if !strings.Contains(raw, "ole") && !strings.Contains(raw, "rofile") && !strings.Contains(raw, "PermissionArn") {
		return nil
	}
	var out []Use
	for _, f := range r.params.fields() {
		if !roleMember(f.key) {
			continue
		}
		if arn := r.role(f); arn != "" {
			out = append(out, r.pass(arn, f.key))
		}
	}
	return append(out, r.passedProfiles()...)
}

// pass is PassRole of one role, with the service that it goes to where that is certain.
func (r *request) pass(role, member string) Use {
	u := Use{Action: "iam:PassRole", Resources: []string{role}, Via: ViaImplied}
	if to := passedTo(r.plan.prefix, r.plan.op, strings.ToLower(member)); to != "" {
		u.Condition = map[string][]string{"iam:PassedToService": {r.principal(to)}}
	}
	return u
}

// principal is a service principal as the event's partition has it: in China
// EC2 and EMR are under the partition's own domain.
func (r *request) principal(service string) string {
	if (service == "ec2.amazonaws.com" || service == "elasticmapreduce.amazonaws.com") && r.partition() == "aws-cn" {
		return service + ".cn"
	}
	return service
}

// roleMember reports whether a request member is called like one that holds a
// role to pass; one that takes a role away is not.
func roleMember(key string) bool {
	lower := strings.ToLower(key)
	if strings.HasPrefix(lower, "remove") || strings.HasPrefix(lower, "principal") {
		return false
	}
	return strings.Contains(lower, "role") || lower == "deliverlogspermissionarn"
}

// passedProfiles is iam:PassRole for the instance profiles in the request.
// Which role a profile holds only IAM state knows: until it is resolved, the
// profile's ARN stands for the role.
func (r *request) passedProfiles() []Use {
	var out []Use
	for _, f := range r.params.fields() {
		if arn := r.profile(f); arn != "" {
			u := r.pass(arn, f.key)
			u.Condition = map[string][]string{"iam:PassedToService": {r.principal("ec2.amazonaws.com")}}
			out = append(out, u)
		}
	}
	return out
}

// profile is the ARN of the instance profile in f, if it is one.
func (r *request) profile(f field) string {
	if strings.HasPrefix(f.value, "arn:") {
		if account, ok := iamAccount(f.value, "instance-profile/"); ok && (account == r.e.AccountID || r.account() == "*") {
			return f.value
		}
		return ""
	}
	if !sameName("iaminstanceprofile", f.key) && !(sameName("iaminstanceprofile", f.parent) && sameName("name", f.key)) {
		return ""
	}
	return "arn:" + r.partition() + ":iam::" + r.account() + ":instance-profile/" + escape(f.value)
}

// role is the ARN of the role in f, if it is one of the event's account.
func (r *request) role(f field) string {
	if account, ok := iamAccount(f.value, "role/"); ok {
		if account != r.e.AccountID && r.account() != "*" {
			return ""
		}
		return f.value
	}
	if strings.HasPrefix(f.value, "arn:") || !bareRoles[r.plan.prefix+"."+strings.ToLower(f.key)] || strings.ContainsAny(f.value, "*?$: ") {
		return ""
	}
	return "arn:" + r.partition() + ":iam::" + r.account() + ":role/" + strings.TrimPrefix(f.value, "/")
}

// iamAccount is the account of an IAM resource's ARN of a kind, as role/.
func iamAccount(arn, kind string) (account string, ok bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || parts[2] != "iam" || !strings.HasPrefix(parts[5], kind) {
		return "", false
	}
	return parts[4], true
}

// bareRoles are "service.member" that take a role's name in place of its ARN.
var bareRoles = map[string]bool{
	"elasticmapreduce.jobflowrole": true, "elasticmapreduce.servicerole": true, "elasticmapreduce.autoscalingrole": true,
	"glue.role": true, "iam.rolename": true, "imagebuilder.rolename": true, "macie2.rolename": true, "rds.domainiamrolename": true,
	"fms.snsrolename": true, "ssm.iamrole": true,
}
