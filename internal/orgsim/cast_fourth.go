package orgsim

import "slices"

// The fourth hold-out: a studio that makes games. It was written after the
// third had been measured and before anything was changed because of it.

// Kinds that only the fourth hold-out plants.
const (
	QuietNewLaptop  = "quiet-new-laptop"
	QuietStandby    = "quiet-standby-site"
	QuietSecondLine = "quiet-second-line"
	QuietVPN        = "quiet-split-tunnel"
	QuietFair       = "quiet-fair"
	QuietIntoVPC    = "quiet-into-vpc"
	QuietNewTool    = "quiet-new-tool"
	QuietBack       = "quiet-back-at-the-office"
	QuietCoworking  = "quiet-coworking"
	QuietRotating   = "quiet-rotating-prefix"
)

const (
	studio    = "3fff:b00::1|3fff:b00::2"
	tunnel    = "3fff:b01::1|3fff:b01::2"
	studioNAT = "192.0.2.45|192.0.2.46"
	attic     = "3fff:b81:1::13" // where intruders sit
	colo      = "3fff:b82:2::24"
	otherSide = "3fff:b83:3::35"
	flat      = "3fff:b84:4::46"
)

// FourthPersonas is the cast of the fourth blind measurement. The slice is the caller's.
func FourthPersonas() []Persona {
	return slices.Concat(fourthPeople(), fourthMachines(), fourthIntruders(), fourthThieves(), fourthDenials())
}

func fourthPeople() []Persona {
	return []Persona{
		{Name: "Artist", Kind: SSO, Every: true, Units: []string{"amal@example.net", "bruno@example.net", "celine@example.net"}, Rhythm: Office, Rate: 12, Least: 2, Network: studio + "|" + tunnel,
			Agents: []string{cliMac}, Console: 0.8, Attached: []string{"ReadOnlyAccess"}, Work: looks, Plants: []Plant{{Kind: QuietVPN, Detail: "some days at the office, some by the tunnel"}}},
		{Name: "Producer", Kind: SSO, Account: 0, Units: []string{"dario@example.net", "elif@example.net"}, Rhythm: Office, Rate: 12, Least: 2, Network: studio, MovesTo: "3fff:b02:<day>::9", MovesLeft: 4,
			Agents: []string{browser}, Console: 1, Work: []string{"4 ce:GetCostAndUsage", "2 organizations:ListAccounts"}, Plants: []Plant{{Kind: QuietFair, Detail: "at a fair, another hotel and hall each day"}}},
		{Name: "Engine", Kind: SSO, Account: 1, Units: []string{"fynn@example.net", "gita@example.net", "hugo@example.net", "ida@example.net"}, Rhythm: Office, Rate: 20, Least: 3, Network: studio + "|" + tunnel,
			Agents: []string{cliLinux, cliMac}, Console: 0.3, Work: looks, Script: newLaptop, Plants: []Plant{{Kind: QuietNewLaptop, Detail: "sets up a new laptop at home on a Saturday"}}},
		{Name: "Live", Kind: SSO, Account: 2, Units: []string{"jonna@example.net", "kaspar@example.net"}, Rhythm: Never, Rate: 12, Network: studio, Agents: []string{cliMac}, Script: backAtOffice,
			Policies: []Policy{{Name: "live", Grants: []Grant{{Actions: "ec2:DescribeInstances cloudwatch:DescribeAlarms"}}}},
			Plants:   []Plant{{Kind: QuietBack, Detail: "a year off is over: at the office again after two months"}}},
		{Name: "l.moreno", Account: 2, Rhythm: Office, Rate: 14, Least: 3, Network: "3fff:b03:1::4", MovesTo: "3fff:b03:1::4|3fff:b04:7::4", MovesLeft: 14, Agents: []string{cliMac}, Created: 310,
			Work: []string{"3 s3:ListObjects game-levels", "3 s3:GetObject game-levels/<hex8>.lvl"}, Plants: []Plant{{Kind: QuietCoworking, Detail: "rents a desk in a shared office, some days"}}},
		{Name: "m.novak", Account: 1, Rhythm: Office, Rate: 14, Least: 3, Network: "3fff:b05:<day>::4", Agents: []string{cliWin}, Created: 270,
			Work: []string{"3 ec2:DescribeInstances", "2 s3:ListObjects game-levels"}, Plants: []Plant{{Kind: QuietRotating, Detail: "a provider that gives another prefix each day"}}},
		{Name: "n.olsen", Account: 3, Rhythm: Office, Rate: 14, Least: 3, Network: studio, Agents: []string{cliWin}, Created: 330, Script: newTool,
			Work: []string{"3 s3:ListObjects game-telemetry", "2 athena:GetQueryExecution telemetry"}, Plants: []Plant{{Kind: QuietNewTool, Detail: "the same work at the office with a library instead of the command line"}}},
	}
}

func fourthMachines() []Persona {
	return []Persona{
		{Name: "jenkins-main", Account: 1, Rate: 60, Least: 8, Network: "3fff:b10::5", MovesTo: "3fff:b10::5|3fff:b11::5", MovesLeft: 16, Agents: []string{java}, Created: 800,
			Work: []string{"4 s3:PutObject game-builds/<date>/<hex8>.zip", "2 s3:ListObjects game-builds"}, Plants: []Plant{{Kind: QuietSecondLine, Detail: "a second line was put in; both are used since"}}},
		{Name: "asset-mirror", Account: 3, Rhythm: Never, Rate: 40, Network: "3fff:b12::5", Agents: []string{golang}, Created: 700, Script: standbySite,
			Policies: []Policy{{Name: "mirror", Grants: []Grant{{Actions: "s3:PutObject s3:ListBucket", Resources: "arn:aws:s3:::game-mirror arn:aws:s3:::game-mirror/*"}}}},
			Plants:   []Plant{{Kind: QuietStandby, Detail: "the server was down for three days, its standby worked elsewhere"}}},
		{Name: "matchmaker", Kind: Function, Account: 1, Rate: 80, Least: 8, Network: cloud, MovesTo: studioNAT, MovesLeft: 11, Agents: []string{node}, Attached: []string{"AWSLambdaBasicExecutionRole"},
			Work: []string{"4 dynamodb:GetItem matches", "2 dynamodb:PutItem matches"}, Plants: []Plant{{Kind: QuietIntoVPC, Detail: "a function that was moved into the network of the others"}}},
		{Name: "game-server", Kind: Instance, Account: 1, Units: []string{"i-0a10b20c30d40e50f", "i-0b20c30d40e50f60a"}, Rate: 60, Least: 8, Network: studioNAT, Agents: []string{golang},
			Work: []string{"3 sqs:GetQueueUrl matches", "3 s3:GetObject game-levels/<hex8>.lvl"}},
		{Name: "shop-api", Kind: Task, Account: 1, Rate: 90, Least: 8, Network: studioNAT, Agents: []string{java}, Work: []string{"4 secretsmanager:GetSecretValue shop/psp-Aa11Bb", "3 dynamodb:GetItem baskets"}},
		{Name: "github-engine", Kind: Pipeline, Account: 1, Rate: 50, Least: 5, Network: runners, Agents: []string{workflow, golang},
			Work: []string{"3 ecr:GetAuthorizationToken", "2 ecr:PutImage engine"}, Plants: []Plant{{Kind: QuietCI, Detail: "a workflow on changing runners"}}},
		{Name: "UptimeVendor", Kind: Vendor, Account: 1, Units: []string{"probe"}, Rate: 50, Least: 6, Network: "3fff:b13::1|3fff:b14::1", MovesTo: "3fff:b13::1|3fff:b14::1|3fff:b15::1", MovesLeft: 15, Agents: []string{golang},
			Work: []string{"4 monitoring:DescribeAlarms", "2 ec2:DescribeInstances"}, Plants: []Plant{{Kind: QuietVendor, Detail: "a third party that opened a third place"}}},
	}
}

func fourthIntruders() []Persona {
	return []Persona{
		{Name: "leaderboard", Account: 2, Rate: 60, Least: 8, Network: "2001:db8:<run>::<n>", Agents: []string{java}, Created: 600, Script: fromApp,
			Work:   []string{"4 s3:PutObject game-scores/<date>/<hex8>.json"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: attic, Detail: "a key that was shipped in an app and used by every player's phone: somebody tries what else it may do"}}},
		{Name: "signing-server", Account: 1, Rate: 40, Least: 6, Network: "3fff:b20::5", Agents: []string{boto}, Created: 500, Script: secretsRead,
			Work:   []string{"4 secretsmanager:GetSecretValue signing/key-Cc22Dd", "2 s3:PutObject game-builds/signed/<hex8>.zip"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: colo, Detail: "a server's key in a computer centre abroad: the secret is read, others are refused"}}},
		{Name: "Publishing", Kind: SSO, Account: 0, Units: []string{"petar@example.net", "ronja@example.net"}, Rhythm: Office, Rate: 14, Least: 2, Network: studio, Agents: []string{cliMac}, Console: 0.9, Script: cookie,
			Work:   []string{"3 ce:GetCostAndUsage", "2 s3:ListBuckets", "2 organizations:ListAccounts"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: flat, Detail: "a browser's session was copied: used on a Sunday, pages the person never opened"}}},
		{Name: "s.quint", Account: 1, Rhythm: Office, Rate: 14, Least: 3, Network: studio, Agents: []string{cliWin}, Created: 350, Script: backDoor,
			Policies: []Policy{{Name: "quint", Grants: []Grant{{Actions: "iam:CreateUser iam:CreateAccessKey iam:ListUsers"}}}},
			Work:     []string{"3 ec2:DescribeInstances", "2 iam:GetUser s.quint"},
			Plants:   []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: otherSide, Detail: "an administrator's key makes a user for later"}}},
		{Name: "t.ravn", Account: 3, Rhythm: Office, Rate: 14, Least: 3, Network: studio, Agents: []string{cliMac}, Created: 400, Script: leavingWith,
			Work:   []string{"3 s3:ListObjects game-telemetry", "3 s3:GetObject game-telemetry/<hex8>.json"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "medium", Address: "3fff:b85:5::57", Detail: "somebody who leaves copies at home what the work was about, with the usual software"}}},
		{Name: "export-ftp", Account: 2, Rate: 30, Least: 5, Network: "3fff:b21::5", Agents: []string{boto}, Created: 450, Script: windowsCopy,
			Work:   []string{"4 s3:GetObject game-scores/<hex8>.json", "2 s3:ListObjects game-scores"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: flat, Detail: "a server's key on somebody's Windows computer"}}},
		{Name: "u.sand", Account: 2, Rhythm: Never, Network: "3fff:b22:1::4", Agents: []string{cliLinux}, Created: 500, Script: wokenUp,
			Policies: []Policy{{Name: "sand", Grants: []Grant{{Actions: "s3:ListBucket s3:GetObject", Resources: "arn:aws:s3:::game-levels arn:aws:s3:::game-levels/*"}}}},
			Plants:   []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: colo, Detail: "a freelancer's key, unused for seven weeks, reads from a computer centre"}}},
	}
}

func fourthThieves() []Persona {
	return []Persona{
		{Name: "telemetry", Kind: Instance, Account: 3, Units: []string{"i-0c30d40e50f60a70b"}, Rate: 60, Least: 8, Network: "192.0.2.93", Agents: []string{boto}, Script: telemetryStolen,
			Work:   []string{"4 s3:PutObject game-telemetry/<date>/<hex8>.json", "1 s3:ListObjects game-telemetry"},
			Plants: []Plant{{Kind: StolenInstance, MustFind: true, Severity: "high", Address: otherSide, Detail: "the instance's credentials in another customer's cloud, the same library, while the instance works"}}},
		{Name: "anticheat", Kind: Instance, Account: 1, Units: []string{"i-0d40e50f60a70b80c"}, Rate: 60, Least: 8, Network: "192.0.2.94", Agents: []string{golang}, Script: anticheatStolen,
			Work:   []string{"4 sqs:GetQueueUrl reports", "2 s3:GetObject game-levels/<hex8>.lvl"},
			Plants: []Plant{{Kind: StolenInstance, MustFind: true, Severity: "high", Address: attic, Detail: "the instance's credentials at home, asking around"}}},
		{Name: "chat-api", Kind: Task, Account: 2, Rate: 70, Least: 8, Network: studioNAT, Agents: []string{java}, Script: chatStolen,
			Work:   []string{"4 dynamodb:GetItem rooms", "2 dynamodb:PutItem rooms"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: flat, Detail: "a task's credentials on a Mac while the task goes on"}}},
		{Name: "webhooks", Kind: Function, Account: 1, Rate: 50, Least: 6, Network: cloud, Agents: []string{node}, Attached: []string{"AWSLambdaBasicExecutionRole"}, Script: hooksStolen,
			Work:   []string{"4 dynamodb:PutItem purchases", "2 dynamodb:GetItem purchases"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: colo, Detail: "a function's credentials in a script that writes purchases"}}},
		{Name: "AdsVendor", Kind: Vendor, Account: 3, Units: []string{"ads"}, Rate: 40, Least: 5, Network: "3fff:b23::1", Agents: []string{boto}, Script: adsTaken,
			Work:   []string{"4 s3:ListObjects game-telemetry", "2 s3:GetObject game-telemetry/<hex8>.json"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: "3fff:b86:6::68", Detail: "somebody in the third party's place, looking for more buckets"}}},
	}
}

func fourthDenials() []Persona {
	return []Persona{
		{Name: "mailer", Kind: Function, Account: 1, Rate: 30, Least: 3, Network: cloud, Agents: []string{node}, Attached: []string{"AWSLambdaBasicExecutionRole"}, Script: mailerDenied,
			Work:   []string{"4 dynamodb:GetItem baskets"},
			Plants: []Plant{{Kind: DeniedMissing, MustFind: true, Severity: "low", Detail: "asks for a secret that nobody granted"}}},
		{Name: "v.tamm", Account: 3, Rhythm: Never, Network: studio, Created: 700, LastUsed: 150, Policies: []Policy{{Name: "tamm", Grants: []Grant{{Actions: "s3:ListAllMyBuckets"}}}},
			Plants: []Plant{{Kind: ForgottenKey, MustFind: true, Severity: "medium", Detail: "a key unused for 150 days"}}},
		{Name: "beta-server", Kind: Instance, Account: 1, Rhythm: Never, Network: studioNAT, Created: 500, LastUsed: 180, Policies: []Policy{{Name: "beta", Grants: []Grant{{Actions: "sqs:*"}}}},
			Plants: []Plant{{Kind: DormantRole, MustFind: true, Severity: "medium", Detail: "a role unused for 180 days"}}},
	}
}
