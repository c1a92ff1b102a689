package orgsim

// thirdIntruders work with somebody's key or session.
func thirdIntruders() []Persona {
	return []Persona{
		{Name: "ci-legacy", Account: 1, Rate: 40, Least: 5, Network: runners, Agents: []string{terraform}, Created: 700, Script: fromRepository,
			Work:   []string{"4 cloudformation:DescribeStacks portal", "2 cloudformation:ListStacks"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: cellar, Detail: "the key of builds that run anywhere, found in a public repository: somebody asks what it may do"}}},
		{Name: "ward-sync", Account: 3, Rate: 40, Least: 5, Network: "3fff:860::4", Agents: []string{boto}, Created: 500, Script: quietCopy,
			Work:   []string{"4 s3:PutObject ward-records/<date>/<hex8>.json", "2 s3:ListObjects ward-records", "2 s3:GetObject ward-records/<date>/<hex8>.json"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: boxes, Detail: "records copied in two nights by the same library, nothing refused"}}},
		{Name: "Ward", Kind: SSO, Account: 1, Units: []string{"petra@example.com", "quentin@example.com", "runa@example.com"}, Rhythm: Office, Rate: 15, Least: 2, Network: clinic, MovesTo: clinicNew, MovesLeft: 7, Agents: []string{cliWin}, Console: 0.9,
			Policies: []Policy{{Name: "ward", Grants: []Grant{{Actions: "secretsmanager:GetSecretValue", Resources: "arn:aws:secretsmanager:*:<account>:secret:portal/*"}}}},
			Work:     looks, Script: relayed,
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: proxyHost, Detail: "signed in through a page that relays the second factor; the session reads secrets"}}},
		{Name: "a.moser", Account: 2, Rhythm: Office, Rate: 16, Least: 3, Network: mobile, Agents: []string{cliMac}, Created: 260, Script: onTheRoad,
			Work:   []string{"3 s3:ListObjects ward-images", "2 ec2:DescribeInstances"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: rented, Detail: "the key of somebody always on the road: other software, three refusals, then snapshots"}}},
		{Name: "b.nagy", Account: 1, Rhythm: Office, Rate: 16, Least: 3, Network: clinic, MovesTo: clinicNew, MovesLeft: 7, Agents: []string{cliLinux}, Created: 290, Script: miner,
			Policies: []Policy{{Name: "nagy", Grants: []Grant{{Actions: "ec2:RunInstances ec2:DescribeImages ec2:DescribeKeyPairs ec2:CreateSecurityGroup"}}}},
			Work:     []string{"3 ec2:DescribeInstances", "2 ec2:DescribeVpcs"},
			Plants:   []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: mining, Detail: "somebody starts computers for coins, with the same tool on the same system"}}},
		{Name: "ext-ollivier", Account: 3, Rhythm: Never, Network: "3fff:861:1::4", Agents: []string{cliMac}, Created: 400, Script: offBoarded,
			Policies: []Policy{{Name: "ollivier", Grants: []Grant{{Actions: "s3:ListBucket s3:GetObject", Resources: "arn:aws:s3:::ward-trials arn:aws:s3:::ward-trials/*"}}}},
			Plants:   []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: "3fff:a06:6::b5", Detail: "a key that was left behind: used again after five weeks, from elsewhere"}}},
		{Name: "c.pavic", Account: 3, Rhythm: Office, Rate: 16, Least: 3, Network: clinic, MovesTo: clinicNew, MovesLeft: 7, Agents: []string{cliMac}, Created: 310, Script: wiper,
			Policies: []Policy{{Name: "pavic", Grants: []Grant{{Actions: "s3:DeleteObject s3:PutObject", Resources: "arn:aws:s3:::ward-trials arn:aws:s3:::ward-trials/*"}}}},
			Work:     []string{"3 s3:ListObjects ward-trials", "2 s3:GetObject ward-trials/<hex8>.csv"},
			Plants:   []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: "3fff:a07:7::c6", Detail: "extortion: objects are read and deleted at night"}}},
	}
}

// thirdThieves work with credentials of machines.
func thirdThieves() []Persona {
	return []Persona{
		{Name: "triage", Kind: Instance, Account: 1, Units: []string{"i-0bb22cc33dd44ee55"}, Rate: 70, Least: 8, Network: "192.0.2.91", Agents: []string{boto}, Script: triageStolen,
			Work:   []string{"4 sqs:GetQueueUrl triage", "3 s3:GetObject ward-triage/<hex8>.json"},
			Plants: []Plant{{Kind: StolenInstance, MustFind: true, Severity: "high", Address: cellar, Detail: "the instance's credentials at somebody's home, with the command line"}}},
		{Name: "imaging-node", Kind: Instance, Account: 3, Units: []string{"i-0cc33dd44ee55ff66", "i-0dd44ee55ff66aa77"}, Rate: 70, Least: 8, Network: clinicNAT, Agents: []string{boto}, Script: nodeStolen,
			Work:   []string{"4 s3:GetObject ward-images/<hex8>.dcm", "1 s3:ListObjects ward-images"},
			Plants: []Plant{{Kind: StolenInstance, MustFind: true, Severity: "high", Address: boxes, Detail: "credentials of one of two nodes at a hoster, the same library and the same calls"}}},
		{Name: "consent-api", Kind: Function, Account: 2, Rate: 60, Least: 6, Network: cloud, Agents: []string{node}, Attached: []string{"AWSLambdaBasicExecutionRole"}, Script: consentStolen,
			Work:   []string{"4 dynamodb:GetItem consents", "2 dynamodb:PutItem consents", "1 logs:CreateLogStream /aws/lambda/consent-api"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: rented, Detail: "a function's credentials, read from its environment, in a script elsewhere"}}},
		{Name: "lab-results", Kind: Task, Account: 1, Rate: 80, Least: 8, Network: clinicNAT, Agents: []string{java}, Script: labStolen,
			Work:   []string{"4 secretsmanager:GetSecretValue lab/db-Qq11Ww", "3 dynamodb:GetItem results"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: proxyHost, Detail: "a task's credentials elsewhere: only its own secret is read, once"}}},
		{Name: "ScanVendor", Kind: Vendor, Account: 2, Units: []string{"scan"}, Rate: 40, Least: 5, Network: "3fff:870::1|3fff:870::2", Agents: []string{golang}, Script: vendorTaken, Attached: []string{"SecurityAudit"},
			Work:   []string{"4 ec2:DescribeSecurityGroups", "2 iam:ListRoles"},
			Plants: []Plant{{Kind: NewNetwork, MustFind: true, Severity: "high", Address: "3fff:a08:8::d7", Detail: "somebody in the third party's place, trying more than an audit"}}},
	}
}

// thirdDenials are what else a reader finds.
func thirdDenials() []Persona {
	return []Persona{
		{Name: "reminder", Kind: Function, Account: 1, Rate: 30, Least: 3, Network: cloud, Agents: []string{node}, Attached: []string{"AWSLambdaBasicExecutionRole"}, Script: reminderDenied,
			Work:   []string{"4 dynamodb:GetItem appointments"},
			Plants: []Plant{{Kind: DeniedMissing, MustFind: true, Severity: "low", Detail: "asks for a queue that nobody granted"}}},
		{Name: "d.quast", Account: 3, Rhythm: Never, Network: clinic, Created: 640, LastUsed: 120, Policies: []Policy{{Name: "quast", Grants: []Grant{{Actions: "s3:ListAllMyBuckets"}}}},
			Plants: []Plant{{Kind: ForgottenKey, MustFind: true, Severity: "medium", Detail: "a key unused for 120 days"}}},
		{Name: "old-portal", Kind: Task, Account: 1, Rhythm: Never, Network: cloud, Created: 900, LastUsed: 200, Policies: []Policy{{Name: "old-portal", Grants: []Grant{{Actions: "dynamodb:*"}}}},
			Plants: []Plant{{Kind: DormantRole, MustFind: true, Severity: "medium", Detail: "a role unused for 200 days"}}},
	}
}

func fromRepository(s *Scene) {
	if s.Left() == 9 {
		s.Clock(22, 14).From(cellar, boto).Plant(NewNetwork).Do("sts:GetCallerIdentity").Fail(identity(), "iam:ListUsers").Fail(identity(), "s3:ListBuckets").
			Fail(identity(), "ec2:DescribeInstances").Fail(identity(), "lambda:ListFunctions20150331").Do("cloudformation:ListStacks")
	}
}

func quietCopy(s *Scene) {
	if l := s.Left(); l == 13 || l == 12 {
		s.Clock(1, 20).From(boxes, boto).Plant(NewNetwork).Do("s3:ListObjects", "ward-records").
			Do("s3:GetObject", "ward-records/2026-04-01/a.json", "ward-records/2026-04-01/b.json", "ward-records/2026-04-02/c.json", "ward-records/2026-04-02/d.json")
	}
}

func relayed(s *Scene) {
	if s.Left() == 11 && s.Person() == "quentin@example.com" {
		s.Session(1).From(proxyHost, browserPC).Plant(NewNetwork).Do("s3:ListBuckets").Do("ec2:DescribeInstances").Do("secretsmanager:GetSecretValue", "portal/db-Ee33Rr", "portal/mail-Tt44Yy").
			Fail(identity(), "iam:ListUsers").Fail(identity(), "secretsmanager:ListSecrets")
	}
}

func onTheRoad(s *Scene) {
	if s.Left() == 6 {
		s.Clock(5, 45).From(rented, cliLinux).Plant(NewNetwork).Do("sts:GetCallerIdentity").Do("ec2:DescribeInstances").Fail(identity(), "ec2:DescribeSnapshots").
			Fail(identity(), "iam:ListRoles").Fail(identity(), "secretsmanager:ListSecrets")
	}
}

func miner(s *Scene) {
	if s.Left() == 10 {
		s.Clock(23, 10).From(mining, cliLinux).Plant(NewNetwork).Do("ec2:DescribeInstances").Do("ec2:DescribeImages").Do("ec2:DescribeKeyPairs").Do("ec2:CreateSecurityGroup", "default2").Fail(identity(), "s3:ListBuckets")
	}
}

func offBoarded(s *Scene) {
	switch l := s.Left(); {
	case l > 42 && !s.Weekend():
		s.Clock(10, 30).From("3fff:861:1::4", cliMac).Do("s3:ListObjects", "ward-trials").Do("s3:GetObject", "ward-trials/0000000a.csv")
	case l == 7:
		s.Clock(20, 2).From("3fff:a06:6::b5", cliMac).Plant(NewNetwork).Do("s3:ListObjects", "ward-trials").Do("s3:GetObject", "ward-trials/00000001.csv", "ward-trials/00000002.csv", "ward-trials/00000003.csv")
	}
}

func wiper(s *Scene) {
	if s.Left() == 8 {
		s.Clock(2, 12).From("3fff:a07:7::c6", cliLinux).Plant(NewNetwork).Do("s3:ListObjects", "ward-trials").Do("s3:GetObject", "ward-trials/00000001.csv", "ward-trials/00000002.csv").
			Do("s3:DeleteObject", "ward-trials/00000001.csv", "ward-trials/00000002.csv").Do("s3:PutObject", "ward-trials/READ-ME.txt")
	}
}

func triageStolen(s *Scene) {
	if s.Left() == 6 {
		s.Session(2).Do("sqs:GetQueueUrl", "triage").Wait(2400).From(cellar, cliMac).Plant(StolenInstance).Do("sts:GetCallerIdentity").Fail(identity(), "s3:ListBuckets").
			Do("s3:GetObject", "ward-triage/00000001.json").Wait(60).Plant("").From("", "").Do("sqs:GetQueueUrl", "triage")
	}
}

func nodeStolen(s *Scene) {
	if s.Left() == 5 {
		s.Session(1).Wait(1500).From(boxes, boto).Plant(StolenInstance).Do("s3:ListObjects", "ward-images").Do("s3:GetObject", "ward-images/00000001.dcm", "ward-images/00000002.dcm")
	}
}

func consentStolen(s *Scene) {
	if s.Left() == 14 {
		s.Session(1).Wait(1800).From(rented, boto).Plant(NewNetwork).Do("dynamodb:GetItem", "consents", "consents", "consents", "consents").Fail(identity(), "dynamodb:ListTables")
	}
}

func labStolen(s *Scene) {
	if s.Left() == 4 {
		s.Session(2).Wait(1200).From(proxyHost, boto).Plant(NewNetwork).Do("secretsmanager:GetSecretValue", "lab/db-Qq11Ww")
	}
}

func vendorTaken(s *Scene) {
	if s.Left() == 9 {
		s.Session(1).From("3fff:a08:8::d7", golang).Plant(NewNetwork).Do("sts:GetCallerIdentity").Do("iam:ListRoles").Do("iam:ListUsers").Fail(identity(), "secretsmanager:GetSecretValue", "portal/db-Ee33Rr").
			Fail(identity(), "ssm:GetParametersByPath", "portal")
	}
}

func reminderDenied(s *Scene) {
	if s.Left()%6 == 2 {
		s.Session(0).Plant(DeniedMissing).Fail(identity(), "sqs:GetQueueUrl", "reminders")
	}
}
