package main

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/event"
	"github.com/trimtrail/trimtrail/internal/lake"
	"github.com/trimtrail/trimtrail/internal/par"
	"github.com/trimtrail/trimtrail/internal/rollup"
)

// accumulate folds what the lake has of w, several partitions at a time, and
// joins what each worker saw: the result does not depend on how they are
// shared out. A file of events that lies in w whole is taken from its rollup;
// where it has none it is read, and rolled up for the next time.
func accumulate(ctx context.Context, l *lake.Lake, w analyze.Window, cat *catalog.Catalog) (*analyze.Accumulator, error) {
	parts, err := l.Partitions(w.From, w.To)
	if err != nil {
		return nil, err
	}
	g := &gathering{lake: l, window: w, catalog: cat}
	workers := runtime.GOMAXPROCS(0)
	idle := make(chan *gatherer, workers)
	for range workers {
		x, err := newGatherer(g)
		if err != nil {
			return nil, err
		}
		idle <- x
	}
	err = par.Each(ctx, workers, parts, func(ctx context.Context, p lake.Partition) error {
		x := <-idle
		defer func() { idle <- x }()
		return l.Steady(p, func(p lake.Partition) error { return x.partition(ctx, p) })
	})
	if err != nil {
		return nil, err
	}
	return joined(idle, workers)
}

// joined is what all workers saw.
func joined(idle chan *gatherer, workers int) (*analyze.Accumulator, error) {
	all := <-idle
	err := all.rollups.Settle(all.made)
	for range workers - 1 {
		x := <-idle
		err = errors.Join(err, x.rollups.Settle(x.made))
		all.acc.Merge(x.acc)
	}
	return all.acc, err
}

// gathering is what the workers of one analysis share.
type gathering struct {
	lake     *lake.Lake
	window   analyze.Window
	catalog  *catalog.Catalog
	readOnly atomic.Bool // the lake could not be written to
}

// gatherer is one of the workers.
type gatherer struct {
	*gathering
	acc     *analyze.Accumulator
	rollups *lake.Rollups
	made    []string // files of events that were rolled up
}

func newGatherer(g *gathering) (*gatherer, error) {
	r, err := g.lake.Rollups(rollupVersion(g.catalog))
	return &gatherer{gathering: g, acc: analyze.NewAccumulator(g.window, g.catalog), rollups: r}, err
}

// partition adds one partition, and nothing of it where it fails.
func (g *gatherer) partition(ctx context.Context, p lake.Partition) error {
	var whole []*rollup.Rows
	cut := analyze.NewAccumulator(g.window, g.catalog)
	for i := range p {
		f := &p[i]
		if !g.window.Contains(f.Min) || !g.window.Contains(f.Max) {
			if err := fold(ctx, g.lake, f, cut.Add); err != nil {
				return err
			}
			continue
		}
		rows, err := g.rows(ctx, f)
		if err != nil {
			return err
		}
		whole = append(whole, rows)
	}
	for _, rows := range whole {
		g.acc.AddRows(rows)
	}
	g.acc.Merge(cut)
	return nil
}

// rollupVersion names what makes rollups: the rows, the catalogue, and the
// program, since its code attributes events, too.
func rollupVersion(c *catalog.Catalog) string {
	return analyze.RowsVersion(c) + ", trimtrail " + version()
}

// rows are the rollup of f, made where there is none.
func (g *gatherer) rows(ctx context.Context, f *lake.File) (*rollup.Rows, error) {
	rows, err := g.rollups.Read(f)
	var none *lake.NoRollupError
	if !errors.As(err, &none) {
		return rows, err
	}
	if rows, err = roll(ctx, g.lake, f, g.catalog); err != nil {
		return nil, err
	}
	if !g.readOnly.Load() {
		g.made = append(g.made, f.Path)
		// A lake that one may not write to serves as well; the next who may keeps them.
		g.readOnly.Store(g.rollups.Write(f, rows) != nil)
	}
	return rows, nil
}

// roll makes the rollup of f from its events.
func roll(ctx context.Context, l *lake.Lake, f *lake.File, cat *catalog.Catalog) (*rollup.Rows, error) {
	r := analyze.NewRoller(cat)
	if err := fold(ctx, l, f, r.Add); err != nil {
		return nil, err
	}
	return r.Rows(f.AccountID), nil
}

func fold(ctx context.Context, l *lake.Lake, f *lake.File, add func(*event.Event)) error {
	for e, err := range l.FileEvents(ctx, f) {
		if err != nil {
			return err
		}
		add(e)
	}
	return nil
}
