package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/ingest"
	"github.com/trimtrail/trimtrail/internal/config"
	"github.com/trimtrail/trimtrail/internal/lake"
	"github.com/trimtrail/trimtrail/internal/report"
	"github.com/trimtrail/trimtrail/rules"
)

// turn is one run.
type turn struct {
	*runner
	cfg    *config.Config
	folder string // of the configuration
	lake   *lake.Lake
	doc    runDoc
	before *rules.Findings // of the run before; nil where there is none
	model  *report.Model   // nil where there is no analysis
}

// Outcomes of a step.
const (
	stepDone        = "done"
	stepFailed      = "failed"
	stepQuarantined = "quarantined" // done, but for inputs that were put aside
)

// step does one thing and notes what came of it. The error is for what must
// end the run: that it was interrupted.
func (t *turn) step(ctx context.Context, name, of string, do func() (string, error)) error {
	begin := time.Now()
	detail, err := do()
	s := runStep{Name: name, Of: of, Outcome: stepDone, Detail: detail, Seconds: rounded(time.Since(begin))}
	var e *exitError
	switch hint := errors.As(err, &e); {
	case ctx.Err() != nil && err != nil:
		s.Outcome, s.Error = stepFailed, "interrupted"
	case hint && e.code == exitQuarantined:
		s.Outcome, s.Hint = stepQuarantined, e.hint
	case err != nil:
		s.Outcome, s.Error = stepFailed, err.Error()
		if hint {
			s.Hint = e.hint
		}
	}
	t.doc.Steps = append(t.doc.Steps, s)
	t.tell(&s)
	if ctx.Err() != nil && err != nil {
		return cmp.Or(context.Cause(ctx), err)
	}
	return nil
}

// steps are all of a run, in order. What comes in first; then what is made of
// it; the run counts; what it says goes out.
func (t *turn) steps(ctx context.Context) error {
	for _, part := range []func(context.Context) error{t.ingest, t.iam, t.analyse, t.write, t.pack, t.deliver} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (t *turn) ingest(ctx context.Context) error {
	for i := range t.cfg.Run.Sources {
		s := &t.cfg.Run.Sources[i]
		if err := t.step(ctx, "ingest", s.URI, func() (string, error) { return t.ingestOne(ctx, s) }); err != nil {
			return err
		}
	}
	return nil
}

// sourceFlags are the flags of ingest for a source.
func sourceFlags(r *config.Run, s *config.Source, folder string) (*ingestFlags, error) {
	f := &ingestFlags{
		lake: below(folder, r.Lake), since: s.Since, until: s.Until, memory: r.Ingest.Memory, format: "table",
		accounts: s.Accounts, regions: s.Regions, orgs: s.OrgIDs, workers: r.Ingest.Workers,
		s3: ingest.S3Options{Profile: s.Profile, EndpointURL: s.EndpointURL, Region: s.BucketRegion, PathStyle: s.PathStyle},
	}
	if f.memory == "" {
		f.memory = "256MiB"
	}
	return f, f.check(time.Now())
}

func (t *turn) ingestOne(ctx context.Context, s *config.Source) (string, error) {
	f, err := sourceFlags(&t.cfg.Run, s, t.folder)
	if err != nil {
		return "", err
	}
	sources, err := f.sources(ctx, t.streams, []string{below(t.folder, s.URI)})
	if err != nil {
		return "", f.hinted(ctx, err)
	}
	sum, took, err := f.take(ctx, t.streams, sources)
	t.doc.Ingest.add(sum, took)
	if err != nil {
		detail := ""
		if sum.KeptObjects > 0 {
			detail = fmt.Sprintf("kept: %s with %s; the next run goes on from there", plural(int(sum.KeptObjects), "object"), plural(int(sum.KeptEvents), "event"))
		}
		return detail, f.hinted(ctx, err)
	}
	detail := fmt.Sprintf("%s, %s", plural(int(sum.Read), "new object"), plural(int(sum.Events), "event"))
	if n := sum.Quarantined + sum.Rejected; n > 0 {
		var text strings.Builder
		f.printProblems(&text, sum)
		for line := range strings.Lines(text.String()) {
			t.log.Warn(strings.TrimSpace(line))
		}
		return detail, &exitError{code: exitQuarantined, hint: "details are in " + f.lake + "/_quarantine; an object is read again once it changes"}
	}
	return detail, nil
}

// iam renews the IAM state, from AWS, from files or from both.
func (t *turn) iam(ctx context.Context) error {
	if p := t.cfg.Run.IAM.Pull; p != nil {
		if err := t.step(ctx, "iam pull", "", func() (string, error) { return t.iamPull(ctx, p) }); err != nil {
			return err
		}
	}
	names := slices.Clone(t.cfg.Run.IAM.Load)
	if len(names) == 0 {
		return nil
	}
	for i := range names {
		names[i] = below(t.folder, names[i])
	}
	return t.step(ctx, "iam load", strings.Join(t.cfg.Run.IAM.Load, " "), func() (string, error) { return t.iamLoad(ctx, names) })
}

// pullFlags are the flags of iam pull.
func pullFlags(r *config.Run, p *config.PullRun, io streams) *iamPull {
	o := &iamPull{streams: io, lake: r.Lake, format: "table", orgRole: p.OrgRole, lastAccessed: p.LastAccessed, accessKeys: p.AccessKeys, parts: p.Parts}
	o.pull.Profile, o.pull.Region, o.pull.EndpointURL = p.Profile, p.Region, p.EndpointURL
	o.pull.RoleARN, o.pull.ExternalID, o.pull.Accounts, o.pull.Workers = p.RoleARN, p.ExternalID, p.Accounts, p.Workers
	if o.pull.Workers == 0 {
		o.pull.Workers = 4
	}
	return o
}

func (t *turn) iamPull(ctx context.Context, p *config.PullRun) (string, error) {
	o := pullFlags(&t.cfg.Run, p, t.streams)
	o.lake = below(t.folder, o.lake)
	if err := o.check(); err != nil {
		return "", err
	}
	r, states, err := o.take(ctx)
	if err != nil {
		return "", err
	}
	detail := plural(len(states), "account")
	if len(r.Missing) == 0 {
		return detail, nil
	}
	for _, m := range r.Missing {
		t.log.Warn(m.String())
	}
	return detail, &exitError{code: exitQuarantined, hint: o.allow(r.Missing)}
}

func (t *turn) iamLoad(ctx context.Context, names []string) (string, error) {
	o := &iamLoad{streams: t.streams, lake: below(t.folder, t.cfg.Run.Lake)}
	files, err := o.take(ctx, names, time.Time{})
	if err != nil {
		return "", err
	}
	for _, n := range files.notes {
		t.log.Warn(n)
	}
	detail := plural(len(files.states), "account")
	if files.leftOut > 0 {
		return detail, &exitError{code: exitQuarantined}
	}
	return detail, nil
}

// analyse makes the model of the report, and compares it with that of the run before.
func (t *turn) analyse(ctx context.Context) error {
	return t.step(ctx, "analyse", "", func() (string, error) {
		f := analysisFlags{lake: below(t.folder, t.cfg.Run.Lake), window: t.cfg.Run.Analysis.Window, reference: below(t.folder, t.cfg.Run.Analysis.Reference)}
		f.file = t.flags.file
		if f.window == "" {
			f.window = usualWindow
		}
		a, err := f.analyse(ctx)
		if err != nil {
			return "", err
		}
		m, err := a.model(t.cfg.Run.Reports.Title)
		if err != nil {
			return "", err
		}
		if err := t.compare(m); err != nil {
			t.log.Warn(err.Error())
		}
		if m.History, err = history(t.lake, m.Generated); err != nil {
			t.log.Warn("not all earlier reports can be drawn: " + err.Error())
		}
		t.model = m
		return t.findingsLine(m), nil
	})
}

// compare tells what changed since the last report that counts.
func (t *turn) compare(m *report.Model) error {
	before, err := lastFindings(t.lake)
	if err != nil || before == nil {
		return err
	}
	t.before, m.Changes = before, report.Compare(before, m.Findings)
	return nil
}

func (t *turn) findingsLine(m *report.Model) string {
	t.doc.Findings = countFindings(m)
	line := plural(len(m.Findings.Findings), "finding")
	if m.Changes == nil {
		return line
	}
	return fmt.Sprintf("%s; %d new, %d worse, %d resolved, %d better since %s", line, len(m.Changes.New), len(m.Changes.Worse), len(m.Changes.Resolved), len(m.Changes.Better), m.Changes.Since.Format(time.DateOnly))
}

// write writes policies and reports to where the file says.
func (t *turn) write(ctx context.Context) error {
	if t.model == nil {
		return nil
	}
	if p := t.cfg.Run.Policies; p.Dir != "" {
		if err := t.step(ctx, "policies", p.Dir, t.writePolicies); err != nil {
			return err
		}
	}
	for _, f := range t.cfg.Run.Reports.Files {
		err := t.step(ctx, "report", f.Path, func() (string, error) {
			if f.Format == "html" && len(t.model.Principals) > report.PagesFrom {
				n, err := writePages(below(t.folder, f.Path), t.model)
				return byteSize(int64(n)) + " and pages", err
			}
			data, err := t.render(f.Format)
			if err != nil {
				return "", err
			}
			return byteSize(int64(len(data))), writeFile(below(t.folder, f.Path), data)
		})
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (t *turn) writePolicies() (string, error) {
	p := t.cfg.Run.Policies
	format := p.Format
	if format == "" {
		format = "json"
	}
	plans, left, err := writePolicyFiles(below(t.folder, p.Dir), format, t.model.Policies, report.PlanOptions{Review: p.IncludeReview})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s, %d left out", plural(len(plans), "change"), len(left)), nil
}

// render is the report in a format.
func (t *turn) render(format string) ([]byte, error) {
	var b bytes.Buffer
	f := reportFlags{format: format}
	f.lake = t.cfg.Run.Lake
	err := f.write(streams{t.in, &b, t.err}, t.model)
	return b.Bytes(), err
}
