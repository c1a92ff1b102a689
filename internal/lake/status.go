package lake

import "time"

// StatusSchema names the JSON shape of Status.
const StatusSchema = "trimtrail.lake/1"

// Status is what the log says about a lake.
type Status struct {
	Schema   string   `json:"schema"` // StatusSchema
	Events   int64    `json:"events"`
	Files    int64    `json:"files"`    // of events
	Bytes    int64    `json:"bytes"`    // in these files
	Accounts []string `json:"accounts"` // sorted
	// From and To are the first and last event time, nil in an empty lake.
	From *time.Time `json:"from"`
	To   *time.Time `json:"to"`
	// Objects were read, those that are quarantined whole among them.
	Objects int64 `json:"objects"`
	// Quarantined are records and whole objects that could not be read.
	Quarantined int64 `json:"quarantined"`
	// Rollups is nil where nobody asked.
	Rollups *RollupStatus `json:"rollups,omitempty"`
}

// Status sums up the log; it opens no other file.
func (l *Lake) Status() (Status, error) {
	log, err := l.state()
	if err != nil {
		return Status{Schema: StatusSchema, Accounts: []string{}}, err
	}
	return statusOf(log), nil
}

// StatusWithRollups is Status that lists the rollups, too.
func (l *Lake) StatusWithRollups() (Status, error) {
	log, err := l.state()
	if err != nil {
		return Status{}, err
	}
	s := statusOf(log)
	s.Rollups, err = l.rollupStatus(log)
	return s, err
}

func statusOf(log *state) Status {
	s := Status{Schema: StatusSchema, Accounts: []string{}}
	s.Objects, s.Quarantined = log.objects, log.quarantined
	seen := map[string]bool{}
	for _, f := range log.files {
		s.add(f)
		seen[f.AccountID] = true
	}
	s.Accounts = append(s.Accounts, sorted(seen)...)
	return s
}

// Newest returns the newest event time before limit as the log tells it, to
// the file: limit itself where a file reaches past it. It is zero where all
// events are later.
func (l *Lake) Newest(limit time.Time) (newest time.Time, err error) {
	files, err := l.files()
	for _, f := range files {
		if !f.Min.Before(limit) {
			continue
		}
		end := f.Max
		if end.After(limit) {
			end = limit
		}
		if end.After(newest) {
			newest = end
		}
	}
	return newest, err
}

func (s *Status) add(f *File) {
	s.Events += f.Rows
	s.Files++
	s.Bytes += f.Bytes
	if s.From == nil || f.Min.Before(*s.From) {
		s.From = new(f.Min)
	}
	if s.To == nil || f.Max.After(*s.To) {
		s.To = new(f.Max)
	}
}
