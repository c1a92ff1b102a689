package orgsim

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

type document struct {
	Version   string
	Statement []statement
}

type statement struct {
	Sid       string          `json:",omitempty"`
	Effect    string          `json:",omitempty"`
	Principal json.RawMessage `json:",omitempty"`
	Action    []string        `json:",omitempty"`
	NotAction []string        `json:",omitempty"`
	Resource  []string        `json:",omitempty"`
	Condition json.RawMessage `json:",omitempty"`
}

// policies makes the inline and the attached policies of an actor.
func (h *holding) policies(a *actor) ([]inlinePolicy, []attachedPolicy) {
	inline, attached := []inlinePolicy{}, []attachedPolicy{}
	own := a.Policies
	if grants := h.derived(a); len(grants) > 0 {
		own = append(slices.Clone(own), Policy{Name: a.Name + "-access", Grants: grants})
	}
	for _, p := range own {
		text := h.document(p.Grants)
		switch {
		case p.Inline:
			inline = append(inline, inlinePolicy{p.Name, text})
		case p.Detached:
			h.managed("arn:aws:iam::"+h.id+":policy/"+p.Name, p.Name, "/", text, 0)
		default:
			arn := "arn:aws:iam::" + h.id + ":policy/" + p.Name
			h.managed(arn, p.Name, "/", text, 1)
			attached = append(attached, attachedPolicy{p.Name, arn})
		}
	}
	for _, name := range a.Attached {
		path := "/"
		switch {
		case a.Kind == Linked:
			path = "/aws-service-role/"
		case serviceRolePolicies[name]:
			path = "/service-role/"
		}
		arn := "arn:aws:iam::aws:policy" + path + name
		h.managed(arn, name, path, h.document(awsPolicies[name]), 1)
		attached = append(attached, attachedPolicy{name, arn})
	}
	return inline, attached
}

// managed adds a managed policy, or an attachment to it.
func (h *holding) managed(arn, name, path string, text json.RawMessage, attachments int) {
	for i := range h.out.Policies {
		if h.out.Policies[i].Arn == arn {
			h.out.Policies[i].AttachmentCount += attachments
			return
		}
	}
	r := rng(mix(h.w.cfg.Seed, textSeed(arn)))
	created := stamp(h.w.cfg.End.Add(-600 * day))
	h.out.Policies = append(h.out.Policies, policyDetail{
		PolicyName: name, PolicyId: uniqueID("ANPA", &r), Arn: arn, Path: path, DefaultVersionId: "v1", AttachmentCount: attachments,
		IsAttachable: true, CreateDate: created, UpdateDate: created,
		PolicyVersionList: []policyVersion{{text, "v1", true, created}},
	})
}

func (h *holding) document(grants []Grant) json.RawMessage {
	d := document{Version: "2012-10-17"}
	for _, g := range grants {
		s := statement{Effect: "Allow", Action: strings.Fields(g.Actions), Resource: strings.Fields(strings.ReplaceAll(g.Resources, "<account>", h.id))}
		if g.Deny {
			s.Effect = "Deny"
		}
		if len(s.Resource) == 0 {
			s.Resource = []string{"*"}
		}
		if g.Condition != "" {
			s.Condition = json.RawMessage(g.Condition)
		}
		d.Statement = append(d.Statement, s)
	}
	return encode(d)
}

// encode writes a document without HTML's escapes.
func encode(d document) json.RawMessage {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(d); err != nil {
		return json.RawMessage(`{"Version":"2012-10-17","Statement":[]}`) // a Condition of ours that is not JSON: tests see it
	}
	return json.RawMessage(strings.TrimSpace(b.String()))
}

// need is an action on a resource pattern that an actor's work needs.
type need struct{ action, resource string }

// derived are the grants that an actor's habits need beyond its own policies:
// a statement a service, as somebody careful would write it.
func (h *holding) derived(a *actor) []Grant {
	if a.Strict {
		return nil
	}
	byService := map[string][]need{}
	var services []string
	for _, n := range h.needs(a) {
		if h.covered(a, n) {
			continue
		}
		service, _, _ := strings.Cut(n.action, ":")
		if byService[service] == nil {
			services = append(services, service)
		}
		byService[service] = append(byService[service], n)
	}
	slices.Sort(services)
	var out []Grant
	for _, s := range services {
		out = append(out, statements(byService[s])...)
	}
	return out
}

// statements joins the needs of one service: those without a resource apart.
func statements(needs []need) []Grant {
	var any, some, resources []string
	for _, n := range needs {
		if n.resource == "*" {
			any = append(any, n.action)
		} else {
			some, resources = append(some, n.action), append(resources, n.resource)
		}
	}
	var out []Grant
	if len(some) > 0 {
		out = append(out, Grant{Actions: unique(some), Resources: unique(resources)})
	}
	if len(any) > 0 {
		out = append(out, Grant{Actions: unique(any)})
	}
	return out
}

func unique(list []string) string {
	slices.Sort(list)
	return strings.Join(slices.Compact(list), " ")
}

func (h *holding) needs(a *actor) []need {
	var out []need
	add := func(action, resource string) {
		if n := (need{action, resource}); action != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	for i := range a.work {
		j := &a.work[i]
		if j.fault != nil && strings.HasPrefix(j.fault.Code, "AccessDenied") {
			continue
		}
		add(j.call.api.action, h.pattern(j.call.api.compiled.arn, j.call.name))
		if j.call.api.passes != "" {
			t, _ := parse(j.call.api.passes) // compiled once already
			add("iam:PassRole", h.pattern(t, j.call.name))
			if j.call.api.id == "ecs:RegisterTaskDefinition" {
				add("iam:PassRole", "arn:aws:iam::"+h.id+":role/ecs-execution")
			}
		}
	}
	return out
}

// pattern is what an ARN template stands for: * for all that varies.
func (h *holding) pattern(t, name template) string {
	if len(t) == 0 {
		return "*"
	}
	var b strings.Builder
	for _, s := range t {
		switch s.op {
		case opText:
			b.WriteString(s.text)
		case opAccount:
			b.WriteString(h.id)
		case opName:
			b.WriteString(h.pattern(name, nil))
		default:
			b.WriteByte('*')
		}
	}
	out := b.String()
	for strings.Contains(out, "**") {
		out = strings.ReplaceAll(out, "**", "*")
	}
	return out
}

// covered tells that an actor's own policies allow an action on a pattern.
func (h *holding) covered(a *actor, n need) bool {
	grants := []Grant{}
	for _, p := range a.Policies {
		if !p.Detached {
			grants = append(grants, p.Grants...)
		}
	}
	for _, name := range a.Attached {
		grants = append(grants, awsPolicies[name]...)
	}
	return slices.ContainsFunc(grants, func(g Grant) bool {
		return !g.Deny && g.Condition == "" && anyGlob(g.Actions, n.action) &&
			anyGlob(cmp.Or(strings.ReplaceAll(g.Resources, "<account>", h.id), "*"), n.resource)
	})
}

func anyGlob(patterns, text string) bool {
	return slices.ContainsFunc(strings.Fields(patterns), func(p string) bool { return glob(p, text) })
}

// glob matches a pattern with * against a text, in which * is a letter.
func glob(pattern, text string) bool {
	head, rest, star := strings.Cut(pattern, "*")
	text, ok := strings.CutPrefix(text, head)
	if !ok || !star {
		return ok && text == ""
	}
	for i := range len(text) + 1 {
		if glob(rest, text[i:]) {
			return true
		}
	}
	return false
}

// serviceRolePolicies are those of the AWS managed policies that lie below
// service-role/.
var serviceRolePolicies = map[string]bool{"AWSLambdaBasicExecutionRole": true}

// awsPolicies are the AWS managed policies in use, shortened.
var awsPolicies = map[string][]Grant{
	"AdministratorAccess": {{Actions: "*"}},
	"ReadOnlyAccess": {{Actions: "access-analyzer:List* acm:List* athena:Get* athena:List* autoscaling:Describe* backup:List* cloudformation:Describe* " +
		"cloudformation:List* cloudtrail:Describe* cloudtrail:Get* cloudtrail:LookupEvents cloudwatch:Describe* cloudwatch:Get* codecommit:List* " +
		"config:Describe* dynamodb:Describe* dynamodb:GetItem dynamodb:List* ec2:Describe* ecr:BatchGetImage ecr:GetAuthorizationToken ecs:Describe* ecs:List* " +
		"elasticloadbalancing:Describe* glue:Get* guardduty:List* health:Describe* iam:Generate* iam:Get* iam:List* kms:Describe* kms:List* " +
		"lambda:Get* lambda:List* logs:Describe* logs:Get* organizations:Describe* organizations:List* rds:Describe* route53:List* s3:Get* s3:List* " +
		"sagemaker:List* secretsmanager:DescribeSecret secretsmanager:ListSecrets securityhub:Get* sns:List* sqs:Get* sqs:List* tag:Get*"}},
	"SecurityAudit": {{Actions: "access-analyzer:List* cloudtrail:Describe* cloudtrail:GetTrailStatus config:Describe* ec2:Describe* guardduty:List* " +
		"iam:Generate* iam:Get* iam:List* kms:Describe* kms:List* lambda:List* logs:Describe* rds:Describe* s3:GetBucket* s3:GetEncryptionConfiguration s3:ListAllMyBuckets securityhub:Get*"}},
	"AWSLambdaBasicExecutionRole": {{Actions: "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents"}},
	"AmazonSSMManagedInstanceCore": {{Actions: "ssm:UpdateInstanceInformation ssm:GetParameter ssm:GetParameters ssmmessages:CreateControlChannel " +
		"ssmmessages:OpenControlChannel ssmmessages:CreateDataChannel ssmmessages:OpenDataChannel ec2messages:GetMessages ec2messages:AcknowledgeMessage"}},
	"AWSConfigServiceRolePolicy": {{Actions: "config:PutEvaluations ec2:Describe* iam:Get* iam:List* s3:GetBucketAcl s3:GetBucketLocation s3:GetBucketPolicy " +
		"s3:GetEncryptionConfiguration s3:GetBucketPublicAccessBlock s3:ListAllMyBuckets lambda:List* rds:Describe* kms:List* kms:Describe* dynamodb:List* dynamodb:Describe*"}},
}

// trust is who may assume a role.
func (h *holding) trust(a *actor) json.RawMessage {
	s := statement{Effect: "Allow", Action: []string{"sts:AssumeRole"}}
	switch a.Kind {
	case Pipeline:
		s.Action = []string{"sts:AssumeRoleWithWebIdentity"}
		s.Principal = json.RawMessage(`{"Federated":"arn:aws:iam::` + h.id + `:oidc-provider/token.actions.githubusercontent.com"}`)
		s.Condition = json.RawMessage(`{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"},` +
			`"StringLike":{"token.actions.githubusercontent.com:sub":"repo:acme/` + strings.TrimPrefix(a.Name, "github-") + `:*"}}`)
	case SSO:
		s.Action = []string{"sts:AssumeRoleWithSAML", "sts:TagSession"}
		s.Principal = json.RawMessage(`{"Federated":"arn:aws:iam::` + h.id + `:saml-provider/AWSSSO_` + idOf(h.w.org.ID) + `_DO_NOT_DELETE"}`)
		s.Condition = json.RawMessage(`{"StringEquals":{"SAML:aud":"https://signin.aws.amazon.com/saml"}}`)
	case Vendor:
		s.Principal = json.RawMessage(`{"AWS":"arn:aws:iam::` + vendorAccount + `:root"}`)
		s.Condition = json.RawMessage(`{"StringEquals":{"sts:ExternalId":"grid-4711"}}`)
	case Assumed:
		s.Principal = json.RawMessage(`{"AWS":"` + a.by.arn + `"}`)
	default:
		s.Principal = json.RawMessage(`{"Service":"` + trusted[a.Kind](a) + `"}`)
	}
	return encode(document{"2012-10-17", []statement{s}})
}
