package catalog

import "testing"

const (
	keyA = "arn:aws:kms:us-east-1:111122223333:key/aaaaaaaa-1111-2222-3333-444444444444"
	keyB = "arn:aws:kms:us-east-1:111122223333:key/bbbbbbbb-1111-2222-3333-444444444444"
)

// TestProbes holds the cases that other tools get wrong.
func TestProbes(t *testing.T) {
	for _, c := range []struct {
		name, source, event, request string
		want                         []string
	}{
		{"a role by way of an instance profile", "ec2", "RunInstances",
			`{"instancesSet":{"items":[{"imageId":"ami-1","minCount":1}]},"subnetId":"subnet-1","iamInstanceProfile":{"name":"web"}}`,
			[]string{
				"ec2:RunInstances arn:aws:ec2:us-east-1:111122223333:instance/*,arn:aws:ec2:us-east-1:111122223333:network-interface/*," +
					"arn:aws:ec2:us-east-1:111122223333:security-group/*,arn:aws:ec2:us-east-1:111122223333:subnet/subnet-1," +
					"arn:aws:ec2:us-east-1::image/ami-1 name",
				"iam:PassRole arn:aws:iam::111122223333:instance-profile/web implied iam:PassedToService=ec2.amazonaws.com"}},
		{"no profile, nothing passed", "ec2", "RunInstances", `{"instancesSet":{"items":[{"imageId":"ami-1"}]},"subnetId":"subnet-1"}`,
			[]string{"ec2:RunInstances arn:aws:ec2:us-east-1:111122223333:instance/*,arn:aws:ec2:us-east-1:111122223333:network-interface/*," +
				"arn:aws:ec2:us-east-1:111122223333:security-group/*,arn:aws:ec2:us-east-1:111122223333:subnet/subnet-1," +
				"arn:aws:ec2:us-east-1::image/ami-1 name"}},
		{"a dated name, its role passed to Lambda", "lambda", "CreateFunction20150331",
			`{"functionName":"f","role":"arn:aws:iam::111122223333:role/lambda/f","code":{}}`,
			[]string{"iam:PassRole arn:aws:iam::111122223333:role/lambda/f implied iam:PassedToService=lambda.amazonaws.com",
				"lambda:CreateFunction arn:aws:lambda:us-east-1:111122223333:function:f name"}},
		{"a dated name with a version", "lambda", "UpdateFunctionCode20150331v2", `{"functionName":"f"}`,
			[]string{"lambda:UpdateFunctionCode arn:aws:lambda:us-east-1:111122223333:function:f name"}},
		{"a date with underscores", "cloudfront", "CreateDistribution2020_05_31", `{"distributionConfig":{"comment":"c"}}`,
			[]string{"cloudfront:CreateDistribution * name"}},
		{"a name that ends in S3", "rds", "RestoreDBClusterFromS3", `{"dBClusterIdentifier":"c"}`,
			[]string{"rds:RestoreDBClusterFromS3 arn:aws:rds:us-east-1:111122223333:cluster:c name"}},
		{"replication passes its role", "s3", "PutBucketReplication",
			`{"bucketName":"b","ReplicationConfiguration":{"Role":"arn:aws:iam::111122223333:role/r","Rule":{}}}`,
			[]string{"iam:PassRole arn:aws:iam::111122223333:role/r implied iam:PassedToService=s3.amazonaws.com",
				"s3:PutReplicationConfiguration arn:aws:s3:::b rule"}},
		{"listing is on the bucket", "s3", "ListObjectsV2", `{"bucketName":"b","prefix":"p/"}`, []string{"s3:ListBucket arn:aws:s3:::b rule"}},
		{"a copy reads and writes", "s3", "CopyObject", `{"bucketName":"b2","key":"k2","x-amz-copy-source":"b1/dir%2Fk1"}`,
			[]string{"s3:GetObject arn:aws:s3:::b1/dir/k1 rule", "s3:PutObject arn:aws:s3:::b2/k2 rule"}},
		{"email is SES", "email", "SendEmail", `{"source":"a@example.com"}`,
			[]string{"ses:SendEmail arn:aws:ses:us-east-1:111122223333:identity/a@example.com name"}},
		{"monitoring is CloudWatch", "monitoring", "PutMetricAlarm", `{"alarmName":"a"}`,
			[]string{"cloudwatch:PutMetricAlarm arn:aws:cloudwatch:us-east-1:111122223333:alarm:a name"}},
		{"two keys, two actions", "kms", "ReEncrypt", `{"sourceKeyId":"` + keyA + `","destinationKeyId":"` + keyB + `"}`,
			[]string{"kms:ReEncryptFrom " + keyA + " rule", "kms:ReEncryptTo " + keyB + " rule"}},
	} {
		t.Run(c.name, func(t *testing.T) { wantLines(t, call(c.source, c.event, c.request), c.want...) })
	}
}

func TestProbeDenied(t *testing.T) {
	e := call("iam", "DeleteUser", `{"userName":"bob"}`)
	e.ErrorCode = "AccessDenied"
	e.ErrorMessage = "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: iam:DeleteUser on resource: user bob " +
		"because no identity-based policy allows the iam:DeleteUser action"
	wantLines(t, e, "iam:DeleteUser arn:aws:iam::111122223333:user/bob message")
}
