package digest

import (
	"path"
	"regexp"
	"strings"
	"time"
)

const (
	digestKind = "CloudTrail-Digest"
	logKind    = "CloudTrail"
	// nameTime and logTime are how names of digests and of logs write times.
	nameTime, logTime = "20060102T150405Z", "20060102T1504Z"
)

var (
	// accountFolder is an account's folder with one of CloudTrail's in it:
	// AWSLogs/111122223333/CloudTrail-Digest/ or AWSLogs/o-a1b2/111122223333/CloudTrail/.
	accountFolder = regexp.MustCompile(`(?:^|/)(\d{12}/CloudTrail(?:-[A-Za-z]+)?/)`)
	// bareAccount is an account's folder right below AWSLogs or an organisation.
	bareAccount = regexp.MustCompile(`(?:^|/)AWSLogs/(?:o-[a-z0-9]+/)?\d{12}/`)
	digestName  = regexp.MustCompile(`^(\d{12})_CloudTrail-Digest_([a-z0-9-]+?)_(.+)_([a-z]+(?:-[a-z]+)+-\d+)_(\d{8}T\d{6}Z)(_backfill)?\.json\.gz$`)
	logName     = regexp.MustCompile(`^\d{12}_CloudTrail[A-Za-z-]*_[a-z0-9-]+_(\d{8}T\d{4}Z)_`)
)

// chainID tells chains apart: each is of one trail in one region.
type chainID struct {
	account, region, trail, home string
	// backfill digests name log files that the hour's own digest could not:
	// they are a chain of their own, and come when they come.
	backfill bool
}

// parseName reads a digest's file name: the chain, and the end of its hour.
func parseName(p string) (id chainID, end time.Time, ok bool) {
	m := digestName.FindStringSubmatch(path.Base(p))
	if m == nil {
		return id, end, false
	}
	end, err := time.Parse(nameTime, m[5])
	return chainID{m[1], m[2], m[3], m[4], m[6] != ""}, end, err == nil
}

// logDelivered reads the minute of delivery from a log file's name.
func logDelivered(p string) (time.Time, bool) {
	m := logName.FindStringSubmatch(path.Base(p))
	if m == nil {
		return time.Time{}, false
	}
	t, err := time.Parse(logTime, m[1])
	return t, err == nil
}

// splitAccount parts a path before the account's folder.
func splitAccount(p string) (above, below string, ok bool) {
	m := accountFolder.FindAllStringSubmatchIndex(p, -1)
	if m == nil {
		return "", "", false
	}
	at := m[len(m)-1][2]
	return p[:at], p[at:], true
}

// accountRoot returns the account's folder that p is or lies in.
func accountRoot(p string) (root string, ok bool) {
	if above, below, ok := splitAccount(p); ok {
		return above + below[:len("111122223333/")], true
	}
	if at := bareAccount.FindStringIndex(p); at != nil {
		return p[:at[1]], true
	}
	return "", false
}

// regionIn returns the region that p, below an account's folder, lies in, or "".
func regionIn(root, p string) string {
	parts := strings.Split(strings.TrimPrefix(p, root), "/")
	if len(parts) < 3 {
		return ""
	}
	return parts[1]
}

func isAccount(s string) bool { return len(s) == 12 && strings.Trim(s, "0123456789") == "" }
