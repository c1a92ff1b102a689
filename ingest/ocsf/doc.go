// Package ocsf reads CloudTrail's events back from Parquet files of Amazon
// Security Lake, in which they are records of the Open Cybersecurity Schema
// Framework: version 1.0.0-rc.2 (source version 1) and 1.1.0 and later (source
// version 2) of the classes API Activity, Authentication and Account Change.
//
// In goes a file, out come JSON records as CloudTrail writes them, as far as
// Security Lake keeps what they said. Records of other products are told apart
// and left out. It knows nothing of objects, wrappers and batches.
//
//	records, err := ocsf.Records(content, 1<<30)
//
// Source: Security Lake user guide, "Open Cybersecurity Schema Framework"; OCSF's
// published mappings of CloudTrail, versions 1.0.0-rc.2, 1.1.0 and 1.5.0 (seen
// 2026-11-25).
package ocsf
