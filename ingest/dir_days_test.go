package ingest

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The regions of an account are read day by day, what lies beside the days too,
// and a commit falls between days where the sink is full.
func TestDaysTogether(t *testing.T) {
	other := "444455556666"
	days := []string{"2025/12/31", "2026/01/01", "2026/01/02"}
	files, want := map[string]string{}, []string{}
	for _, a := range []string{account, other} {
		beside := "AWSLogs/" + a + "/CloudTrail/eu-west-1/2026/beside.json"
		files[beside] = doc(rec("beside" + a))
		for i, day := range days {
			if i == 1 {
				want = append(want, beside)
			}
			for _, region := range []string{"eu-west-1", "us-east-1"} {
				name := logName(a, region, day, "x")
				files[name] = doc(rec(name))
				want = append(want, name)
			}
		}
	}
	files["AWSLogs/"+account+"/CloudTrail/eu-west-1/lake/_log/format.json"] = "{}"
	root := archive(t, files)
	got, _ := names(t, source(t, root), Filter{}, root)
	if !slices.Equal(got, want) {
		t.Errorf("listed\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	sink := newFake()
	_, err := Run(context.Background(), Config{
		Sources: []Source{source(t, root)}, Sink: sink, Full: func() bool { return sink.pending >= 3 },
	})
	check(t, err)
	if got := commits(sink); !slices.Equal(got, []int{3, 4, 3, 4}) {
		t.Errorf("commits after %d objects each, want whole days: 3 4 3 4", got)
	}
}

// commits are how many objects were added before each commit.
func commits(s *fake) (list []int) {
	n := 0
	for _, step := range s.log {
		if strings.HasPrefix(step, "add ") {
			n++
		} else if strings.HasPrefix(step, "commit") {
			list, n = append(list, n), 0
		}
	}
	return list
}

// A folder that cannot be read is told by its name.
func TestDaysOfNoFolder(t *testing.T) {
	root := archive(t, map[string]string{logName(account, "eu-west-1", "2026/01/01", "x"): doc(rec("a"))})
	s := source(t, root).(*dirSource)
	gone := filepath.Join(root, "AWSLogs", account, "CloudTrail", "gone")
	var told error
	s.together(t.Context(), []string{gone}, 1, Filter{}, func(_ Entry, err error) bool { told = err; return false })
	if told == nil || !strings.Contains(told.Error(), gone) {
		t.Errorf("the error is %v", told)
	}
}
