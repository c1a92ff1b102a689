package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// fewAlike is from how many roles on that differ by their region alone one
// line is enough.
const fewAlike = 3

// perRegion joins the findings on roles that a set-up made in each region:
// the names differ by the region alone, and so does the rest.
func perRegion(found []Finding) []Finding {
	alike, out := map[string][]Finding{}, []Finding{}
	for _, f := range found {
		k := string(f.Severity) + " " + regionless(f.Title)
		alike[k] = append(alike[k], f)
	}
	for _, k := range slices.Sorted(maps.Keys(alike)) {
		if fs := alike[k]; len(fs) < fewAlike {
			out = append(out, fs...)
		} else {
			out = append(out, ofRegions(fs))
		}
	}
	return out
}

func ofRegions(fs []Finding) Finding {
	f, names, lines := fs[0], []string{}, []string{}
	for _, x := range fs {
		names, lines = append(names, nameOf(x.Principal)), append(lines, x.Fix.Commands...)
	}
	f.Resource = "role/" + regionless(names[0])
	f.Title = fmt.Sprintf("%s, one a region: %s", counted(len(fs), "role"), strings.Replace(regionless(f.Title), " it ", " them ", 1))
	f.Reason += fmt.Sprintf(" The same holds of %s.", listed(names[1:], 20))
	f.Evidence.Count = int64(len(fs))
	f.Fix.Commands = firstOf(lines, 40)
	return f
}

// regionless has * in place of the first AWS region in a text.
func regionless(s string) string {
	for i := range s {
		for _, area := range []string{"af-", "ap-", "ca-", "cn-", "eu-", "il-", "me-", "mx-", "sa-", "us-"} {
			rest, ok := strings.CutPrefix(s[i:], area)
			if n := strings.IndexAny(rest, "0123456789"); ok && n > 3 && rest[n-1] == '-' && strings.Trim(rest[:n-1], "abcdefghijklmnopqrstuvwxyz-") == "" {
				return s[:i] + "*" + rest[n+1:]
			}
		}
	}
	return s
}
