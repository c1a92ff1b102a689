package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/lake"
	"github.com/trimtrail/trimtrail/internal/par"
)

// rebuildSchema names the JSON shape of lake rebuild.
const rebuildSchema = "trimtrail.rebuild/1"

// rebuildReport is the outcome of lake rebuild.
type rebuildReport struct {
	Schema string `json:"schema"`
	Files  int64  `json:"files"` // of events
	Made   int64  `json:"made"`  // rollups of them
	Events int64  `json:"events"`
}

// rebuildFlags are those of lake rebuild.
type rebuildFlags struct {
	lakeFlags
	reference string
	all       bool
}

func lakeRebuildCmd(io streams) *cobra.Command {
	f := &rebuildFlags{}
	cmd := &cobra.Command{
		Use: "rebuild", Short: "Make the daily rollups anew from the events", Args: cobra.NoArgs,
		Long: `Makes the daily rollups that are missing, damaged, or made by another version
of trimtrail, of its catalogue or of --service-reference, from the events in the
lake; the archive is not read. Analysis does the same as it goes, for the days
that it looks at. It works beside an ingest and beside readers.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), io) },
	}
	f.register(cmd)
	cmd.Flags().BoolVar(&f.all, "all", false, "make those anew, too, that seem right")
	registerReference(cmd, &f.reference)
	return cmd
}

func (f *rebuildFlags) run(ctx context.Context, io streams) error {
	l, err := f.open(ctx)
	if err != nil {
		return err
	}
	c, err := openCatalog(f.reference)
	if err != nil {
		return err
	}
	r, err := rebuild(ctx, l, c, f.all)
	if err != nil {
		return lakeHint(err)
	}
	if f.format == "json" {
		return writeJSON(io.out, r)
	}
	_, err = fmt.Fprintf(io.out, "Rolled up %d of %s, %s events\n", r.Made, plural(int(r.Files), "file"), thousands(r.Events))
	return err
}

// rebuild makes the rollups that cannot be used, or all.
func rebuild(ctx context.Context, l *lake.Lake, c *catalog.Catalog, all bool) (rebuildReport, error) {
	total := rebuildReport{Schema: rebuildSchema}
	parts, err := l.Partitions(time.Time{}, time.Time{})
	if err != nil {
		return total, err
	}
	workers := runtime.GOMAXPROCS(0)
	idle := make(chan *rebuilder, workers)
	for range workers {
		s, err := l.Rollups(rollupVersion(c))
		if err != nil {
			return total, err
		}
		idle <- &rebuilder{lake: l, rollups: s, catalog: c, all: all}
	}
	err = par.Each(ctx, workers, parts, func(ctx context.Context, p lake.Partition) error {
		r := <-idle
		defer func() { idle <- r }()
		return l.Steady(p, func(p lake.Partition) error { return r.partition(ctx, p) })
	})
	for range workers {
		r := <-idle
		total.Files, total.Made, total.Events = total.Files+r.report.Files, total.Made+r.report.Made, total.Events+r.report.Events
		err = errors.Join(err, r.rollups.Settle(r.made))
	}
	return total, errors.Join(err, l.SweepRollups())
}

// rebuilder is one of the workers.
type rebuilder struct {
	lake    *lake.Lake
	rollups *lake.Rollups
	catalog *catalog.Catalog
	all     bool
	made    []string // files of events that were rolled up
	report  rebuildReport
}

func (r *rebuilder) partition(ctx context.Context, p lake.Partition) error {
	done := r.report // of a partition that is read again, the last time counts
	for i := range p {
		f := &p[i]
		done.Files++
		if fine, err := r.fine(f); err != nil {
			return err
		} else if fine {
			continue
		}
		rows, err := roll(ctx, r.lake, f, r.catalog)
		if err != nil {
			return err
		}
		r.made = append(r.made, f.Path)
		if err := r.rollups.Write(f, rows); err != nil {
			return err
		}
		done.Made, done.Events = done.Made+1, done.Events+f.Rows
	}
	r.report = done
	return nil
}

// fine reports whether f has a rollup that can be used.
func (r *rebuilder) fine(f *lake.File) (bool, error) {
	if r.all {
		return false, nil
	}
	_, err := r.rollups.Read(f)
	var none *lake.NoRollupError
	if errors.As(err, &none) {
		return false, nil
	}
	return err == nil, err
}
