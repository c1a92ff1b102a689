package ingest

import (
	"cmp"
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// dayDepth is how far below an account's CloudTrail folder its days are:
// region, year, month, day.
const dayDepth = 4

// together walks the folders dirs, all at this depth below an account's
// CloudTrail folder, so that a day's objects come together: day by day and in
// each region by region. Where the regions came one after another, each would
// bring up all days again, and the lake would have to hold them all open.
func (s *dirSource) together(ctx context.Context, dirs []string, depth int, f Filter, yield func(Entry, error) bool) bool {
	if depth == dayDepth {
		return s.day(ctx, dirs, f, yield)
	}
	below := map[string][]string{}
	for _, dir := range dirs {
		items, err := os.ReadDir(dir)
		if err != nil {
			return s.walk(ctx, dir, f, yield) // which tells it
		}
		if isLake(dir) {
			continue
		}
		for _, item := range items {
			name := filepath.Join(dir, item.Name())
			switch {
			case !item.IsDir():
				if !s.visit(name, f, yield) {
					return false
				}
			case f.keeps(locate(filepath.ToSlash(name) + "/")):
				below[item.Name()] = append(below[item.Name()], name)
			}
		}
	}
	if depth == 0 { // the regions go on as one
		var regions []string
		for _, names := range below {
			regions = append(regions, names...)
		}
		slices.Sort(regions)
		return s.together(ctx, regions, 1, f, yield)
	}
	for _, name := range slices.Sorted(maps.Keys(below)) {
		if !s.together(ctx, below[name], depth+1, f, yield) {
			return false
		}
	}
	return true
}

// day walks the folders of one day, and says so in the entries.
func (s *dirSource) day(ctx context.Context, dirs []string, f Filter, yield func(Entry, error) bool) bool {
	p := locate(filepath.ToSlash(dirs[0]) + "/")
	part := cmp.Or(p.org, "-") + "/" + p.account + "/" + p.day
	for _, dir := range dirs {
		if !s.walk(ctx, dir, f, func(e Entry, err error) bool {
			e.Part = part
			return yield(e, err)
		}) {
			return false
		}
	}
	return true
}
