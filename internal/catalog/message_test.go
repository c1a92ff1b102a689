package catalog

import "testing"

func TestDeniedAction(t *testing.T) {
	const who = "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: "
	for _, c := range []struct{ message, action, resource string }{
		{who + "iam:ListRoles on resource: arn:aws:iam::111122223333:role/* with an explicit deny in a service control policy: arn:aws:organizations::444455556666:policy/o-1/service_control_policy/p-1",
			"iam:ListRoles", "arn:aws:iam::111122223333:role/*"},
		{"User: arn:aws:sts::111122223333:assumed-role/r/s is not authorized to perform:\nSNS:Publish on resource: arn:aws:sns:us-east-1:444455556666:t\nwith an explicit deny in a VPC endpoint policy",
			"SNS:Publish", "arn:aws:sns:us-east-1:444455556666:t"},
		{"User: arn:aws:iam::111122223333:user/alice  is not\nauthorized to perform: s3:PutObject on resource:\n\"arn:aws:s3:::b/a key with spaces\" because this\nbucket has blocked it",
			"s3:PutObject", "arn:aws:s3:::b/a key with spaces"},
		{"User: x is not authorized to\nperform: s3:PutBucketPolicy on resource: \"arn:aws:s3:::b\"", "s3:PutBucketPolicy", "arn:aws:s3:::b"},
		{who + "iam:CreateAccessKey on resource: user bob because no identity-based policy allows the iam:CreateAccessKey action", "iam:CreateAccessKey", "user bob"},
		{who + "iam:ListSSHPublicKeys on resource: user  because no identity-based policy allows it", "iam:ListSSHPublicKeys", "user"},
		{who + "iam:SetDefaultPolicyVersion on resource: policy arn:aws:iam::111122223333:policy/p version v2 because no", "iam:SetDefaultPolicyVersion", "arn:aws:iam::111122223333:policy/p"},
		{who + "elasticfilesystem:DeleteMountTarget on the specified resource", "elasticfilesystem:DeleteMountTarget", ""},
		{who + "ssm:SendCommand on resource: arn:aws:ssm:us-east-1:111122223333:managed-instance/\"mi-1\" because no", "ssm:SendCommand", "arn:aws:ssm:us-east-1:111122223333:managed-instance/mi-1"},
		{"You are not authorized to perform this operation. " + who + "ec2:RunInstances on resource: arn:aws:ec2:us-east-1:111122223333:instance/*. Encoded authorization failure message: AbC",
			"ec2:RunInstances", "arn:aws:ec2:us-east-1:111122223333:instance/*"},
		{"You are not authorized to perform this operation. Encoded authorization failure message: AbC", "", ""},
		{"You are not authorized to perform this operation.", "", ""},
		{"Not authorized to perform sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithWebIdentity", ""},
		{who + "ec2:DescribeVpcs.", "ec2:DescribeVpcs", ""},
		{"Access Denied", "", ""}, {"", "", ""}, {"authorized to perform", "", ""}, {"authorized to perform: a:", "", ""},
	} {
		action, resource := DeniedAction(c.message)
		if action != c.action || resource != c.resource {
			t.Errorf("%q:\n got %q on %q\nwant %q on %q", c.message, action, resource, c.action, c.resource)
		}
	}
}

// TestMessageWins holds the order: what AWS named, in the catalogue's case;
// the event's name where the message names nothing that exists.
func TestMessageWins(t *testing.T) {
	e := call("sns", "Subscribe", `{"topicArn":"arn:aws:sns:us-east-1:111122223333:t"}`)
	e.ErrorCode = "AuthorizationError"
	e.ErrorMessage = "User: x is not authorized to perform: SNS:PUBLISH on resource: arn:aws:sns:us-east-1:111122223333:t"
	wantLines(t, e, "sns:Publish arn:aws:sns:us-east-1:111122223333:t message")
	e.ErrorMessage = "User: x is not authorized to perform: sns:NoSuchThing on resource: arn:aws:sns:us-east-1:111122223333:u"
	wantLines(t, e, "sns:Subscribe arn:aws:sns:us-east-1:111122223333:t name")
	pass := call("lambda", "CreateFunction20150331", `{"functionName":"f","role":"arn:aws:iam::111122223333:role/r"}`)
	pass.ErrorCode = "AccessDenied"
	pass.ErrorMessage = "User: x is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/r"
	wantLines(t, pass, "iam:PassRole arn:aws:iam::111122223333:role/r message")
	pass.ErrorMessage = "Access Denied" // refused, so nothing is known to have been passed
	wantLines(t, pass, "lambda:CreateFunction arn:aws:lambda:us-east-1:111122223333:function:f name")
}
