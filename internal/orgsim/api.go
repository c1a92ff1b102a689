package orgsim

import (
	"fmt"
	"strings"
)

// api is an operation as CloudTrail records it. The texts are templates.
type api struct {
	service  string // the event source before .amazonaws.com
	name     string // event name
	flags    apiFlag
	arn      string // the resource that the call is authorised on; empty: *
	request  string // requestParameters; empty: null
	response string // responseElements; empty: null
	details  string // serviceEventDetails, of own events

	id       string // service:name
	action   string // IAM action that AWS checks; empty: none
	typ      string // resource type, where the record has resources[]
	version  string // eventVersion
	passes   string // ARN template of the role that the call passes
	compiled compiledAPI
}

type compiledAPI struct {
	arn, request, response, details, extra, resources template
}

type apiFlag uint8

const (
	read   apiFlag = 1 << iota // readOnly
	data                       // data event
	global                     // recorded in us-east-1 whatever the caller's region
	signin                     // AwsConsoleSignIn
	own                        // AwsServiceEvent: what a service tells of itself
)

// apiTable compiles the operations, by id.
func apiTable() (map[string]*api, error) {
	table := make(map[string]*api, len(apis))
	for i := range apis {
		a := apis[i]
		a.id = a.service + ":" + a.name
		a.action = actionOf(a.service, a.name)
		a.typ, a.passes = resourceTypes[a.id], passedRoles[a.id]
		a.version = versionOf(a.service)
		if err := a.compile(); err != nil {
			return nil, err
		}
		if table[a.id] != nil {
			return nil, fmt.Errorf("operation %s is there twice", a.id)
		}
		table[a.id] = &a
	}
	return table, nil
}

func (a *api) compile() error {
	for _, part := range []struct {
		to   *template
		text string
	}{
		{&a.compiled.arn, a.arn},
		{&a.compiled.request, a.request},
		{&a.compiled.response, a.response},
		{&a.compiled.details, a.details},
		{&a.compiled.extra, a.extra()},
		{&a.compiled.resources, a.resources()},
	} {
		t, err := parse(part.text)
		if err != nil {
			return fmt.Errorf("%s: %w", a.id, err)
		}
		*part.to = t
	}
	return nil
}

// extra is the additionalEventData of the services that have one.
func (a *api) extra() string {
	switch {
	case a.service == "s3":
		return `{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":<n>,` +
			`"AuthenticationMethod":"AuthHeader","x-amz-id-2":"<base64>=","bytesTransferredOut":<n>}`
	case a.id == "signin:ConsoleLogin":
		return `{"LoginTo":"https://console.aws.amazon.com/console/home?state=hashArgs%23&isauthcode=true","MobileVersion":"No",` +
			`"MFAIdentifier":"arn:aws:iam::<account>:mfa/<user>","MFAUsed":"Yes"}`
	}
	return ""
}

func (a *api) resources() string {
	switch a.typ {
	case "":
		return ""
	case "AWS::S3::Object":
		return `[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::<name>"},{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<bucket>"}]`
	}
	if a.service == "sts" {
		return `[{"accountId":"<issued.account>","type":"AWS::IAM::Role","ARN":"<arn>"}]`
	}
	return `[{"accountId":"<account>","type":"` + a.typ + `","ARN":"<arn>"}]`
}

// actionOf is our own knowledge of which action an operation needs.
func actionOf(service, name string) string {
	if a, ok := actions[service+":"+name]; ok {
		return a
	}
	if s, ok := prefixes[service]; ok {
		service = s
	}
	return service + ":" + strings.TrimSuffix(strings.TrimSuffix(name, "20150331"), "20150331v2")
}

// versionOf spreads the eventVersions that are in use over the services.
func versionOf(service string) string {
	switch service {
	case "sts", "signin", "ssm", "sso":
		return "1.08"
	case "autoscaling", "elasticloadbalancing":
		return "1.09"
	case "ec2", "logs", "monitoring":
		return "1.10"
	}
	return "1.11"
}

var prefixes = map[string]string{"monitoring": "cloudwatch", "tagging": "tag"}

// actions lists the operations whose action has another name, or none.
var actions = map[string]string{
	"s3:ListBuckets":                "s3:ListAllMyBuckets",
	"s3:ListObjects":                "s3:ListBucket",
	"s3:HeadObject":                 "s3:GetObject",
	"s3:HeadBucket":                 "s3:ListBucket",
	"s3:GetBucketEncryption":        "s3:GetEncryptionConfiguration",
	"signin:ConsoleLogin":           "",
	"sts:GetCallerIdentity":         "",
	"sso:Federate":                  "",
	"sts:AssumeRoleWithSAML":        "",
	"sts:AssumeRoleWithWebIdentity": "",
	"lambda:Invoke":                 "lambda:InvokeFunction",
}

// passedRoles lists the operations that pass a role, and the role.
var passedRoles = map[string]string{
	"lambda:CreateFunction20150331": "arn:aws:iam::<account>:role/<name>",
	"ec2:RunInstances":              "arn:aws:iam::<account>:role/<name>",
	"ecs:RegisterTaskDefinition":    "arn:aws:iam::<account>:role/<name>",
	"ecs:RunTask":                   "arn:aws:iam::<account>:role/<name>",
	"backup:StartBackupJob":         "arn:aws:iam::<account>:role/nightly-backup",
}

var resourceTypes = map[string]string{
	"s3:GetObject": "AWS::S3::Object", "s3:PutObject": "AWS::S3::Object", "s3:HeadObject": "AWS::S3::Object", "s3:DeleteObject": "AWS::S3::Object",
	"s3:ListObjects": "AWS::S3::Bucket", "s3:HeadBucket": "AWS::S3::Bucket", "s3:GetBucketAcl": "AWS::S3::Bucket",
	"s3:GetBucketPolicy": "AWS::S3::Bucket", "s3:GetBucketLocation": "AWS::S3::Bucket", "s3:GetBucketEncryption": "AWS::S3::Bucket",
	"s3:PutBucketPolicy": "AWS::S3::Bucket", "s3:GetBucketPublicAccessBlock": "AWS::S3::Bucket",
	"kms:Decrypt": "AWS::KMS::Key", "kms:GenerateDataKey": "AWS::KMS::Key", "kms:DescribeKey": "AWS::KMS::Key",
	"sts:AssumeRole": "AWS::IAM::Role", "sts:AssumeRoleWithWebIdentity": "AWS::IAM::Role", "sts:AssumeRoleWithSAML": "AWS::IAM::Role",
	"lambda:Invoke":    "AWS::Lambda::Function",
	"dynamodb:GetItem": "AWS::DynamoDB::Table", "dynamodb:PutItem": "AWS::DynamoDB::Table", "dynamodb:DescribeTable": "AWS::DynamoDB::Table",
}
