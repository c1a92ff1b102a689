package deliver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/trimtrail/trimtrail/internal/lake"
)

const (
	outboxSchema = "trimtrail.outbox/1"
	outboxDir    = "_run/outbox"
	// longest is how many parcels wait for one delivery; the oldest go first.
	longest = 50
)

// Waiting is a parcel in the outbox.
type Waiting struct {
	Schema   string    `json:"schema"`
	Packed   time.Time `json:"packed"`
	Attempts int       `json:"attempts"`
	LastTry  time.Time `json:"last_try"`
	Error    string    `json:"error"` // of the last try; without secrets
	Parcel   Parcel    `json:"parcel"`

	name string // of the document
}

// Outbox keeps parcels in a lake until they are delivered. A parcel counts
// once the run that packed it does.
type Outbox struct{ Lake *lake.Lake }

func nameIn(run, delivery string) string { return path.Join(outboxDir, run, delivery+".json") }

// Add puts a parcel in.
func (o Outbox) Add(p *Parcel, now time.Time) error {
	return o.save(&Waiting{Schema: outboxSchema, Packed: now.UTC(), Parcel: *p, name: nameIn(p.Message.Run, p.Message.Delivery)})
}

func (o Outbox) save(w *Waiting) error {
	data, err := json.Marshal(w)
	if err != nil {
		return err
	}
	return o.Lake.SaveDocument(w.name, append(data, '\n'))
}

// Outcome is what became of the parcels of one delivery.
type Outcome struct {
	Delivery string
	Sent     int
	Left     int   // that wait for the next run
	Dropped  int   // that waited too long, or that cannot be read
	Err      error // why parcels are left; nil where none is
	Took     time.Duration
}

// Flush sends what waits to the targets, the oldest parcel of a delivery
// first. Where one fails, the later ones of the same delivery wait behind it;
// other deliveries go on, all at once. What is for no target any more is
// dropped. The outcomes are sorted by delivery.
func (o Outbox) Flush(ctx context.Context, targets map[string]Target, now func() time.Time) ([]Outcome, error) {
	names, err := o.counted()
	if err != nil {
		return nil, err
	}
	by := map[string][]string{}
	for _, name := range names {
		d := strings.TrimSuffix(path.Base(name), ".json")
		by[d] = append(by[d], name)
	}
	order := slices.Sorted(maps.Keys(by))
	out := make([]Outcome, len(order))
	var wg sync.WaitGroup
	for i, d := range order {
		wg.Go(func() {
			begin := now()
			out[i] = o.flush(ctx, d, by[d], targets[d], now)
			out[i].Took = now().Sub(begin)
		})
	}
	wg.Wait()
	return out, ctx.Err()
}

// counted are the parcels of runs that count, by run; those that runs left
// behind which never came to count are removed.
func (o Outbox) counted() ([]string, error) {
	names, err := o.Lake.Documents(outboxDir)
	if err != nil {
		return nil, err
	}
	ids, err := o.Lake.RunIDs()
	if err != nil {
		return nil, err
	}
	counts := map[string]bool{}
	for _, id := range ids {
		counts[id] = true
	}
	var out, dead []string
	for _, name := range names {
		// Of runs before the first that is remembered, all that is left counts:
		// what did not was removed by the run after it.
		if run := path.Base(path.Dir(name)); counts[run] || len(ids) > 0 && run < ids[0] {
			out = append(out, name)
		} else {
			dead = append(dead, name)
		}
	}
	return out, o.Lake.RemoveDocuments(dead...)
}

func (o Outbox) flush(ctx context.Context, delivery string, names []string, t Target, now func() time.Time) Outcome {
	out := Outcome{Delivery: delivery}
	if drop := len(names) - longest; t == nil || drop > 0 {
		if t == nil {
			drop = len(names)
		}
		out.Dropped = drop
		if out.Err = o.Lake.RemoveDocuments(names[:drop]...); out.Err != nil {
			return out
		}
		names = names[drop:]
	}
	for i, name := range names {
		switch err := o.send(ctx, name, t, now); {
		case errors.Is(err, errUnreadable):
			out.Dropped++
		case err != nil:
			out.Err, out.Left = err, len(names)-i
			return out
		default:
			out.Sent++
		}
	}
	return out
}

var errUnreadable = errors.New("a parcel in the outbox cannot be read")

// send delivers one parcel and forgets it, or notes why not.
func (o Outbox) send(ctx context.Context, name string, t Target, now func() time.Time) error {
	data, err := o.Lake.Document(name)
	if err != nil {
		return err
	}
	w := Waiting{name: name}
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&w); err != nil || w.Schema != outboxSchema {
		return errors.Join(errUnreadable, o.Lake.RemoveDocuments(name))
	}
	if err := t.Send(ctx, &w.Parcel); err != nil {
		w.Attempts, w.LastTry, w.Error = w.Attempts+1, now().UTC(), err.Error()
		return errors.Join(err, o.save(&w))
	}
	if err := o.Lake.RemoveDocuments(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget what was delivered: %w", err)
	}
	return nil
}
