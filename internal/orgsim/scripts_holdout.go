package orgsim

import "slices"

func engineers(s *Scene) {
	if s.Left() == 14 && s.Person() == "rosa@example.org" {
		s.Session(0).Plant(DeniedSCP)
		for range 2 {
			s.Fail(&Fault{Layer: "service control policy"}, "ec2:CreateInternetGateway").Wait(30)
		}
	}
}

// onCall is a laptop that is carried home, its session still good.
func onCall(s *Scene) {
	if s.Person() == "ulrike@example.org" && slices.Contains([]int{17, 31, 45}, s.Left()) {
		s.Session(0).Clock(19, 40).From("3fff:310:7::5", cliMac).Do("ec2:DescribeInstances").Do("monitoring:DescribeAlarms").Wait(900).
			Do("ec2:StartInstances", "i-0123abcd4567ef890").Do("ec2:DescribeInstances")
	}
	if s.Person() == "viktor@example.org" && s.Left() == 5 && s.a.account == 0 {
		s.Session(0).From("198.51.100.10", cliMac).Plant(LoggingStopped).Do("cloudtrail:StopLogging", "grid-trail")
	}
}

func dualStack(s *Scene) {
	if s.Weekend() {
		return
	}
	for hour := 8; hour < 16; hour += 3 {
		s.Clock(hour, 20).From("3fff:320:1::41", cliMac).Do("ec2:DescribeInstances").From("", "").Do("logs:DescribeLogGroups")
	}
}

func burst(s *Scene) {
	if s.Left() != 8 {
		return
	}
	s.Session(0).Clock(1, 0)
	for i := range 120 {
		s.Do("glue:GetPartitions", "lake/meters")
		if i%3 == 0 {
			s.Fail(faults["throttled"], "glue:GetPartitions", "lake/meters")
		}
	}
}

func quarter(s *Scene) {
	if s.Left() == 62 {
		for range 10 {
			s.Do("ce:GetCostAndUsage").Do("athena:StartQueryExecution", "finance")
		}
	}
}

func leaver(s *Scene) {
	if s.Left() > 35 && !s.Weekend() {
		s.Clock(9, 15).Do("ec2:DescribeInstances").Do("s3:ListBuckets")
	}
}

func leakedKey(s *Scene) {
	if s.Left() == 7 {
		s.Clock(3, 40).From(hoster, boto).Plant(NewNetwork).Do("sts:GetCallerIdentity").Fail(identity(), "s3:ListBuckets").Do("s3:ListObjects", "grid-landing", "grid-landing").
			Fail(identity(), "s3:GetObject", "grid-landing/meters/a.csv", "grid-landing/meters/b.csv")
	}
}

func phished(s *Scene) {
	if s.Left() == 6 && s.Person() == "nadia@example.org" {
		s.Session(1).Clock(21, 30).From(home, browserPC).Plant(NewNetwork).Do("organizations:ListAccounts").Do("s3:ListBuckets").
			Fail(identity(), "iam:ListUsers").Fail(identity(), "secretsmanager:ListSecrets").Fail(identity(), "iam:ListRoles").Do("ce:GetCostAndUsage")
	}
}

func stolenInside(s *Scene) {
	if s.Left() == 5 {
		s.Session(1).Do("s3:ListObjects", "grid-lake").Wait(3000).From(otherHost, boto).Plant(StolenInstance).Do("sts:GetCallerIdentity").Do("s3:ListObjects", "grid-lake").
			Do("s3:GetObject", "grid-lake/history/2026-05-01/aa.parquet", "grid-lake/history/2026-05-02/bb.parquet", "grid-lake/history/2026-05-03/cc.parquet").
			Plant("").From("", "").Do("s3:ListObjects", "grid-lake")
	}
}

func stolenTask(s *Scene) {
	if s.Left() != 10 {
		return
	}
	s.Session(1)
	for range 3 {
		s.Plant("").From("", "").Do("secretsmanager:GetSecretValue", "billing/db-Gg44Hh").Wait(120).
			From("3fff:703:3::90", cliLinux).Plant(NewNetwork).Do("secretsmanager:GetSecretValue", "billing/db-Gg44Hh", "billing/psp-Ii55Jj").Wait(200)
	}
	s.Plant("").From("", "").Do("secretsmanager:DescribeSecret", "billing/db-Gg44Hh")
}

func stolenFunction(s *Scene) {
	if s.Left() == 3 {
		s.Session(2).Wait(2000).From("3fff:704:4::120", cliMac).Plant(NewNetwork).Do("sts:GetCallerIdentity").Fail(identity(), "s3:ListBuckets").
			Fail(identity(), "dynamodb:ListTables").Do("dynamodb:GetItem", "hooks", "hooks", "hooks")
	}
}

func reawakened(s *Scene) {
	switch left := s.Left(); {
	case left > 70:
		s.Clock(2, 5).Do("s3:ListObjects", "grid-landing").Do("s3:GetObject", "grid-landing/2026-03-01/a.csv", "grid-landing/2026-03-01/b.csv")
	case left == 8:
		s.Clock(14, 25).From("3fff:bad::6", cliLinux).Plant(NewNetwork).Do("sts:GetCallerIdentity").Do("s3:ListObjects", "grid-landing").
			Do("s3:GetObject", "grid-landing/2026-05-20/a.csv", "grid-landing/2026-05-20/b.csv")
	}
}

func takenOver(s *Scene) {
	if s.Left() == 2 {
		s.Session(1).Clock(20, 10).From("3fff:705:5::33", browserPC).Plant(NewNetwork).Do("ec2:DescribeInstances").Fail(identity(), "iam:ListUsers").
			Fail(identity(), "s3:ListBuckets").Fail(identity(), "secretsmanager:ListSecrets").Do("rds:DescribeDBInstances")
	}
}

func stolenMobile(s *Scene) {
	if s.Left() == 9 {
		s.Clock(1, 15).From("3fff:706:6::180", cliWin).Plant(NewNetwork).Do("sts:GetCallerIdentity")
		for _, id := range []string{"iam:ListUsers", "iam:ListRoles", "secretsmanager:ListSecrets", "rds:DescribeDBInstances", "lambda:ListFunctions20150331", "kms:ListAliases", "dynamodb:ListTables", "iam:GetAccountAuthorizationDetails"} {
			s.Fail(identity(), id)
		}
	}
}

// borrowedKey is somebody in the office with a server's key, on most weekdays.
func borrowedKey(s *Scene) {
	if s.Weekend() || s.Left()%5 == 0 {
		return
	}
	for _, hour := range []int{9, 14} {
		s.Clock(hour, 5).From("", "").Plant("").Do("s3:ListObjects", "grid-exchange").Wait(300).
			From("198.51.100.10", cliMac).Plant(SharedKey).Do("s3:ListObjects", "grid-exchange").Do("s3:GetObject", "grid-exchange/out/<hex8>.csv").Wait(300).
			From("", "").Plant("").Do("s3:ListObjects", "grid-exchange")
	}
}

func rootLook(s *Scene) {
	if s.Left() == 21 {
		s.Session(0).From("198.51.100.11", browser).Plant(RootUse).Do("iam:GetAccountSummary").Do("iam:ListUsers").Do("ec2:DescribeInstances")
	}
}

func quietEscalation(s *Scene) {
	if s.Left() == 3 {
		s.Clock(16, 50).From("198.51.100.10", cliLinux).Plant(SelfEscalation).Do("iam:GetUser", "n.petrov").Do("iam:PutUserPolicy", "n.petrov").Wait(60).
			Do("iam:ListUsers").Do("iam:CreateAccessKey", "n.petrov")
	}
}

func slowRecon(s *Scene) {
	if s.Left() != 4 {
		return
	}
	s.Clock(11, 0).From("198.51.100.10", golang).Plant(Recon)
	for _, id := range []string{"iam:ListUsers", "iam:ListRoles", "iam:GetAccountSummary", "s3:ListBuckets", "ec2:DescribeInstances", "ec2:DescribeSnapshots",
		"ec2:DescribeImages", "rds:DescribeDBInstances", "kms:ListAliases", "lambda:ListFunctions20150331", "ecs:ListClusters", "dynamodb:ListTables"} {
		s.Fail(identity(), id).Wait(200)
	}
}

func otherAccount(s *Scene) {
	if s.Left()%2 == 0 {
		s.Session(1).Plant(DeniedResource).Fail(&Fault{Layer: "resource-based policy"}, "sqs:GetQueueUrl", "partner-readings", "partner-readings")
	}
}

func bucketDenies(s *Scene) {
	s.Session(0).Clock(2, 30).Plant(DeniedBare).Fail(faults["logs"], "s3:GetObject", "partner-tariffs/2026.csv", "partner-tariffs/2026.csv")
}

func deniedByOwnPolicy(s *Scene) {
	if !s.Weekend() && s.Left()%7 == 4 {
		s.Clock(10, 15).From("198.51.100.11", cliWin).Plant(DeniedByIdentity).
			Fail(explicit("identity-based policy", "arn:aws:iam::<account>:policy/keep-data"), "s3:DeleteObject", "grid-models/old.json")
	}
}

func boundaryDenies(s *Scene) {
	if s.Left() <= 24 && s.Left()%4 == 0 {
		s.Session(1).Plant(DeniedBoundary).Fail(explicit("permissions boundary", "arn:aws:iam::<account>:policy/grid-boundary"), "ec2:CreateSecurityGroup", "zonal")
	}
}

func infra(s *Scene) {
	switch {
	case s.Left() == 9 && s.Has("forecast"):
		s.Session(0).Plant(PolicyChange).Do("iam:DetachRolePolicy", "forecast")
	case s.Left() == 14:
		f := &Fault{Layer: "identity-based policy", Code: "AccessDenied", Action: "iam:PassRole", Resource: "arn:aws:iam::<account>:role/<name>"}
		s.Session(0).Plant(DeniedPassRole).Fail(f, "lambda:CreateFunction20150331", "tariff-function", "tariff-function")
	case s.Left() <= 12 && s.Left()%5 == 1:
		s.Session(0).Plant(DeniedSession).Fail(explicit("session policy", ""), "s3:DeleteObject", "grid-artifacts/old.zip")
	}
}

func lostPolicy(s *Scene) {
	s.Session(1).Clock(10, 0)
	switch left := s.Left(); {
	case left > 9:
		s.Do("glue:GetTable", "lake/meters", "lake/meters", "lake/meters")
		return
	case left == 9: // the day of the change, which comes when the pipeline runs
		return
	}
	s.Plant(DeniedRegression).Fail(identity(), "glue:GetTable", "lake/meters", "lake/meters", "lake/meters")
}

func endpointDenies(s *Scene) {
	if s.Left() <= 20 && s.Left()%3 == 0 {
		s.Session(1).Through("vpce-0f1e2d3c4b5a69788", "10.31.7.9").Plant(DeniedEndpoint).
			Fail(explicit("VPC endpoint policy", ""), "s3:PutObject", "partner-drop/part-0.gz")
	}
}

func outsider(s *Scene) {
	switch s.Left() {
	case 18, 20, 25:
		policy := "arn:aws:organizations::111122223333:policy/" + s.d.w.org.ID + "/resource_control_policy/p-rcp09grid"
		s.Clock(12, 30).Plant(DeniedRCP).Fail(explicit("resource control policy", policy), "s3:GetObject", "grid-lake/meters/part-0.parquet")
	case 6, 13:
		s.Clock(15, 45).Plant(DeniedTrust).Fail(&Fault{Layer: "role trust policy"}, "sts:AssumeRole", "forecast")
	}
}

func forgotMFA(s *Scene) {
	if !s.Weekend() && s.Left()%6 == 2 && s.Left() < 40 {
		s.Clock(13, 20).From("198.51.100.11", cliMac).Plant(DeniedNoMFA).Fail(explicit("identity-based policy", ""), "rds:CreateDBSnapshot", "grid")
	}
}

func keyDenied(s *Scene) {
	if s.Left() <= 18 {
		f := &Fault{Code: "AccessDeniedException", Action: "kms:Decrypt", Message: "User: <principal> is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext " +
			"because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access"}
		s.Session(1).Plant(DeniedKMS).Fail(f, "secretsmanager:GetSecretValue", "statements/smtp-Kk66Ll", "statements/smtp-Kk66Ll")
	}
}

func nothingAllows(s *Scene) {
	if s.Left()%9 == 3 {
		s.Session(1).Plant(DeniedMissing).Fail(identity(), "dynamodb:GetItem", "load-state", "load-state")
	}
}

func viewer(s *Scene) {
	if !s.Weekend() && s.Left()%3 == 0 {
		s.Session(1).Clock(11, 40).From("198.51.100.11", browser).Plant(DeniedConsole).Fail(identity(), "ce:GetCostAndUsage").Fail(identity(), "compute-optimizer:GetEnrollmentStatus")
	}
}
