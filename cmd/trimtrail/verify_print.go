package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/trimtrail/trimtrail/ingest/digest"
)

// print writes the report.
func (f *verifyFlags) print(io streams, r *digest.Report) error {
	if f.in.format == "json" {
		return writeJSON(io.out, r)
	}
	var b strings.Builder
	chainTable(&b, r.Chains)
	entryList(&b, "Problems", r.Problems)
	entryList(&b, "Not evaluable", r.NotEvaluable)
	entryList(&b, "Notes", r.Notes)
	fmt.Fprintf(&b, "%s: %s, %s, %s\n", verifyHeadline(r), tally(r.Digests, "digest"), tally(r.Logs, "log file"), plural(len(r.Chains), "chain"))
	if _, err := fmt.Fprint(io.out, b.String()); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

func verifyHeadline(r *digest.Report) string {
	switch r.Status {
	case "valid":
		return "Valid"
	case "broken":
		return "Not as delivered"
	}
	return "Not evaluable"
}

// tally tells how many of all are valid, and what the rest is.
func tally(t digest.Tally, noun string) string {
	all := t.Valid + t.Invalid + t.Missing + t.NotEvaluable
	s := fmt.Sprintf("%s of %s valid", thousands(int64(t.Valid)), plural(all, noun))
	for _, part := range []struct {
		n    int
		what string
	}{{t.Invalid, "invalid"}, {t.Missing, "missing"}, {t.NotEvaluable, "not evaluable"}} {
		if part.n > 0 {
			s += fmt.Sprintf(", %s %s", thousands(int64(part.n)), part.what)
		}
	}
	return s
}

// short is a tally in a table's cell.
func short(t digest.Tally) string {
	all := t.Valid + t.Invalid + t.Missing + t.NotEvaluable
	return fmt.Sprintf("%s/%s", thousands(int64(t.Valid)), thousands(int64(all)))
}

func chainTable(w io.Writer, chains []digest.Chain) {
	const minute, most = "2006-01-02 15:04", 60
	all := len(chains)
	if all > most {
		chains = slices.DeleteFunc(slices.Clone(chains), func(c digest.Chain) bool { return c.Status == "valid" })
	}
	switch {
	case all > 0 && len(chains) == 0:
		fmt.Fprintf(w, "%s, all valid\n\n", plural(all, "chain"))
	case all > len(chains):
		fmt.Fprintf(w, "%s, all valid but\n\n", plural(all, "chain"))
	}
	if len(chains) == 0 {
		return
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "ACCOUNT\tREGION\tTRAIL\tFROM (UTC)\tTO (UTC)\tDIGESTS\tLOGS\tRESULT")
	for _, c := range chains {
		trail := printable(c.Trail)
		if c.Backfill {
			trail += " (backfill)"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", c.Account, c.Region, trail, c.From.Format(minute), c.To.Format(minute), short(c.Digests), short(c.Logs), strings.ReplaceAll(c.Status, "_", " "))
	}
	t.Flush()
	fmt.Fprintln(w)
}

// entryList lists the first entries.
func entryList(w io.Writer, title string, list []digest.Entry) {
	const most = 40
	if len(list) == 0 {
		return
	}
	fmt.Fprintln(w, title)
	for i, e := range list {
		if i == most {
			fmt.Fprintf(w, "  and %s more; --format json has all\n", thousands(int64(len(list)-most)))
			break
		}
		where := printable(e.Object)
		if where == "" {
			where = e.Account + " " + e.Region
		}
		if e.Count > 1 {
			where += fmt.Sprintf(" and %s more", thousands(int64(e.Count-1)))
		}
		fmt.Fprintf(w, "  %-15s %s\n                  %s\n", e.Kind, where, printable(e.Detail))
	}
	fmt.Fprintln(w)
}

// draw shows a line of another run than ingest's.
func (p *progress) draw(line string) {
	const often = 100 * time.Millisecond
	if !p.on || time.Since(p.last) < often {
		return
	}
	p.last = time.Now()
	fmt.Fprintf(p.w, "\r\033[K%s", line)
}
