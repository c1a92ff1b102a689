package report

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; run with -update and read it.\ngot:\n%s\nwant:\n%s", name, got, want)
	}
}

func TestText(t *testing.T) {
	f, p := smallFindings(), smallPolicies(t)
	many := smallFindings()
	for i := 2; i < 40; i++ {
		many.Findings = append(many.Findings, sleeping(i))
	}
	late := etl(t)
	tests := []struct {
		name  string
		write func(io.Writer) error
	}{
		{"table.txt", func(w io.Writer) error { return Table(w, f, TableOptions{Width: 100, Lake: "my lake"}) }},
		{"table-80.txt", func(w io.Writer) error { return Table(w, f, TableOptions{Width: 80}) }},
		{"table-color.txt", func(w io.Writer) error { return Table(w, f, TableOptions{Width: 120, Color: true}) }},
		{"table-wide.txt", func(w io.Writer) error { return Table(w, f, TableOptions{Width: 100, Wide: true}) }},
		{"table-file.txt", func(w io.Writer) error { return Table(w, f, TableOptions{}) }},
		{"table-many.txt", func(w io.Writer) error { return Table(w, many, TableOptions{Width: 100}) }},
		{"table-max.txt", func(w io.Writer) error { return Table(w, many, TableOptions{Width: 100, Max: 3}) }},
		{"explain.txt", func(w io.Writer) error { return Explain(w, &f.Findings[0], TableOptions{Width: 100}) }},
		{"explain-policy.txt", func(w io.Writer) error { return Explain(w, &f.Findings[2], TableOptions{Width: 80}) }},
		{"policies.txt", func(w io.Writer) error { return PolicyTable(w, p, TableOptions{Width: 100, Lake: "lake"}) }},
		{"diff-ready.txt", func(w io.Writer) error {
			return PolicyDiff(w, &p.Policies[1], TableOptions{Width: 100, Window: window, Lake: "lake"})
		}},
		{"diff-early.txt", func(w io.Writer) error {
			return PolicyDiff(w, &p.Policies[0], TableOptions{Width: 100, Window: window})
		}},
		{"diff-review.txt", func(w io.Writer) error { return PolicyDiff(w, &late, TableOptions{Width: 100, Window: window}) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := tt.write(&b); err != nil {
				t.Fatal(err)
			}
			golden(t, tt.name, b.Bytes())
		})
	}
}
