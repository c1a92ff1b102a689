package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"
	"unicode"

	"github.com/trimtrail/trimtrail/ingest"
)

// ingestSchema names the JSON shape of an ingest run.
const ingestSchema = "trimtrail.ingest/1"

// ingestDoc is the JSON document: records = events + duplicates + rejected.
type ingestDoc struct {
	Schema  string `json:"schema"`
	Objects struct {
		Read        int64 `json:"read"`
		Skipped     int64 `json:"skipped"` // read earlier, or of another kind
		Quarantined int64 `json:"quarantined"`
	} `json:"objects"`
	Records    int64 `json:"records"`
	Events     int64 `json:"events"`
	Duplicates int64 `json:"duplicates"`
	Rejected   int64 `json:"rejected"`
	Bytes      struct {
		Compressed int64 `json:"compressed"`
		Raw        int64 `json:"raw"`
	} `json:"bytes"`
	Seconds  float64      `json:"seconds"`
	Verified *verifiedDoc `json:"verified,omitempty"` // with --verify
}

func newIngestDoc(s ingest.Summary, took time.Duration) ingestDoc {
	d := ingestDoc{Schema: ingestSchema, Records: s.Records(), Events: s.Events, Duplicates: s.Duplicates, Rejected: s.Rejected}
	d.Objects.Read, d.Objects.Skipped, d.Objects.Quarantined = s.Read, s.Known+s.Ignored, s.Quarantined
	d.Bytes.Compressed, d.Bytes.Raw = s.StoredBytes, s.RawBytes
	d.Seconds = math.Round(took.Seconds()*1000) / 1000
	return d
}

// print writes the result; what was quarantined goes beside a JSON document.
func (f *ingestFlags) print(io streams, s ingest.Summary, took time.Duration) error {
	if s.Unplaced > 0 {
		fmt.Fprintf(io.err, "trimtrail: kept because neither path nor name tells what the filters ask: %s\n", plural(int(s.Unplaced), "object"))
	}
	if f.format == "json" {
		f.printProblems(io.err, s)
		d := newIngestDoc(s, took)
		d.Verified = f.proof.doc()
		return writeJSON(io.out, d)
	}
	if _, err := fmt.Fprintln(io.out, f.headline(s, took)); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	for _, line := range []struct {
		n          int64
		noun, what string
	}{
		{s.Duplicates, "duplicate", "left out: delivered twice, or there already"},
		{s.Known, "object", "read earlier"},
		{s.Ignored, "file", "of another kind left alone"},
	} {
		if line.n > 0 {
			fmt.Fprintf(io.out, "  %s %s\n", plural(int(line.n), line.noun), line.what)
		}
	}
	f.proof.print(io.out)
	f.printProblems(io.out, s)
	return nil
}

func (f *ingestFlags) headline(s ingest.Summary, took time.Duration) string {
	if s.Read == 0 && s.Quarantined == 0 {
		return fmt.Sprintf("Nothing new for %s    %s", f.lake, seconds(took))
	}
	objects := plural(int(s.Read), "object")
	if s.Quarantined > 0 {
		objects = thousands(s.Read) + " of " + plural(int(s.Read+s.Quarantined), "object")
	}
	h := fmt.Sprintf("Ingested %s (%s), %s into %s    %s", objects, byteSize(s.StoredBytes), plural(int(s.Events), "event"), f.lake, seconds(took))
	if rate := float64(s.Records()) / took.Seconds(); rate >= 1000 {
		h += fmt.Sprintf("   %.0f k events/s", rate/1000)
	}
	return h
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// printProblems lists the first of what was quarantined.
func (f *ingestFlags) printProblems(w io.Writer, s ingest.Summary) {
	const most = 10
	total := s.Quarantined + s.Rejected
	if total == 0 {
		return
	}
	fmt.Fprintf(w, "Quarantined %s and %s\n", plural(int(s.Quarantined), "object"), plural(int(s.Rejected), "record"))
	for i, p := range s.Problems {
		if i == most {
			break
		}
		where := printable(p.URI)
		if p.Index != ingest.WholeObject {
			where = fmt.Sprintf("%s record %d", where, p.Index+1)
		}
		fmt.Fprintf(w, "  %s   %s\n", where, printable(p.Reason))
	}
	if more := total - int64(min(most, len(s.Problems))); more > 0 {
		fmt.Fprintf(w, "  and %s more\n", thousands(more))
	}
}

// printable replaces what would steer a terminal: names and reasons come from
// the archive.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '�'
	}, s)
}
