package orgsim

import "slices"

// Addresses: 192.0.2.0/24 is the cloud's, 198.51.100.0/24 the office's,
// 203.0.113.0/24 a stranger's; the others have a network of IPv6 each.
const (
	office     = "198.51.100.10|198.51.100.11"
	prodNAT    = "192.0.2.20|192.0.2.21"
	dataNAT    = "192.0.2.40"
	newDataNAT = "3fff:40::9"
	devNAT     = "192.0.2.60"
	cloud      = "192.0.2.130|192.0.2.137|192.0.2.142|192.0.2.151|192.0.2.166|192.0.2.173|192.0.2.184|192.0.2.199|192.0.2.203|192.0.2.217"
	runners    = "3fff:<run>:<n>::5"
	mobile     = "2001:db8:<day>::<n>"
	stranger   = "203.0.113.77"
)

const (
	cliLinux  = "aws-cli/2.27.22 md/awscrt#0.26.1 ua/2.1 os/linux#6.8.0-60-generic md/arch#x86_64 lang/python#3.13.3 md/pyimpl#CPython m/Z,b,E cfg/retry-mode#standard md/installer#exe md/prompt#off"
	cliMac    = "aws-cli/2.27.22 md/awscrt#0.26.1 ua/2.1 os/macos#24.5.0 md/arch#arm64 lang/python#3.13.3 md/pyimpl#CPython m/Z,b,E cfg/retry-mode#standard md/installer#source md/prompt#off"
	cliWin    = "aws-cli/2.15.30 md/awscrt#0.19.19 ua/2.0 os/windows#11 md/arch#amd64 lang/python#3.11.8 md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe md/prompt#off"
	boto      = "Boto3/1.38.27 md/Botocore#1.38.27 ua/2.1 os/linux#6.1.140-154.222.amzn2023.x86_64 md/arch#x86_64 lang/python#3.12.3 md/pyimpl#CPython m/Z,b cfg/retry-mode#legacy Botocore/1.38.27"
	java      = "aws-sdk-java/2.31.50 md/io#sync md/http#Apache ua/2.1 os/Linux#6.1.140-154.222.amzn2023.x86_64 lang/java#21.0.7 md/OpenJDK_64-Bit_Server_VM#21.0.7+6-LTS md/vendor#Amazon.com_Inc. md/en_US m/D,N,e"
	node      = "aws-sdk-js/3.817.0 ua/2.1 os/linux#5.10.236-248.970.amzn2.aarch64 lang/js md/nodejs#22.14.0 exec-env/AWS_Lambda_nodejs22.x m/E,N,r"
	golang    = "aws-sdk-go-v2/1.36.3 ua/2.1 os/linux lang/go#1.24.3 md/GOOS#linux md/GOARCH#amd64 m/E,i"
	terraform = "APN/1.0 HashiCorp/1.0 Terraform/1.12.1 (+https://www.terraform.io) terraform-provider-aws/5.99.1 aws-sdk-go-v2/1.36.3 ua/2.1 os/linux lang/go#1.23.8 md/GOOS#linux md/GOARCH#amd64"
	workflow  = "aws-sdk-js/3.817.0 ua/2.1 os/linux#6.11.0-1015-azure lang/js md/nodejs#20.19.1 exec-env/github-actions configure-aws-credentials-for-github-actions"
	ssmAgent  = "aws-sdk-go/1.55.5 (go1.23.8; linux; amd64) amazon-ssm-agent/3.3.1957.0"
)

// DefaultPersonas is the cast of the demo: a shop with four accounts (0
// management, 1 production, 2 development, 3 data). The slice is the caller's.
func DefaultPersonas() []Persona {
	return slices.Concat(people(), machines(), pipelines(), services(), troubles(), quiets())
}

// looks is what people look at in the console and the CLI.
var looks = []string{
	"6 ec2:DescribeInstances", "3 ec2:DescribeSecurityGroups", "2 ec2:DescribeVpcs", "2 ec2:DescribeVolumes", "2 logs:DescribeLogGroups",
	"3 monitoring:DescribeAlarms", "2 s3:ListBuckets", "2 lambda:ListFunctions20150331", "2 ecs:ListClusters", "1 rds:DescribeDBInstances",
	"1 elasticloadbalancing:DescribeLoadBalancers", "1 autoscaling:DescribeAutoScalingGroups", "1 cloudformation:ListStacks", "1 sqs:ListQueues",
}

func people() []Persona {
	return []Persona{
		{Name: "PlatformAdmin", Kind: SSO, Every: true, Units: []string{"alice@example.com", "bjarne@example.com"}, Rhythm: Office, Rate: 30,
			Network: office, Agents: []string{cliMac, cliMac, terraform}, Console: 0.5, Attached: []string{"AdministratorAccess"}, Script: platform,
			Work: slices.Concat(looks, []string{
				"2 iam:ListRoles", "2 iam:GetRole web checkout-api batch-worker", "1 cloudtrail:DescribeTrails", "1 iam:ListAttachedRolePolicies web",
				"1 ec2:AuthorizeSecurityGroupIngress sg-0a1b2c3d4e5f60718", "1 ec2:CreateSecurityGroup shop-internal", "1 monitoring:PutMetricAlarm orders-errors",
				"1 iam:GetUser nobody fail:noentity", "1 route53:ListHostedZones", "1 health:DescribeEventAggregates",
			}),
			Plants: []Plant{{Kind: PolicyChange, MustFind: true, Severity: "info", Address: "198.51.100.10",
				Detail: "alice detached the policy lake-query from the role etl"}}},
		{Name: "Developer", Kind: SSO, Account: 2, Units: []string{"chen@example.com", "divya@example.com", "emil@example.com", "fatima@example.com", "goran@example.com"},
			Rhythm: Office, Rate: 45, Network: office, Agents: []string{cliMac, cliLinux}, Console: 0.4,
			Policies: []Policy{{Name: "developer", Grants: []Grant{
				{Actions: "ec2:* lambda:* logs:* cloudwatch:* dynamodb:* sqs:* ecs:* ecr:*"}, {Actions: "s3:*", Resources: "arn:aws:s3:::acme-dev-* arn:aws:s3:::acme-artifacts*"},
				{Actions: "iam:PassRole", Resources: "arn:aws:iam::<account>:role/dev-function"},
			}}},
			Work: slices.Concat(looks, []string{
				"4 logs:StartQuery /aws/lambda/dev-function", "3 lambda:GetFunction20150331v2 dev-function", "2 lambda:UpdateFunctionCode20150331v2 dev-function",
				"4 s3:ListObjects acme-dev-assets", "6 s3:GetObject acme-dev-assets/fixtures/<hex8>.json", "2 ecs:DescribeServices catalog", "3 dynamodb:DescribeTable carts",
				"1 ec2:StopInstances i-0d9c8b7a6f5e43210", "1 ec2:StartInstances i-0d9c8b7a6f5e43210",
			}), Script: developers,
			Plants: []Plant{
				{Kind: DeniedSCP, MustFind: true, Severity: "low", Address: "198.51.100.11", Detail: "a service control policy forbids internet gateways"},
				{Kind: DeniedPassRole, MustFind: true, Severity: "medium", Address: "198.51.100.10", Detail: "creates a function with a role that it may not pass"},
			}},
		{Name: "DataAnalyst", Kind: SSO, Account: 3, Units: []string{"hanna@example.com", "igor@example.com", "jonas@example.com"}, Rhythm: Office, Rate: 50,
			Network: office, Agents: []string{cliMac, boto}, Console: 0.6,
			Policies: []Policy{{Name: "analyst", Grants: []Grant{{Actions: "glue:Get* athena:*"}, {Actions: "s3:Get* s3:List*", Resources: "arn:aws:s3:::acme-lake*"}}}},
			Work: []string{"8 athena:StartQueryExecution analysts", "12 athena:GetQueryExecution analysts", "4 glue:GetTable lake/orders lake/customers", "3 glue:GetPartitions lake/orders",
				"3 glue:GetDatabases", "6 s3:GetObject acme-lake/results/<uuid>.csv", "3 s3:ListObjects acme-lake", "2 s3:GetBucketLocation acme-lake via:athena"}},
		{Name: "Support", Kind: SSO, Account: 1, Units: []string{"karin@example.com", "lars@example.com"}, Rhythm: Office, Rate: 40,
			Network: office, Agents: []string{cliMac}, Console: 0.9, Attached: []string{"ReadOnlyAccess"}, Work: looks, Script: support,
			Plants: []Plant{{Kind: DeniedConsole, MustFind: true, Severity: "info", Address: "198.51.100.10", Detail: "the console asks for what a reader may not see"}}},
		{Name: "Auditor", Kind: SSO, Account: 0, Units: []string{"maria@example.com"}, Rhythm: PartTime, Rate: 30, Network: office, Agents: []string{cliMac}, Console: 0.8,
			Attached: []string{"SecurityAudit"}, Work: []string{"3 securityhub:GetFindings", "2 guardduty:ListDetectors", "2 access-analyzer:ListAnalyzers", "3 iam:ListUsers",
				"2 iam:GetAccountSummary", "2 config:DescribeConfigRules", "1 cloudtrail:DescribeTrails", "1 cloudtrail:GetTrailStatus organisation"}},
		{Name: "monitoring-probe", Account: 1, Rate: 120, Network: "3fff:50::7", Agents: []string{golang}, Created: 380,
			Work: []string{"5 monitoring:DescribeAlarms", "3 ec2:DescribeInstances", "2 elasticloadbalancing:DescribeTargetHealth", "1 tagging:GetResources"}},
		{Name: "finance-reader", Account: 0, Rhythm: Office, Rate: 8, Network: office, Agents: []string{browser}, Password: true, MFA: true, NoKey: true, Console: 1, Group: "finance",
			Work: []string{"5 ce:GetCostAndUsage", "1 organizations:ListAccounts", "1 organizations:DescribeOrganization"}},
	}
}

func machines() []Persona {
	return []Persona{
		{Name: "web", Kind: Instance, Account: 1, Units: []string{"i-0a11b22c33d44e55f", "i-0b22c33d44e55f66a", "i-0c33d44e55f66a77b"}, Rate: 190, Network: prodNAT, Agents: []string{java}, Endpoint: "vpce-0b1c2d3e4f5061728",
			Attached: []string{"AmazonSSMManagedInstanceCore"},
			Policies: []Policy{{Name: "web", Grants: []Grant{{Actions: "s3:*", Resources: "arn:aws:s3:::acme-assets arn:aws:s3:::acme-assets/*"}, {Actions: "sqs:*"}}}},
			Work: []string{"10 s3:GetObject acme-assets/img/<hex8>.webp", "3 s3:PutObject acme-assets/uploads/<date>/<uuid>", "4 secretsmanager:GetSecretValue shop/session-AbC123",
				"3 sqs:GetQueueUrl orders", "2 sqs:GetQueueAttributes orders", "3 ssm:UpdateInstanceInformation i-0a11b22c33d44e55f", "1 s3:HeadObject acme-assets/img/<hex8>.webp",
				"1 s3:GetObject acme-assets/img/<hex8>.webp fail:nokey"}},
		{Name: "checkout-api", Kind: Task, Account: 1, Rate: 420, Network: prodNAT, Agents: []string{java}, Least: 3, Tags: "team=checkout",
			Policies: []Policy{{Name: "checkout-secrets", Grants: []Grant{{Actions: "secretsmanager:*"}}}},
			Work:     []string{"30 secretsmanager:GetSecretValue checkout/db-Qz81Lm checkout/psp-Vt52Ka", "1 secretsmanager:DescribeSecret checkout/db-Qz81Lm"},
			Plants:   []Plant{{Kind: OverPrivileged, MustFind: true, Severity: "high", Detail: "may do everything with every secret, reads two of them"}}},
		{Name: "catalog-api", Kind: Task, Account: 1, Units: []string{"7d1c0f5f4c3b4f7e9a6d1c2b3a495867", "1f2e3d4c5b6a79880716253443526170"}, Rate: 180, Network: prodNAT, Agents: []string{golang},
			Policies: []Policy{{Name: "catalog-table", Grants: []Grant{{Actions: "dynamodb:*", Resources: "arn:aws:dynamodb:*:<account>:table/products"}}}},
			Work:     []string{"20 dynamodb:GetItem products", "4 dynamodb:PutItem products", "1 dynamodb:DescribeTable products", "2 kms:Decrypt 1b6f3a52-8f0e-4d3c-9a57-2f6f0c9f1a10"}},
		{Name: "payments-api", Kind: Task, Account: 1, Rate: 260, Network: prodNAT, Agents: []string{java},
			Work: []string{"8 kms:Decrypt 1b6f3a52-8f0e-4d3c-9a57-2f6f0c9f1a10", "4 kms:GenerateDataKey 1b6f3a52-8f0e-4d3c-9a57-2f6f0c9f1a10", "3 secretsmanager:GetSecretValue payments/psp-Rw93Zn",
				"3 sqs:GetQueueUrl payments"}},
		{Name: "ecs-execution", Kind: Task, Account: 1, Rate: 40, Network: prodNAT, Agents: []string{golang},
			Work: []string{"4 ecr:GetAuthorizationToken", "6 ecr:BatchGetImage catalog-api checkout-api payments-api", "2 logs:CreateLogStream /ecs/shop"}},
		{Name: "order-events", Kind: Function, Account: 1, Rate: 240, Network: cloud, Agents: []string{node}, Attached: []string{"AWSLambdaBasicExecutionRole"},
			Policies: []Policy{{Name: "orders", Grants: []Grant{{Actions: "dynamodb:* sns:* sqs:*"}}}},
			Work:     []string{"8 dynamodb:PutItem orders", "4 dynamodb:GetItem orders", "2 logs:CreateLogStream /aws/lambda/order-events", "2 s3:PutObject acme-orders/<date>/<uuid>.json"}},
		{Name: "image-resize", Kind: Function, Account: 1, Rate: 180, Network: cloud, Agents: []string{node}, Attached: []string{"AWSLambdaBasicExecutionRole"},
			Policies: []Policy{{Name: "images", Inline: true, Grants: []Grant{{Actions: "s3:*"}}}},
			Work:     []string{"5 s3:GetObject acme-assets/uploads/<date>/<uuid>", "5 s3:PutObject acme-assets/img/<hex8>.webp", "1 logs:CreateLogStream /aws/lambda/image-resize"}},
		{Name: "dev-function", Kind: Function, Account: 2, Rate: 60, Network: cloud, Agents: []string{node}, Attached: []string{"AWSLambdaBasicExecutionRole"},
			Work: []string{"3 dynamodb:GetItem carts", "2 dynamodb:PutItem carts", "1 logs:CreateLogStream /aws/lambda/dev-function"}},
		{Name: "dev-runner", Kind: Instance, Account: 2, Units: []string{"i-0d9c8b7a6f5e43210"}, Rate: 90, Network: devNAT, Agents: []string{golang, ssmAgent},
			Attached: []string{"AmazonSSMManagedInstanceCore"}, Boundary: "dev-boundary", Script: runner,
			Policies: []Policy{{Name: "dev-boundary", Detached: true, Grants: []Grant{{Actions: "ec2:* s3:* ecr:* ssm:* ssmmessages:* ec2messages:* logs:*"}}},
				{Name: "dev-build", Grants: []Grant{{Actions: "ecr:* iam:CreateRole"}}}},
			Work:   []string{"3 ssm:UpdateInstanceInformation i-0d9c8b7a6f5e43210", "2 ecr:GetAuthorizationToken", "4 s3:GetObject acme-artifacts/cache/<hex8>.tgz", "2 s3:PutObject acme-artifacts/cache/<hex8>.tgz"},
			Plants: []Plant{{Kind: DeniedBoundary, MustFind: true, Severity: "low", Address: devNAT, Detail: "the permissions boundary leaves out iam:CreateRole"}}},
		{Name: "audit-collector", Kind: Function, Account: 0, Rate: 50, Network: cloud, Agents: []string{boto}, Attached: []string{"AWSLambdaBasicExecutionRole"},
			Policies: []Policy{{Name: "assume-audit", Grants: []Grant{{Actions: "sts:AssumeRole", Resources: "arn:aws:iam::*:role/security-audit"}}}},
			Work:     []string{"2 organizations:ListAccounts", "1 organizations:DescribeOrganization", "2 s3:PutObject acme-audit/<date>/<uuid>.json"}},
		{Name: "security-audit", Kind: Assumed, By: "audit-collector", Every: true, Units: []string{"audit"}, Rate: 60, Network: cloud, Agents: []string{boto}, Attached: []string{"SecurityAudit"},
			Work: []string{"3 iam:ListUsers", "3 iam:ListRoles", "2 iam:GetAccountSummary", "2 s3:GetBucketPublicAccessBlock acme-assets acme-lake", "2 ec2:DescribeSecurityGroups", "1 kms:ListAliases",
				"1 cloudtrail:DescribeTrails", "1 iam:GenerateCredentialReport"}},
		{Name: "nightly-backup", Kind: Function, Account: 1, Rhythm: Nightly, Rate: 40, Network: cloud, Agents: []string{boto},
			Policies: []Policy{{Name: "backup", Grants: []Grant{{Actions: "backup:* rds:* ec2:CreateSnapshot ec2:CreateTags"}}}},
			Work:     []string{"3 rds:CreateDBSnapshot shop", "3 rds:DescribeDBInstances", "2 backup:StartBackupJob shop", "2 backup:ListBackupJobs", "2 ec2:CreateSnapshot vol-0123456789abcdef0"}},
		{Name: "reporting-admin", Kind: Function, Account: 1, Rate: 30, Network: cloud, Agents: []string{boto}, Attached: []string{"AdministratorAccess"}, Least: 2,
			Work:   []string{"3 rds:DescribeDBInstances", "3 monitoring:DescribeAlarms", "2 s3:ListBuckets", "2 ec2:DescribeInstances", "1 ce:GetCostAndUsage"},
			Plants: []Plant{{Kind: AdminReadsOnly, MustFind: true, Severity: "high", Detail: "may do anything, only reads"}}},
		{Name: "glue-crawler", Kind: Job, Account: 3, Rhythm: Nightly, Rate: 60, Network: cloud, Agents: []string{java},
			Policies: []Policy{{Name: "crawler", Grants: []Grant{{Actions: "glue:*"}}}},
			Work:     []string{"4 glue:GetDatabases", "3 glue:GetPartitions lake/orders lake/events", "6 s3:ListObjects acme-lake", "6 s3:GetObject acme-lake/orders/<date>/<hex8>.parquet"}},
	}
}

func pipelines() []Persona {
	return []Persona{
		{Name: "github-shop", Kind: Pipeline, Account: 1, Rate: 160, Network: runners, Agents: []string{workflow, terraform}, Least: 4, Script: deploy,
			Policies: []Policy{{Name: "shop-deploy", Grants: []Grant{{Actions: "ecs:* ecr:* lambda:* cloudformation:*"},
				{Actions: "iam:PassRole", Resources: "arn:aws:iam::<account>:role/*"}, {Actions: "ec2:RunInstances ec2:CreateTags ec2:Describe*"}}}},
			Work: []string{"6 ecs:DescribeServices catalog checkout payments", "3 ecs:UpdateService catalog checkout payments", "2 ecr:GetAuthorizationToken", "3 ecr:PutImage catalog-api checkout-api payments-api",
				"4 cloudformation:DescribeStacks shop-network shop-data", "3 ecs:DescribeTasks", "2 lambda:UpdateFunctionCode20150331v2 order-events image-resize",
				"3 ec2:DescribeSecurityGroups via:cloudformation", "2 ec2:DescribeSubnets via:cloudformation"},
			Plants: []Plant{
				{Kind: PassRoleUse, MustFind: true, Severity: "info", Detail: "passes roles to Lambda, ECS and EC2: a trimmed policy has to keep that",
					Actions: []string{"iam:PassRole"}, Resources: []string{"arn:aws:iam::<account>:role/order-events"}},
				{Kind: QuietCI, Detail: "a workflow that comes from a new network on every run"},
			}},
		{Name: "github-images", Kind: Pipeline, Account: 2, Rate: 60, Network: runners, Agents: []string{workflow}, Script: images,
			Policies: []Policy{{Name: "images-deploy", Grants: []Grant{{Actions: "ecr:*"}, {Actions: "s3:*", Resources: "arn:aws:s3:::acme-artifacts arn:aws:s3:::acme-artifacts/*"}}}},
			Work:     []string{"3 ecr:GetAuthorizationToken", "4 ecr:PutImage dev-function catalog-api", "3 s3:PutObject acme-artifacts/<hex8>.zip"},
			Plants:   []Plant{{Kind: DeniedSession, MustFind: true, Severity: "low", Detail: "the session policy of the workflow leaves out s3:DeleteObject"}}},
		{Name: "github-lake", Kind: Pipeline, Account: 3, Rate: 40, Network: runners, Agents: []string{terraform},
			Policies: []Policy{{Name: "lake-deploy", Grants: []Grant{{Actions: "glue:*"}}}},
			Work:     []string{"3 glue:GetTable lake/orders", "2 glue:StartJobRun compact", "2 s3:PutObject acme-lake/jobs/<hex8>.py", "1 cloudformation:DescribeStacks lake"}},
	}
}

func services() []Persona {
	return []Persona{
		{Name: "AWSServiceRoleForConfig", Kind: Linked, By: "config.amazonaws.com", Every: true, Rate: 120, Network: "config.amazonaws.com", Agents: []string{"config.amazonaws.com"},
			Attached: []string{"AWSConfigServiceRolePolicy"}, Strict: true,
			Work: []string{"6 config:PutEvaluations", "3 iam:ListRoles via:config", "3 ec2:DescribeSecurityGroups via:config", "2 s3:GetBucketAcl acme-lake acme-assets via:config", "2 iam:GetRole web via:config",
				"1 s3:GetBucketPolicy acme-assets via:config", "1 ec2:DescribeNetworkInterfaces via:config"}},
		{Name: "cloudtrail.amazonaws.com", Kind: Service, Account: 0, Rate: 90, Work: []string{"3 s3:PutObject acme-trail/AWSLogs/<account>/CloudTrail/<date>/<hex32>.json.gz", "1 s3:GetBucketAcl acme-trail"}},
		{Name: "delivery.logs.amazonaws.com", Kind: Service, Account: 3, Rate: 45, Least: 6,
			Work:   []string{"1 s3:PutObject acme-flow-logs/AWSLogs/<account>/vpcflowlogs/eu-west-1/<date>/<hex32>.log.gz fail:logs plant:" + DeniedByService},
			Plants: []Plant{{Kind: DeniedByService, MustFind: true, Severity: "info", Detail: "flow logs are not written: the bucket's policy refuses the delivery service", Address: "delivery.logs.amazonaws.com"}}},
		{Name: "elasticloadbalancing.amazonaws.com", Kind: Service, Account: 1, Rate: 40, Work: []string{"1 s3:PutObject acme-elb-logs/AWSLogs/<account>/elasticloadbalancing/<date>/<hex32>.log.gz"}},
	}
}
