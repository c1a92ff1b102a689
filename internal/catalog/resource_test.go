package catalog

import (
	"strings"
	"testing"

	"github.com/trimtrail/trimtrail/internal/event"
)

func TestResources(t *testing.T) {
	for _, c := range []struct{ source, event, request, want string }{
		// No resource type, and none that the request picks.
		{"sts", "GetSessionToken", `{}`, "*"},
		{"ec2", "DescribeInstances", `{"instancesSet":{"items":[{"instanceId":"i-1"}]}}`, "*"},
		{"rds", "DescribeDBInstances", ``, "*"},
		{"cloudwatch", "DescribeAlarms", ``, "arn:aws:cloudwatch:us-east-1:111122223333:alarm:*"},
		{"ssm", "DeleteParameter", ``, ""}, // the event does not tell
		// Buckets and objects.
		{"s3", "PutObject", `{"bucketName":"b","key":"a/b c"}`, "arn:aws:s3:::b/a/b c"},
		{"s3", "PutObject", `{"bucketName":"b","key":"a*?$"}`, "arn:aws:s3:::b/a${*}${?}${$}"},
		{"s3", "DeleteObjects", `{"bucketName":"b"}`, "arn:aws:s3:::b/*"},
		{"s3", "GetObject", `{"bucketName":"arn:aws:s3:us-east-1:111122223333:accesspoint/ap","key":"k"}`, "arn:aws:s3:us-east-1:111122223333:accesspoint/ap/object/k"},
		{"s3", "CreateBucket", `{"bucketName":"b"}`, "arn:aws:s3:::b"},
		// An ARN of the request.
		{"iam", "AttachUserPolicy", `{"userName":"u","policyArn":"arn:aws:iam::aws:policy/P"}`, "arn:aws:iam::111122223333:user/u"},
		{"iam", "GetPolicy", `{"policyArn":"arn:aws:iam::aws:policy/P"}`, "arn:aws:iam::aws:policy/P"},
		{"kms", "Decrypt", `{"keyId":"` + keyA + `"}`, keyA},
		{"kms", "CreateAlias", `{"aliasName":"alias/a","targetKeyId":"` + keyA + `"}`, "arn:aws:kms:us-east-1:111122223333:alias/a " + keyA},
		{"ecs", "RunTask", `{"taskDefinition":"web:3","cluster":"c"}`, "arn:aws:ecs:us-east-1:111122223333:task-definition/web:*"},
		// Patterns filled.
		{"dynamodb", "PutItem", `{"tableName":"t"}`, "arn:aws:dynamodb:us-east-1:111122223333:table/t"},
		{"sqs", "SendMessage", `{"queueUrl":"https://sqs.us-east-1.amazonaws.com/111122223333/q"}`, "arn:aws:sqs:us-east-1:111122223333:q"},
		{"secretsmanager", "GetSecretValue", `{"secretId":"db"}`, "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-??????"},
		{"ssm", "GetParameters", `{"names":["/a/b","c"]}`, "arn:aws:ssm:us-east-1:111122223333:parameter/a/b arn:aws:ssm:us-east-1:111122223333:parameter/c"},
		{"events", "PutRule", `{"name":"r","eventBusName":"default"}`, "arn:aws:events:us-east-1:111122223333:rule/r"},
		{"events", "PutTargets", `{"rule":"r","eventBusName":"bus"}`, "arn:aws:events:us-east-1:111122223333:rule/bus/r"},
		{"cloudformation", "UpdateStack", `{"stackName":"s"}`, "arn:aws:cloudformation:us-east-1:111122223333:stack/s/*"},
		{"logs", "CreateLogStream", `{"logGroupName":"g","logStreamName":"s"}`, "arn:aws:logs:us-east-1:111122223333:log-group:g:log-stream:s"},
		{"glue", "GetTable", `{"databaseName":"d","name":"t"}`,
			"arn:aws:glue:us-east-1:111122223333:catalog arn:aws:glue:us-east-1:111122223333:database/d arn:aws:glue:us-east-1:111122223333:table/d/t"},
		{"ec2", "CreateTags", `{"resourcesSet":{"items":[{"resourceId":"vpc-1"},{"resourceId":"i-1"}]},"tagSet":{}}`,
			"arn:aws:ec2:us-east-1:111122223333:instance/i-1 arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1"},
		{"ec2", "AuthorizeSecurityGroupIngress", `{"groupId":"sg-1"}`, "arn:aws:ec2:us-east-1:111122223333:security-group/sg-1"},
		{"ec2", "CreateSnapshot", `{"volumeId":"vol-1"}`, "arn:aws:ec2:us-east-1:111122223333:volume/vol-1 arn:aws:ec2:us-east-1::snapshot/*"},
		{"ssm", "StartSession", `{"target":"i-1"}`, "arn:aws:ec2:us-east-1:111122223333:instance/i-1"},
		{"apigateway", "GetResource", `{"restApiId":"r","resourceId":"x"}`, "arn:aws:apigateway:us-east-1::/restapis/r/resources/x"},
		{"apigateway", "DeleteStage", `{"apiId":"a","stageName":"s"}`, "arn:aws:apigateway:us-east-1::/apis/a/stages/s"},
		{"apigateway", "DeleteStage", `{"restApiId":"a","stageName":"s"}`, "arn:aws:apigateway:us-east-1::/restapis/a/stages/s"},
		{"bedrock", "InvokeModel", `{"modelId":"anthropic.claude-v2"}`, "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-v2"},
		{"bedrock", "InvokeModel", `{"modelId":"eu.anthropic.claude-v2"}`, "arn:aws:bedrock:us-east-1:111122223333:inference-profile/eu.anthropic.claude-v2"},
		{"ec2", "CreateLaunchTemplate", `{"CreateLaunchTemplateRequest":{"LaunchTemplateName":"web","LaunchTemplateData":{}}}`,
			"arn:aws:ec2:us-east-1:111122223333:launch-template/*"},
		{"ec2", "DeleteLaunchTemplate", `{"DeleteLaunchTemplateRequest":{"LaunchTemplateId":"lt-1"}}`, "arn:aws:ec2:us-east-1:111122223333:launch-template/lt-1"},
		// What a request calls otherwise.
		{"elasticloadbalancing", "CreateLoadBalancer", `{"name":"lb","type":"network"}`, "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/net/lb/*"},
		{"elasticloadbalancing", "CreateLoadBalancer", `{"name":"lb","subnets":["subnet-1"]}`, "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/lb/*"},
		{"elasticloadbalancing", "CreateLoadBalancer", `{"loadBalancerName":"lb"}`, "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/lb"},
		{"dynamodb", "RestoreTableFromBackup", `{"targetTableName":"t2","backupArn":"arn:aws:dynamodb:us-east-1:111122223333:table/t/backup/1"}`,
			"arn:aws:dynamodb:us-east-1:111122223333:table/t/backup/1 arn:aws:dynamodb:us-east-1:111122223333:table/t2"},
		{"sns", "Unsubscribe", `{"subscriptionArn":"arn:aws:sns:us-east-1:111122223333:t:1234"}`, "arn:aws:sns:us-east-1:111122223333:t"},
		{"ssm", "CreateAssociation", `{"name":"AWS-UpdateSSMAgent"}`, "arn:aws:ssm:us-east-1:*:document/AWS-UpdateSSMAgent"},
		{"ssm", "GetParametersByPath", `{"path":"/x/"}`, "arn:aws:ssm:us-east-1:111122223333:parameter/x/"},
		{"ec2", "CreateVpcEndpoint", `{"CreateVpcEndpointRequest":{"VpcId":"vpc-1","RouteTableId":[{"tag":1,"content":"rtb-1"},{"tag":2,"content":"rtb-2"}]}}`,
			"arn:aws:ec2:us-east-1:111122223333:route-table/rtb-1 arn:aws:ec2:us-east-1:111122223333:route-table/rtb-2 " +
				"arn:aws:ec2:us-east-1:111122223333:vpc-endpoint/* arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1"},
		{"codebuild", "BatchGetBuilds", `{"ids":["p:1111-22","q:1"]}`,
			"arn:aws:codebuild:us-east-1:111122223333:project/p arn:aws:codebuild:us-east-1:111122223333:project/q"},
		// A second variable that the request leaves out, or gives with its prefix.
		{"ecs", "UpdateService", `{"service":"s","cluster":"c"}`, "arn:aws:ecs:us-east-1:111122223333:service/c/s"},
		{"ecs", "UpdateService", `{"service":"s"}`, "arn:aws:ecs:us-east-1:111122223333:service/default/s"},
		{"scheduler", "GetSchedule", `{"name":"s"}`, "arn:aws:scheduler:us-east-1:111122223333:schedule/default/s"},
		{"scheduler", "GetSchedule", `{"name":"s","groupName":"g"}`, "arn:aws:scheduler:us-east-1:111122223333:schedule/g/s"},
		{"organizations", "DescribePolicy", `{"policyId":"p-abc"}`, "arn:aws:organizations::111122223333:policy/o-*/*/p-abc"},
		{"organizations", "DescribeAccount", `{"accountId":"444455556666"}`, "arn:aws:organizations::111122223333:account/o-*/444455556666"},
		// What another account owns.
		{"sqs", "SendMessage", `{"queueUrl":"https://queue.amazonaws.com/444455556666/q"}`, "arn:aws:sqs:us-east-1:444455556666:q"},
		{"lambda", "Invoke", `{"functionName":"444455556666:function:f"}`, "arn:aws:lambda:us-east-1:444455556666:function:f"},
		{"ecr", "BatchGetImage", `{"registryId":"444455556666","repositoryName":"r"}`, "arn:aws:ecr:us-east-1:444455556666:repository/r"},
		{"dynamodb", "GetItem", `{"tableName":"arn:aws:dynamodb:us-east-1:444455556666:table/t"}`, "arn:aws:dynamodb:us-east-1:444455556666:table/t"},
		// Tables that are keys, secrets without their suffix.
		{"dynamodb", "BatchGetItem", `{"requestItems":{"t2":{"keys":[]},"arn:aws:dynamodb:us-east-1:444455556666:table/t1":{}}}`,
			"arn:aws:dynamodb:us-east-1:111122223333:table/t2 arn:aws:dynamodb:us-east-1:444455556666:table/t1"},
		{"secretsmanager", "GetSecretValue", `{"secretId":"arn:aws:secretsmanager:us-east-1:111122223333:secret:a/db-main"}`,
			"arn:aws:secretsmanager:us-east-1:111122223333:secret:a/db-main-??????"},
		{"secretsmanager", "GetSecretValue", `{"secretId":"arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbC1eF"}`,
			"arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbC1eF"},
		// The caller itself.
		{"iam", "GetUser", ``, "arn:aws:iam::111122223333:user/alice"},
		{"iam", "ListAccessKeys", `{}`, "arn:aws:iam::111122223333:user/alice"},
		{"iam", "ListAccessKeys", `{"userName":"bob"}`, "arn:aws:iam::111122223333:user/bob"},
	} {
		e := call(c.source, c.event, c.request)
		wantResources(t, e, c.want)
	}
}

func wantResources(t *testing.T, e event.Event, want string) {
	t.Helper()
	a := Default().Attribute(&e)
	if len(a.Actions) != 1 {
		t.Errorf("%s %s: %+v", e.EventSource, e.EventName, a)
		return
	}
	if got := strings.Join(a.Actions[0].Resources, " "); got != want {
		t.Errorf("%s %s %s\n got %s\nwant %s", e.EventSource, e.EventName, e.RequestParameters, got, want)
	}
}

func TestListedResourcesWin(t *testing.T) {
	e := call("kms", "Decrypt", `{"keyId":"alias/a"}`)
	e.Resources = []event.Resource{{ARN: keyA, Type: "AWS::KMS::Key"}}
	wantResources(t, e, keyA)
	e = call("s3", "ListObjects", `{"bucketName":"b"}`)
	e.Resources = []event.Resource{{ARN: "arn:aws:s3:::b/"}, {ARN: "arn:aws:s3:::b"}, {ARN: "arn:aws:s3:::b/o"}}
	wantResources(t, e, "arn:aws:s3:::b")
	e = call("lambda", "Invoke", `{"functionName":"f"}`)
	e.Resources = []event.Resource{{ARN: "arn:aws:lambda:us-east-1:111122223333:function:f:live"}}
	wantResources(t, e, "arn:aws:lambda:us-east-1:111122223333:function:f:live")
	e = call("kms", "ReEncrypt", `{"destinationKeyId":"`+keyB+`"}`)
	e.Resources = []event.Resource{{ARN: keyB}, {ARN: keyA}}
	wantLines(t, e, "kms:ReEncryptFrom "+keyA+" rule", "kms:ReEncryptTo "+keyB+" rule")
}

func TestResponseTellsLast(t *testing.T) {
	e := call("elasticfilesystem", "UpdateFileSystem", `{}`)
	e.ResponseElements = `{"fileSystemArn":"arn:aws:elasticfilesystem:us-east-1:111122223333:file-system/fs-1"}`
	wantResources(t, e, "arn:aws:elasticfilesystem:us-east-1:111122223333:file-system/fs-1")
}

func TestPartition(t *testing.T) {
	for region, want := range map[string]string{
		"us-east-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov", "us-iso-east-1": "aws-iso", "us-isob-east-1": "aws-iso-b", "": "aws",
	} {
		if got := regionPartition(region); got != want {
			t.Errorf("%q: %s, want %s", region, got, want)
		}
	}
}

// TestPartitions holds that ARNs are of the caller's partition, else the region's.
func TestPartitions(t *testing.T) {
	for _, c := range []struct{ region, caller, source, event, request, want string }{
		{"cn-north-1", "", "dynamodb", "GetItem", `{"tableName":"t"}`, "dynamodb:GetItem arn:aws-cn:dynamodb:cn-north-1:111122223333:table/t name"},
		{"cn-north-1", "", "s3", "GetObject", `{"bucketName":"b","key":"k"}`, "s3:GetObject arn:aws-cn:s3:::b/k name"},
		{"us-gov-west-1", "", "kms", "DescribeKey", `{"keyId":"1234abcd-12ab-34cd-56ef-1234567890ab"}`,
			"kms:DescribeKey arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab name"},
		{"", "arn:aws-us-gov:iam::111122223333:user/a", "iam", "DeleteRole", `{"roleName":"r"}`, "iam:DeleteRole arn:aws-us-gov:iam::111122223333:role/r name"},
		{"cn-northwest-1", "", "sqs", "SendMessage", `{"queueUrl":"https://sqs.cn-northwest-1.amazonaws.com.cn/444455556666/q"}`,
			"sqs:SendMessage arn:aws-cn:sqs:cn-northwest-1:444455556666:q name"},
		{"cn-north-1", "", "ec2", "AssociateIamInstanceProfile", `{"instanceId":"i-1","iamInstanceProfile":{"name":"p"}}`,
			"ec2:AssociateIamInstanceProfile arn:aws-cn:ec2:cn-north-1:111122223333:instance/i-1 name|" +
				"iam:PassRole arn:aws-cn:iam::111122223333:instance-profile/p implied iam:PassedToService=ec2.amazonaws.com.cn"},
		{"cn-north-1", "", "lambda", "CreateFunction20150331", `{"functionName":"f","role":"arn:aws-cn:iam::111122223333:role/r"}`,
			"iam:PassRole arn:aws-cn:iam::111122223333:role/r implied iam:PassedToService=lambda.amazonaws.com|" +
				"lambda:CreateFunction arn:aws-cn:lambda:cn-north-1:111122223333:function:f name"},
		{"us-gov-east-1", "", "apigateway", "GetRestApi", `{"restApiId":"r"}`, "apigateway:GET arn:aws-us-gov:apigateway:us-gov-east-1::/restapis/r rule"},
		{"us-iso-east-1", "", "s3", "CopyObject", `{"bucketName":"b","key":"k","x-amz-copy-source":"a/o"}`,
			"s3:GetObject arn:aws-iso:s3:::a/o rule|s3:PutObject arn:aws-iso:s3:::b/k rule"},
	} {
		e := call(c.source, c.event, c.request)
		e.AWSRegion, e.IdentityARN = c.region, c.caller
		wantLines(t, e, strings.Split(c.want, "|")...)
	}
}
