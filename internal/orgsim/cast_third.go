package orgsim

import "slices"

// The third hold-out: a hospital group. It was written when the rules had been
// repaired after the first two, and before anything was measured on it.

// Kinds that only the third hold-out plants.
const (
	QuietEgress     = "quiet-egress-replaced"
	QuietRelocation = "quiet-moved-house"
	QuietDrill      = "quiet-recovery-drill"
	QuietRestart    = "quiet-new-public-address"
	QuietRunner     = "quiet-runner-moved"
	QuietNotebook   = "quiet-notebook"
	QuietHotspot    = "quiet-hot-spot"
	QuietConference = "quiet-conference"
	QuietBorrowed   = "quiet-borrowed-computer"
	QuietMerger     = "quiet-merger"
	QuietSites      = "quiet-many-sites"
	QuietBackupSaaS = "quiet-vendor-pool"
	QuietHoliday    = "quiet-back-from-leave"
)

const (
	clinic    = "3fff:800::1|3fff:800::2|3fff:800::3"
	clinicNew = "3fff:801::10|3fff:801::11"
	clinicNAT = "192.0.2.31|192.0.2.32"
	recovery  = "3fff:803::7"
	venue     = "3fff:804:2::30"
	cellar    = "3fff:a01:1::66" // where intruders sit
	proxyHost = "3fff:a02:2::71"
	boxes     = "3fff:a03:3::82"
	rented    = "3fff:a04:4::93"
	mining    = "3fff:a05:5::a4"
)

// ThirdPersonas is the cast of the third blind measurement. The slice is the caller's.
func ThirdPersonas() []Persona {
	return slices.Concat(thirdPeople(), thirdHomes(), thirdMachines(), thirdIntruders(), thirdThieves(), thirdDenials())
}

func thirdPeople() []Persona {
	return []Persona{
		{Name: "ClinicalIT", Kind: SSO, Every: true, Units: []string{"aino@example.com", "bastian@example.com", "chiara@example.com", "dmitri@example.com"}, Rhythm: Office, Rate: 14, Least: 2,
			Network: clinic, MovesTo: clinicNew, MovesLeft: 7, Agents: []string{cliWin}, Console: 0.7, Attached: []string{"ReadOnlyAccess"}, Work: looks,
			Plants: []Plant{{Kind: QuietEgress, Detail: "the proxy that everybody goes through was replaced by another provider's"}}},
		{Name: "Research", Kind: SSO, Account: 3, Units: []string{"edda@example.com", "farid@example.com", "gwen@example.com", "hakan@example.com"}, Rhythm: Office, Rate: 20, Least: 3,
			Network: clinic, MovesTo: clinicNew, MovesLeft: 7, Agents: []string{cliMac}, Console: 0.4, Script: congress,
			Policies: []Policy{{Name: "research", Grants: []Grant{{Actions: "glue:Get*"}}}},
			Work:     []string{"6 athena:StartQueryExecution trials", "8 athena:GetQueryExecution trials", "3 s3:ListObjects ward-trials", "2 glue:GetTable lake/trials"},
			Plants:   []Plant{{Kind: QuietConference, Detail: "three of them at a congress for two days"}}},
		{Name: "OnCall", Kind: SSO, Account: 1, Units: []string{"ilse@example.com", "jorge@example.com"}, Rhythm: Office, Rate: 18, Least: 3, Network: clinic, MovesTo: clinicNew, MovesLeft: 7,
			Agents: []string{cliMac}, Console: 0.3, Work: looks, Script: hotspot,
			Policies: []Policy{{Name: "oncall", Grants: []Grant{{Actions: "ec2:StartInstances ec2:StopInstances"}}}},
			Plants:   []Plant{{Kind: QuietHotspot, Detail: "an outage on a Sunday, looked after from a train"}}},
		{Name: "Controlling", Kind: SSO, Account: 0, Units: []string{"karim@example.com", "liv@example.com"}, Rhythm: Office, Rate: 10, Least: 2, Network: clinic, MovesTo: clinicNew, MovesLeft: 7,
			Agents: []string{cliWin}, Console: 0.8, Work: []string{"4 ce:GetCostAndUsage", "2 organizations:ListAccounts"}, Script: borrowed,
			Plants: []Plant{{Kind: QuietBorrowed, Detail: "a broken laptop: a Saturday at home with the one of a relative"}}},
		{Name: "Annex", Kind: SSO, Account: 2, Units: []string{"mirela@example.com", "nils@example.com", "oona@example.com"}, Joined: 18, Rhythm: Office, Rate: 15, Least: 3, Network: "3fff:805::2|3fff:805::3",
			Agents: []string{cliWin}, Console: 0.5, Work: looks, Plants: []Plant{{Kind: QuietMerger, Detail: "people of a clinic that was taken over"}}},
		{Name: "v.horak", Account: 2, Rhythm: Office, Rate: 16, Least: 3, Network: clinic, MovesTo: clinicNew, MovesLeft: 7, Agents: []string{cliMac}, Created: 380, Script: notebook,
			Work:   []string{"3 s3:ListObjects ward-images", "4 s3:GetObject ward-images/<hex8>.dcm"},
			Plants: []Plant{{Kind: QuietNotebook, Detail: "tries the same work on a notebook in the cloud, with the Python library"}}},
	}
}

func thirdHomes() []Persona {
	return []Persona{
		{Name: "w.ibsen", Account: 2, Rhythm: Office, Rate: 16, Least: 3, Network: "3fff:810:1::4", MovesTo: "3fff:811:9::4", MovesLeft: 9, Agents: []string{cliLinux}, Created: 410,
			Work: []string{"3 s3:ListObjects ward-images", "2 ec2:DescribeInstances"}, Plants: []Plant{{Kind: QuietRelocation, Detail: "works at home and moved house"}}},
		{Name: "x.jansen", Account: 1, Rhythm: Office, Rate: 16, Least: 3, Network: "3fff:810:2::4", MovesTo: "3fff:812:3::4", MovesLeft: 2, Agents: []string{cliMac}, Created: 300,
			Work: []string{"3 ec2:DescribeInstances", "2 logs:DescribeLogGroups"}, Plants: []Plant{{Kind: QuietRelocation, Detail: "changed the provider at home yesterday"}}},
		{Name: "y.keller", Account: 3, Rhythm: PartTime, Rate: 14, Least: 3, Network: "3fff:820:1::4|3fff:821:1::4|3fff:822:1::4|3fff:823:1::4|3fff:824:1::4|3fff:825:1::4|3fff:826:1::4", Agents: []string{cliWin}, Created: 260,
			Work: []string{"3 s3:ListObjects ward-trials", "2 glue:GetDatabases"}, Plants: []Plant{{Kind: QuietSites, Detail: "visits seven hospitals, two a week"}}},
		{Name: "z.lund", Account: 1, Rhythm: Never, Rate: 16, Network: clinic, Agents: []string{cliMac}, Created: 420, Script: onLeave,
			Policies: []Policy{{Name: "lund", Grants: []Grant{{Actions: "ec2:DescribeInstances logs:DescribeLogGroups"}}}},
			Plants:   []Plant{{Kind: QuietHoliday, Detail: "back from six weeks of leave, at home first"}}},
	}
}

func thirdMachines() []Persona {
	return []Persona{
		{Name: "pacs-backup", Account: 3, Rate: 40, Least: 5, Network: "3fff:830::5", Agents: []string{boto}, Created: 600, Script: recoveryDrill,
			Work:   []string{"4 s3:PutObject ward-backup/<date>/<hex8>.tar", "2 s3:ListObjects ward-backup"},
			Plants: []Plant{{Kind: QuietDrill, Detail: "a recovery drill: the backups are listed and read in the second computer centre"}}},
		{Name: "hl7-gateway", Account: 1, Rate: 60, Least: 6, Network: "3fff:831::5", MovesTo: "3fff:841:<run>::<n>", MovesLeft: 12, Agents: []string{golang}, Created: 500,
			Work: []string{"4 sqs:GetQueueUrl hl7", "2 sqs:GetQueueAttributes hl7"}, Plants: []Plant{{Kind: QuietRunner, Detail: "a program that moved from a server to containers with addresses of the hour"}}},
		{Name: "workbench", Kind: Instance, Account: 2, Units: []string{"i-0aa11bb22cc33dd44"}, Rate: 40, Least: 8, Network: "3fff:842:<day>::5", Agents: []string{golang},
			Work: []string{"3 ecr:GetAuthorizationToken", "3 s3:GetObject ward-images/<hex8>.dcm"}, Plants: []Plant{{Kind: QuietRestart, Detail: "an instance that is stopped at night and has another public address each morning"}}},
		{Name: "SaaSBackup", Kind: Vendor, Account: 3, Units: []string{"nightly"}, Rate: 50, Least: 6, Network: "3fff:843:<run>::1", Agents: []string{java}, Attached: []string{"SecurityAudit"},
			Work: []string{"4 ec2:DescribeSnapshots", "2 ec2:DescribeVolumes"}, Plants: []Plant{{Kind: QuietBackupSaaS, Detail: "a third party that comes from anywhere in its own cloud"}}},
		{Name: "appointments", Kind: Task, Account: 1, Units: []string{"aa0c1f5f4c3b4f7e9a6d1c2b3a495867", "bb0c1f5f4c3b4f7e9a6d1c2b3a495867"}, Rate: 90, Least: 8, Network: clinicNAT, Agents: []string{java},
			Work: []string{"6 dynamodb:GetItem appointments", "2 dynamodb:PutItem appointments"}},
		{Name: "letters", Kind: Function, Account: 1, Rate: 60, Least: 5, Network: cloud, Agents: []string{node}, Attached: []string{"AWSLambdaBasicExecutionRole"},
			Work: []string{"4 s3:PutObject ward-letters/<date>/<uuid>.pdf", "1 logs:CreateLogStream /aws/lambda/letters"}},
		{Name: "github-portal", Kind: Pipeline, Account: 1, Rate: 50, Least: 4, Network: runners, Agents: []string{workflow},
			Work: []string{"3 ecr:GetAuthorizationToken", "3 ecr:PutImage appointments", "2 ecs:DescribeServices appointments"}, Plants: []Plant{{Kind: QuietCI, Detail: "a workflow on changing runners"}}},
	}
}

// congress is two days of three people in one hall.
func congress(s *Scene) {
	if l := s.Left(); (l == 20 || l == 19) && s.Person() != "hakan@example.com" {
		s.Session(0).From(venue, cliMac).Do("athena:GetQueryExecution", "trials").Do("athena:GetQueryExecution", "trials").Do("s3:ListObjects", "ward-trials")
	}
}

func hotspot(s *Scene) {
	if s.Left() == 8 && s.Person() == "jorge@example.com" {
		s.Session(0).From("3fff:850:77::19", cliMac).Do("ec2:DescribeInstances").Do("monitoring:DescribeAlarms").Do("ec2:StartInstances", "i-0123abcd4567ef890").Do("ec2:DescribeInstances")
	}
}

func borrowed(s *Scene) {
	if s.Left() == 9 && s.Person() == "liv@example.com" { // a Saturday: nobody is at the office with the same key
		s.Session(0).From("3fff:851:5::23", cliMac).Do("ce:GetCostAndUsage").Do("ce:GetCostAndUsage").Do("organizations:ListAccounts").Wait(2000).Do("ce:GetCostAndUsage")
	}
}

func notebook(s *Scene) {
	if l := s.Left(); l == 16 || l == 15 {
		s.Clock(13, 0).From("192.0.2.184", boto).Do("s3:ListObjects", "ward-images").Do("s3:GetObject", "ward-images/00000001.dcm", "ward-images/00000002.dcm")
	}
}

func onLeave(s *Scene) {
	switch {
	case s.Weekend() || s.Left() <= 47 && s.Left() > 5:
	case s.Left() <= 5:
		s.Clock(9, 5).From("3fff:852:6::8", cliMac).Do("ec2:DescribeInstances").Do("logs:DescribeLogGroups")
	default:
		s.Clock(9, 5).From("3fff:800::1", cliMac).Do("ec2:DescribeInstances").Do("logs:DescribeLogGroups").Do("ec2:DescribeInstances")
	}
}

func recoveryDrill(s *Scene) {
	if l := s.Left(); l == 40 || l == 10 {
		s.Clock(11, 0).From(recovery, boto).Do("s3:ListObjects", "ward-backup", "ward-backup").Do("s3:PutObject", "ward-backup/drill/00000001.tar", "ward-backup/drill/00000002.tar")
	}
}
