// Package digest verifies CloudTrail archives by their digest files: hourly,
// signed lists of the log files of one account, region and trail, each of which
// names the one before it.
//
// In come places that hold an archive (Store, made by NewDir and NewS3), public
// keys (Keys) and a time range; out comes a Report of chains, problems and what
// could not be judged. It reads digests and every log file that they name,
// and lists the log files to find those that no digest names. It decodes no
// event, and changes nothing.
//
//	report, err := digest.Verify(ctx, digest.Config{Stores: stores, Keys: keys})
//
// Source: CloudTrail user guide, "Validating CloudTrail log file integrity",
// "CloudTrail digest file structure" and "Custom implementations of CloudTrail
// log file integrity validation"; AWS CLI, `cloudtrail validate-logs` (seen
// 2026-11-25).
package digest
