package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// step is one way to more permissions that a holder has.
type step struct {
	text    string
	actions []string
	direct  bool // one call on its own permissions
}

// steps are the ways that are open to a holder, the direct ones first.
func (c *climb) steps(h *held) []step {
	v := iam.NewEvaluator(h.Documents())
	may := func(action, resource string) bool { return c.may(v, h.ARN, action, resource, nil) }
	out := c.ownPolicies(h, may)
	out = append(out, c.others(h, may)...)
	for _, p := range programs {
		if role := c.passable(h, v, &p); role != "" {
			out = append(out, step{text: fmt.Sprintf("pass role/%s to %s (%s)", role, p.what, strings.Join(p.start, ", ")), actions: append([]string{"iam:PassRole"}, p.start...)})
		}
	}
	for _, t := range takeovers {
		if role := c.trusting(h, t.service); role != "" && may(t.action, "*") {
			out = append(out, step{text: fmt.Sprintf("%s, such as one with role/%s (%s)", t.what, role, t.action), actions: []string{t.action}})
		}
	}
	return out
}

// ownPolicies are ways by one call on what the holder itself has.
func (c *climb) ownPolicies(h *held, may func(action, resource string) bool) []step {
	var out []step
	add := func(action, resource, text string) {
		if may(action, resource) {
			out = append(out, step{text + " (" + action + ")", []string{action}, true})
		}
	}
	for _, p := range h.Policies {
		if p.ARN != "" && !strings.Contains(p.ARN, ":iam::aws:") {
			add("iam:CreatePolicyVersion", p.ARN, "write a new version of its policy "+nameOf(p.ARN))
			add("iam:SetDefaultPolicyVersion", p.ARN, "go back to an older version of its policy "+nameOf(p.ARN))
		}
	}
	if h.Role != nil {
		add("iam:PutRolePolicy", h.ARN, "write itself a policy")
		add("iam:AttachRolePolicy", h.ARN, "attach any policy to itself")
		return out
	}
	add("iam:PutUserPolicy", h.ARN, "write itself a policy")
	add("iam:AttachUserPolicy", h.ARN, "attach any policy to itself")
	for i := range c.state.Groups {
		g := &c.state.Groups[i]
		if slices.Contains(h.User.Groups, g.Name) {
			add("iam:PutGroupPolicy", g.ARN, "write its group "+g.Name+" a policy")
			add("iam:AttachGroupPolicy", g.ARN, "attach any policy to its group "+g.Name)
		} else if c.groups[g.Name] {
			add("iam:AddUserToGroup", g.ARN, "join the group "+g.Name)
		}
	}
	return out
}

// others are ways by another user or role: one is named where many would do.
func (c *climb) others(h *held, may func(action, resource string) bool) []step {
	var out []step
	try := func(action, text string, targets []string) {
		for _, arn := range targets {
			if arn != h.ARN && may(action, arn) {
				out = append(out, step{text: fmt.Sprintf(text, who(arn)) + " (" + action + ")", actions: []string{action}})
				return
			}
		}
	}
	var users, roles, all []string
	for _, u := range c.users {
		users = append(users, u.ARN)
	}
	for _, r := range c.roles {
		roles = append(roles, r.ARN)
	}
	for i := range c.state.Roles {
		if r := &c.state.Roles[i]; !serviceLinked(r.ARN) && !identityCenter(r.ARN) {
			all = append(all, r.ARN)
		}
	}
	try("iam:CreateAccessKey", "make an access key of %s", users)
	try("iam:CreateLoginProfile", "set a password for %s", users)
	try("iam:UpdateLoginProfile", "change the password of %s", users)
	try("iam:UpdateAssumeRolePolicy", "let itself assume %s", roles)
	if h.User != nil {
		try("iam:AttachRolePolicy", "attach any policy to %s", all)
		try("iam:PutRolePolicy", "write %s a policy", all)
	}
	return out
}

// program is a service that runs what one gives it, with a role.
type program struct {
	service string // that the role has to trust
	what    string
	start   []string // what starting one takes beside iam:PassRole
}

var programs = []program{
	{"lambda.amazonaws.com", "a new function", []string{"lambda:CreateFunction", "lambda:InvokeFunction"}},
	{"lambda.amazonaws.com", "a new function behind a stream", []string{"lambda:CreateFunction", "lambda:CreateEventSourceMapping"}},
	{"ec2.amazonaws.com", "a new instance", []string{"ec2:RunInstances"}},
	{"ec2.amazonaws.com", "an instance", []string{"ec2:AssociateIamInstanceProfile", "ssm:SendCommand"}},
	{"ecs-tasks.amazonaws.com", "a new task", []string{"ecs:RegisterTaskDefinition", "ecs:RunTask"}},
	{"glue.amazonaws.com", "a development endpoint", []string{"glue:CreateDevEndpoint"}},
	{"glue.amazonaws.com", "a new job", []string{"glue:CreateJob", "glue:StartJobRun"}},
	{"cloudformation.amazonaws.com", "a new stack", []string{"cloudformation:CreateStack"}},
	{"datapipeline.amazonaws.com", "a new pipeline", []string{"datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition", "datapipeline:ActivatePipeline"}},
	{"codebuild.amazonaws.com", "a new build", []string{"codebuild:CreateProject", "codebuild:StartBuild"}},
	{"sagemaker.amazonaws.com", "a new notebook", []string{"sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"}},
	{"sagemaker.amazonaws.com", "a processing job", []string{"sagemaker:CreateProcessingJob"}},
	{"sagemaker.amazonaws.com", "a training job", []string{"sagemaker:CreateTrainingJob"}},
	{"states.amazonaws.com", "a new state machine", []string{"states:CreateStateMachine", "states:StartExecution"}},
}

// passable is the name of a strong role that trusts the service and that the
// holder may pass to a program that it may start; empty where there is none.
func (c *climb) passable(h *held, v *iam.Evaluator, p *program) string {
	for _, a := range p.start {
		if !c.may(v, h.ARN, a, "*", nil) {
			return ""
		}
	}
	for _, r := range c.roles {
		if trusts(r, p.service) && r.ARN != h.ARN && c.may(v, h.ARN, "iam:PassRole", r.ARN, map[string][]string{"iam:PassedToService": {p.service}}) {
			return r.Name
		}
	}
	return ""
}

// takeover is an action by which somebody gets hold of a program that runs
// with a role.
type takeover struct{ action, service, what string }

var takeovers = []takeover{
	{"lambda:UpdateFunctionCode", "lambda.amazonaws.com", "change the code of a function"},
	{"glue:UpdateDevEndpoint", "glue.amazonaws.com", "log on to a development endpoint"},
	{"cloudformation:UpdateStack", "cloudformation.amazonaws.com", "change a stack"},
	{"ssm:SendCommand", "ec2.amazonaws.com", "run commands on an instance"},
	{"ssm:StartSession", "ec2.amazonaws.com", "log on to an instance"},
	{"ec2-instance-connect:SendSSHPublicKey", "ec2.amazonaws.com", "log on to an instance"},
	{"sagemaker:CreatePresignedNotebookInstanceUrl", "sagemaker.amazonaws.com", "open a notebook"},
}

// trusting is the name of a strong role, not the holder, that trusts a service.
func (c *climb) trusting(h *held, service string) string {
	for _, r := range c.roles {
		if r.ARN != h.ARN && trusts(r, service) {
			return r.Name
		}
	}
	return ""
}

func trusts(r *iam.Role, service string) bool {
	return r.Trust != nil && slices.ContainsFunc(r.Trust.Statements, func(s iam.Statement) bool {
		return s.Effect == iam.Allow && s.Principal != nil && slices.Contains(s.Principal.By["Service"].Values, service)
	})
}
