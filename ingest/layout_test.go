package ingest

import "testing"

const securityLakePath = "aws/CLOUD_TRAIL_MGMT/2.0/region=eu-west-1/accountId=111122223333/eventDay=20260131/"

func TestLocate(t *testing.T) {
	for name, want := range map[string]place{
		"AWSLogs/":                         {inLogs: true},
		"a/b/AWSLogs/":                     {inLogs: true},
		"AWSLogs/111122223333/":            {account: account, inLogs: true},
		"AWSLogs/111122223333/CloudTrail/": {account: account, kind: "CloudTrail", inLogs: true},
		"x/AWSLogs/o-abcd/111122223333/CloudTrail/eu-west-1/":   {org: "o-abcd", account: account, kind: "CloudTrail", region: "eu-west-1", inLogs: true},
		"o-abcd/AWSLogs/111122223333/Config/":                   {org: "o-abcd", account: account, kind: "Config", inLogs: true},
		"AWSLogs/111122223333/CloudTrail/eu-west-1/2026/":       {account: account, kind: "CloudTrail", region: "eu-west-1", day: "2026", inLogs: true},
		"AWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/31/": {account: account, kind: "CloudTrail", region: "eu-west-1", day: "2026/01/31", inLogs: true},
		"AWSLogs/111122223333/CloudTrail/eu-west-1/26/01/":      {account: account, kind: "CloudTrail", region: "eu-west-1", inLogs: true},
		"/data/111122223333/CloudTrail/eu-west-1/2026/":         {account: account, kind: "CloudTrail", region: "eu-west-1", day: "2026", inLogs: true},
		"AWSLogs/other/x/": {inLogs: true},
		"AWSLogs/111122223333/CloudTrail-NetworkActivity/eu-west-1/2026/01/31/": {account: account, kind: networkKind, region: "eu-west-1", day: "2026/01/31", inLogs: true},
		"AWSLogs/111122223333/CloudTrail-Lake/Query/2026/01/31/":                {account: account, kind: queryKind, inLogs: true},
		securityLakePath:                       {account: account, kind: "CloudTrail", region: "eu-west-1", day: "2026/01/31", inLogs: true},
		"s/aws/S3_DATA/1.0/region=eu-west-1/":  {kind: "CloudTrail", region: "eu-west-1"},
		"s/aws/VPC_FLOW/2.0/region=eu-west-1/": {kind: "VPC_FLOW", region: "eu-west-1"},
		"logs/2026/01/31/":                     {},
		"AWSLogs":                              {}, // a file of that name
	} {
		if got := locate(name); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	for name, want := range map[string]place{
		"111122223333_CloudTrail_eu-west-1_20260131T2355Z_x.json.gz":                    {account: account, kind: "CloudTrail", region: "eu-west-1", day: "2026/01/31"},
		"111122223333_CloudTrail-NetworkActivity_eu-west-1_20260131T2355Z_x.json.gz":    {account: account, kind: networkKind, region: "eu-west-1", day: "2026/01/31"},
		"x/111122223333_CloudTrail-Digest_eu-west-1_t_eu-west-1_20260131T2355Z.json.gz": {account: account, kind: "CloudTrail-Digest"},
		"111122223333_CloudTrail_eu-west-1-20260131T2355.json":                          {},
		"x.json": {},
	} {
		if got := locateFile(name); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

func TestFilter(t *testing.T) {
	const flat = "111122223333_CloudTrail_eu-west-1_20260131T2355Z_x.json.gz"
	const tree = "AWSLogs/o-abcd/111122223333/CloudTrail/eu-west-1/2026/01/31/" + flat
	for name, c := range map[string]struct {
		f          Filter
		tree, flat bool // kept
		plain      bool // x.json is judged
	}{
		"nothing":           {Filter{}, true, true, true},
		"its account":       {Filter{Accounts: []string{"x", account}}, true, true, false},
		"another account":   {Filter{Accounts: []string{"444455556666"}}, false, false, false},
		"its region":        {Filter{Regions: []string{"eu-west-1"}}, true, true, false},
		"another region":    {Filter{Regions: []string{"eu-west-2"}}, false, false, false},
		"its organisation":  {Filter{Orgs: []string{"o-abcd"}}, true, true, false},
		"another":           {Filter{Orgs: []string{"o-efgh"}}, false, true, false},
		"that day":          {Filter{Since: "2026-01-31", Until: "2026-01-31"}, true, true, false},
		"from the next day": {Filter{Since: "2026-02-01"}, false, false, false},
		"to the day before": {Filter{Until: "2026-01-30"}, false, false, false},
		"years around":      {Filter{Since: "2025-12-31", Until: "2027-01-01"}, true, true, false},
	} {
		if e, keep := c.f.entryAt(tree); keep != c.tree || e.Ignored || e.Unplaced {
			t.Errorf("%s: in the tree kept is %v", name, keep)
		}
		if e, keep := c.f.entryAt(flat); keep != c.flat || e.Ignored || e.Unplaced != (len(c.f.Orgs) > 0) {
			t.Errorf("%s: flat, kept is %v, unplaced %v", name, keep, e.Unplaced)
		}
		if e, keep := c.f.entryAt("x.json"); !keep || e.Unplaced == c.plain {
			t.Errorf("%s: without a place, kept is %v, unplaced %v", name, keep, e.Unplaced)
		}
	}
}

func TestIgnoredNames(t *testing.T) {
	for name, want := range map[string]bool{
		"a.json": false, "a.JSON.GZ": false, "a.jsonl": false, "a.jsonl.gz": false, "000000.gz": false, "a.ndjson": false,
		"README.md": true, "LICENSE": true, "a.csv.gz": false, "a.gz.parquet": false, "a.tar.gz": true, "a.parquet": true, "a.log.gz": true, ".gz": false,
		"AWSLogs/111122223333/CloudTrail/eu-west-1/2026/01/31/a.json.gz":                          false,
		"AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/01/31/a.json.gz":                   true,
		"AWSLogs/111122223333/CloudTrail-Insight/eu-west-1/2026/01/31/a.json.gz":                  true,
		"AWSLogs/111122223333/CloudTrail-NetworkActivity/eu-west-1/2026/01/31/a.json.gz":          false,
		"AWSLogs/111122223333/CloudTrail-Lake/Query/2026/01/31/q/result_1.csv.gz":                 false,
		"AWSLogs/111122223333/CloudTrail-Lake/Query/2026/01/31/q/result_sign.json":                true,
		"flat/111122223333_CloudTrail-NetworkActivity_eu-west-1_20260131T2355Z_x.json.gz":         false,
		securityLakePath + "x.parquet":                                                            false,
		"aws/VPC_FLOW/2.0/region=eu-west-1/accountId=111122223333/eventDay=20260131/x.gz.parquet": true,
		"lake/events/account_id=111122223333/event_date=2026-01-31/00000001-0001.parquet":         true,
		"lake/_log/00000001.json.gz":                                                              true, "_quarantine/00000001.jsonl.gz": true,
		"AWSLogs/111122223333/CloudTrail-Aggregated/eu-west-1/2026/01/31/a.json.gz":        true,
		"AWSLogs/111122223333/Config/eu-west-1/2026/1/31/ConfigHistory/a.json.gz":          true,
		"flat/111122223333_CloudTrail-Digest_eu-west-1_t_eu-west-1_20260131T2355Z.json.gz": true,
		"flat/111122223333_CloudTrail-Insight_eu-west-1_20260131T2355Z_x.json.gz":          true,
	} {
		if e, keep := (Filter{}).entryAt(name); e.Ignored != want || !keep {
			t.Errorf("%s: ignored is %v", name, e.Ignored)
		}
	}
}
