package orgsim

import "slices"

// The hold-out: another organisation, an energy supplier, with other people,
// machines, oddities and intruders than the demo's. It was written before the
// findings were measured against it, and thresholds are never tuned on it:
// what is learnt is learnt on the default cast with other seeds.

// Kinds that only the hold-out plants. First what must be found.
const (
	NeverUsedKey     = "never-used-key"
	ToolUse          = "tool-use"
	LoggingStopped   = "logging-stopped"
	DeniedResource   = "denied-resource-policy"
	DeniedByIdentity = "denied-identity-explicit"
	DeniedBare       = "denied-without-a-reason"
)

// Kinds of the hold-out that must stay quiet.
const (
	QuietPool     = "quiet-vpn-pool"
	QuietOffices  = "quiet-two-offices"
	QuietOnCall   = "quiet-on-call-at-home"
	QuietTwin     = "quiet-dual-stack"
	QuietTravel   = "quiet-traveller"
	QuietMove     = "quiet-server-migrated"
	QuietVendor   = "quiet-third-party-role"
	QuietBurst    = "quiet-burst"
	QuietQuarter  = "quiet-quarter-end"
	QuietRotation = "quiet-key-rotation"
	QuietLeaver   = "quiet-recent-leaver"
	QuietYoung    = "quiet-too-new"
	QuietChain    = "quiet-role-chain"
	QuietDataOnly = "quiet-data-events-only"
)

const (
	vpnPool   = "3fff:300::1|3fff:301::1|3fff:302::1|3fff:303::1|3fff:304::1|198.51.100.77"
	offices   = "198.51.100.10|3fff:311::20"
	plantNAT  = "192.0.2.88"
	greenNAT  = "192.0.2.88|3fff:380::9"
	landline  = "203.0.113.140"
	otherHost = "3fff:ec2::77" // a machine in somebody else's part of the cloud
	hoster    = "3fff:701:1::201"
	home      = "3fff:702:2::66"
	browserPC = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Safari/537.36"
	kali      = "aws-cli/2.15.30 Python/3.11.8 Linux/6.6.9-amd64 exe/x86_64.kali.2024 prompt/off"
)

// HoldoutPersonas is the cast that the findings are measured on. The slice is
// the caller's.
func HoldoutPersonas() []Persona {
	return slices.Concat(holdoutPeople(), holdoutMachines(), holdoutCredentials(), holdoutIntruders(), holdoutDenials())
}

func holdoutPeople() []Persona {
	return []Persona{
		{Name: "Engineer", Kind: SSO, Account: 1, Units: []string{"aino@example.org", "pedro@example.org", "quynh@example.org", "rosa@example.org", "sven@example.org", "tariq@example.org"},
			Rhythm: Office, Rate: 35, Network: vpnPool, Agents: []string{cliLinux, cliMac}, Console: 0.3, Work: looks, Script: engineers,
			Policies: []Policy{{Name: "engineer", Grants: []Grant{{Actions: "ec2:* rds:Describe* lambda:* logs:* cloudwatch:* sqs:* ecs:*"}}}},
			Plants: []Plant{
				{Kind: QuietPool, Detail: "everybody leaves through one of six exits of a VPN, by chance"},
				{Kind: DeniedSCP, MustFind: true, Severity: "low", Detail: "no service control policy allows the region"},
			}},
		{Name: "Ops", Kind: SSO, Every: true, Units: []string{"ulrike@example.org", "viktor@example.org"}, Rhythm: Office, Rate: 20, Network: office, Agents: []string{cliMac}, Console: 0.4,
			Attached: []string{"AdministratorAccess"}, Work: looks, Script: onCall,
			Plants: []Plant{
				{Kind: QuietOnCall, Detail: "whoever is on call carries the laptop home and works on from there"},
				{Kind: LoggingStopped, MustFind: true, Severity: "high", Address: "198.51.100.10", Detail: "somebody switched the trail off"},
			}},
		{Name: "Planner", Kind: SSO, Account: 2, Units: []string{"wanda@example.org", "xaver@example.org", "yusra@example.org"}, Rhythm: Office, Rate: 30, Network: offices, Agents: []string{cliWin}, Console: 0.7,
			Attached: []string{"ReadOnlyAccess"}, Work: looks, Plants: []Plant{{Kind: QuietOffices, Detail: "people who go to one of two offices"}}},
		{Name: "r.sato", Account: 2, Rhythm: Office, Rate: 18, Least: 2, Network: landline, Agents: []string{cliMac}, Created: 300, Script: dualStack,
			Work:   []string{"3 ec2:DescribeInstances", "2 logs:DescribeLogGroups", "2 s3:ListObjects grid-models", "2 s3:GetObject grid-models/<hex8>.json"},
			Plants: []Plant{{Kind: QuietTwin, Detail: "a home with IPv4 and IPv6 at the same time"}}},
		{Name: "k.mensah", Account: 1, Rhythm: Office, Rate: 24, Least: 3, Network: office, MovesTo: mobile, MovesLeft: 6, Agents: []string{cliMac}, Created: 420,
			Work:   []string{"4 ec2:DescribeInstances", "2 monitoring:DescribeAlarms", "2 s3:ListObjects grid-models", "3 s3:GetObject grid-models/<hex8>.json"},
			Plants: []Plant{{Kind: QuietTravel, Detail: "always in the office, on the road in the last week: another hotel each day, the same laptop and work"}}},
		{Name: "y.tanaka", Account: 2, Rhythm: Office, Rate: 20, Least: 2, Network: "3fff:350:2::9", Agents: []string{cliWin}, Joined: 9,
			Work:   []string{"4 ec2:DescribeInstances", "2 s3:ListObjects grid-models", "1 lambda:ListFunctions20150331"},
			Plants: []Plant{{Kind: QuietNewHire, Detail: "somebody new who works from home"}}},
		{Name: "s.iversen", Account: 0, Rhythm: Office, Rate: 10, Network: office, Agents: []string{cliLinux}, Created: 600, Password: true, MFA: true, Console: 0.2,
			Policies: []Policy{{Name: "assume-operate", Grants: []Grant{{Actions: "sts:AssumeRole", Resources: "arn:aws:iam::*:role/operate arn:aws:iam::*:role/emergency"}}}},
			Work:     []string{"3 organizations:ListAccounts", "2 cloudtrail:DescribeTrails"}},
		{Name: "operate", Kind: Assumed, By: "s.iversen", Every: true, Units: []string{"s.iversen"}, Rhythm: Office, Rate: 15, Least: 2, Network: office, Agents: []string{cliLinux},
			Work:   []string{"4 ec2:DescribeInstances", "2 ec2:StopInstances i-0123abcd4567ef890", "2 ec2:StartInstances i-0123abcd4567ef890", "2 rds:DescribeDBInstances"},
			Plants: []Plant{{Kind: QuietChain, Detail: "a user who works in every account through a role"}}},
		{Name: "AWSServiceRoleForConfig", Kind: Linked, By: "config.amazonaws.com", Every: true, Rate: 60, Network: "config.amazonaws.com", Agents: []string{"config.amazonaws.com"},
			Attached: []string{"AWSConfigServiceRolePolicy"}, Strict: true, Work: []string{"6 config:PutEvaluations", "3 iam:ListRoles via:config", "3 ec2:DescribeSecurityGroups via:config"}},
	}
}

func holdoutMachines() []Persona {
	return []Persona{
		{Name: "scada-export", Account: 3, Rate: 40, Least: 2, Network: "3fff:360::4", MovesTo: "3fff:361::4", MovesLeft: 25, Agents: []string{boto}, Created: 500,
			Work:   []string{"5 s3:PutObject grid-landing/<date>/<hex8>.csv", "1 s3:ListObjects grid-landing"},
			Plants: []Plant{{Kind: QuietMove, Detail: "a server that moved to another data centre and stays there"}}},
		{Name: "observability-vendor", Kind: Vendor, Account: 1, Units: []string{"collector"}, Rate: 90, Least: 4, Network: "3fff:370::1|3fff:370::2|3fff:371::1", MovesTo: "3fff:370::2|3fff:371::1|3fff:372::1", MovesLeft: 15,
			Agents: []string{golang}, Attached: []string{"SecurityAudit"},
			Work:   []string{"4 ec2:DescribeInstances", "3 monitoring:DescribeAlarms", "2 tagging:GetResources", "2 lambda:ListFunctions20150331"},
			Plants: []Plant{{Kind: QuietVendor, Detail: "a third party's role, with an external id; the vendor replaces one of its exits"}}},
		{Name: "meter-load", Kind: Job, Account: 3, Rhythm: Nightly, Rate: 40, Network: cloud, Agents: []string{java}, Script: burst,
			Policies: []Policy{{Name: "meter-load", Grants: []Grant{{Actions: "glue:*"}}}},
			Work:     []string{"4 glue:GetTable lake/meters", "3 glue:GetPartitions lake/meters", "6 s3:GetObject grid-landing/<date>/<hex8>.csv", "4 s3:PutObject grid-lake/meters/<date>/<hex8>.parquet"},
			Plants:   []Plant{{Kind: QuietBurst, Detail: "a backfill: two hundred times the calls of other days, some throttled"}}},
		{Name: "emr-node", Kind: Instance, Account: 3, Units: []string{"i-0aa11bb22cc33dd44", "i-0bb22cc33dd44ee55", "i-0cc33dd44ee55ff66", "i-0dd44ee55ff66aa77"}, Rhythm: Monthly, Rate: 60, Least: 10, Network: cloud, Agents: []string{java},
			Work:   []string{"6 s3:GetObject grid-lake/meters/<date>/<hex8>.parquet", "4 s3:PutObject grid-lake/forecast/<date>/<hex8>.parquet"},
			Plants: []Plant{{Kind: QuietMonthly, Detail: "a cluster that comes up once a month"}}},
		{Name: "api-node", Kind: Instance, Account: 1, Units: []string{"i-0e1e1e1e1e1e1e1e1", "i-0e2e2e2e2e2e2e2e2"}, Rate: 120, Least: 8, Network: plantNAT, MovesTo: greenNAT, MovesLeft: 12, Agents: []string{java},
			Work:   []string{"4 sqs:GetQueueUrl readings", "3 dynamodb:GetItem readings", "3 dynamodb:PutItem readings", "2 secretsmanager:GetSecretValue api/db-Aa11Bb"},
			Plants: []Plant{{Kind: QuietNAT, Detail: "a second NAT gateway comes up beside the first: machines use either"}}},
		{Name: "worker-node", Kind: Instance, Account: 1, Units: []string{"i-0f1f1f1f1f1f1f1f1"}, Rate: 70, Least: 8, Network: plantNAT, MovesTo: greenNAT, MovesLeft: 12, Agents: []string{golang},
			Work:   []string{"4 sqs:GetQueueAttributes readings", "3 s3:PutObject grid-landing/readings/<date>/<uuid>"},
			Plants: []Plant{{Kind: QuietNAT, Detail: "the same for the workers"}}},
		{Name: "ci-legacy", Account: 2, Rate: 50, Least: 5, Network: runners, Agents: []string{terraform}, Created: 700,
			Work:   []string{"3 cloudformation:DescribeStacks grid", "2 ecr:GetAuthorizationToken", "3 ecr:PutImage forecast", "2 s3:PutObject grid-artifacts/<hex8>.zip"},
			Plants: []Plant{{Kind: QuietCI, Detail: "a build that still uses a key, from another runner each day"}}},
		{Name: "substation-17", Account: 3, Rhythm: PartTime, Rate: 6, Least: 3, Network: mobile, Agents: []string{golang}, Created: 650,
			Work:   []string{"4 s3:PutObject grid-landing/substations/<date>/<hex8>.json"},
			Plants: []Plant{{Kind: QuietMobile, Detail: "a machine behind a mobile modem"}}},
		{Name: "quarter-close", Account: 0, Rhythm: Never, Network: office, Agents: []string{boto}, Created: 500, Script: quarter,
			Policies: []Policy{{Name: "quarter", Grants: []Grant{{Actions: "ce:GetCostAndUsage athena:StartQueryExecution"}}}},
			Plants:   []Plant{{Kind: QuietQuarter, Detail: "a job that ran two months ago and will run next month"}}},
		{Name: "mailer", Account: 1, Rate: 20, Least: 2, Network: "3fff:362::4", Agents: []string{node}, Created: 80, SecondKey: true,
			Work:   []string{"4 sqs:GetQueueUrl mail", "1 secretsmanager:GetSecretValue mail/smtp-Cc22Dd"},
			Plants: []Plant{{Kind: QuietRotation, Detail: "a second key was made last week; the first is still in use"}}},
		{Name: "telemetry", Kind: Function, Account: 1, Rate: 90, Least: 4, Network: cloud, Agents: []string{node}, Attached: []string{"AWSLambdaBasicExecutionRole"},
			Work:   []string{"6 dynamodb:PutItem readings", "2 dynamodb:GetItem readings fail:throttled", "1 secretsmanager:GetSecretValue telemetry/mqtt-Ee33Ff fail:missing", "2 s3:GetObject grid-models/<hex8>.json fail:nokey"},
			Plants: []Plant{{Kind: QuietFailures, Detail: "calls that fail although they are allowed"}}},
		{Name: "forecast-api", Kind: Task, Account: 2, Rate: 200, Least: 3, Network: cloud, Agents: []string{java},
			Policies: []Policy{{Name: "forecast-wide", Grants: []Grant{{Actions: "s3:* dynamodb:* kms:* secretsmanager:*"}}}},
			Work:     []string{"6 dynamodb:GetItem forecasts", "2 kms:Decrypt 2c7f3a52-8f0e-4d3c-9a57-2f6f0c9f1a22"},
			Plants:   []Plant{{Kind: OverPrivileged, MustFind: true, Severity: "high", Detail: "may do everything with four services, uses two actions"}}},
		{Name: "dashboard", Kind: Function, Account: 2, Rate: 20, Least: 2, Network: cloud, Agents: []string{boto}, Attached: []string{"AdministratorAccess"},
			Work:   []string{"3 monitoring:DescribeAlarms", "2 ec2:DescribeInstances", "1 rds:DescribeDBInstances"},
			Plants: []Plant{{Kind: AdminReadsOnly, MustFind: true, Severity: "high", Detail: "may do anything, only reads"}}},
	}
}

func holdoutCredentials() []Persona {
	return []Persona{
		{Name: "b.lefevre", Account: 2, Rhythm: Never, Network: office, Agents: []string{cliMac}, Created: 500, Script: leaver,
			Policies: []Policy{{Name: "lefevre", Grants: []Grant{{Actions: "ec2:DescribeInstances s3:ListAllMyBuckets"}}}},
			Plants:   []Plant{{Kind: QuietLeaver, Detail: "left five weeks ago: not yet unused for ninety days"}}},
		{Name: "w.olufsen", Account: 2, Rhythm: Never, Network: office, Password: true, MFA: true, Console: 1, Created: 900, LastUsed: 130, PasswordUsed: 121, Attached: []string{"ReadOnlyAccess"},
			Plants: []Plant{
				{Kind: ForgottenKey, MustFind: true, Severity: "medium", Detail: "left four months ago: the key"},
				{Kind: UnusedPassword, MustFind: true, Severity: "medium", Detail: "left four months ago: the password"},
			}},
		{Name: "poc-upload", Account: 3, Rhythm: Never, Network: office, Created: 200,
			Policies: []Policy{{Name: "poc", Grants: []Grant{{Actions: "s3:PutObject"}}}},
			Plants:   []Plant{{Kind: NeverUsedKey, MustFind: true, Severity: "low", Detail: "a key that was never used since it was made 200 days ago"}}},
		{Name: "backup-nas", Account: 3, Rhythm: Never, Network: office, Created: 800, LastUsed: 2,
			Policies: []Policy{{Name: "nas", Grants: []Grant{{Actions: "s3:PutObject", Resources: "arn:aws:s3:::grid-nas/*"}}}},
			Plants:   []Plant{{Kind: QuietDataOnly, Detail: "AWS's report knows of use two days ago; the trail has no data events of the bucket"}}},
		{Name: "old-spark", Kind: Instance, Account: 3, Rhythm: Never, Network: dataNAT, Created: 1000, LastUsed: 300,
			Policies: []Policy{{Name: "old-spark", Inline: true, Grants: []Grant{{Actions: "s3:*"}}}},
			Plants:   []Plant{{Kind: DormantRole, MustFind: true, Severity: "medium", Detail: "a role unused for 300 days"}}},
		{Name: "never-ran", Kind: Function, Account: 1, Rhythm: Never, Network: cloud, Created: 450,
			Policies: []Policy{{Name: "never-ran", Grants: []Grant{{Actions: "sns:Publish"}}}},
			Plants:   []Plant{{Kind: DormantRole, MustFind: true, Severity: "medium", Detail: "a role never used since it was made 450 days ago"}}},
		{Name: "edge-91", Kind: Task, Account: 1, Rhythm: Never, Network: cloud, Created: 600, LastUsed: 91,
			Policies: []Policy{{Name: "edge-91", Grants: []Grant{{Actions: "sqs:*"}}}},
			Plants:   []Plant{{Kind: DormantRole, MustFind: true, Severity: "medium", Detail: "a role unused for 91 days"}}},
		{Name: "edge-87", Kind: Task, Account: 1, Rhythm: Never, Network: cloud, Created: 600, LastUsed: 87,
			Policies: []Policy{{Name: "edge-87", Grants: []Grant{{Actions: "sqs:SendMessage"}}}},
			Plants:   []Plant{{Kind: QuietYoung, Detail: "unused for 87 days: not yet ninety"}}},
		{Name: "next-year", Kind: Task, Account: 2, Rhythm: Never, Network: cloud, Created: 60,
			Policies: []Policy{{Name: "next-year", Grants: []Grant{{Actions: "sqs:SendMessage"}}}},
			Plants:   []Plant{{Kind: QuietYoung, Detail: "never used, but made 60 days ago"}}},
		{Name: "emergency", Kind: Assumed, By: "s.iversen", Account: 0, Rhythm: Never, Units: []string{"emergency"}, Network: office, Created: 900, LastUsed: 280, Tags: "purpose=break-glass", Attached: []string{"AdministratorAccess"},
			Plants: []Plant{{Kind: QuietBreakGlass, Detail: "the emergency role: unused is how it should be"}}},
	}
}
