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
	e := call("dynamodb", "GetItem", `{"tableName":"t"}`)
	e.AWSRegion, e.IdentityARN = "cn-north-1", ""
	wantResources(t, e, "arn:aws-cn:dynamodb:cn-north-1:111122223333:table/t")
}
