package orgsim

// identity is the plainest denial: no policy of the caller allows the call.
func identity() *Fault { return &Fault{Layer: "identity-based policy"} }

func explicit(layer, policy string) *Fault {
	return &Fault{Layer: layer, Explicit: true, Policy: policy}
}

// changed is the day of the policy change: a Tuesday in the demo.
const changed = 6

func platform(s *Scene) {
	if s.Left() == changed && s.Person() == "alice@example.com" && s.Has("etl") {
		s.Clock(9, 30).From("198.51.100.10", cliMac).Plant(PolicyChange).Do("iam:DetachRolePolicy", "etl")
	}
}

func regression(s *Scene) {
	s.Session(1).Clock(9, 45)
	if s.Left() > changed {
		for range 12 {
			s.Do("glue:GetTable", "lake/orders").Do("glue:GetPartitions", "lake/orders").Do("athena:StartQueryExecution", "pipelines").Wait(200)
		}
		return
	}
	s.Plant(DeniedRegression)
	for range 70 {
		s.Fail(identity(), "glue:GetTable", "lake/orders").Fail(identity(), "glue:GetPartitions", "lake/orders").
			Fail(identity(), "athena:StartQueryExecution", "pipelines")
	}
}

func developers(s *Scene) {
	switch {
	case s.Left() == 11 && s.Person() == "chen@example.com":
		s.Clock(10, 10).From("198.51.100.11", cliMac).Plant(DeniedSCP)
		policy := "arn:aws:organizations::111122223333:policy/" + s.d.w.org.ID + "/service_control_policy/p-9xkz1t4q"
		for range 3 {
			s.Fail(explicit("service control policy", policy), "ec2:CreateInternetGateway").Wait(60)
		}
	case s.Left() == 12 && s.Person() == "divya@example.com":
		f := identity()
		f.Action, f.Resource = "iam:PassRole", "arn:aws:iam::<account>:role/<name>"
		f.Code = "AccessDenied"
		s.Clock(14, 5).From("198.51.100.10", cliMac).Plant(DeniedPassRole)
		for range 4 {
			s.Fail(f, "lambda:CreateFunction20150331", "prod-worker").Wait(90)
		}
	}
}

func support(s *Scene) {
	if s.Weekend() || s.Person() != "karin@example.com" {
		return
	}
	s.Session(1).Clock(11, 0).From("198.51.100.10", browser).Plant(DeniedConsole)
	for _, id := range []string{"ce:GetCostAndUsage", "compute-optimizer:GetEnrollmentStatus"} {
		s.Fail(identity(), id)
	}
}

func runner(s *Scene) {
	if s.Left() <= 15 && s.Left()%3 == 0 {
		s.Session(2).Plant(DeniedBoundary).Fail(&Fault{Layer: "permissions boundary"}, "iam:CreateRole", "preview")
	}
}

func deploy(s *Scene) {
	if s.Weekend() || s.Left()%2 == 0 {
		return
	}
	s.Session(0).Plant(PassRoleUse).Do("lambda:CreateFunction20150331", "order-events").Do("ecs:RegisterTaskDefinition", "catalog-api").
		Do("ecs:RunTask", "catalog-api").Do("ec2:RunInstances", "web")
}

func images(s *Scene) {
	if s.Left() <= 20 && s.Left()%4 == 1 {
		s.Session(0).Plant(DeniedSession).Fail(&Fault{Layer: "session policy"}, "s3:DeleteObject", "acme-artifacts/old.zip")
	}
}

func strangeNetwork(s *Scene) {
	if s.Left() != 5 {
		return
	}
	s.Clock(3, 12).From("2001:db8:bad:1::5", cliWin).Plant(NewNetwork).Do("sts:GetCallerIdentity").
		Fail(identity(), "s3:ListBuckets").Fail(identity(), "iam:ListUsers").Fail(identity(), "secretsmanager:ListSecrets").
		Do("s3:ListObjects", "acme-orders").
		Do("s3:GetObject", "acme-orders/2026-05-01/a.json", "acme-orders/2026-05-01/b.json", "acme-orders/2026-05-02/c.json", "acme-orders/2026-05-02/d.json")
}

func stolen(s *Scene) {
	if s.Left() != 4 {
		return
	}
	s.Session(2).Do("sqs:GetQueueUrl", "batch").Wait(4000).From(stranger, "aws-cli/2.15.30 Python/3.11.8 Linux/6.6.9-amd64 exe/x86_64.kali.2024 prompt/off").Plant(StolenInstance).
		Do("sts:GetCallerIdentity").Do("secretsmanager:ListSecrets").
		Do("secretsmanager:GetSecretValue", "batch/db-Kx02Pe", "checkout/db-Qz81Lm", "checkout/psp-Vt52Ka", "payments/psp-Rw93Zn", "shop/session-AbC123").
		Do("s3:ListBuckets").Fail(identity(), "iam:ListUsers").Fail(identity(), "iam:GetAccountAuthorizationDetails").
		Fail(identity(), "ec2:DescribeInstances").Fail(identity(), "rds:DescribeDBInstances").Fail(identity(), "iam:CreateUser", "support-tmp").
		Plant("").From("", "").Do("sqs:GetQueueUrl", "batch")
}

func shared(s *Scene) {
	if s.Weekend() {
		return
	}
	s.Plant(SharedKey)
	for _, turn := range []struct {
		hour           int
		address, agent string
	}{
		{8, "3fff:a1::11", cliLinux}, {9, "3fff:a2::22", cliMac}, {10, "3fff:a3::33", cliWin}, {11, "3fff:a1::11", cliLinux}, {13, "3fff:a2::22", cliMac}, {14, "3fff:a3::33", cliWin},
	} {
		s.Clock(turn.hour, 10).From(turn.address, turn.agent).Do("s3:ListObjects", "acme-exchange").Do("s3:GetObject", "acme-exchange/in/<hex8>.csv")
	}
}

func rootWork(s *Scene) {
	if s.Left() == 13 {
		s.Session(0).From("198.51.100.10", browser).Plant(RootUse).Do("iam:GetAccountSummary").Do("iam:ListUsers").Do("iam:CreateUser", "temp-admin")
	}
}

func missing(s *Scene) {
	s.Plant(DeniedMissing)
	for i := range 4 {
		s.Session(i).Fail(identity(), "s3:GetObject", "acme-templates/report.html").Fail(identity(), "dynamodb:GetItem", "report-settings")
	}
}

func contractor(s *Scene) {
	switch s.Left() {
	case 11, 13:
		s.Clock(13, 20).Plant(DeniedRCP)
		policy := "arn:aws:organizations::111122223333:policy/" + s.d.w.org.ID + "/resource_control_policy/p-rcp04lake"
		s.Fail(explicit("resource control policy", policy), "s3:GetObject", "acme-lake/orders/part-0.parquet")
	case 4, 6:
		s.Clock(15, 2).Plant(DeniedTrust).Fail(&Fault{Layer: "role trust policy"}, "sts:AssumeRole", "spark-worker")
	}
}

func keyless(s *Scene) {
	if s.Left() > 25 {
		return
	}
	f := &Fault{Code: "AccessDeniedException", Action: "kms:Decrypt", Message: "User: <principal> is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext " +
		"because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access"}
	s.Session(1).Plant(DeniedKMS).Fail(f, "secretsmanager:GetSecretValue", "invoices/signing-Zz90Aa")
}

func noMFA(s *Scene) {
	if !s.Weekend() && s.Left() <= 30 && s.Left()%5 == 0 {
		s.Clock(16, 40).From("198.51.100.10", cliLinux).Plant(DeniedNoMFA).
			Fail(explicit("identity-based policy", "arn:aws:iam::<account>:policy/require-mfa"), "ec2:StopInstances", "i-0c33d44e55f66a77b")
	}
}

func recon(s *Scene) {
	if s.Left() != 3 {
		return
	}
	s.Clock(2, 31).From("2001:db8:dead::9", boto).Plant(Recon).Do("sts:GetCallerIdentity")
	for _, id := range []string{
		"iam:ListUsers", "iam:ListRoles", "s3:ListBuckets", "ec2:DescribeInstances", "secretsmanager:ListSecrets", "lambda:ListFunctions20150331",
		"rds:DescribeDBInstances", "dynamodb:ListTables", "kms:ListAliases", "sqs:ListQueues", "sns:ListTopics", "ecs:ListClusters",
		"organizations:DescribeOrganization", "cloudtrail:DescribeTrails", "guardduty:ListDetectors", "iam:GetAccountAuthorizationDetails",
	} {
		s.Fail(identity(), id)
	}
}

func escalation(s *Scene) {
	if s.Left() != 2 {
		return
	}
	s.Clock(19, 2).From("2001:db8:fee1::13", cliLinux).Plant(SelfEscalation).Do("sts:GetCallerIdentity").
		Fail(identity(), "ec2:DescribeInstances").Fail(identity(), "s3:ListBuckets").Fail(identity(), "secretsmanager:ListSecrets").Fail(identity(), "iam:ListUsers").
		Wait(240).Do("iam:PutUserPolicy", "d.okafor").Wait(90).
		Do("ec2:DescribeInstances").Do("s3:ListBuckets").Do("secretsmanager:ListSecrets").Do("iam:ListUsers").Do("iam:CreateAccessKey", "d.okafor")
}

func endpoint(s *Scene) {
	if s.Left() <= 14 && s.Left()%2 == 0 {
		s.Session(2).Through("vpce-0a1b2c3d4e5f60718", "10.30.4.21").Plant(DeniedEndpoint).
			Fail(&Fault{Layer: "VPC endpoint policy"}, "s3:PutObject", "acme-archive/kafka/part-0.json")
	}
}

func drill(s *Scene) {
	if s.Left() == 19 {
		s.Session(0).Do("iam:GetAccountSummary").Do("iam:ListUsers").Do("ec2:DescribeInstances").Do("cloudtrail:DescribeTrails")
	}
}
