package ingest

import (
	"path"
	"strings"
)

// What lies below an account's folder, by the folder and by a part of the
// files' names.
const (
	logKind     = "CloudTrail"                 // management and data events
	networkKind = "CloudTrail-NetworkActivity" // calls by VPC endpoints, of a category of their own
	queryKind   = "CloudTrail-Lake"            // saved results of CloudTrail Lake's queries
)

// holdsEvents reports whether files of a kind hold events. Those of other kinds,
// such as CloudTrail-Digest, CloudTrail-Insight and CloudTrail-Aggregated, are
// never read: what they hold are no calls, or calls that the logs have.
func holdsEvents(kind string) bool {
	return kind == "" || kind == logKind || kind == networkKind || kind == queryKind
}

// readable reports whether a file's name is one that events come under. A gzip
// file without a further ending is: CloudWatch Logs exports are called 000000.gz.
// A Parquet file is where it is called or lies as Security Lake's.
func readable(name string) bool {
	base := strings.ToLower(path.Base(name))
	plain := strings.TrimSuffix(base, ".gz")
	switch path.Ext(plain) {
	case ".json", ".jsonl", ".ndjson", ".csv":
		return true
	case ".parquet":
		_, ok := securityLake(strings.Split(name, "/"))
		return ok || packedParquet[path.Ext(strings.TrimSuffix(plain, ".parquet"))]
	case "":
		return plain != base
	}
	return false
}

// isCSVName reports whether a file is CSV by its name.
func isCSVName(name string) bool {
	return strings.HasSuffix(strings.TrimSuffix(strings.ToLower(name), ".gz"), ".csv")
}

// packedParquet are the endings before .parquet that Security Lake's files have.
var packedParquet = map[string]bool{".gz": true, ".zst": true, ".zstd": true, ".snappy": true}

// inLake reports whether a file is of the log or quarantine of a lake that lies
// in the same bucket as the archive.
func inLake(name string) bool {
	return strings.Contains("/"+name, "/_log/") || strings.Contains("/"+name, "/_quarantine/")
}

// securityLakeSources are the folders of Security Lake's own sources; true are
// those made of CloudTrail's events. Source: Security Lake user guide, "Source
// management", and its bucket layout (seen 2026-11-25).
var securityLakeSources = map[string]bool{
	"CLOUD_TRAIL": true, "CLOUD_TRAIL_MGMT": true, "S3_DATA": true, "LAMBDA_EXECUTION": true,
	"VPC_FLOW": false, "ROUTE53": false, "SH_FINDINGS": false, "EKS_AUDIT": false, "WAF": false,
}

// securityLake reads the place from a path of Security Lake:
//
//	aws/CLOUD_TRAIL_MGMT/2.0/region=eu-west-1/accountId=111122223333/eventDay=20260131/x.gz.parquet
//
// It is false where there is neither a source's folder nor a region and an account.
func securityLake(segs []string) (p place, ok bool) {
	for i, s := range segs {
		if logs, known := securityLakeSources[s]; known && i > 0 && segs[i-1] == "aws" {
			if p.kind = s; logs {
				p.kind = logKind
			}
		}
		name, value, _ := strings.Cut(s, "=")
		switch strings.ToLower(name) {
		case "region":
			p.region = value
		case "accountid":
			p.account = value
		case "eventday", "eventhour":
			if len(value) >= 8 && isDigits(value[:8], 8) {
				p.day = value[:4] + "/" + value[4:6] + "/" + value[6:8]
			}
		}
	}
	p.inLogs = p.region != "" && p.account != ""
	return p, p.inLogs || p.kind != ""
}
