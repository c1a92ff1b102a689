package rules

import "slices"

// controls are the ids of public benchmarks that rules answer, in part or
// whole: CIS AWS Foundations Benchmark v3.0, v5.0 and v7.0, and the IDs of AWS
// Foundational Security Best Practices in Security Hub (seen 2026-11). One
// table, so that an auditor can read it against the benchmark.
var controls = map[string][]string{
	"TT-A06": {"CIS v3.0 4.4", "CIS v5.0 4.4", "CIS v7.0 5.4"},
	"TT-C01": {"CIS v3.0 1.12", "CIS v5.0 1.11", "CIS v7.0 2.11", "FSBP IAM.8", "FSBP IAM.22"},
	"TT-C02": {"CIS v3.0 1.12", "CIS v5.0 1.11", "CIS v7.0 2.11", "FSBP IAM.8", "FSBP IAM.22"},
	"TT-C04": {"CIS v3.0 1.12", "CIS v5.0 1.11", "CIS v7.0 2.11", "FSBP IAM.8", "FSBP IAM.22"},
	"TT-C05": {"CIS v3.0 1.14", "CIS v5.0 1.13", "CIS v7.0 2.12", "FSBP IAM.3"},
	"TT-D01": {"CIS v3.0 4.1", "CIS v5.0 4.1", "CIS v7.0 5.1"},
	"TT-D02": {"CIS v3.0 4.4", "CIS v5.0 4.4", "CIS v7.0 5.4"},
	"TT-D07": {"CIS v3.0 4.6", "CIS v5.0 4.6", "CIS v7.0 5.6"},
	"TT-L01": {"CIS v3.0 4.5", "CIS v5.0 4.5", "CIS v7.0 5.5"},
	"TT-L02": {"CIS v3.0 3.1", "CIS v5.0 3.1", "CIS v7.0 4.1", "FSBP CloudTrail.1"},
	"TT-L03": {"CIS v3.0 3.1", "CIS v5.0 3.1", "CIS v7.0 4.1", "FSBP CloudTrail.1", "FSBP CloudTrail.3"},
	"TT-L04": {"CIS v3.0 3.2", "CIS v3.0 3.5", "CIS v5.0 3.2", "CIS v5.0 3.5", "CIS v7.0 4.2", "CIS v7.0 4.5", "FSBP CloudTrail.2", "FSBP CloudTrail.4"},
	"TT-P01": {"CIS v3.0 1.4", "CIS v3.0 1.5", "CIS v3.0 1.7", "CIS v5.0 1.3", "CIS v5.0 1.4", "CIS v5.0 1.6", "CIS v7.0 2.4", "CIS v7.0 2.5", "CIS v7.0 2.7",
		"FSBP IAM.4", "FSBP IAM.9", "FSBP IAM.20"},
	"TT-P02": {"CIS v3.0 1.10", "CIS v5.0 1.9", "CIS v7.0 2.10", "FSBP IAM.5", "FSBP IAM.19"},
	"TT-P03": {"CIS v3.0 1.16", "CIS v5.0 1.15", "CIS v7.0 2.14", "FSBP IAM.1"},
	"TT-P04": {"CIS v3.0 1.15", "CIS v5.0 1.14", "CIS v7.0 2.13", "FSBP IAM.2"},
	"TT-P08": {"CIS v3.0 1.16", "CIS v5.0 1.15", "CIS v7.0 2.14"},
	"TT-P06": {"CIS v3.0 1.18", "CIS v5.0 1.17", "CIS v7.0 2.16", "FSBP EC2.8"},
	"TT-P11": {"CIS v3.0 1.8", "CIS v3.0 1.9", "CIS v5.0 1.7", "CIS v5.0 1.8", "CIS v7.0 2.8", "CIS v7.0 2.9", "FSBP IAM.7", "FSBP IAM.15", "FSBP IAM.16"},
	"TT-P09": {"CIS v3.0 1.6", "CIS v5.0 1.5", "CIS v7.0 2.6", "FSBP IAM.6"},
}

// withControls gives rules their control ids.
func withControls(rs []Rule) []Rule {
	for i := range rs {
		rs[i].Controls = slices.Clone(controls[rs[i].ID])
	}
	return rs
}
