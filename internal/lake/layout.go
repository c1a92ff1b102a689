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
	// killed: its presence is what tells the next writer to clean up. Writers
	// beside the first add a number to this and to lockName.
	stageDir = "tmp"

	// rollupStage is where rollups are written before they are renamed.
	rollupStage = logDir + "/rollups"

	accountKey = "account_id"
	dateKey    = "event_date"
)

// ours matches the files that writers make: a number that the log had not come
// to, the writer's mark, and the file's place in the commit.
var ours = regexp.MustCompile(`^\d{8,}(|w\d+|x[0-9a-f]+)(-\d{4,}\.parquet|\.jsonl\.gz)$`)

// madeBy returns the mark of the writer that made a file; false for files that
// are not of a lake's making.
func madeBy(name string) (mark string, ok bool) {
	m := ours.FindStringSubmatch(path.Base(name))
	if m == nil {
		return "", false
	}
	return m[1], true
}

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

// partOf returns the partition that a file's path names.
func partOf(file string) (k partKey) {
	k.account = event.UnknownAccount
	for part := range strings.SplitSeq(file, "/") {
		if value, ok := strings.CutPrefix(part, accountKey+"="); ok {
			k.account = unescape(value)
		}
		if value, ok := strings.CutPrefix(part, dateKey+"="); ok {
			k.date = unescape(value)
		}
	}
	return k
}

// accountFrom returns the account that a file's path names.
func accountFrom(file string) string { return partOf(file).account }

func dataName(sequence int64, mark string, n int) string {
	return fmt.Sprintf("%08d%s-%04d.parquet", sequence, mark, n)
}

func quarantineName(sequence int64, mark string) string {
	return fmt.Sprintf("%08d%s.jsonl.gz", sequence, mark)
}

// parseDay is the inverse of day.String.
func parseDay(date string) (day, bool) {
	t, err := time.Parse(time.DateOnly, date)
	return dayOf(t), err == nil
}
