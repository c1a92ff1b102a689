package orgsim

import "slices"

// The fifth hold-out: a transport company. It was written after the fourth had
// been measured and the rules changed for it, and before anything was measured on it.

// Kinds that only the fifth hold-out plants.
const (
	QuietDepots     = "quiet-depots"
	QuietHomeOffice = "quiet-home-office"
	QuietReplaced   = "quiet-server-replaced"
	QuietGuestWiFi  = "quiet-guest-network"
	QuietTwoClouds  = "quiet-two-clouds"
	QuietSeasonal   = "quiet-seasonal"
	QuietPhone      = "quiet-phone"
)

const (
	depot    = "3fff:c00::1|3fff:c00::2|3fff:c01::1|3fff:c02::1"
	headHQ   = "3fff:c03::1|3fff:c03::2"
	depotNAT = "192.0.2.51|192.0.2.52"
	lair     = "3fff:c81:1::17" // where intruders sit
	dataHall = "3fff:c82:2::28"
	relay    = "3fff:c83:3::39"
	attacker = "3fff:c84:4::4a"
)

// FifthPersonas is the cast of the fifth blind measurement. The slice is the caller's.
func FifthPersonas() []Persona {
	return slices.Concat(fifthPeople(), fifthMachines(), fifthIntruders(), fifthThieves(), fifthDenials())
}

func fifthPeople() []Persona {
	return []Persona{
		{Name: "Dispatch", Kind: SSO, Every: true, Units: []string{"agnes@example.org", "bogdan@example.org", "clara@example.org"}, Rhythm: Always, Rate: 10, Least: 2, Network: depot, Agents: []string{cliWin}, Console: 0.7,
			Attached: []string{"ReadOnlyAccess"}, Work: looks, Plants: []Plant{{Kind: QuietDepots, Detail: "at a depot or another, weekends too"}}},
		{Name: "Planning", Kind: SSO, Account: 1, Units: []string{"derya@example.org", "eero@example.org", "fabio@example.org"}, Rhythm: Office, Rate: 16, Least: 3, Network: headHQ, MovesTo: "3fff:c10:<n>::7", MovesLeft: 6, Agents: []string{cliMac}, Console: 0.4,
			Work: looks, Plants: []Plant{{Kind: QuietHomeOffice, Detail: "a strike: everybody at home for the last week"}}},
		{Name: "Board", Kind: SSO, Account: 0, Units: []string{"goran@example.org", "heike@example.org"}, Rhythm: PartTime, Rate: 8, Least: 2, Network: headHQ, Agents: []string{browser}, Console: 1, Script: guestNetwork,
			Work: []string{"4 ce:GetCostAndUsage", "2 organizations:ListAccounts"}, Plants: []Plant{{Kind: QuietGuestWiFi, Detail: "looks at the costs from a customer's guest network"}}},
		{Name: "Rail", Kind: SSO, Account: 2, Units: []string{"inga@example.org", "jovan@example.org"}, Rhythm: Office, Rate: 16, Least: 3, Network: headHQ, Agents: []string{cliLinux}, Console: 0.5, Script: byPhone,
			Work: looks, Plants: []Plant{{Kind: QuietPhone, Detail: "looks at alarms in a phone's browser on two evenings"}}},
		{Name: "k.larsen", Account: 1, Rhythm: Office, Rate: 14, Least: 3, Network: headHQ, MovesTo: "3fff:c11:1::4", MovesLeft: 3, Agents: []string{cliMac}, Created: 300,
			Work: []string{"3 ec2:DescribeInstances", "2 logs:DescribeLogGroups"}, Plants: []Plant{{Kind: QuietTravel, Detail: "at the coast for the last days, and works"}}},
		{Name: "m.ortega", Account: 2, Rhythm: PartTime, Rate: 14, Least: 3, Network: "3fff:c12:1::4", MovesTo: "3fff:c13:1::4", MovesLeft: 20, Agents: []string{cliLinux}, Created: 260,
			Work: []string{"3 s3:ListObjects fleet-routes", "2 s3:GetObject fleet-routes/<hex8>.json"}, Plants: []Plant{{Kind: QuietRelocation, Detail: "two days a week, and another flat for three weeks"}}},
	}
}

func fifthMachines() []Persona {
	return []Persona{
		{Name: "gps-ingest", Account: 3, Rate: 60, Least: 8, Network: "3fff:c20::5", MovesTo: "3fff:c21::5", MovesLeft: 1, Agents: []string{golang}, Created: 600,
			Work: []string{"4 s3:PutObject fleet-gps/<date>/<hex8>.json", "1 s3:ListObjects fleet-gps"}, Plants: []Plant{{Kind: QuietReplaced, Detail: "a server that was replaced by one elsewhere, today"}}},
		{Name: "timetable-sync", Account: 2, Rate: 50, Least: 10, Network: "3fff:c22::5|3fff:c23::5", Agents: []string{java}, Created: 500,
			Work: []string{"4 s3:GetObject fleet-routes/<hex8>.json", "2 s3:ListObjects fleet-routes"}, Plants: []Plant{{Kind: QuietTwoClouds, Detail: "a program that runs in two computer centres"}}},
		{Name: "ticketing", Kind: Task, Account: 1, Rate: 90, Least: 8, Network: depotNAT, Agents: []string{java}, Work: []string{"4 secretsmanager:GetSecretValue tickets/psp-Gg77Hh", "3 dynamodb:GetItem tickets"}},
		{Name: "boards", Kind: Function, Account: 1, Rate: 60, Least: 5, Network: cloud, Agents: []string{node}, Attached: []string{"AWSLambdaBasicExecutionRole"}, Work: []string{"4 dynamodb:GetItem departures"}},
		{Name: "kiosk", Kind: Instance, Account: 2, Units: []string{"i-0e10f20a30b40c50d", "i-0f20a30b40c50d60e"}, Rate: 50, Least: 8, Network: depotNAT, Agents: []string{golang}, Work: []string{"3 s3:GetObject fleet-routes/<hex8>.json", "1 sqs:GetQueueUrl kiosk"}},
		{Name: "snow-model", Account: 3, Rhythm: Monthly, Rate: 30, Least: 4, Network: "3fff:c24::5", Agents: []string{boto}, Created: 420,
			Work: []string{"3 s3:PutObject fleet-models/<date>/<hex8>.bin"}, Plants: []Plant{{Kind: QuietSeasonal, Detail: "runs once a month"}}},
		{Name: "FleetVendor", Kind: Vendor, Account: 3, Units: []string{"fleet"}, Rate: 50, Least: 6, Network: "3fff:c25::1|3fff:c25::2", MovesTo: "3fff:c26:<day>::1", MovesLeft: 8, Agents: []string{golang},
			Work: []string{"4 s3:GetObject fleet-gps/<hex8>.json", "2 s3:ListObjects fleet-gps"}, Plants: []Plant{{Kind: QuietVendor, Detail: "a third party that moved into another cloud a week ago"}}},
		{Name: "gitlab-deploy", Account: 1, Rate: 40, Least: 6, Network: "3fff:c27:<run>::<n>", Agents: []string{terraform}, Created: 350,
			Work: []string{"3 cloudformation:DescribeStacks boards", "2 lambda:GetFunction20150331v2 boards"}, Plants: []Plant{{Kind: QuietCI, Detail: "builds on changing runners, with a key"}}},
	}
}

func fifthIntruders() []Persona {
	return []Persona{
		{Name: "smartcard", Account: 1, Rate: 40, Least: 6, Network: "3fff:c30::5", Agents: []string{java}, Created: 500, Script: cardKey,
			Work:   []string{"4 dynamodb:GetItem cards", "2 dynamodb:PutItem cards"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: dataHall, Detail: "a program's key copies a table in one night with other software"}}},
		{Name: "cctv-archive", Account: 3, Rate: 40, Least: 6, Network: "3fff:c31::5", Agents: []string{boto}, Created: 480, Script: cctvCopy,
			Work:   []string{"4 s3:PutObject fleet-cctv/<date>/<hex8>.mp4", "2 s3:GetObject fleet-cctv/<hex8>.mp4", "1 s3:ListObjects fleet-cctv"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: lair, Detail: "a program's key, the same library, by day, beside the program"}}},
		{Name: "Tariffs", Kind: SSO, Account: 1, Units: []string{"nadja@example.org", "otto@example.org"}, Rhythm: Office, Rate: 14, Least: 2, Network: headHQ, Agents: []string{cliMac}, Console: 0.6, Script: tariffSession,
			Work:   []string{"3 s3:ListObjects fleet-tariffs", "3 s3:GetObject fleet-tariffs/<hex8>.csv"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: relay, Detail: "the session of a person at work is used by somebody else's command line at the same time"}}},
		{Name: "p.quist", Account: 2, Rhythm: Office, Rate: 14, Least: 3, Network: headHQ, Agents: []string{cliLinux}, Created: 330, Script: opensDoor,
			Policies: []Policy{{Name: "quist", Grants: []Grant{{Actions: "ec2:AuthorizeSecurityGroupIngress ec2:CreateSecurityGroup ec2:DescribeSecurityGroups"}}}},
			Work:     []string{"3 ec2:DescribeInstances", "2 ec2:DescribeVpcs"},
			Plants:   []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: attacker, Detail: "opens ports at night with an engineer's key, the same tool"}}},
		{Name: "r.soler", Account: 1, Rhythm: Office, Rate: 14, Least: 3, Network: mobile, Agents: []string{cliWin}, Created: 310, Script: solerProbed,
			Work:   []string{"3 ec2:DescribeInstances", "2 s3:ListObjects fleet-tariffs"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: lair, Detail: "the key of somebody on the road: five refusals from another system"}}},
		{Name: "ext-thorsen", Account: 3, Rhythm: Never, Network: "3fff:c32:1::4", Agents: []string{cliMac}, Created: 450, Script: thorsenBack,
			Policies: []Policy{{Name: "thorsen", Grants: []Grant{{Actions: "s3:ListBucket s3:GetObject", Resources: "arn:aws:s3:::fleet-gps arn:aws:s3:::fleet-gps/*"}}}},
			Plants:   []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: dataHall, Detail: "a consultant's key, unused for six weeks, from a computer centre with a library"}}},
	}
}

func fifthThieves() []Persona {
	return []Persona{
		{Name: "camera-hub", Kind: Instance, Account: 3, Units: []string{"i-0a30b40c50d60e70f"}, Rate: 60, Least: 8, Network: "192.0.2.95", Agents: []string{boto}, Script: hubStolen,
			Work:   []string{"4 s3:PutObject fleet-cctv/<date>/<hex8>.mp4", "1 sqs:GetQueueUrl cctv"},
			Plants: []Plant{{Kind: StolenInstance, MustFind: true, Severity: "high", Address: attacker, Detail: "the instance's credentials elsewhere by the command line"}}},
		{Name: "gate-control", Kind: Instance, Account: 1, Units: []string{"i-0b40c50d60e70f80a"}, Rate: 60, Least: 8, Network: "192.0.2.96", Agents: []string{java}, Script: gateStolen,
			Work:   []string{"4 dynamodb:GetItem gates", "2 dynamodb:PutItem gates"},
			Plants: []Plant{{Kind: StolenInstance, MustFind: true, Severity: "high", Address: dataHall, Detail: "the instance's credentials in a computer centre, the same calls by another library, an hour"}}},
		{Name: "refunds", Kind: Task, Account: 1, Rate: 70, Least: 8, Network: depotNAT, Agents: []string{golang}, Script: refundsStolen,
			Work:   []string{"4 dynamodb:GetItem refunds", "3 secretsmanager:GetSecretValue tickets/psp-Gg77Hh"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: relay, Detail: "a task's credentials through a relay, looking for more secrets"}}},
		{Name: "sms-notify", Kind: Function, Account: 2, Rate: 50, Least: 6, Network: cloud, Agents: []string{node}, Attached: []string{"AWSLambdaBasicExecutionRole"}, Script: smsStolen,
			Work:   []string{"4 sqs:GetQueueUrl sms", "2 dynamodb:GetItem riders"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: lair, Detail: "a function's credentials at somebody's home, on a Mac"}}},
		{Name: "MapsVendor", Kind: Vendor, Account: 2, Units: []string{"maps"}, Rate: 40, Least: 5, Network: "3fff:c33::1|3fff:c33::2", Agents: []string{boto}, Script: mapsTaken,
			Work:   []string{"4 s3:GetObject fleet-routes/<hex8>.json", "2 s3:ListObjects fleet-routes"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: "3fff:c85:5::5b", Detail: "somebody in the third party's place with another tool, refused twice"}}},
	}
}

func fifthDenials() []Persona {
	return []Persona{
		{Name: "lost-found", Kind: Function, Account: 1, Rate: 30, Least: 3, Network: cloud, Agents: []string{node}, Attached: []string{"AWSLambdaBasicExecutionRole"}, Script: lostFoundDenied,
			Work:   []string{"4 dynamodb:GetItem departures"},
			Plants: []Plant{{Kind: DeniedMissing, MustFind: true, Severity: "low", Detail: "writes to a table that it may only read"}}},
		{Name: "u.voss", Account: 0, Rhythm: Never, Network: headHQ, Created: 700, LastUsed: 130, Policies: []Policy{{Name: "voss", Grants: []Grant{{Actions: "s3:ListAllMyBuckets"}}}},
			Plants: []Plant{{Kind: ForgottenKey, MustFind: true, Severity: "medium", Detail: "a key unused for 130 days"}}},
		{Name: "tram-2019", Kind: Function, Account: 2, Rhythm: Never, Network: cloud, Created: 900, LastUsed: 210, Policies: []Policy{{Name: "tram", Grants: []Grant{{Actions: "sqs:*"}}}},
			Plants: []Plant{{Kind: DormantRole, MustFind: true, Severity: "medium", Detail: "a role unused for 210 days"}}},
	}
}
