package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/ingest"
	"github.com/trimtrail/trimtrail/internal/lake"
	"github.com/trimtrail/trimtrail/internal/orgsim"
	"github.com/trimtrail/trimtrail/internal/report"
	"github.com/trimtrail/trimtrail/rules"
)

// demoFlags are those of `trimtrail demo`.
type demoFlags struct {
	dir    string
	seed   uint64
	events int
}

func demoCmd(io streams) *cobra.Command {
	f := &demoFlags{dir: "trimtrail-demo", seed: 1}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "The whole journey on a generated archive",
		Long: `Generates the CloudTrail archive and the IAM state of a made-up organisation,
ingests it, analyses it, and writes policies and a report. It needs no AWS
account and no network; all it writes is below one directory.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c.Context(), io) },
	}
	cmd.Flags().StringVar(&f.dir, "dir", f.dir, "the directory to write to; an earlier demo in it is replaced")
	cmd.Flags().Uint64Var(&f.seed, "seed", f.seed, "another seed makes another organisation")
	cmd.Flags().IntVar(&f.events, "events", f.events, "about how many events (default: 400,000)")
	return cmd
}

// demo is a run of it.
type demo struct {
	*demoFlags
	streams
	org *orgsim.Org
}

func (f *demoFlags) run(ctx context.Context, io streams) error {
	if err := f.clear(); err != nil {
		return err
	}
	d := &demo{demoFlags: f, streams: io}
	if err := d.generate(); err != nil {
		return err
	}
	if err := d.ingest(ctx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return d.analyse(ctx)
}

// demoMark is the file by which a demo knows its own directory again.
const demoMark = ".trimtrail-demo"

// demoParts are all that a demo writes.
var demoParts = []string{"archive", "iam", "lake", "policies", "report.html"}

// clear makes the directory, and empties one that an earlier demo made; it
// touches nobody else's files.
func (f *demoFlags) clear() error {
	if f.events < 0 {
		return usage(errors.New("--events must not be negative"), "leave it out for 400,000")
	}
	mark := filepath.Join(f.dir, demoMark)
	entries, err := os.ReadDir(f.dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = os.MkdirAll(f.dir, 0o755)
	case err == nil && len(entries) > 0:
		if _, serr := os.Stat(mark); serr != nil {
			return usage(fmt.Errorf("%s is there and is no earlier demo", f.dir), "choose another with  --dir DIR")
		}
	}
	if err != nil {
		return err
	}
	for _, part := range demoParts {
		if err := os.RemoveAll(filepath.Join(f.dir, part)); err != nil {
			return err
		}
	}
	return os.WriteFile(mark, []byte("made by trimtrail demo, which replaces what is here\n"), 0o644)
}

func (d *demo) path(name string) string { return filepath.Join(d.dir, name) }

// step prints one line of the journey with how long it took.
func (d *demo) step(begin time.Time, rate, format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	fmt.Fprintf(d.out, "%-92s %5.1f s", line, time.Since(begin).Seconds())
	if rate != "" {
		fmt.Fprint(d.out, "   ", rate)
	}
	fmt.Fprintln(d.out)
}

func (d *demo) generate() error {
	begin, cfg := time.Now(), orgsim.Default()
	cfg.Seed = d.seed
	if d.events > 0 {
		cfg.Events = d.events
	}
	org, err := orgsim.Generate(d.dir, cfg)
	if err != nil {
		return err
	}
	d.org = org
	d.step(begin, "", "Generated %d days of one organisation: %d accounts, %d principals, %s events",
		cfg.Days, len(org.Accounts), org.Principals, thousands(org.Events))
	return nil
}

func (d *demo) ingest(ctx context.Context) error {
	begin := time.Now()
	src, err := ingest.NewPath(d.org.Archive)
	if err != nil {
		return err
	}
	w, err := openWriter(ctx, d.path("lake"), lake.WriterOptions{})
	if err != nil {
		return lakeHint(err)
	}
	p := newProgress(d.err)
	sum, err := ingest.Run(ctx, ingest.Config{Sources: []ingest.Source{src}, Sink: lakeSink{w}, Progress: p.show})
	p.clear()
	if err := errors.Join(err, w.Close()); err != nil {
		return err
	}
	l, err := openLake(ctx, d.path("lake"))
	if err != nil {
		return err
	}
	st, err := l.Status()
	if err != nil {
		return err
	}
	rate := float64(sum.Events) / time.Since(begin).Seconds() / 1000
	d.step(begin, fmt.Sprintf("%.0f k events/s", rate), "Ingested %s objects, %s events into %s (%s)",
		thousands(sum.Read), thousands(sum.Events), d.path("lake"), byteSize(st.Bytes))
	return d.loadState(l)
}

// loadState loads the IAM state that goes with the archive, as of its end.
func (d *demo) loadState(l *lake.Lake) error {
	files, err := readStateFiles(d.streams, []string{d.org.IAM})
	if err != nil {
		return err
	}
	files.date(d.org.End)
	for _, s := range files.sorted() {
		if err := saveState(l, s); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) analyse(ctx context.Context) error {
	begin := time.Now()
	f := analysisFlags{lake: d.path("lake"), window: usualWindow}
	a, err := f.analyse(ctx)
	if err != nil {
		return err
	}
	m, err := a.model("")
	if err != nil {
		return err
	}
	written, err := d.write(m)
	if err != nil {
		return err
	}
	d.step(begin, "", "Analysed the last %d days: %s, %d policy proposals",
		a.facts.Window.Days(), plural(len(m.Findings.Findings), "finding"), len(m.Policies.Policies))
	return d.close(m, written)
}

// write writes the policies and the page.
func (d *demo) write(m *report.Model) (int, error) {
	n, err := writePolicies(d.path("policies"), m.Policies)
	if err != nil {
		return n, err
	}
	var page bytes.Buffer
	if err := report.HTML(&page, m); err != nil {
		return n, err
	}
	return n, writeFile(d.path("report.html"), page.Bytes())
}

// close prints what a newcomer needs: what to do first, and where all is.
func (d *demo) close(m *report.Model, written int) error {
	o := tableOptions(d.streams, d.path("lake"), false, 0)
	fmt.Fprintln(d.out)
	if err := report.Steps(d.out, m.Findings, 5, o); err != nil {
		return err
	}
	_, err := fmt.Fprintf(d.out, "\nReport    %s\nPolicies  %s (%d documents; %s of %s ready)\nNext      trimtrail explain %s --lake %s\n",
		d.path("report.html"), d.path("policies"), written, thousands(int64(ready(m.Policies))), plural(len(m.Policies.Policies), "proposal"),
		firstID(m.Findings), shellQuote(d.path("lake")))
	return err
}

func ready(p *rules.Policies) int {
	n := 0
	for i := range p.Policies {
		if p.Policies[i].Confidence == "ready" {
			n++
		}
	}
	return n
}

func firstID(f *rules.Findings) string {
	if fs := report.First(f.Findings, 1); len(fs) > 0 {
		return fs[0].ID
	}
	return "FINDING"
}

func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(int64(n)) + " " + one + "s"
}
