// Package orgs makes organisations (package orgsim) for the measuring
// programs and reads them back: the distinct events in time order and the IAM
// state of each account. It judges nothing.
//
//	o, err := orgs.Make(dir, cfg) // o.Events, o.States, o.Truth
package orgs

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/trimtrail/trimtrail/ingest"
	"github.com/trimtrail/trimtrail/internal/event"
	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/internal/orgsim"
)

// Casts gives the casts by name, in the order in which they were written.
func Casts() []Cast {
	return []Cast{
		{"default", orgsim.DefaultPersonas}, {"holdout", orgsim.HoldoutPersonas},
		{"second", orgsim.SecondPersonas}, {"third", orgsim.ThirdPersonas}, {"fourth", orgsim.FourthPersonas}, {"fifth", orgsim.FifthPersonas},
	}
}

// Cast is a named list of personas; Personas makes a new one on each call.
type Cast struct {
	Name     string
	Personas func() []orgsim.Persona
}

// Org is an organisation, read back. Events are distinct and sorted by time.
type Org struct {
	*orgsim.Org
	Events []event.Event
	States iam.States
}

// Make generates an organisation in dir and reads it.
func Make(dir string, cfg orgsim.Config) (*Org, error) {
	made, err := orgsim.Generate(dir, cfg)
	if err != nil {
		return nil, err
	}
	o := &Org{Org: made}
	if o.Events, err = Read(made.Archive, nil); err != nil {
		return nil, err
	}
	o.States, err = readStates(made.IAM, made.End)
	return o, err
}

// Read decodes the files below dir of which wanted says so (nil: all) and gives
// each event once, by time. What the files wanted hold has to be logs, unless
// wanted is given: a public archive has other files beside.
func Read(dir string, wanted func(path string) bool) ([]event.Event, error) {
	var events []event.Event
	seen := map[event.Key]bool{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || wanted != nil && !wanted(path) {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		b, err := ingest.Decode(event.Object{URI: path}, content, ingest.Limits{})
		if err != nil && wanted != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		for _, e := range b.Events {
			if k := e.Key(); !seen[k] {
				seen[k] = true
				events = append(events, e)
			}
		}
		return nil
	})
	slices.SortFunc(events, func(a, b event.Event) int {
		return cmp.Or(a.EventTime.Compare(b.EventTime), cmp.Compare(a.EventID, b.EventID), cmp.Compare(a.AccountID, b.AccountID))
	})
	return events, err
}

func readStates(dir string, taken time.Time) (iam.States, error) {
	states := iam.States{}
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			return nil, err
		}
		if _, err := iam.Load(f.Name(), data, states); err != nil {
			return nil, err
		}
	}
	for _, s := range states {
		s.TakenAt = taken
	}
	states.Organize()
	return states, nil
}
