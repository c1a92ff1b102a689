package catalog

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// truth is a tab-separated table of the folder that TRIMTRAIL_DATA names.
func truth(t *testing.T, name string) [][]string {
	root := os.Getenv("TRIMTRAIL_DATA")
	if root == "" {
		t.Skip("TRIMTRAIL_DATA is not set")
	}
	text, err := os.ReadFile(filepath.Join(root, "truth", name))
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for _, line := range strings.Split(strings.TrimRight(string(text), "\n"), "\n") {
		out = append(out, strings.Split(line, "\t"))
	}
	return out
}

// TestDeniedTruth holds that event source and name alone give the action that
// AWS named when it refused such a call.
func TestDeniedTruth(t *testing.T) {
	rows := truth(t, "denied_actions.tsv")[1:]
	for _, row := range rows {
		e := call(strings.TrimSuffix(row[0], ".amazonaws.com"), row[1], ``)
		a := Default().Attribute(&e)
		if !slices.ContainsFunc(a.Actions, func(u Use) bool { return strings.EqualFold(u.Action, row[2]) }) {
			t.Errorf("%s %s: got %v, AWS named %s", row[0], row[1], lines(a), row[2])
		}
	}
}

// TestExceptionsTruth holds the overlay against the list of operations that
// are authorised under another name: never an action outside it, and few
// operations without one.
func TestExceptionsTruth(t *testing.T) {
	rows, missing := truth(t, "operation_exceptions.tsv"), 0
	for _, row := range rows {
		plan := Default().planFor(planKey{sourcePrefix(row[0]), row[1]})
		allowed := strings.Fields(strings.ToLower(row[2]))
		for _, a := range plan.actions {
			if !slices.Contains(allowed, strings.ToLower(a.Name)) {
				t.Errorf("%s %s: %s is none of %v", row[0], row[1], a.Name, allowed)
			}
		}
		if plan.actions == nil && plan.special == nil {
			missing++
			t.Logf("no action for %s %s (%s)", row[0], row[1], row[2])
		}
	}
	if missing > len(rows)/20 {
		t.Errorf("%d of %d operations have no action", missing, len(rows))
	}
}

// TestPassRoleTruth holds that the operations known to pass a role do, and
// that a service it is passed to is one of those known.
func TestPassRoleTruth(t *testing.T) {
	rows, missing := truth(t, "passrole_parameters.tsv")[1:], 0
	for _, row := range rows {
		prefix := sourcePrefix(row[0])
		plan := Default().planFor(planKey{prefix, row[1]})
		if !plan.passes {
			missing++
			t.Logf("passes no role: %s %s (%s)", row[0], row[1], row[3])
			continue
		}
		for _, member := range strings.Split(row[3], " | ") {
			last := strings.ToLower(member[strings.LastIndexByte(member, '.')+1:])
			to := passedTo(prefix, plan.op, last)
			if to != "" && row[2] != "" && !slices.Contains(strings.Split(row[2], ","), to) {
				t.Logf("%s %s %s: passed to %s, known is %s", row[0], row[1], member, to, row[2])
			}
		}
	}
	t.Logf("%d of %d operations pass", len(rows)-missing, len(rows))
	if missing > len(rows)/50 {
		t.Errorf("%d of %d operations pass no role", missing, len(rows))
	}
}
