package lake

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/internal/event"
)

// The names inside a lake. Paths in the log are relative to the lake and use
// slashes on every system.
const (
	eventsDir     = "events"
	quarantineDir = "_quarantine"
	iamDir        = "iam"
	logDir        = "_log"
	formatJSON    = "format.json"
	lockName      = "lock"
	// stageDir, below logDir, exists while a writer is open and after one was
	// killed: its presence is what tells the next writer to clean up.
	stageDir = "tmp"

	accountKey = "account_id"
	dateKey    = "event_date"
)

// ours matches the files that a Writer makes: the commit's number first.
var ours = regexp.MustCompile(`^\d{8,}(-\d{4,}\.parquet|\.jsonl\.gz)$`)

// day counts days since 1970-01-01, UTC.
type day int64

func dayOf(t time.Time) day {
	s := t.Unix()
	d := s / 86400
	if s%86400 < 0 {
		d--
	}
	return day(d)
}

func (d day) String() string { return time.Unix(int64(d)*86400, 0).UTC().Format(time.DateOnly) }

// partKey names a partition of events.
type partKey struct {
	account string
	date    string
}

// dir is the partition's directory, relative to the lake.
func (k partKey) dir() string { return partitionDir(k.account, k.date) }

func partitionDir(account, date string) string {
	return path.Join(eventsDir, accountKey+"="+escape(account), dateKey+"="+escape(date))
}

// accountOf returns the account as the lake keeps it: as it came, but for the
// empty one and those too long for a file name.
func accountOf(id string) string {
	id = valid(id)
	switch {
	case id == "":
		return event.UnknownAccount
	case len(id) > 64:
		sum := sha256.Sum256([]byte(id))
		return "invalid-" + hex.EncodeToString(sum[:8])
	}
	return id
}

// escape makes a partition value a safe file name, as Hive does: everything
// but letters, digits, - and _ becomes %XX. Engines and accountFrom undo it.
func escape(value string) string {
	var b strings.Builder
	for i := range len(value) {
		c := value[i]
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '_' {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

// unescape is the inverse of escape.
func unescape(name string) string {
	if value, err := url.PathUnescape(name); err == nil {
		return value
	}
	return name
}

// accountFrom returns the account that a file's path names.
func accountFrom(file string) string {
	for part := range strings.SplitSeq(file, "/") {
		if value, ok := strings.CutPrefix(part, accountKey+"="); ok {
			return unescape(value)
		}
	}
	return event.UnknownAccount
}

func dataName(sequence int64, n int) string { return fmt.Sprintf("%08d-%04d.parquet", sequence, n) }

func quarantineName(sequence int64) string { return fmt.Sprintf("%08d.jsonl.gz", sequence) }
