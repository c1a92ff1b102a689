package orgsim

// newLaptop is on a Saturday, when nobody is at the office.
func newLaptop(s *Scene) {
	if s.Left() == 9 && s.Person() == "gita@example.net" {
		s.Session(0).From("3fff:b06:8::14", cliWin).Do("ec2:DescribeInstances").Do("s3:ListBuckets").Do("monitoring:DescribeAlarms").Do("ec2:DescribeInstances")
	}
}

func backAtOffice(s *Scene) {
	away := s.Person() == "jonna@example.net" && s.Left() <= 65 && s.Left() > 4
	if s.Weekend() || away {
		return
	}
	s.Session(0).From("3fff:b00::1", cliMac).Do("ec2:DescribeInstances").Do("monitoring:DescribeAlarms").Do("ec2:DescribeInstances")
}

func newTool(s *Scene) {
	if l := s.Left(); l == 18 || l == 17 || l == 10 {
		s.Clock(11, 30).From("3fff:b00::1", boto).Do("s3:ListObjects", "game-telemetry", "game-telemetry").Do("athena:GetQueryExecution", "telemetry")
	}
}

func standbySite(s *Scene) {
	s.Clock(3, 15).From("", "")
	if l := s.Left(); l <= 23 && l > 20 {
		s.From("3fff:b16::5", golang)
	}
	s.Do("s3:ListObjects", "game-mirror").Do("s3:PutObject", "game-mirror/<date>/<hex8>.pak", "game-mirror/<date>/<hex8>.pak")
}

func fromApp(s *Scene) {
	if s.Left() == 11 {
		s.Clock(21, 40).From(attic, cliLinux).Plant(NewNetwork).Do("sts:GetCallerIdentity").Fail(identity(), "s3:ListBuckets").Fail(identity(), "iam:ListUsers").
			Fail(identity(), "dynamodb:ListTables").Fail(identity(), "s3:ListObjects", "game-scores").Fail(identity(), "lambda:ListFunctions20150331")
	}
}

func secretsRead(s *Scene) {
	if s.Left() == 7 {
		s.Clock(0, 50).From(colo, boto).Plant(NewNetwork).Do("secretsmanager:GetSecretValue", "signing/key-Cc22Dd").Fail(identity(), "secretsmanager:ListSecrets").Fail(identity(), "secretsmanager:GetSecretValue", "shop/psp-Aa11Bb")
	}
}

func cookie(s *Scene) {
	if s.Left() == 8 && s.Person() == "ronja@example.net" {
		s.Session(1).From(flat, browserPC).Plant(NewNetwork).Do("s3:ListBuckets").Fail(identity(), "secretsmanager:ListSecrets").Fail(identity(), "rds:DescribeDBInstances").
			Fail(identity(), "ec2:DescribeInstances").Fail(identity(), "iam:ListUsers").Do("ce:GetCostAndUsage")
	}
}

func backDoor(s *Scene) {
	if s.Left() == 9 {
		s.Clock(19, 35).From(otherSide, cliLinux).Plant(NewNetwork).Do("sts:GetCallerIdentity").Do("iam:ListUsers").Do("iam:CreateUser", "svc-monitoring").Do("iam:CreateAccessKey", "svc-monitoring")
	}
}

func leavingWith(s *Scene) {
	if s.Left() == 2 {
		s.Clock(22, 20).From("3fff:b85:5::57", cliMac).Plant(NewNetwork).Do("s3:ListObjects", "game-telemetry").
			Do("s3:GetObject", "game-telemetry/00000001.json", "game-telemetry/00000002.json", "game-telemetry/00000003.json", "game-telemetry/00000004.json")
	}
}

func windowsCopy(s *Scene) {
	if l := s.Left(); l == 12 || l == 10 {
		s.Clock(23, 5).From(flat, cliWin).Plant(NewNetwork).Do("s3:ListObjects", "game-scores").Do("s3:GetObject", "game-scores/00000001.json", "game-scores/00000002.json")
	}
}

func wokenUp(s *Scene) {
	switch l := s.Left(); {
	case l > 55 && !s.Weekend():
		s.Clock(10, 0).From("3fff:b22:1::4", cliLinux).Do("s3:ListObjects", "game-levels").Do("s3:GetObject", "game-levels/0000000a.lvl")
	case l == 6:
		s.Clock(4, 10).From(colo, cliLinux).Plant(NewNetwork).Do("s3:ListObjects", "game-levels").Do("s3:GetObject", "game-levels/0000000a.lvl", "game-levels/0000000b.lvl", "game-levels/0000000c.lvl")
	}
}

func telemetryStolen(s *Scene) {
	if s.Left() == 10 {
		s.Session(1).Do("s3:ListObjects", "game-telemetry").Wait(1800).From(otherSide, boto).Plant(StolenInstance).Do("s3:ListObjects", "game-telemetry").Do("s3:PutObject", "game-telemetry/2026-05-22/00000000.json").
			Wait(120).Plant("").From("", "").Do("s3:ListObjects", "game-telemetry")
	}
}

func anticheatStolen(s *Scene) {
	if s.Left() == 4 {
		s.Session(2).Wait(3000).From(attic, cliWin).Plant(StolenInstance).Do("sts:GetCallerIdentity").Fail(identity(), "s3:ListBuckets").Fail(identity(), "ec2:DescribeInstances").Do("s3:GetObject", "game-levels/0000000a.lvl")
	}
}

func chatStolen(s *Scene) {
	if s.Left() == 13 {
		s.Session(1).Wait(900).From(flat, cliMac).Plant(NewNetwork).Do("sts:GetCallerIdentity").Do("dynamodb:GetItem", "rooms", "rooms", "rooms").Fail(identity(), "dynamodb:ListTables")
	}
}

func hooksStolen(s *Scene) {
	if s.Left() == 5 {
		s.Session(2).Wait(1000).From(colo, boto).Plant(NewNetwork).Do("dynamodb:PutItem", "purchases", "purchases", "purchases")
	}
}

func adsTaken(s *Scene) {
	if s.Left() == 8 {
		s.Session(1).From("3fff:b86:6::68", boto).Plant(NewNetwork).Do("sts:GetCallerIdentity").Fail(identity(), "s3:ListBuckets").Do("s3:ListObjects", "game-telemetry").
			Fail(identity(), "s3:ListObjects", "game-builds").Fail(identity(), "s3:ListObjects", "game-scores")
	}
}

func mailerDenied(s *Scene) {
	if s.Left()%7 == 3 {
		s.Session(0).Plant(DeniedMissing).Fail(identity(), "secretsmanager:GetSecretValue", "mail/smtp-Ee33Ff")
	}
}
