package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/ingest"
	"github.com/trimtrail/trimtrail/ingest/digest"
	"github.com/trimtrail/trimtrail/internal/event"
)

// proof are the flags of ingest about the archive's digests, and what came of
// them.
type proof struct {
	on         bool
	keyFiles   []string
	signatures string

	index *digest.Index
	mu    sync.Mutex
	found verifiedDoc
}

// verifiedDoc is what ingest --verify found, in log files.
type verifiedDoc struct {
	Digests   digest.Tally `json:"digests"`
	Proven    int64        `json:"proven"`
	Unproven  int64        `json:"unproven"`  // the signature of their digest could not be checked
	Uncovered int64        `json:"uncovered"` // no digest names them
	Failed    int64        `json:"failed"`    // quarantined
}

func (p *proof) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.BoolVar(&p.on, "verify", false, "quarantine log files that are not what the digests beside them say")
	fl.StringSliceVar(&p.keyFiles, "public-keys", nil, "for --verify: file with the output of list-public-keys (may be repeated), or none (default: asked of CloudTrail)")
	fl.StringVar(&p.signatures, "signatures", "", "for --verify: file with signatures of digests, for a copy in a directory")
}

// check holds the flags against each other.
func (p *proof) check() error {
	if !p.on && (len(p.keyFiles) > 0 || p.signatures != "") {
		return usage(errors.New("--public-keys and --signatures are for --verify"), "add --verify")
	}
	return nil
}

// begin reads the digests of the sources that are archives: buckets and
// directories.
func (f *ingestFlags) beginProof(ctx context.Context, args []string) error {
	if !f.proof.on {
		return nil
	}
	v := &verifyFlags{in: ingestFlags{s3: f.s3, accounts: f.accounts, regions: f.regions, workers: f.workers}, keyFiles: f.proof.keyFiles, signatures: f.proof.signatures}
	v.since = f.filter.Since
	v.in.format = "table"
	c, err := v.config(time.Now())
	if err != nil {
		return err
	}
	if f.filter.Until != "" { // what is delivered at its end is named the day after
		last, _ := time.Parse(time.DateOnly, f.filter.Until) // was checked
		c.Until = last.AddDate(0, 0, 2)
	}
	var archives []string
	for _, arg := range args {
		if _, err := digest.NewDir(arg); strings.HasPrefix(arg, "s3://") || err == nil {
			archives = append(archives, arg)
		}
	}
	if c.Stores, err = v.stores(ctx, archives); err != nil {
		return v.hinted(ctx, err)
	}
	if c.Workers = 1; len(archives) > 0 {
		c.Workers = v.workersFor(archives)
	}
	if f.proof.index, err = digest.NewIndex(ctx, c); err != nil {
		return v.hinted(ctx, err)
	}
	f.proof.found.Digests = f.proof.index.Digests
	return nil
}

// judge is what ingest calls with each log file that it reads.
func (p *proof) judge(o event.Object, content []byte) error {
	verdict, detail := p.index.Judge(o.URI, content)
	p.mu.Lock()
	defer p.mu.Unlock()
	switch verdict {
	case digest.Failed:
		p.found.Failed++
		return &ingest.FormatError{What: detail}
	case digest.Proven:
		p.found.Proven++
	case digest.Unproven:
		p.found.Unproven++
	default:
		p.found.Uncovered++
	}
	return nil
}

// doc is what was found; nil without --verify.
func (p *proof) doc() *verifiedDoc {
	if !p.on {
		return nil
	}
	return &p.found
}

// print says what was found.
func (p *proof) print(w io.Writer) {
	d := p.doc()
	if d == nil {
		return
	}
	fmt.Fprintf(w, "Verified by %s: %s proven", plural(d.Digests.Valid+d.Digests.NotEvaluable, "digest"), plural(int(d.Proven), "object"))
	for _, part := range []struct {
		n    int64
		what string
	}{
		{d.Unproven, "as their digest says, whose signature could not be checked"},
		{d.Uncovered, "that no digest names"},
		{d.Failed, "not as their digest says, and quarantined"},
	} {
		if part.n > 0 {
			fmt.Fprintf(w, ", %s %s", thousands(part.n), part.what)
		}
	}
	fmt.Fprintln(w)
	if d.Digests.Invalid+d.Digests.Missing > 0 {
		fmt.Fprintf(w, "  %s broken or missing; see  trimtrail verify SOURCE\n", plural(d.Digests.Invalid+d.Digests.Missing, "digest"))
	}
}
