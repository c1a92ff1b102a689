package catalog

import (
	"testing"

	"github.com/trimtrail/trimtrail/internal/event"
)

// mix are events in about the proportions of a busy organisation's trail:
// mostly reads and assumed roles, some object calls, a few changes.
func mix() []event.Event {
	const arn = "arn:aws:s3:::data-bucket/"
	list := []event.Event{
		call("sts", "AssumeRole", `{"roleArn":"arn:aws:iam::111122223333:role/app","roleSessionName":"i-0abc","durationSeconds":3600}`),
		call("sts", "AssumeRole", `{"roleArn":"arn:aws:iam::444455556666:role/deploy","roleSessionName":"ci"}`),
		call("ec2", "DescribeInstances", `{"instancesSet":{"items":[{"instanceId":"i-0123456789abcdef0"}]},"filterSet":{}}`),
		call("ec2", "DescribeVolumes", `{"maxResults":500,"volumeSet":{},"filterSet":{"items":[{"name":"tag:a","valueSet":{"items":[{"value":"b"}]}}]}}`),
		call("kms", "Decrypt", `{"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::data-bucket"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}`),
		call("kms", "GenerateDataKey", `{"keyId":"`+keyA+`","keySpec":"AES_256","encryptionContext":{"aws:s3:arn":"arn:aws:s3:::data-bucket/x"}}`),
		call("s3", "GetObject", `{"bucketName":"data-bucket","Host":"data-bucket.s3.eu-west-1.amazonaws.com","key":"year=2026/month=01/part-0001.parquet"}`),
		call("s3", "PutObject", `{"bucketName":"data-bucket","Host":"data-bucket.s3.eu-west-1.amazonaws.com","key":"out/a.json","x-amz-server-side-encryption":"AES256","x-amz-storage-class":"STANDARD"}`),
		call("s3", "ListObjects", `{"list-type":"2","bucketName":"data-bucket","prefix":"year=2026/","Host":"data-bucket.s3.eu-west-1.amazonaws.com"}`),
		call("s3", "HeadObject", `{"bucketName":"data-bucket","key":"k"}`),
		call("dynamodb", "GetItem", `{"tableName":"orders","key":{"id":"HIDDEN_DUE_TO_SECURITY_REASONS"}}`),
		call("dynamodb", "DescribeTable", `{"tableName":"orders"}`),
		call("lambda", "Invoke", `{"functionName":"arn:aws:lambda:us-east-1:111122223333:function:f","invocationType":"Event"}`),
		call("lambda", "GetFunction20150331v2", `{"functionName":"f"}`),
		call("logs", "CreateLogStream", `{"logGroupName":"/aws/lambda/f","logStreamName":"2026/01/31/[$LATEST]abc"}`),
		call("monitoring", "DescribeAlarms", `{"maxRecords":100}`),
		call("ssm", "UpdateInstanceInformation", `{"instanceId":"i-0123456789abcdef0","agentVersion":"3.2.1","agentStatus":"Active","platformType":"Linux"}`),
		call("ecr", "BatchGetImage", `{"registryId":"111122223333","repositoryName":"app","imageIds":[{"imageTag":"1.0"}]}`),
		call("iam", "GetRole", `{"roleName":"app"}`),
		call("ecs", "RunTask", `{"cluster":"c","taskDefinition":"web:3","overrides":{"taskRoleArn":"arn:aws:iam::111122223333:role/task"}}`),
		call("secretsmanager", "GetSecretValue", `{"secretId":"prod/db"}`),
		call("sqs", "ReceiveMessage", `{"queueUrl":"https://sqs.us-east-1.amazonaws.com/111122223333/jobs","maxNumberOfMessages":10}`),
	}
	for i := range list {
		switch e := &list[i]; e.EventSource {
		case "s3.amazonaws.com":
			e.Resources = []event.Resource{{ARN: arn + "year=2026/month=01/part-0001.parquet", Type: "AWS::S3::Object"}, {ARN: "arn:aws:s3:::data-bucket", AccountID: "111122223333", Type: "AWS::S3::Bucket"}}
		case "kms.amazonaws.com":
			e.Resources = []event.Resource{{ARN: keyA, AccountID: "111122223333", Type: "AWS::KMS::Key"}}
		}
	}
	return list
}

// BenchmarkAttributeMix is attribution on one core; the aim is a million
// events a second.
func BenchmarkAttributeMix(b *testing.B) {
	events, c := mix(), Default()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if i == len(events) {
			i = 0
		}
		c.Attribute(&events[i])
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// TestMix holds that the benchmark measures events that resolve.
func TestMix(t *testing.T) {
	for _, e := range mix() {
		if a := Default().Attribute(&e); len(a.Actions) == 0 || len(a.Actions[0].Resources) == 0 && e.EventName != "UpdateInstanceInformation" {
			t.Errorf("%s %s: %+v", e.EventSource, e.EventName, a)
		}
	}
}
