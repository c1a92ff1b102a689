package catalog

import "testing"

func TestPassRole(t *testing.T) {
	const role = "arn:aws:iam::111122223333:role/r"
	pass := func(resource, service string) string {
		if service == "" {
			return "iam:PassRole " + resource + " implied"
		}
		return "iam:PassRole " + resource + " implied iam:PassedToService=" + service + ".amazonaws.com"
	}
	for _, c := range []struct{ source, event, request, want string }{
		{"ecs", "RegisterTaskDefinition", `{"family":"f","taskRoleArn":"` + role + `"}`, pass(role, "ecs-tasks")},
		{"cloudformation", "CreateStack", `{"stackName":"s","roleARN":"` + role + `"}`, pass(role, "cloudformation")},
		{"cloudformation", "DeleteStack", `{"stackName":"s","roleARN":"` + role + `"}`, pass(role, "cloudformation")},
		{"states", "CreateStateMachine", `{"name":"m","roleArn":"` + role + `"}`, pass(role, "states")},
		{"scheduler", "CreateSchedule", `{"name":"m","target":{"roleArn":"` + role + `"}}`, pass(role, "scheduler")},
		{"events", "PutTargets", `{"rule":"r","targets":[{"id":"1","roleArn":"` + role + `"}]}`, pass(role, "events")},
		{"glue", "CreateJob", `{"name":"j","role":"GlueRole"}`, pass("arn:aws:iam::111122223333:role/GlueRole", "glue")},
		{"sagemaker", "CreateModel", `{"modelName":"m","executionRoleArn":"` + role + `"}`, pass(role, "sagemaker")},
		{"codebuild", "CreateProject", `{"name":"p","serviceRole":"` + role + `"}`, pass(role, "codebuild")},
		{"codepipeline", "CreatePipeline", `{"pipeline":{"name":"p","roleArn":"` + role + `"}}`, pass(role, "codepipeline")},
		{"eks", "CreateCluster", `{"name":"c","roleArn":"` + role + `"}`, pass(role, "eks")},
		{"redshift", "CreateCluster", `{"clusterIdentifier":"c","iamRoles":["` + role + `"]}`, pass(role, "redshift")},
		{"redshift", "ModifyClusterIamRoles", `{"clusterIdentifier":"c","removeIamRoles":["` + role + `"]}`, ""},
		{"rds", "CreateDBInstance", `{"dBInstanceIdentifier":"d","monitoringRoleArn":"` + role + `"}`, pass(role, "")},
		{"elasticmapreduce", "RunJobFlow", `{"name":"j","jobFlowRole":"EMR_EC2_DefaultRole"}`, pass("arn:aws:iam::111122223333:role/EMR_EC2_DefaultRole", "ec2")},
		{"cloudtrail", "UpdateTrail", `{"name":"t","cloudWatchLogsRoleArn":"` + role + `"}`, pass(role, "cloudtrail")},
		{"ec2", "CreateFlowLogs", `{"CreateFlowLogsRequest":{"DeliverLogsPermissionArn":"` + role + `"}}`, pass(role, "vpc-flow-logs")},
		{"ec2", "AssociateIamInstanceProfile", `{"AssociateIamInstanceProfileRequest":{"IamInstanceProfile":{"Name":"p"},"InstanceId":"i-1"}}`,
			pass("arn:aws:iam::111122223333:instance-profile/p", "ec2")},
		{"iam", "AddRoleToInstanceProfile", `{"instanceProfileName":"p","roleName":"r"}`, pass(role, "ec2")},
		// No role, another account's role, a role that is named but not passed.
		{"lambda", "UpdateFunctionConfiguration20150331v2", `{"functionName":"f"}`, ""},
		{"lambda", "CreateFunction20150331", `{"functionName":"f","role":"arn:aws:iam::444455556666:role/r"}`, ""},
		{"eks", "CreateAccessEntry", `{"name":"c","principalArn":"` + role + `"}`, ""},
		{"sts", "AssumeRole", `{"roleArn":"` + role + `","roleSessionName":"s"}`, ""},
		{"iam", "AttachRolePolicy", `{"roleName":"r","policyArn":"arn:aws:iam::aws:policy/P"}`, ""},
		{"iam", "GetRole", `{"roleName":"r"}`, ""},
		{"bedrock", "Converse", `{"modelId":"m.x","messages":[{"role":"user"}]}`, ""},
	} {
		e := call(c.source, c.event, c.request)
		a := Default().Attribute(&e)
		got := ""
		for i, u := range a.Actions {
			if u.Action == "iam:PassRole" {
				got = lines(a)[i]
			}
		}
		if got != c.want {
			t.Errorf("%s %s:\n got %q\nwant %q", c.source, c.event, got, c.want)
		}
	}
}

func TestImplied(t *testing.T) {
	wantLines(t, call("ec2", "CreateVolume", `{"zone":"z","tagSpecificationSet":{"items":[{"resourceType":"volume","tags":[{"key":"k","value":"v"}]}]}}`),
		"ec2:CreateTags arn:aws:ec2:us-east-1:111122223333:volume/* implied ec2:CreateAction=CreateVolume",
		"ec2:CreateVolume arn:aws:ec2:us-east-1:111122223333:volume/* name")
	wantLines(t, call("iam", "CreateRole", `{"roleName":"r","path":"/p/","tags":[{"key":"k","value":"v"}]}`),
		"iam:CreateRole arn:aws:iam::111122223333:role/p/r name", "iam:TagRole arn:aws:iam::111122223333:role/p/r implied")
	wantLines(t, call("iam", "CreateRole", `{"roleName":"r","tags":[]}`), "iam:CreateRole arn:aws:iam::111122223333:role/r name")
	wantLines(t, call("sts", "AssumeRole", `{"roleArn":"arn:aws:iam::444455556666:role/r","sourceIdentity":"alice","tags":[{"key":"k","value":"v"}]}`),
		"sts:AssumeRole arn:aws:iam::444455556666:role/r name", "sts:SetSourceIdentity arn:aws:iam::444455556666:role/r implied",
		"sts:TagSession arn:aws:iam::444455556666:role/r implied")
	wantLines(t, call("s3", "PutObject", `{"bucketName":"b","key":"k","x-amz-acl":"private"}`),
		"s3:PutObject arn:aws:s3:::b/k name", "s3:PutObjectAcl arn:aws:s3:::b/k implied")
}
