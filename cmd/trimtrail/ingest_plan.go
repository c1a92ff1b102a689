package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"time"

	"github.com/trimtrail/trimtrail/ingest"
	"github.com/trimtrail/trimtrail/internal/lake"
)

// What a dry run reckons with: S3 Standard in us-east-1 (list prices as remembered,
// not looked up), and what one core of a small instance was measured to read.
const (
	dollarsPerList    = 0.005 / 1000
	dollarsPerGet     = 0.0004 / 1000
	storedPerSecond   = 12e6 // bytes of gzip a second and core
	secondsPerRequest = 0.03
)

// planSchema names the JSON shape of a dry run.
const planSchema = "trimtrail.ingest-plan/1"

// planDoc is what a dry run says.
type planDoc struct {
	Schema  string `json:"schema"`
	Objects struct {
		New   int64 `json:"new"`
		Known int64 `json:"known"`
		Other int64 `json:"other"`
	} `json:"objects"`
	Bytes    int64   `json:"bytes"`   // stored, of the new objects
	Seconds  float64 `json:"seconds"` // an estimate
	Requests struct {
		List int64 `json:"list"`
		Get  int64 `json:"get"`
	} `json:"requests"`
	Dollars float64 `json:"usd"` // an estimate
}

// plan lists and tells.
func (f *ingestFlags) plan(ctx context.Context, io streams, sources []ingest.Source) error {
	c, done, err := f.planConfig(ctx, sources)
	if err != nil {
		return f.hinted(ctx, err)
	}
	p, err := ingest.List(ctx, c)
	if err = errors.Join(err, done()); err != nil {
		return f.hinted(ctx, err)
	}
	doc := f.newPlanDoc(p, sources)
	if f.format == "json" {
		return writeJSON(io.out, doc)
	}
	return printPlan(io, p, doc)
}

// planConfig opens the lake, if there is one, to tell what is new.
func (f *ingestFlags) planConfig(ctx context.Context, sources []ingest.Source) (ingest.Config, func() error, error) {
	c := ingest.Config{Sources: sources, Filter: f.filter, Shard: f.part}
	l, err := lakeAt(ctx, f.lake)
	if no := (*lake.NotLakeError)(nil); errors.As(err, &no) {
		return c, func() error { return nil }, nil
	}
	if err != nil {
		return c, nil, err
	}
	w, err := l.Writer(lake.WriterOptions{})
	if err != nil {
		return c, nil, err
	}
	c.Sink = lakeSink{w}
	return c, w.Close, nil
}

func (f *ingestFlags) newPlanDoc(p ingest.Plan, sources []ingest.Source) planDoc {
	d := planDoc{Schema: planSchema, Bytes: p.NewBytes}
	d.Objects.New, d.Objects.Known, d.Objects.Other = p.New, p.Known, p.Ignored
	cores := float64(runtime.GOMAXPROCS(0))
	if f.workers > 0 {
		cores = min(cores, float64(f.workers))
	}
	took := float64(p.NewBytes) / (storedPerSecond * cores)
	for _, s := range sources {
		if s, ok := s.(*ingest.S3); ok {
			d.Requests.List += s.ListCalls()
			d.Requests.Get = p.New
		}
	}
	took = max(took, float64(d.Requests.Get)*secondsPerRequest/fetchers)
	d.Seconds = math.Ceil(took)
	d.Dollars = math.Ceil(1e4*(float64(d.Requests.List)*dollarsPerList+float64(d.Requests.Get)*dollarsPerGet)) / 1e4
	return d
}

func printPlan(io streams, p ingest.Plan, d planDoc) error {
	_, err := fmt.Fprintf(io.out, "Would read %s, %s, in about %s\n", plural(int(p.New), "object"), byteSize(p.NewBytes), time.Duration(d.Seconds)*time.Second)
	if p.Known > 0 {
		fmt.Fprintf(io.out, "  read earlier: %s\n", plural(int(p.Known), "object"))
	}
	if p.Ignored > 0 {
		fmt.Fprintf(io.out, "  of another kind, left alone: %s\n", plural(int(p.Ignored), "file"))
	}
	if p.Unplaced > 0 {
		fmt.Fprintf(io.out, "  kept because neither path nor name tells what the filters ask: %s\n", plural(int(p.Unplaced), "object"))
	}
	if d.Requests.List > 0 {
		fmt.Fprintf(io.out, "  S3: %s LIST and %s GET requests, about $%.4f at us-east-1 prices\n", thousands(d.Requests.List), thousands(d.Requests.Get), d.Dollars)
	}
	if err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}
