package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// can are the flags of `trimtrail can`.
type can struct {
	streams
	iam, context, policy        []string
	principal, action, resource string
	account, format             string
}

// canCmd is `trimtrail can`: policy simulation, one request by flags or many
// as JSON lines.
func canCmd(io streams) *cobra.Command {
	o := &can{streams: io}
	cmd := &cobra.Command{
		Use:   "can",
		Short: "Decide requests by the policies, as AWS documents it",
		Long: `Says whether a principal may do something: allowed, implicitly_denied or
explicitly_denied, and by which statements.

One request by flags, or with none of --principal, --action and --resource
many as JSON lines on standard input, answered in the same order:

  {"principal","action","resource","resource_account","context":{key: string or [strings]},"policies":{…}}

The answers are {"decision","by"}, with "unknown" where policies of the principal
are not in the state, or {"error"}. "policies" is inline: identity and boundary
are lists of documents, session and resource one document each, endpoint a
list, scps and rcps a list of levels (root, unit, …, account), each a list of documents.
With --iam the principal's policies are looked up, and for sts:AssumeRole
the role's trust policy; what a line gives itself counts instead.

Context keys that follow from the principal, as aws:PrincipalArn, are filled in; all others
are absent unless given.`,
		Example: `  trimtrail can --iam details.json --principal arn:aws:iam::111122223333:role/app \
    --action s3:GetObject --resource arn:aws:s3:::data/a.csv --context aws:RequestedRegion=eu-west-1
  trimtrail can < requests.jsonl`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	f := cmd.Flags()
	f.StringArrayVar(&o.iam, "iam", nil, "lake, or file or directory with authorization details, to look principals up")
	f.StringVar(&o.principal, "principal", "", "who asks: an ARN, an account id, or a service as ec2.amazonaws.com")
	f.StringVar(&o.action, "action", "", "one action, as s3:GetObject")
	f.StringVar(&o.resource, "resource", "", "an ARN, or * (default) where the action takes none")
	f.StringVar(&o.account, "resource-account", "", "account that owns the resource, where its ARN does not tell")
	f.StringArrayVar(&o.context, "context", nil, "context key as key=value; again for another value or key")
	f.StringArrayVar(&o.policy, "policy", nil, "file with an identity policy, in place of the principal's own")
	f.StringVar(&o.format, "format", "", "text (by flags the default), json, or jsonl (on standard input the default)")
	return cmd
}

func (o *can) run(ctx context.Context) error {
	single := o.principal != "" || o.action != "" || o.resource != ""
	if err := o.check(single); err != nil {
		return err
	}
	d := newDecider()
	if len(o.iam) > 0 {
		states, err := o.states(ctx)
		if err != nil {
			return err
		}
		d.know(states)
	}
	if single {
		return o.one(d)
	}
	return o.lines(d)
}

// states reads what --iam names: one lake, or files and directories.
func (o *can) states(ctx context.Context) (iam.States, error) {
	if len(o.iam) == 1 {
		l, err := lakeAt(ctx, o.iam[0])
		if inBucket(o.iam[0]) && err != nil {
			return nil, lakeHint(err)
		}
		if err == nil {
			states, err := loadStates(ctx, l)
			if err == nil && len(states) == 0 {
				err = withHint(fmt.Errorf("%s holds no IAM state", o.iam[0]), "trimtrail iam load FILE… --lake "+o.iam[0])
			}
			return states, err
		}
	}
	f, err := readStateFiles(o.streams, o.iam)
	if err != nil {
		return nil, err
	}
	for _, n := range f.notes {
		fmt.Fprintf(o.err, "trimtrail: warning: %s\n", n)
	}
	return f.states, nil
}

// check holds the flags against their rules, before anything is read.
func (o *can) check(single bool) error {
	example := "trimtrail can --iam details.json --principal ARN --action s3:GetObject --resource ARN"
	switch {
	case single && (o.principal == "" || o.action == ""):
		return usage(errors.New("a request needs --principal and --action"), example)
	case single && o.format == "":
		o.format = "text"
	case single && o.format != "text" && o.format != "json" && o.format != "jsonl":
		return usage(fmt.Errorf("unknown format %q", o.format), "--format text, json or jsonl")
	case single:
	case o.format != "" && o.format != "jsonl":
		return usage(fmt.Errorf("requests on standard input are answered as jsonl, not %s", o.format), "--format jsonl")
	case o.context != nil || o.policy != nil || o.account != "":
		return usage(errors.New("--context, --policy and --resource-account belong to a request by flags"), example)
	case terminal(o.in):
		return usage(errors.New("no request: neither flags nor standard input"), example)
	}
	if single && len(o.iam) == 0 && len(o.policy) == 0 {
		return usage(errors.New("no policies: needs --iam or --policy"), example)
	}
	return nil
}

// one answers the request of the flags.
func (o *can) one(d *decider) error {
	q, err := o.request()
	if err != nil {
		return err
	}
	if !catalog.Default().Known(o.action) {
		fmt.Fprintf(o.err, "trimtrail: warning: %s is no action that the catalogue of %s knows\n", o.action, catalog.Default().Date())
	}
	a, err := d.answer(q)
	if err != nil {
		return err
	}
	switch o.format {
	case "json":
		a.Schema = "trimtrail.can/1"
		return writeLine(o.out, a)
	case "jsonl":
		return writeLine(o.out, a)
	}
	var b strings.Builder
	fmt.Fprintln(&b, a.Decision)
	for _, by := range *a.By {
		fmt.Fprintf(&b, "  by       %s\n", by)
	}
	for _, u := range a.Unknown {
		fmt.Fprintf(&b, "  unknown  %s: not in the state, so that it was left out\n", u)
	}
	_, err = o.out.Write([]byte(b.String()))
	return err
}

func (o *can) request() (*question, error) {
	q := &question{Principal: o.principal, Action: o.action, Resource: o.resource, ResourceAccount: o.account, Context: map[string]iam.StringList{}}
	if q.Resource == "" {
		q.Resource = "*"
	}
	for _, c := range o.context {
		key, value, ok := strings.Cut(c, "=")
		if !ok || key == "" {
			return nil, usage(fmt.Errorf("--context %q is not key=value", c), "--context aws:RequestedRegion=eu-west-1")
		}
		l := q.Context[key]
		l.Values = append(l.Values, value)
		q.Context[key] = l
	}
	for _, name := range o.policy {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if _, err := iam.ReadPolicy(data, iam.IdentityPolicy); err != nil {
			return nil, withHint(fmt.Errorf("read %s: %w", name, err), "--policy takes one identity policy document")
		}
		q.Policies.Identity = append(q.Policies.Identity, data)
	}
	return q, nil
}

// longestLine bounds one request; the largest policies together are far below.
const longestLine = 64 << 20

// lines answers standard input line by line. A line that cannot be answered
// says so in its place, and the others go on.
func (o *can) lines(d *decider) error {
	in, out, bad := bufio.NewReaderSize(o.in, 1<<16), bufio.NewWriterSize(o.out, 1<<16), 0
	for {
		line, err := readLine(in)
		if err != nil && err != io.EOF {
			return fmt.Errorf("read standard input: %w", err)
		}
		if len(bytes.TrimSpace(line)) > 0 {
			a := d.line(line)
			if a.Error != "" {
				bad++
			}
			if err := writeLine(out, a); err != nil {
				return fmt.Errorf("write result: %w", err)
			}
		}
		// Whoever asks one by one waits for each answer.
		if in.Buffered() == 0 || err == io.EOF {
			if err := out.Flush(); err != nil {
				return fmt.Errorf("write result: %w", err)
			}
		}
		if err == io.EOF {
			break
		}
	}
	if bad > 0 {
		fmt.Fprintf(o.err, "trimtrail: warning: %d requests could not be decided\n", bad)
		return exit(exitQuarantined)
	}
	return nil
}

func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if err != bufio.ErrBufferFull {
			return line, err
		}
		if len(line) > longestLine {
			return nil, fmt.Errorf("a line is longer than %d MB", longestLine>>20)
		}
	}
}

func writeLine(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
