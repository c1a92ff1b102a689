package orgsim

import (
	"fmt"
	"slices"
)

// The second hold-out: a publisher. It was written after the first had been
// measured once and before anything was repaired, so that the repaired rules
// have a cast that they have not met.

// Kinds that only the second hold-out plants.
const (
	QuietWeekend  = "quiet-weekend-at-home"
	QuietFailover = "quiet-line-failover"
	QuietAppears  = "quiet-new-machine"
	QuietShell    = "quiet-cloud-shell"
	QuietRoaming  = "quiet-three-places"
	QuietDeploy   = "quiet-deployment"
)

const (
	press    = "3fff:500::1|3fff:500::2"
	lte      = "3fff:501:44::9"
	pressNAT = "192.0.2.111"
	nextNAT  = "3fff:502::2"
	dump     = "3fff:666:1::13"
	hosterB  = "3fff:667:2::21"
	hosterC  = "3fff:668:3::34"
	hotel    = "3fff:669:4::55"
	scanners = "3fff:66a:5::89"
)

// SecondPersonas is the cast that repaired rules are measured on. The slice is
// the caller's.
func SecondPersonas() []Persona {
	return slices.Concat(secondPeople(), secondMachines(), secondIntruders(), secondDenials())
}

func secondPeople() []Persona {
	return []Persona{
		{Name: "Editor", Kind: SSO, Every: true, Units: []string{"anouk@example.net", "birger@example.net"}, Rhythm: Office, Rate: 15, Least: 2, Network: press, Agents: []string{cliMac}, Console: 0.6,
			Attached: []string{"ReadOnlyAccess"}, Work: looks, Script: weekend48, Plants: []Plant{{Kind: QuietWeekend, Detail: "a deadline: a weekend's work from home"}}},
		{Name: "Webmaster", Kind: SSO, Account: 1, Units: []string{"cosimo@example.net"}, Rhythm: Office, Rate: 25, Least: 4, Network: press, MovesTo: "3fff:503:<day>::8", MovesLeft: 3, Agents: []string{cliLinux}, Console: 0.3,
			Work: looks, Plants: []Plant{{Kind: QuietTravel, Detail: "at a fair, in three hotels, at the end"}}},
		{Name: "e.farkas", Account: 2, Rhythm: Office, Rate: 18, Least: 3, Network: "3fff:510::4|3fff:511::4|3fff:512::4", Agents: []string{cliMac}, Created: 400,
			Work:   []string{"3 s3:ListObjects press-drafts", "3 s3:GetObject press-drafts/<hex8>.md"},
			Plants: []Plant{{Kind: QuietRoaming, Detail: "works in three places by turns"}}},
		{Name: "f.gomes", Account: 2, Rhythm: Office, Rate: 18, Least: 3, Network: press, Agents: []string{cliMac}, Created: 410, Script: cloudShell,
			Work:   []string{"3 s3:ListObjects press-drafts", "2 ec2:DescribeInstances"},
			Plants: []Plant{{Kind: QuietShell, Detail: "once from a shell in the cloud"}}},
		{Name: "Desk", Kind: SSO, Account: 3, Units: []string{"dora@example.net", "eskil@example.net", "filip@example.net", "greta@example.net", "hugo@example.net", "ines@example.net"}, Rhythm: Office, Rate: 15, Least: 2,
			Network: press, Agents: []string{cliWin}, Console: 0.2, Work: looks, Script: failover, Plants: []Plant{{Kind: QuietFailover, Detail: "the office line broke: everybody through a modem for a day"}}},
	}
}

func secondMachines() []Persona {
	out := []Persona{
		{Name: "deploy-bot", Account: 1, Rate: 40, Least: 6, Network: runners, Agents: []string{terraform}, Created: 500, Script: deployBot,
			Policies: []Policy{{Name: "deploy-bot", Grants: []Grant{{Actions: "iam:PutRolePolicy iam:CreateRole iam:PassRole lambda:*"}}}},
			Work:     []string{"4 cloudformation:DescribeStacks press", "2 lambda:GetFunction20150331v2 paywall"},
			Plants:   []Plant{{Kind: QuietDeploy, Detail: "a build on changing runners that makes a role and a function for the first time"}}},
		{Name: "audit-vendor", Kind: Vendor, Account: 1, Units: []string{"scan"}, Rate: 60, Least: 4, Network: "3fff:520::1|3fff:520::2", MovesTo: "3fff:521::1|3fff:521::2", MovesLeft: 20, Agents: []string{golang}, Attached: []string{"SecurityAudit"},
			Work: []string{"4 ec2:DescribeSecurityGroups", "3 iam:ListRoles"}, Plants: []Plant{{Kind: QuietVendor, Detail: "a third party that moved house"}}},
		{Name: "paywall", Kind: Function, Account: 1, Joined: 5, Rate: 60, Least: 5, Network: cloud, Agents: []string{node}, Attached: []string{"AWSLambdaBasicExecutionRole"},
			Work: []string{"4 dynamodb:GetItem readers", "1 logs:CreateLogStream /aws/lambda/paywall"}, Plants: []Plant{{Kind: QuietAppears, Detail: "a function that went live five days ago"}}},
		{Name: "prepress", Account: 3, Rate: 40, Least: 4, Network: pressNAT, MovesTo: nextNAT, MovesLeft: 2, Agents: []string{boto}, Created: 420,
			Work: []string{"4 s3:PutObject press-plates/<date>/<hex8>.tif"}, Plants: []Plant{{Kind: QuietNAT, Detail: "a server with a key behind the gateway that was replaced the day before yesterday"}}},
	}
	for i, name := range []string{"layout", "imaging", "index", "search", "archive"} {
		kind := Instance
		if i%2 == 1 {
			kind = Task
		}
		out = append(out, Persona{Name: name, Kind: kind, Account: 3, Units: []string{fmt.Sprintf("i-0%016x", 0x5ec0+i)}, Rate: 50, Least: 8, Network: pressNAT, MovesTo: nextNAT, MovesLeft: 2, Agents: []string{java},
			Work: []string{"4 s3:GetObject press-plates/<date>/<hex8>.tif", "1 sqs:GetQueueUrl plates"}, Plants: []Plant{{Kind: QuietNAT, Detail: "behind the gateway that was replaced"}}})
	}
	return out
}

func secondIntruders() []Persona {
	out := []Persona{
		{Name: "ftp-mirror", Account: 2, Rate: 30, Least: 4, Network: "3fff:530::4", Agents: []string{boto}, Created: 600, Script: stayer,
			Work:   []string{"3 s3:ListObjects press-drafts", "4 s3:GetObject press-drafts/<hex8>.md"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: hosterB, Detail: "a leaked key at a hoster, several days on end, the same library, nothing refused"}}},
		{Name: "Finance", Kind: SSO, Account: 0, Units: []string{"jelena@example.net", "kofi@example.net"}, Rhythm: Office, Rate: 20, Least: 3, Network: press, Agents: []string{cliMac}, Console: 0.3, Script: abroad,
			Work:   []string{"4 ce:GetCostAndUsage", "2 organizations:ListAccounts"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: hotel, Detail: "a session copied from a laptop, in office hours, with other software"}}},
		{Name: "render", Kind: Instance, Account: 3, Units: []string{"i-0123fedc4567ba987"}, Rate: 80, Least: 8, Network: "192.0.2.77", Agents: []string{boto}, Script: renderStolen,
			Work:   []string{"4 s3:GetObject press-plates/<date>/<hex8>.tif", "2 s3:PutObject press-plates/out/<hex8>.pdf"},
			Plants: []Plant{{Kind: StolenInstance, MustFind: true, Severity: "high", Address: hosterC, Detail: "metadata fetched through a web form, used elsewhere by the same library"}}},
		{Name: "comments-api", Kind: Task, Account: 1, Rate: 90, Least: 8, Network: "192.0.2.99", Agents: []string{java}, Script: commentsStolen,
			Work:   []string{"4 secretsmanager:GetSecretValue comments/db-Mm77Nn", "3 dynamodb:GetItem comments"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: hosterC, Detail: "a task's credentials on somebody's Linux laptop"}}},
		{Name: "l.maddox", Account: 2, Rhythm: Office, Rate: 20, Least: 3, Network: mobile, Agents: []string{cliMac}, Created: 270, Script: scanned,
			Work:   []string{"3 s3:ListObjects press-drafts", "2 ec2:DescribeInstances"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: scanners, Detail: "a key found by somebody who tries what it may do"}}},
		{Name: "cdn-vendor", Kind: Vendor, Account: 2, Units: []string{"purge"}, Rate: 40, Least: 4, Network: "3fff:540::1|3fff:540::2", Agents: []string{golang}, Script: vendorBreach,
			Work:   []string{"4 s3:GetBucketPolicy press-web", "2 s3:ListObjects press-web"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: "3fff:66b:6::1", Detail: "the third party was broken into: its role from elsewhere, looking around"}}},
	}
	for i, name := range []string{"batch-a", "batch-b", "batch-c", "batch-d", "batch-e", "batch-f"} {
		out = append(out, Persona{Name: name, Account: 1, Rate: 20, Least: 3, Network: fmt.Sprintf("3fff:55%d::4", i), Agents: []string{boto}, Created: 500 + i, Script: dumped,
			Work:   []string{"3 s3:ListObjects press-batch", "3 s3:GetObject press-batch/<hex8>.json"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: dump, Detail: "one of six keys that were found together, all used from one place in one night"}}})
	}
	return out
}

func secondDenials() []Persona {
	return []Persona{
		{Name: "feed", Kind: Function, Account: 1, Rate: 20, Least: 3, Network: cloud, Agents: []string{node}, Attached: []string{"AWSLambdaBasicExecutionRole"}, Script: feedDenied,
			Work:   []string{"4 s3:GetObject press-feeds/<hex8>.xml"},
			Plants: []Plant{{Kind: DeniedSCP, MustFind: true, Severity: "low", Detail: "a service control policy keeps buckets private"}}},
		{Name: "o.pires", Account: 3, Rhythm: Office, Rate: 12, Least: 2, Network: press, Agents: []string{cliWin}, Created: 240, Script: piresDenied,
			Work: []string{"4 s3:ListObjects press-plates"},
			Plants: []Plant{
				{Kind: DeniedMissing, MustFind: true, Severity: "low", Detail: "asks for more than was granted"},
				{Kind: DeniedResource, MustFind: true, Severity: "low", Detail: "another account's bucket does not name the user"},
			}},
		{Name: "q.reyes", Account: 3, Rhythm: Never, Network: press, Created: 700, LastUsed: 95, Policies: []Policy{{Name: "reyes", Grants: []Grant{{Actions: "s3:ListAllMyBuckets"}}}},
			Plants: []Plant{{Kind: ForgottenKey, MustFind: true, Severity: "medium", Detail: "a key unused for 95 days"}}},
		{Name: "spare", Kind: Task, Account: 2, Rhythm: Never, Network: cloud, Created: 800, LastUsed: 140, Policies: []Policy{{Name: "spare", Grants: []Grant{{Actions: "sqs:*"}}}},
			Plants: []Plant{{Kind: DormantRole, MustFind: true, Severity: "medium", Detail: "a role unused for 140 days"}}},
		{Name: "breakglass-admin", Kind: Assumed, By: "o.pires", Account: 3, Rhythm: Never, Units: []string{"x"}, Network: press, Created: 900, LastUsed: 200, Attached: []string{"AdministratorAccess"},
			Plants: []Plant{{Kind: QuietBreakGlass, Detail: "an emergency role by its name"}}},
	}
}

// weekend48 is a Saturday and a Sunday at home.
func weekend48(s *Scene) {
	if s.Person() == "anouk@example.net" && (s.Left() == 9 || s.Left() == 8) {
		s.Session(1).From("3fff:504:9::3", browser).Do("ec2:DescribeInstances").Do("s3:ListBuckets").Do("monitoring:DescribeAlarms")
	}
}

func cloudShell(s *Scene) {
	if s.Left() == 11 {
		s.Clock(10, 0).From("192.0.2.166", cliLinux).Do("ec2:DescribeInstances").Do("s3:ListObjects", "press-drafts")
	}
}

func failover(s *Scene) {
	if s.Left() == 13 {
		s.Session(0).From(lte, cliWin).Do("ec2:DescribeInstances").Do("monitoring:DescribeAlarms").Do("ec2:DescribeVpcs")
	}
}

func deployBot(s *Scene) {
	if s.Left() == 12 {
		s.Do("iam:CreateRole", "paywall").Do("iam:PutRolePolicy", "paywall").Do("lambda:CreateFunction20150331", "paywall")
	}
}

func stayer(s *Scene) {
	if s.Left() <= 10 && s.Left() > 5 {
		s.Clock(2, 30).From(hosterB, boto).Plant(NewNetwork).Do("s3:ListObjects", "press-drafts").Do("s3:GetObject", "press-drafts/00000001.md", "press-drafts/00000002.md", "press-drafts/00000003.md")
	}
}

func abroad(s *Scene) {
	if s.Left() == 4 && s.Person() == "jelena@example.net" {
		s.Session(0).Clock(11, 10).From("", "").Do("ce:GetCostAndUsage").From(hotel, cliWin).Plant(NewNetwork).Do("sts:GetCallerIdentity").Do("organizations:ListAccounts").Fail(identity(), "s3:ListBuckets").
			Do("ce:GetCostAndUsage").Wait(300).Plant("").From("", "").Do("ce:GetCostAndUsage")
	}
}

func renderStolen(s *Scene) {
	if s.Left() == 7 {
		s.Session(1).Do("s3:PutObject", "press-plates/out/a.pdf").Wait(1500).From(hosterC, boto).Plant(StolenInstance).Do("s3:GetObject", "press-plates/2026/a.tif", "press-plates/2026/b.tif").
			Wait(60).Plant("").From("", "").Do("s3:PutObject", "press-plates/out/b.pdf")
	}
}

func commentsStolen(s *Scene) {
	if s.Left() == 6 {
		s.Session(1).Wait(900).From(hosterC, cliLinux).Plant(NewNetwork).Do("sts:GetCallerIdentity").Do("secretsmanager:GetSecretValue", "comments/db-Mm77Nn").Fail(identity(), "dynamodb:ListTables")
	}
}

func scanned(s *Scene) {
	if s.Left() == 13 {
		s.Clock(4, 4).From(scanners, golang).Plant(NewNetwork).Do("sts:GetCallerIdentity")
		for _, id := range []string{"iam:ListUsers", "s3:ListBuckets", "secretsmanager:ListSecrets", "rds:DescribeDBInstances", "lambda:ListFunctions20150331"} {
			s.Fail(identity(), id)
		}
	}
}

func vendorBreach(s *Scene) {
	if s.Left() == 5 {
		s.Session(2).From("3fff:66b:6::1", boto).Plant(NewNetwork).Do("sts:GetCallerIdentity").Fail(identity(), "s3:ListBuckets").Fail(identity(), "iam:ListRoles").Fail(identity(), "secretsmanager:ListSecrets").
			Do("s3:ListObjects", "press-web")
	}
}

func dumped(s *Scene) {
	if s.Left() == 8 {
		s.Clock(1, 2).From(dump, cliLinux).Plant(NewNetwork).Do("sts:GetCallerIdentity").Fail(identity(), "s3:ListBuckets").Do("s3:ListObjects", "press-batch")
	}
}

func feedDenied(s *Scene) {
	if s.Left()%10 == 3 {
		policy := "arn:aws:organizations::111122223333:policy/" + s.d.w.org.ID + "/service_control_policy/p-private1"
		s.Session(0).Plant(DeniedSCP).Fail(explicit("service control policy", policy), "s3:PutBucketPolicy", "press-feeds")
	}
}

func piresDenied(s *Scene) {
	switch {
	case s.Weekend():
	case s.Left()%8 == 4:
		s.Clock(9, 40).Plant(DeniedMissing).Fail(identity(), "rds:DescribeDBInstances")
	case s.Left()%8 == 5:
		s.Clock(9, 50).Plant(DeniedResource).Fail(&Fault{Layer: "resource-based policy"}, "s3:GetObject", "partner-plates/a.tif")
	}
}
