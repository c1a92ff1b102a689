package orgsim

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
)

// result is what one day adds to the organisation.
type result struct {
	events, duplicates int64
	objects            int
	bytes, raw         int64
	broken             []string
	notes              []note
	used               map[use]last
	err                error
}

// use is a credential of an actor: its key, or its password.
type use struct {
	actor    int
	password bool
}

type last struct {
	at      int64
	service string
	region  string
}

// each runs a function over the days on the workers.
func (w *world) each(do func(day int, c *composer) result) error {
	w.results = make([]result, w.cfg.Days)
	n := w.cfg.Workers
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	days := make(chan int)
	var group sync.WaitGroup
	for range n {
		group.Add(1)
		go func() {
			defer group.Done()
			c := &composer{w: w}
			for d := range days {
				w.results[d] = do(d, c)
			}
		}()
	}
	for d := range w.cfg.Days {
		days <- d
	}
	close(days)
	group.Wait()
	for d := range w.results {
		if err := w.results[d].err; err != nil {
			return fmt.Errorf("day %d: %w", d, err)
		}
	}
	return nil
}

func (w *world) dayStart(d int) int64 { return w.first + int64(d)*seconds }

// calibrate finds the scale that gives Config.Events: what scripts, sign-ins
// and Persona.Least add is counted first.
func (w *world) calibrate() error {
	want := make([]float64, w.cfg.Days)
	err := w.each(func(d int, _ *composer) result {
		events, err := w.plan(w.dayStart(d), 0)
		for _, a := range w.actors {
			want[d] += w.expected(a, w.dayStart(d))
		}
		return result{events: int64(len(events)), err: err}
	})
	var fixed int64
	var sum float64
	for d := range want {
		fixed, sum = fixed+w.results[d].events, sum+want[d]
	}
	if sum > 0 {
		w.scale = max(0, float64(int64(w.cfg.Events)-fixed)/sum)
	}
	return err
}

// writeArchive writes every day and sums up.
func (w *world) writeArchive() error {
	if err := w.each(w.writeDay); err != nil {
		return err
	}
	for i := range w.results {
		r, o := &w.results[i], &w.org
		o.Events, o.Duplicates = o.Events+r.events, o.Duplicates+r.duplicates
		o.Objects, o.Bytes, o.RawBytes = o.Objects+r.objects, o.Bytes+r.bytes, o.RawBytes+r.raw
		o.Broken = append(o.Broken, r.broken...)
	}
	w.tell()
	return nil
}

// parcel is one file of the archive in the making.
type parcel struct {
	account, slot int
	region        string
	slots         int
	buf           []byte
	records       int
}

// writer writes the objects of one day.
type writer struct {
	w      *world
	c      *composer
	start  int64
	gz     *gzip.Writer
	packed bytes.Buffer
	copies []byte // records to deliver again with the next object
	result
}

func (w *world) writeDay(d int, c *composer) result {
	c.notes = nil
	gz, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		return result{err: err}
	}
	x := &writer{w: w, c: c, start: w.dayStart(d), gz: gz, result: result{used: map[use]last{}}}
	events, err := w.plan(x.start, w.scale)
	if err != nil {
		return result{err: err}
	}
	x.result.events = int64(len(events))
	x.err = x.write(events, d < w.cfg.Broken)
	x.notes = c.notes
	return x.result
}

// slots is the number of objects a day of a region.
func (w *world) slots(region string) int {
	if region == "eu-west-1" {
		return w.cfg.Objects
	}
	return max(1, w.cfg.Objects/4)
}

func (x *writer) write(events []event, broken bool) error {
	order := make([]*event, len(events))
	for i := range events {
		order[i] = &events[i]
	}
	slices.SortFunc(order, func(a, b *event) int {
		return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.region, b.region), cmp.Compare(a.at, b.at), cmp.Compare(a.seed, b.seed))
	})
	var o parcel
	for _, e := range order {
		slots := x.w.slots(e.region)
		slot := int((e.at - x.start) * int64(slots) / seconds)
		if o.records == 0 || o.account != e.account || o.region != e.region || o.slot != slot {
			same := o.account == e.account && o.region == e.region
			if err := x.flush(&o, broken, !same); err != nil {
				return err
			}
			broken = broken && o.records == 0
			o = parcel{account: e.account, region: e.region, slot: slot, slots: slots, buf: append(o.buf[:0], `{"Records":[`...)}
			o.buf, x.copies = append(o.buf, x.copies...), x.copies[:0]
		}
		x.add(&o, e)
	}
	return x.flush(&o, broken, true)
}

// again is how many events are delivered twice: one in so many.
const again = 1009

func (x *writer) add(o *parcel, e *event) {
	mark := len(o.buf)
	o.buf = x.c.record(o.buf, e)
	if e.seed%again == 0 {
		x.duplicates++
		x.copies = append(append(x.copies, o.buf[mark:]...), ',')
	}
	o.buf = append(o.buf, ',')
	o.records++
	x.remember(e)
}

// remember keeps the last use of a credential, for the IAM state.
func (x *writer) remember(e *event) {
	a := e.by.actor
	if a == nil || e.foreign {
		return
	}
	u := use{a.index, e.call.api.flags&signin != 0 || a.Kind == User && e.by.key != a.key}
	if l, ok := x.used[u]; !ok || e.at >= l.at {
		x.used[u] = last{e.at, e.call.api.service, e.region}
	}
}

// flush writes an object; the last one of a region takes the copies too.
func (x *writer) flush(o *parcel, broken, final bool) error {
	if o.records == 0 {
		return nil
	}
	if final {
		o.buf, x.copies = append(o.buf, x.copies...), x.copies[:0]
	}
	o.buf = append(o.buf[:len(o.buf)-1], `]}`...)
	x.packed.Reset()
	x.gz.Reset(&x.packed)
	if _, err := x.gz.Write(o.buf); err != nil {
		return err
	}
	if err := x.gz.Close(); err != nil {
		return err
	}
	x.raw += int64(len(o.buf))
	if broken {
		name := x.name(o, 1)
		x.broken = append(x.broken, name)
		if err := x.save(name, x.packed.Bytes()[:x.packed.Len()*2/3]); err != nil {
			return err
		}
	}
	return x.save(x.name(o, 0), x.packed.Bytes())
}

func (x *writer) save(name string, content []byte) error {
	path := filepath.Join(x.w.org.Archive, filepath.FromSlash(name))
	x.objects++
	x.bytes += int64(len(content))
	err := os.WriteFile(path, content, 0o644)
	if os.IsNotExist(err) {
		if err = os.MkdirAll(filepath.Dir(path), 0o755); err == nil {
			err = os.WriteFile(path, content, 0o644)
		}
	}
	return err
}

// name is the object's key, as CloudTrail forms it: delivered some minutes
// after the last event.
func (x *writer) name(o *parcel, copy uint64) string {
	end := x.start + int64(o.slot+1)*seconds/int64(o.slots)
	t := time.Unix(end+300, 0).UTC()
	account := x.w.accounts[o.account]
	r := rng(mix(x.w.cfg.Seed, uint64(end), textSeed(account), textSeed(o.region), copy))
	unique := string(r.digits(nil, base64Digits[:62], 16))
	prefix := "AWSLogs/"
	if x.w.cfg.OrgTrail {
		prefix += x.w.org.ID + "/"
	}
	return prefix + account + "/CloudTrail/" + o.region + t.Format("/2006/01/02/") +
		account + "_CloudTrail_" + o.region + "_" + t.Format("20060102T1504Z") + "_" + unique + ".json.gz"
}
