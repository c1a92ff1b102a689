package orgsim

func guestNetwork(s *Scene) {
	if s.Left() == 11 && s.Person() == "heike@example.org" { // a Thursday: at work in any case, and this once elsewhere too
		s.Session(1).Clock(20, 30).From("3fff:c14:3::21", browser).Do("ce:GetCostAndUsage").Do("ce:GetCostAndUsage")
	}
}

func byPhone(s *Scene) {
	if l := s.Left(); (l == 15 || l == 8) && s.Person() == "jovan@example.org" {
		s.Session(1).Clock(21, 10).From("2001:db8:77::3", browser).Do("monitoring:DescribeAlarms").Do("ec2:DescribeInstances")
	}
}

func cardKey(s *Scene) {
	if s.Left() == 9 {
		s.Clock(3, 30).From(dataHall, cliLinux).Plant(NewNetwork).Do("sts:GetCallerIdentity").Do("dynamodb:GetItem", "cards", "cards", "cards", "cards", "cards").Fail(identity(), "dynamodb:ListTables")
	}
}

func cctvCopy(s *Scene) {
	if s.Left() == 6 {
		s.Clock(13, 5).From(lair, boto).Plant(NewNetwork).Do("s3:ListObjects", "fleet-cctv").Do("s3:GetObject", "fleet-cctv/00000001.mp4", "fleet-cctv/00000002.mp4", "fleet-cctv/00000003.mp4")
	}
}

func tariffSession(s *Scene) {
	if s.Left() == 5 && s.Person() == "otto@example.org" {
		s.Session(0).From("", "").Do("s3:ListObjects", "fleet-tariffs").Wait(600).From(relay, cliLinux).Plant(NewNetwork).Do("sts:GetCallerIdentity").Do("s3:ListObjects", "fleet-tariffs").Fail(identity(), "s3:ListBuckets").
			Wait(300).Plant("").From("", "").Do("s3:GetObject", "fleet-tariffs/00000001.csv")
	}
}

func opensDoor(s *Scene) {
	if s.Left() == 10 {
		s.Clock(1, 50).From(attacker, cliLinux).Plant(NewNetwork).Do("ec2:DescribeSecurityGroups").Do("ec2:CreateSecurityGroup", "temp").Do("ec2:AuthorizeSecurityGroupIngress", "temp")
	}
}

func solerProbed(s *Scene) {
	if s.Left() == 12 {
		s.Clock(4, 20).From(lair, cliLinux).Plant(NewNetwork).Do("sts:GetCallerIdentity")
		for _, id := range []string{"iam:ListUsers", "s3:ListBuckets", "secretsmanager:ListSecrets", "rds:DescribeDBInstances", "lambda:ListFunctions20150331"} {
			s.Fail(identity(), id)
		}
	}
}

func thorsenBack(s *Scene) {
	switch l := s.Left(); {
	case l > 49 && !s.Weekend():
		s.Clock(10, 0).From("3fff:c32:1::4", cliMac).Do("s3:ListObjects", "fleet-gps").Do("s3:GetObject", "fleet-gps/0000000a.json")
	case l == 7:
		s.Clock(12, 10).From(dataHall, boto).Plant(NewNetwork).Do("s3:ListObjects", "fleet-gps").Do("s3:GetObject", "fleet-gps/0000000a.json", "fleet-gps/0000000b.json")
	}
}

func hubStolen(s *Scene) {
	if s.Left() == 4 {
		s.Session(1).Wait(2000).From(attacker, cliLinux).Plant(StolenInstance).Do("sts:GetCallerIdentity").Fail(identity(), "s3:ListBuckets").Fail(identity(), "iam:ListRoles")
	}
}

func gateStolen(s *Scene) {
	if s.Left() == 11 {
		s.Session(2).Wait(1500).From(dataHall, boto).Plant(StolenInstance).Do("dynamodb:GetItem", "gates", "gates").Wait(1500).Do("dynamodb:PutItem", "gates", "gates")
	}
}

func refundsStolen(s *Scene) {
	if s.Left() == 8 {
		s.Session(2).Wait(1200).From(relay, boto).Plant(NewNetwork).Do("secretsmanager:GetSecretValue", "tickets/psp-Gg77Hh").Fail(identity(), "secretsmanager:ListSecrets").Fail(identity(), "secretsmanager:GetSecretValue", "fleet/db-Jj88Kk")
	}
}

func smsStolen(s *Scene) {
	if s.Left() == 13 {
		s.Session(1).Wait(2500).From(lair, cliMac).Plant(NewNetwork).Do("sts:GetCallerIdentity").Do("dynamodb:GetItem", "riders", "riders").Fail(identity(), "dynamodb:ListTables")
	}
}

func mapsTaken(s *Scene) {
	if s.Left() == 9 {
		s.Session(1).From("3fff:c85:5::5b", cliLinux).Plant(NewNetwork).Do("sts:GetCallerIdentity").Do("s3:ListObjects", "fleet-routes").Fail(identity(), "s3:ListBuckets").Fail(identity(), "s3:ListObjects", "fleet-tariffs")
	}
}

func lostFoundDenied(s *Scene) {
	if s.Left()%6 == 1 {
		s.Session(0).Plant(DeniedMissing).Fail(identity(), "dynamodb:PutItem", "departures")
	}
}
