package catalog

import "strings"

// overlay names the actions of operations that are authorised under another
// name, by service prefix: one operation a line, then its actions ("svc:"
// where the service is another). Every action must exist; a test holds that.
// Where an operation may need more, depending on its request, only what every
// such call needs stands here; see specials for the rest.
//
// Authority: "Actions" of the API reference and "Actions, resources, and
// condition keys" of the service authorization reference; denials recorded in
// public trails agree.
var overlay = map[string]string{
	"access-analyzer": `
		GetFindingV2 GetFinding
		ListFindingsV2 ListFindings`,
	"agent-registry": `
		BatchGetDiscoverableRegistryRecord GetDiscoverableRegistryRecord`,
	"aws-marketplace": `
		BatchDescribeEntities DescribeEntity`,
	"bedrock": `
		Converse InvokeModel
		ConverseStream InvokeModelWithResponseStream
		InvokeModelWithBidirectionalStream InvokeModel
		RetrieveAndGenerateStream RetrieveAndGenerate
		StartAsyncInvoke InvokeModel`,
	"cloudfront": `
		CreateDistributionWithTags CreateDistribution TagResource
		CreateStreamingDistributionWithTags CreateStreamingDistribution TagResource`,
	"cloudtrail": `
		ListInsightsMetricData ListInsightsData`,
	"connect": `
		UpdateUserConfig UpdateUserPhoneConfig`,
	"detective": `
		ListOrganizationAdminAccounts ListOrganizationAdminAccount`,
	"dms": `
		DescribeExtensionPackAssociations ListExtensionPacks
		DescribeMetadataModelExportsAsScript ListMetadataModelExports
		DescribeMetadataModelExportsToTarget ListMetadataModelExports
		ModifyConversionConfiguration UpdateConversionConfiguration
		ModifyDataProvider UpdateDataProvider
		ModifyInstanceProfile UpdateInstanceProfile
		ModifyMigrationProject UpdateMigrationProject
		StartExtensionPackAssociation AssociateExtensionPack
		StartMetadataModelExportAsScript StartMetadataModelExportAsScripts`,
	"dynamodb": `
		TransactGetItems GetItem`,
	"ecr": `
		ListImageReferrers BatchGetImage`,
	"glue": `
		GetUnfilteredPartitionMetadata GetPartition
		GetUnfilteredPartitionsMetadata GetPartitions
		GetUnfilteredTableMetadata GetTable
		ListDataQualityStatisticAnnotations GetDataQualityResult
		ListDataQualityStatistics GetDataQualityResult`,
	"iotjobsdata": `
		StartCommandExecution iot:StartCommandExecution`,
	"lakeformation": `
		GetTemporaryDataLocationCredentials GetDataAccess`,
	"lambda": `
		GetLayerVersionByArn GetLayerVersion
		Invoke InvokeFunction
		InvokeExecution InvokeFunction
		InvokeWithResponseStream InvokeFunction`,
	"lex": `
		ListUtteranceAnalyticsData ListAggregatedUtterances
		ListUtteranceMetrics ListAggregatedUtterances`,
	"qapps": `
		CreatePresignedUrl ImportDocument`,
	"quicksight": `
		CreateTopicV2 CreateTopic
		DeleteTopicV2 DeleteTopic
		DescribeAnalysisDefinition DescribeAnalysis
		DescribeDashboardDefinition DescribeDashboard
		DescribeTemplateDefinition DescribeTemplate
		DescribeTopicPermissionsV2 DescribeTopicPermissions
		DescribeTopicV2 DescribeTopic
		ListTopicsV2 ListTopics
		UpdateTopicPermissionsV2 UpdateTopicPermissions
		UpdateTopicV2 UpdateTopic`,
	"redshift-data": `
		GetStatementResultV2 GetStatementResult`,
	"resource-explorer-2": `
		ListResources Search`,
	"s3": `
		CompleteMultipartUpload PutObject
		CreateBucketMetadataConfiguration CreateBucketMetadataTableConfiguration
		CreateMultipartUpload PutObject
		DeleteAccountPublicAccessBlock PutAccountPublicAccessBlock
		DeleteBucketCors PutBucketCORS
		DeleteBucketMetadataConfiguration DeleteBucketMetadataTableConfiguration
		DeleteBucketOwnershipControls PutBucketOwnershipControls
		DeleteBucketPublicAccessBlock PutBucketPublicAccessBlock
		DeleteBucketTagging PutBucketTagging
		DeletePublicAccessBlock PutBucketPublicAccessBlock
		GetBucketMetadataConfiguration GetBucketMetadataTableConfiguration
		GetBucketNotificationConfiguration GetBucketNotification
		GetBucketObjectVersions ListBucketVersions
		GetObjectLockConfiguration GetBucketObjectLockConfiguration
		GetPublicAccessBlock GetBucketPublicAccessBlock
		HeadBucket ListBucket
		InitiateMultipartUpload PutObject
		ListBuckets ListAllMyBuckets
		ListMultipartUploads ListBucketMultipartUploads
		ListObjectVersions ListBucketVersions
		ListObjects ListBucket
		ListObjectsV2 ListBucket
		ListParts ListMultipartUploadParts
		PostObject PutObject
		PutBucketNotificationConfiguration PutBucketNotification
		PutObjectLockConfiguration PutBucketObjectLockConfiguration
		PutPublicAccessBlock PutBucketPublicAccessBlock
		UploadPart PutObject
		WriteGetObjectResponse s3-object-lambda:WriteGetObjectResponse`,
	"s3express": `
		AbortMultipartUpload CreateSession
		CompleteMultipartUpload CreateSession
		CopyObject CreateSession
		CreateMultipartUpload CreateSession
		DeleteObject CreateSession
		DeleteObjects CreateSession
		GetObject CreateSession
		GetObjectAttributes CreateSession
		HeadBucket CreateSession
		HeadObject CreateSession
		ListDirectoryBuckets ListAllMyDirectoryBuckets
		ListMultipartUploads CreateSession
		ListObjectsV2 CreateSession
		ListParts CreateSession
		PutObject CreateSession
		RenameObject CreateSession
		UploadPart CreateSession
		UploadPartCopy CreateSession`,
	"securityhub": `
		BatchUpdateFindingsV2 BatchUpdateFindings
		GetFindingStatisticsV2 GetAdhocInsightResults
		GetFindingsV2 GetFindings`,
	"signin": `
		CreateOAuth2TokenWithIAM CreateOAuth2Token
		IntrospectOAuth2TokenWithIAM IntrospectOAuth2Token
		RevokeOAuth2TokenWithIAM RevokeOAuth2Token`,
	"sns": `
		PublishBatch Publish`,
	"sqs": `
		ChangeMessageVisibilityBatch ChangeMessageVisibility
		DeleteMessageBatch DeleteMessage
		SendMessageBatch SendMessage`,
	"ssm": `
		CreateControlChannel ssmmessages:CreateControlChannel
		CreateDataChannel ssmmessages:CreateDataChannel
		OpenControlChannel ssmmessages:OpenControlChannel
		OpenDataChannel ssmmessages:OpenDataChannel`,
	"tax": `
		BatchGetTaxExemptions GetExemptions
		GetTaxExemptionTypes GetExemptions
		ListTaxExemptions GetExemptions
		PutTaxExemption UpdateExemptions`,
	"timestream": `
		Query Select`,
	"verifiedpermissions": `
		BatchGetPolicy GetPolicy
		BatchIsAuthorized IsAuthorized
		BatchIsAuthorizedWithToken IsAuthorizedWithToken`,
}

// batches are services whose BatchX operations are authorised, item by item,
// as X: what follows Batch.
var batches = map[string]string{
	"bcm-pricing-calculator": "CreateBillScenarioCommitmentModification CreateBillScenarioUsageModification CreateWorkloadEstimateUsage " +
		"DeleteBillScenarioCommitmentModification DeleteBillScenarioUsageModification DeleteWorkloadEstimateUsage " +
		"UpdateBillScenarioCommitmentModification UpdateBillScenarioUsageModification UpdateWorkloadEstimateUsage",
	"deadline":        "GetJob GetSession GetSessionAction GetStep GetTask GetWorker UpdateJob UpdateTask",
	"glue":            "GetDataQualityResult PutDataQualityStatisticAnnotation",
	"iotfleetwise":    "CreateVehicle",
	"mediaconnect":    "GetRouterInput GetRouterNetworkInterface GetRouterOutput",
	"route53resolver": "CreateFirewallRule DeleteFirewallRule UpdateFirewallRule",
	"vpc-lattice":     "UpdateRule",
}

// overlaid returns the full names of the actions that the overlay gives an
// operation, in lower case; nil where it has none.
func overlaid(prefix, op string) []string {
	if name, ok := strings.CutPrefix(op, "batch"); ok {
		for _, b := range strings.Fields(batches[prefix]) {
			if strings.EqualFold(b, name) {
				return []string{prefix + ":" + name}
			}
		}
	}
	for _, line := range strings.Split(overlay[prefix], "\n") {
		words := strings.Fields(line)
		if len(words) > 1 && strings.EqualFold(words[0], op) {
			return qualified(prefix, words[1:])
		}
	}
	return nil
}

// qualified puts prefix before the names that have none, in lower case.
func qualified(prefix string, names []string) []string {
	out := make([]string, 0, len(names))
	for _, n := range names {
		if !strings.Contains(n, ":") {
			n = prefix + ":" + n
		}
		out = append(out, strings.ToLower(n))
	}
	return out
}

// family returns the action of a family of operations whose names follow a
// pattern, lower case, or "". It may not exist; the caller looks.
func family(prefix, op string) string {
	switch prefix {
	case "s3", "s3express":
		return s3Configuration(prefix, op)
	case "dms":
		if rest, ok := strings.CutPrefix(op, "describe"); ok {
			return "dms:list" + rest
		}
	case "budgets":
		return budget(op)
	case "cassandra":
		return keyspaces(op)
	}
	return ""
}

func budget(op string) string {
	if strings.HasPrefix(op, "describe") {
		return "budgets:viewbudget"
	}
	for _, verb := range []string{"create", "update", "delete"} {
		if strings.HasPrefix(op, verb) {
			return "budgets:modifybudget"
		}
	}
	return ""
}

// s3Configuration maps Get and ListBucketXConfiguration(s) to
// GetXConfiguration, and Put and DeleteBucketX(Configuration) to
// PutXConfiguration.
func s3Configuration(prefix, op string) string {
	for _, f := range []struct{ from, to string }{
		{"getbucket", "get"}, {"listbucket", "get"}, {"putbucket", "put"}, {"deletebucket", "put"},
	} {
		if x, ok := strings.CutPrefix(op, f.from); ok {
			x = strings.TrimSuffix(strings.TrimSuffix(x, "s"), "configuration")
			return prefix + ":" + f.to + x + "configuration"
		}
	}
	return ""
}

// keyspaces maps operations and CQL statements of Amazon Keyspaces to its
// verbs (Keyspaces developer guide, "How Amazon Keyspaces works with IAM").
func keyspaces(op string) string {
	for _, v := range []struct{ from, to string }{
		{"create", "create"}, {"alter", "alter"}, {"drop", "drop"}, {"get", "select"}, {"list", "select"}, {"select", "select"},
		{"restore", "restore"}, {"insert", "modify"}, {"batch", "modify"},
	} {
		if strings.HasPrefix(op, v.from) {
			return "cassandra:" + v.to
		}
	}
	// A statement on rows is its verb alone; on a keyspace, table or type the name follows.
	switch {
	case op == "update" || op == "delete":
		return "cassandra:modify"
	case strings.HasPrefix(op, "update"):
		return "cassandra:alter"
	case strings.HasPrefix(op, "delete"):
		return "cassandra:drop"
	}
	return ""
}

// familyTargets are the actions that family, and API Gateway's verbs, may
// give, as Expand patterns.
var familyTargets = []string{
	"apigateway:DELETE", "apigateway:GET", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT",
	"s3:Get*Configuration", "s3:Put*Configuration", "s3express:Get*Configuration", "s3express:Put*Configuration", "dms:List*", "budgets:ViewBudget", "budgets:ModifyBudget",
	"cassandra:Create", "cassandra:Alter", "cassandra:Drop", "cassandra:Select", "cassandra:Restore", "cassandra:Modify",
}
