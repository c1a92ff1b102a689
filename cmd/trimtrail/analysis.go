package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/config"
	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/internal/lake"
	"github.com/trimtrail/trimtrail/rules"
)

// analysisFlags are what every command that looks at the lake takes.
type analysisFlags struct {
	lake, window, asOf, reference, applied string
	configFlags
}

func (f *analysisFlags) register(cmd *cobra.Command) {
	f.window = usualWindow
	cmd.Flags().StringVar(&f.lake, "lake", "", "the lake")
	cmd.Flags().StringVar(&f.window, "window", f.window, "how far back to look, as 90d or 36h")
	cmd.Flags().StringVar(&f.asOf, "as-of", "", "the end of the window, as 2026-01-31 or RFC 3339 (default: the newest event)")
	cmd.Flags().StringVar(&f.applied, "policies", "", "proposals made earlier (policies.json, or the directory of policy --out): what they took away and is denied since is told with the statement to restore")
	registerReference(cmd, &f.reference)
	f.configFlags.register(cmd)
}

// usualWindow is how far back an analysis looks where nobody says.
const usualWindow = "90d"

// span is the flags, read.
type span struct {
	length time.Duration
	asOf   time.Time // zero: the newest event
	usual  bool      // nobody chose it
}

func (f *analysisFlags) span() (span, error) {
	d, err := parseSpan(f.window)
	if err != nil {
		return span{}, usage(fmt.Errorf("--window %w", err), "write 90d or 36h")
	}
	s := span{length: d, usual: f.window == usualWindow && f.asOf == ""}
	if f.asOf == "" {
		return s, nil
	}
	if s.asOf, err = parseMoment(f.asOf); err != nil {
		return span{}, usage(fmt.Errorf("--as-of %w", err), "write 2026-01-31 or 2026-01-31T12:00:00Z")
	}
	return s, nil
}

// analysis is what a lake says.
type analysis struct {
	facts   *analyze.Facts
	states  map[string]*iam.State
	catalog *catalog.Catalog
	options rules.Options   // of the configuration
	found   *rules.Findings // once they were asked for
}

// analyse opens the lake and gathers the facts that the flags ask for.
func (f *analysisFlags) analyse(ctx context.Context) (*analysis, error) {
	s, err := f.span()
	if err != nil {
		return nil, err
	}
	options, err := f.options()
	if err != nil {
		return nil, err
	}
	if options.Applied, err = readProposals(f.applied); err != nil {
		return nil, err
	}
	registers, err := f.places.open()
	if err != nil {
		return nil, err
	}
	a, err := f.read(ctx, s)
	if err != nil {
		return nil, closing(registers, err)
	}
	a.options = options
	return a, a.place(registers)
}

// read gathers the facts of the lake.
func (f *analysisFlags) read(ctx context.Context, s span) (*analysis, error) {
	c, err := openCatalog(f.reference)
	if err != nil {
		return nil, err
	}
	l, err := openLake(ctx, f.lake)
	if err != nil {
		return nil, err
	}
	return analyseLake(ctx, l, s, c)
}

func analyseLake(ctx context.Context, l *lake.Lake, s span, c *catalog.Catalog) (*analysis, error) {
	states, err := loadStates(ctx, l)
	if err != nil {
		return nil, err
	}
	w, late, err := windowOf(l, s, time.Now())
	if err != nil {
		return nil, err
	}
	a := &analysis{states: states, catalog: c}
	acc, err := accumulate(ctx, l, w, a.catalog)
	if err != nil {
		return nil, err
	}
	episodes, warnings, err := retell(ctx, l, acc.Nominate(), a.catalog)
	if err != nil {
		return nil, err
	}
	a.facts = acc.Facts(s.asOf, states, episodes)
	a.facts.Warnings = append(append(a.facts.Warnings, late...), warnings...)
	if s.usual && len(late) == 0 {
		if err := a.warnOutside(l, w); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// warnOutside tells where a window that nobody chose leaves most of the lake
// out: of a short test, or of an old archive.
func (a *analysis) warnOutside(l *lake.Lake, w analyze.Window) error {
	st, err := l.Status()
	if err != nil || st.From == nil {
		return err
	}
	var inside int64
	for _, c := range a.facts.Coverage {
		inside += c.Events
	}
	if outside := st.Events - inside; outside > inside {
		days := int64(w.To.Sub(*st.From)/(24*time.Hour)) + 1
		a.facts.Warnings = append(a.facts.Warnings, fmt.Sprintf(
			"most events are older than the window: %d of %d are left out; --window %dd takes all", outside, st.Events, days))
	}
	return nil
}

// windowOf ends after the newest event where nothing else is asked for, and
// begins no earlier than the lake does: what no log can show is no window. An
// event of a clock that is ahead by more than a day does not move it, and is
// warned of.
func windowOf(l *lake.Lake, s span, now time.Time) (w analyze.Window, warnings []string, err error) {
	st, err := l.Status()
	if err != nil {
		return w, nil, err
	}
	if st.From == nil || st.To == nil {
		return w, nil, withHint(errors.New("the lake has no events"), "fill it with  trimtrail ingest SOURCE --lake "+shellQuote(l.Dir()))
	}
	newest := *st.To
	if limit := now.Add(24 * time.Hour); newest.After(limit) && s.asOf.IsZero() {
		warnings = append(warnings, fmt.Sprintf("events are dated up to %s, after today: they are left out", newest.UTC().Format(time.DateOnly)))
		if newest, err = l.Newest(limit); err != nil {
			return w, nil, err
		}
	}
	w.To = newest.UTC().Add(time.Microsecond)
	if !s.asOf.IsZero() {
		w.To = s.asOf
	}
	w.From = w.To.Add(-s.length)
	if first := st.From.UTC().Truncate(time.Microsecond); w.From.Before(first) {
		w.From = first
	}
	if !w.From.Before(w.To) {
		return w, nil, usage(fmt.Errorf("no events before %s", w.To.Format(time.RFC3339)), "the lake begins at "+st.From.Format(time.RFC3339))
	}
	return w, warnings, nil
}

// retell reads the nominated spans again, for the order of their events.
func retell(ctx context.Context, l *lake.Lake, ns []analyze.Nomination, cat *catalog.Catalog) ([]analyze.Episode, []string, error) {
	episodes, warnings := []analyze.Episode{}, []string{}
	for _, n := range ns {
		r := analyze.NewRetelling(n, cat)
		q := lake.Query{From: n.Span.From, To: n.Span.To, Accounts: []string{n.AccountID}, Principals: []string{n.Principal}}
		for e, err := range l.Events(ctx, q) {
			if err != nil {
				return nil, nil, err
			}
			r.Add(e)
		}
		e, warning := r.Episode()
		episodes = append(episodes, e)
		if warning != "" {
			warnings = append(warnings, warning)
		}
	}
	return episodes, warnings, nil
}

func (a *analysis) findings() *rules.Findings {
	if a.found == nil {
		a.found = rules.Evaluate(a.facts, a.states, a.catalog, a.options)
	}
	return a.found
}

// named finds the principals that names mean: an ARN, user/alice, or alice.
// A name that nothing has is an error.
func (a *analysis) named(names []string) ([]string, error) {
	var out []string
	known := a.principals()
	for _, n := range names {
		before := len(out)
		for _, arn := range known {
			if means(n, arn) {
				out = append(out, arn)
			}
		}
		if len(out) == before {
			return nil, withHint(fmt.Errorf("no principal %q in the logs or the IAM state", n), probably(n, known)+"give an ARN, user/NAME, role/NAME or a name; list them with  trimtrail policy --all --format table")
		}
	}
	return out, nil
}

// probably says which principal was meant by a name that nothing has, if one is near.
func probably(name string, known []string) string {
	short := make([]string, len(known))
	for i, arn := range known {
		_, short[i], _ = strings.Cut(arn, "/")
		if kind, _, ok := strings.Cut(name, "/"); ok {
			short[i] = kind + "/" + short[i]
		}
	}
	if near := config.Nearest(name, short); near != "" {
		return fmt.Sprintf("did you mean %q? Or ", near)
	}
	return ""
}

// principals are all ARNs that logs and states know, sorted, each once.
func (a *analysis) principals() []string {
	set := map[string]bool{}
	for _, p := range a.facts.Principals {
		set[p.ARN] = true
	}
	for _, s := range a.states {
		for _, u := range s.Users {
			set[u.ARN] = true
		}
		for _, r := range s.Roles {
			set[r.ARN] = true
		}
	}
	return sortedSet(set)
}

// means reports whether name stands for the principal.
func means(name, arn string) bool {
	if name == arn {
		return true
	}
	if strings.HasSuffix(arn, ":root") {
		return name == "root"
	}
	last := arn[strings.LastIndexByte(arn, '/')+1:]
	if name == last && last != arn {
		return true
	}
	kind, short, ok := strings.Cut(name, "/")
	return ok && short == last && strings.Contains(arn, ":"+kind+"/")
}
