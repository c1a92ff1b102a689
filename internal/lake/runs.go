package lake

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"time"
)

// RunSchema names the JSON shape of a Run.
const RunSchema = "trimtrail.run-record/1"

const runsDir = runDir + "/runs"

// Run says that a run came so far that its report counts: it is what the next
// one compares with, and what it has to tell is in the outbox.
type Run struct {
	Schema   string    `json:"schema"` // RunSchema
	ID       string    `json:"id"`     // sorts by time
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	// Due is when it was due by its schedule; null where none had it run.
	Due *time.Time `json:"due"`
	// Report is the document of the report; empty where none could be made.
	Report string `json:"report"`
	// Failed are the steps that failed, with why.
	Failed []string `json:"failed"`
}

// SaveReport keeps the report of a run, which counts once the run does.
func (l *Lake) SaveReport(id string, data []byte) (name string, err error) {
	name = path.Join(reportsDir, id+".json")
	return name, l.SaveDocument(name, data)
}

// CommitRun makes a run count, by one write.
func (l *Lake) CommitRun(r Run) error {
	r.Schema = RunSchema
	if r.Failed == nil {
		r.Failed = []string{}
	}
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return l.NewDocument(path.Join(runsDir, r.ID+".json"), append(data, '\n'))
}

// RunIDs are the runs that count, the oldest first.
func (l *Lake) RunIDs() ([]string, error) {
	names, err := l.Documents(runsDir)
	for i, n := range names {
		names[i] = strings.TrimSuffix(path.Base(n), ".json")
	}
	return names, err
}

// RunOf reads the record of a run.
func (l *Lake) RunOf(id string) (Run, error) {
	var r Run
	data, err := l.Document(path.Join(runsDir, id+".json"))
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, fmt.Errorf("read %s: %w", l.fullName(path.Join(runsDir, id+".json")), err)
	}
	return r, nil
}

// LastRuns calls each with the runs that count, the newest first, until it
// returns false.
func (l *Lake) LastRuns(each func(Run) bool) error {
	ids, err := l.RunIDs()
	for i := len(ids) - 1; i >= 0 && err == nil; i-- {
		var r Run
		if r, err = l.RunOf(ids[i]); err == nil && !each(r) {
			break
		}
	}
	return err
}

// LastReport is the newest report that counts; nil where there is none.
func (l *Lake) LastReport() (data []byte, name string, err error) {
	err = l.LastRuns(func(r Run) bool {
		name = r.Report
		return name == ""
	})
	if err != nil || name == "" {
		return nil, "", err
	}
	data, err = l.Document(name)
	return data, l.fullName(name), err
}

// ForgetRuns keeps the newest runs and their reports, and removes the others
// and what runs left behind that never came to count. Before is the run that
// does so, whose own report may not count yet. The last report stays.
func (l *Lake) ForgetRuns(keep int, before string) error {
	ids, err := l.RunIDs()
	if err != nil {
		return err
	}
	reports, err := l.Documents(reportsDir)
	if err != nil {
		return err
	}
	stays := map[string]bool{before: true}
	var last string
	if err := l.LastRuns(func(r Run) bool { last = r.Report; return last == "" }); err != nil {
		return err
	}
	for _, id := range ids[max(0, len(ids)-keep):] {
		stays[id] = true
	}
	var old []string
	for _, id := range ids {
		if !stays[id] && path.Join(reportsDir, id+".json") != last {
			old = append(old, path.Join(runsDir, id+".json"))
		}
	}
	for _, name := range reports {
		if id := strings.TrimSuffix(path.Base(name), ".json"); !stays[id] && name != last && id < before {
			old = append(old, name)
		}
	}
	return l.RemoveDocuments(old...)
}
