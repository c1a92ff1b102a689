package catalog

import (
	"slices"
	"strings"
	"testing"
)

// pairs are event source, event name and the actions that such a call is
// authorised under without anything known of its request: names in
// which operation and action differ, sources in which the service's prefix does,
// and names that look like one of these and are not. Authority: the tables of the
// service authorization reference and the "Permissions" of each operation in
// the API references, seen 2026-11.
const pairs = `
s3 ListBuckets s3:ListAllMyBuckets
s3 HeadBucket s3:ListBucket
s3 ListObjects s3:ListBucket
s3 ListObjectsV2 s3:ListBucket
s3 ListObjectVersions s3:ListBucketVersions
s3 ListMultipartUploads s3:ListBucketMultipartUploads
s3 ListParts s3:ListMultipartUploadParts
s3 AbortMultipartUpload s3:AbortMultipartUpload
s3 CreateMultipartUpload s3:PutObject
s3 UploadPart s3:PutObject
s3 CompleteMultipartUpload s3:PutObject
s3 HeadObject s3:GetObject
s3 GetObjectAttributes s3:GetObjectAttributes
s3 GetObjectTagging s3:GetObjectTagging
s3 SelectObjectContent s3:GetObject
s3 DeleteObjects s3:DeleteObject
s3 GetBucketEncryption s3:GetEncryptionConfiguration
s3 PutBucketEncryption s3:PutEncryptionConfiguration
s3 DeleteBucketEncryption s3:PutEncryptionConfiguration
s3 GetBucketLifecycle s3:GetLifecycleConfiguration
s3 GetBucketLifecycleConfiguration s3:GetLifecycleConfiguration
s3 PutBucketLifecycle s3:PutLifecycleConfiguration
s3 DeleteBucketLifecycle s3:PutLifecycleConfiguration
s3 GetBucketReplication s3:GetReplicationConfiguration
s3 PutBucketReplication s3:PutReplicationConfiguration
s3 DeleteBucketReplication s3:PutReplicationConfiguration
s3 GetBucketCors s3:GetBucketCORS
s3 PutBucketCors s3:PutBucketCORS
s3 DeleteBucketCors s3:PutBucketCORS
s3 DeleteBucketTagging s3:PutBucketTagging
s3 DeleteBucketWebsite s3:DeleteBucketWebsite
s3 DeleteBucketPolicy s3:DeleteBucketPolicy
s3 GetBucketNotification s3:GetBucketNotification
s3 GetBucketNotificationConfiguration s3:GetBucketNotification
s3 PutBucketNotificationConfiguration s3:PutBucketNotification
s3 GetBucketAccelerateConfiguration s3:GetAccelerateConfiguration
s3 GetBucketRequestPayment s3:GetBucketRequestPayment
s3 GetBucketPolicyStatus s3:GetBucketPolicyStatus
s3 GetBucketOwnershipControls s3:GetBucketOwnershipControls
s3 DeleteBucketOwnershipControls s3:PutBucketOwnershipControls
s3 GetBucketPublicAccessBlock s3:GetBucketPublicAccessBlock
s3 DeleteBucketPublicAccessBlock s3:PutBucketPublicAccessBlock
s3 GetPublicAccessBlock s3:GetBucketPublicAccessBlock
s3 GetAccountPublicAccessBlock s3:GetAccountPublicAccessBlock
s3 DeleteAccountPublicAccessBlock s3:PutAccountPublicAccessBlock
s3 GetObjectLockConfiguration s3:GetBucketObjectLockConfiguration
s3 PutObjectLockConfiguration s3:PutBucketObjectLockConfiguration
s3 GetBucketObjectLockConfiguration s3:GetBucketObjectLockConfiguration
s3 ListBucketAnalyticsConfigurations s3:GetAnalyticsConfiguration
s3 GetBucketInventoryConfiguration s3:GetInventoryConfiguration
s3 DeleteBucketInventoryConfiguration s3:PutInventoryConfiguration
s3 ListBucketMetricsConfigurations s3:GetMetricsConfiguration
s3 GetBucketIntelligentTieringConfiguration s3:GetIntelligentTieringConfiguration
s3 GetObjectRetention s3:GetObjectRetention
s3 RestoreObject s3:RestoreObject
lambda Invoke lambda:InvokeFunction
lambda ListFunctions20150331 lambda:ListFunctions
lambda GetFunction20150331v2 lambda:GetFunction
lambda GetFunctionConfiguration20150331v2 lambda:GetFunctionConfiguration
lambda UpdateFunctionConfiguration20150331v2 lambda:UpdateFunctionConfiguration
lambda CreateEventSourceMapping20150331 lambda:CreateEventSourceMapping
lambda RemovePermission20150331v2 lambda:RemovePermission
lambda PublishLayerVersion20181031 lambda:PublishLayerVersion
lambda ListTags20170331 lambda:ListTags
lambda PutFunctionConcurrency20171031 lambda:PutFunctionConcurrency
lambda DeleteFunction20150331 lambda:DeleteFunction
lambda GetLayerVersionByArn20181031 lambda:GetLayerVersion
cloudfront CreateInvalidation2020_05_31 cloudfront:CreateInvalidation
cloudfront UpdateDistribution2020_05_31 cloudfront:UpdateDistribution
cloudfront GetDistributionConfig2020_05_31 cloudfront:GetDistributionConfig
cloudfront ListDistributions2020_05_31 cloudfront:ListDistributions
apigateway GetApis apigateway:GET
apigateway CreateRestApi apigateway:POST
apigateway ImportRestApi apigateway:POST
apigateway PutMethod apigateway:PUT
apigateway UpdateStage apigateway:PATCH
apigateway DeleteStage apigateway:DELETE
apigateway TestInvokeMethod apigateway:POST
apigateway GetExport apigateway:GET
apigateway TagResource apigateway:PUT
monitoring DescribeAlarms cloudwatch:DescribeAlarms
monitoring PutMetricAlarm cloudwatch:PutMetricAlarm
monitoring ListDashboards cloudwatch:ListDashboards
tagging GetResources tag:GetResources
tagging UntagResources tag:UntagResources
email SendEmail ses:SendEmail
email ListIdentities ses:ListIdentities
ses GetSendQuota ses:GetSendQuota
ses CreateEmailIdentity ses:CreateEmailIdentity
amazonmq ListBrokers mq:ListBrokers
pinpoint GetApps mobiletargeting:GetApps
opensearchservice DescribeDomains es:DescribeDomains
es ListDomainNames es:ListDomainNames
es CreateElasticsearchDomain es:CreateElasticsearchDomain
migrationhub ListProgressUpdateStreams mgh:ListProgressUpdateStreams
elasticfilesystem DescribeFileSystems elasticfilesystem:DescribeFileSystems
elasticmapreduce RunJobFlow elasticmapreduce:RunJobFlow
application-insights ListApplications applicationinsights:ListApplications
taxconsole GetTaxRegistration tax:GetTaxRegistration
cloudcontrolapi ListResources cloudformation:ListResources
rdsdata ExecuteStatement rds-data:ExecuteStatement
streams.dynamodb GetRecords dynamodb:GetRecords
dynamodb TransactGetItems dynamodb:GetItem
dynamodb BatchGetItem dynamodb:BatchGetItem
dynamodb BatchWriteItem dynamodb:BatchWriteItem
dynamodb DescribeTable dynamodb:DescribeTable
sqs SendMessageBatch sqs:SendMessage
sqs DeleteMessageBatch sqs:DeleteMessage
sqs ChangeMessageVisibilityBatch sqs:ChangeMessageVisibility
sns PublishBatch sns:Publish
kms GenerateDataKeyWithoutPlaintext kms:GenerateDataKeyWithoutPlaintext
kms Decrypt kms:Decrypt
sts AssumeRoleWithSAML sts:AssumeRoleWithSAML
sts GetSessionToken sts:GetSessionToken
sts AssumeRoot sts:AssumeRoot
ec2 ImportImage ec2:ImportImage
ec2 GetPasswordData ec2:GetPasswordData
ec2 DescribeVpcEndpointServices ec2:DescribeVpcEndpointServices
ec2-instance-connect SendSSHPublicKey ec2-instance-connect:SendSSHPublicKey
ebs GetSnapshotBlock ebs:GetSnapshotBlock
rds RestoreDBClusterFromS3 rds:RestoreDBClusterFromS3
rds StartExportTask rds:StartExportTask
elasticloadbalancing DescribeTargetGroups elasticloadbalancing:DescribeTargetGroups
elasticloadbalancing ConfigureHealthCheck elasticloadbalancing:ConfigureHealthCheck
elasticloadbalancing DescribeLoadBalancerPolicies elasticloadbalancing:DescribeLoadBalancerPolicies
autoscaling DescribeScalableTargets application-autoscaling:DescribeScalableTargets
autoscaling RegisterScalableTarget application-autoscaling:RegisterScalableTarget
autoscaling DescribeScalingActivities autoscaling:DescribeScalingActivities
logs FilterLogEvents logs:FilterLogEvents
logs PutSubscriptionFilter logs:PutSubscriptionFilter
states ListStateMachines states:ListStateMachines
states StartSyncExecution states:StartSyncExecution
batch ListJobs batch:ListJobs
ecr BatchGetImage ecr:BatchGetImage
ecr GetDownloadUrlForLayer ecr:GetDownloadUrlForLayer
athena BatchGetQueryExecution athena:BatchGetQueryExecution
glue BatchGetPartition glue:BatchGetPartition
glue GetUnfilteredTableMetadata glue:GetTable
ce GetCostAndUsage ce:GetCostAndUsage
cur DescribeReportDefinitions cur:DescribeReportDefinitions
budgets DescribeBudgets budgets:ViewBudget
budgets CreateBudget budgets:ModifyBudget
budgets DescribeBudgetActionsForAccount budgets:DescribeBudgetActionsForAccount
organizations ListAccounts organizations:ListAccounts
organizations DescribeCreateAccountStatus organizations:DescribeCreateAccountStatus
cognito-idp ListUserPools cognito-idp:ListUserPools
cognito-identity ListIdentityPools cognito-identity:ListIdentityPools
appsync ListGraphqlApis appsync:ListGraphqlApis
data.mediastore PutObject mediastore:PutObject
mediastore ListContainers mediastore:ListContainers
iot ListThings iot:ListThings
iotdata Publish iot:Publish
iot AttachPrincipalPolicy iot:AttachPrincipalPolicy
runtime.lex PostContent lex:PostContent
models.lex GetBots lex:GetBots
chime-sdk-messaging ListChannels chime:ListChannels
dms DescribeReplicationInstances dms:DescribeReplicationInstances
dms DescribeInstanceProfiles dms:ListInstanceProfiles
bedrock ConverseStream bedrock:InvokeModelWithResponseStream
bedrock GetUseCaseForModelAccess bedrock:GetUseCaseForModelAccess
timestream Query timestream:Select
cassandra GetTable cassandra:Select
qconnect ListAssistants wisdom:ListAssistants
servicecatalog-appregistry ListApplications servicecatalog:ListApplications
catalog.marketplace ListEntities aws-marketplace:ListEntities
metering.marketplace MeterUsage aws-marketplace:MeterUsage
ssm CreateDataChannel ssmmessages:CreateDataChannel
ssm StartSession ssm:StartSession
sso ListInstances sso:ListInstances
sso-directory CreateUser sso-directory:CreateUser
identitystore ListUsers identitystore:ListUsers
kafka ListClustersV2 kafka:ListClustersV2
wafv2 ListWebACLs wafv2:ListWebACLs
waf-regional GetChangeToken waf-regional:GetChangeToken
route53domains ListDomains route53domains:ListDomains
route53resolver ListResolverRules route53resolver:ListResolverRules
redshift-data GetStatementResultV2 redshift-data:GetStatementResult
secretsmanager BatchGetSecretValue secretsmanager:BatchGetSecretValue
greengrassv2 ListCoreDevices greengrass:ListCoreDevices
kinesisanalytics ListApplications kinesisanalytics:ListApplications
voice-id ListDomains voiceid:ListDomains
workmail ListOrganizations workmail:ListOrganizations
glacier ListVaults glacier:ListVaults
support DescribeSeverityLevels support:DescribeSeverityLevels
eks AccessKubernetesApi eks:AccessKubernetesApi
`

func TestPairs(t *testing.T) {
	n := 0
	for _, line := range strings.Split(strings.TrimSpace(pairs), "\n") {
		words := strings.Fields(line)
		e := call(words[0], words[1], ``)
		a := Default().Attribute(&e)
		var got []string
		for _, u := range a.Actions {
			got = append(got, u.Action)
		}
		if n++; !slices.Equal(got, words[2:]) {
			t.Errorf("%s %s: got %q, want %q", words[0], words[1], got, words[2:])
		}
	}
	t.Logf("%d pairs", n)
}
