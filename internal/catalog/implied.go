package catalog

import "strings"

// implied adds the actions that follow from the request but are not logged:
// passing a role, tagging on create, ACLs on put, session tags.
func (r *request) implied(uses []Use) []Use {
	if r.plan.passes {
		uses = append(uses, r.passedRoles()...)
	}
	if r.params.raw == "" {
		return uses
	}
	if r.plan.tags != nil && r.bringsTags() {
		for _, a := range r.plan.actions {
			uses = append(uses, r.tagging(a, uses[0].Resources)...)
		}
	}
	switch {
	case r.plan.prefix == "sts" && r.plan.op == "assumerole":
		uses = append(uses, r.session()...)
	case r.plan.prefix == "s3":
		uses = append(uses, r.impliedByS3()...)
	}
	return uses
}

// impliedByS3 is what S3 checks besides.
func (r *request) impliedByS3() []Use {
	switch r.plan.op {
	case "putobject", "copyobject", "createmultipartupload", "initiatemultipartupload":
		return r.s3Headers()
	case "getobjectattributes":
		return r.use("s3:GetObject", ViaImplied)
	}
	return nil
}

// tagging is the action that tags what a call makes.
func (r *request) tagging(a *action, resources []string) []Use {
	var out []Use
	for _, target := range r.plan.tags[a] {
		if a.prefix == "ec2" {
			return r.ec2Tagging(a)
		}
		out = append(out, Use{Action: target.Name, Resources: a.made(resources), Via: ViaImplied})
	}
	return out
}

// taggings are, for those of a plan's actions that may bring tags to what they
// make, the actions that tag it; nil where none does.
func (c *Catalog) taggings(actions []*action) map[*action][]*action {
	var out map[*action][]*action
	for _, a := range actions {
		for _, name := range tagNames(a) {
			if target := c.find(a.prefix + ":" + name); target != nil && target != a {
				if out == nil {
					out = map[*action][]*action{}
				}
				out[a] = append(out[a], target)
			}
		}
	}
	return out
}

// tagNames are the names of the actions that tag what a makes.
func tagNames(a *action) []string {
	if !makes(a) && !strings.HasPrefix(a.key, "put") && !strings.HasPrefix(a.key, "restore") && !strings.HasPrefix(a.key, "start") || a.key == "createtags" {
		return nil
	}
	if a.prefix == "ec2" {
		return []string{"CreateTags"}
	}
	if name := tagOnCreate(a); len(a.tags) == 0 && name != "" {
		return []string{name}
	}
	return a.tags
}

// made keeps those resources that are of a type the action requires, as what
// it makes is; all where none is.
func (a *action) made(resources []string) []string {
	var out []string
	for _, arn := range resources {
		for i, t := range a.types {
			if a.required[i] && t.fits(arn) {
				out = appendNew(out, arn)
			}
		}
	}
	if out == nil {
		return resources
	}
	return out
}

// bringsTags reports whether the request has tags that are not empty.
func (r *request) bringsTags() bool {
	if !strings.Contains(r.params.raw, `"tag`) && !strings.Contains(r.params.raw, `"Tag`) {
		return false
	}
	found := false
	members(r.params.raw, func(key, value string) bool {
		switch strings.ToLower(key) {
		case "tags", "tagset", "taglist", "tagspecificationset", "tagspecifications":
			inner := params{raw: value}
			found = len(inner.fields()) > 0
		}
		return !found
	})
	return found
}

// ec2Tagging is CreateTags on what is made, tied to the call that makes it
// (EC2 user guide, "Grant permission to tag resources during creation").
func (r *request) ec2Tagging(a *action) []Use {
	var resources []string
	specs := params{raw: r.params.member("tagSpecificationSet")}
	for _, kind := range specs.values("resourcetype") {
		resources = append(resources, "arn:"+r.partition()+":ec2:"+r.region()+":"+r.account()+":"+escape(kind)+"/*")
	}
	name := strings.TrimPrefix(a.Name, "ec2:")
	out := r.use("ec2:CreateTags", ViaImplied, nonNil(resources)...)
	for i := range out {
		out[i].Condition = map[string][]string{"ec2:CreateAction": {name}}
	}
	return out
}

// tagOnCreate is the tagging action of a's service that a create call with
// tags needs, for services whose links between actions are not in the data.
func tagOnCreate(a *action) string {
	if a.prefix == "iam" {
		return iamTagging[a.key]
	}
	return tagActions[a.prefix]
}

// tagActions are the services whose create calls check this action when they
// bring tags. Authority: each service's page on tags on create.
var tagActions = map[string]string{
	"backup": "TagResource", "cloudtrail": "AddTags", "cloudwatch": "TagResource", "dynamodb": "TagResource", "ecr": "TagResource",
	"ecs": "TagResource", "eks": "TagResource", "elasticfilesystem": "TagResource", "elasticloadbalancing": "AddTags", "events": "TagResource",
	"kms": "TagResource", "lambda": "TagResource", "logs": "TagResource", "rds": "AddTagsToResource", "secretsmanager": "TagResource",
	"sns": "TagResource", "sqs": "TagQueue", "ssm": "AddTagsToResource", "states": "TagResource",
}

var iamTagging = map[string]string{
	"createinstanceprofile": "TagInstanceProfile", "createopenidconnectprovider": "TagOpenIDConnectProvider", "createpolicy": "TagPolicy",
	"createrole": "TagRole", "createsamlprovider": "TagSAMLProvider", "createuser": "TagUser", "createvirtualmfadevice": "TagMFADevice",
}

// session is what assuming a role with tags or a source identity needs on top.
func (r *request) session() []Use {
	var out []Use
	if r.params.member("tags") != "" || r.params.member("transitiveTagKeys") != "" {
		out = append(out, r.use("sts:TagSession", ViaImplied)...)
	}
	if r.params.top("sourceIdentity") != "" {
		out = append(out, r.use("sts:SetSourceIdentity", ViaImplied)...)
	}
	return out
}

// s3Headers are the actions that headers of a put need on top (S3 API
// reference, PutObject, "Permissions").
func (r *request) s3Headers() []Use {
	if !strings.Contains(r.params.raw, "x-amz-") {
		return nil
	}
	var need [len(headerActions)]bool
	members(r.params.raw, func(key, _ string) bool {
		switch {
		case key == "x-amz-acl" || strings.HasPrefix(key, "x-amz-grant-"):
			need[0] = true
		case key == "x-amz-object-lock-legal-hold":
			need[1] = true
		case key == "x-amz-object-lock-mode" || key == "x-amz-object-lock-retain-until-date":
			need[2] = true
		case key == "x-amz-tagging":
			need[3] = true
		}
		return true
	})
	var out []Use
	for i, name := range headerActions {
		if need[i] {
			out = append(out, r.use(name, ViaImplied)...)
		}
	}
	return out
}

var headerActions = [...]string{"s3:PutObjectAcl", "s3:PutObjectLegalHold", "s3:PutObjectRetention", "s3:PutObjectTagging"}
