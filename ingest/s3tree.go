package ingest

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/trimtrail/trimtrail/internal/par"
)

const (
	// treeWorkers folders are listed at once.
	treeWorkers = 16
	// Where no AWSLogs is in sight, the walk looks so deep, and into folders
	// of so many, before it lists everything below as it comes.
	maxBlind, maxBlindFolders = 4, 200
	// ahead is how many years' listings run before the one whose turn it is.
	ahead = 8
)

// node is a part of the tree, in key order: a folder to open, one to list
// whole, or an object.
type node struct {
	key   string
	entry *Entry
	whole bool
	blind int // levels below the last one that the layout explains
}

// tree opens folders level by level until only objects and folders to list
// whole are left.
func (s *S3) tree(ctx context.Context, f Filter) ([]node, error) {
	nodes := []node{s.root()}
	for slices.ContainsFunc(nodes, func(n node) bool { return n.entry == nil && !n.whole }) {
		var next []node
		err := par.Ordered(ctx, treeWorkers, slices.Values(nodes),
			func(ctx context.Context, n node) ([]node, error) { return s.open(ctx, f, n) },
			func(children []node) error { next = append(next, children...); return nil })
		if err != nil {
			return nil, err
		}
		nodes = next
	}
	return nodes, nil
}

func (s *S3) root() node {
	folder := s.prefix[:strings.LastIndexByte(s.prefix, '/')+1]
	return node{key: s.prefix, whole: folder == s.prefix && locate(folder).day != ""}
}

// open lists one level below n.
func (s *S3) open(ctx context.Context, f Filter, n node) ([]node, error) {
	if n.entry != nil || n.whole {
		return []node{n}, nil
	}
	var children []node
	folders := 0
	for page, err := range s.pages(ctx, n.key, "/", "") {
		if err != nil {
			return nil, err
		}
		for _, o := range page.objects {
			e, keep := s.entry(o, f)
			if !keep {
				continue
			}
			if key := aws.ToString(o.Key); key == s.prefix {
				return []node{{key: key, entry: &e}}, nil
			}
			children = append(children, node{key: aws.ToString(o.Key), entry: &e})
		}
		for _, folder := range page.folders {
			if p := locate(folder); f.keeps(p) {
				children = append(children, child(n, folder, p))
			}
		}
		if folders += len(page.folders); folders > maxBlindFolders && !locate(n.key).inLogs {
			n.whole = true
			return []node{n}, nil
		}
	}
	slices.SortFunc(children, func(a, b node) int { return cmp.Compare(a.key, b.key) })
	return children, nil
}

// child is how to go on with a folder below n: years are listed whole, and so
// is what has no place where the layout has one.
func child(n node, folder string, p place) node {
	c := node{key: folder, blind: n.blind + 1}
	if p.inLogs && (p.account != "" || p.org != "" || strings.HasSuffix(folder, "AWSLogs/")) {
		c.blind = 0
	}
	c.whole = p.day != "" || c.blind > maxBlind || p.region != "" && c.blind == 0 && !strings.HasSuffix(folder, p.region+"/")
	return c
}

// unit is a listing under way.
type unit struct {
	pages chan []Entry
	err   error // once pages is closed
}

// stream yields what the nodes hold, listing some ahead of their turn.
func (s *S3) stream(ctx context.Context, f Filter, nodes []node, yield func(Entry, error) bool) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	units, started, running := make([]*unit, len(nodes)), 0, 0
	for i, n := range nodes {
		for ; started < len(nodes) && (running < ahead || started <= i); started++ {
			if nodes[started].whole {
				u := &unit{pages: make(chan []Entry, 2)}
				key := nodes[started].key
				units[started], running = u, running+1
				wg.Go(func() { s.fill(ctx, f, key, u) })
			}
		}
		if n.entry != nil {
			if !yield(*n.entry, nil) {
				return
			}
			continue
		}
		if !drainUnit(units[i], yield) {
			return
		}
		units[i], running = nil, running-1
	}
}

func drainUnit(u *unit, yield func(Entry, error) bool) bool {
	for entries := range u.pages {
		for _, e := range entries {
			if !yield(e, nil) {
				return false
			}
		}
	}
	if u.err != nil {
		yield(Entry{}, u.err)
		return false
	}
	return true
}

// fill lists a folder whole, from the first day that the filter wants to the
// last.
func (s *S3) fill(ctx context.Context, f Filter, prefix string, u *unit) {
	defer close(u.pages)
	for page, err := range s.pages(ctx, prefix, "", firstKey(f, prefix)) {
		if err != nil {
			u.err = err
			return
		}
		entries, more := s.entries(page, f)
		select {
		case u.pages <- entries:
		case <-ctx.Done():
			u.err = context.Cause(ctx)
			return
		}
		if !more {
			return
		}
	}
}

// entries judges a page; more is false where all that follows is past the
// filter's last day.
func (s *S3) entries(page listed, f Filter) (entries []Entry, more bool) {
	entries = make([]Entry, 0, len(page.objects))
	for _, o := range page.objects {
		if e, keep := s.entry(o, f); keep {
			entries = append(entries, e)
		}
	}
	if n := len(page.objects); n > 0 && f.Until != "" {
		p := locate(aws.ToString(page.objects[n-1].Key))
		return entries, len(p.day) < len("2006/01/02") || p.day <= slashed(f.Until)
	}
	return entries, true
}

// firstKey is after which key a folder's listing begins: behind the days before
// the filter's first.
func firstKey(f Filter, prefix string) string {
	p := locate(prefix[:strings.LastIndexByte(prefix, '/')+1])
	if f.Since == "" || p.day == "" {
		return ""
	}
	base := strings.TrimSuffix(strings.TrimRight(prefix[:strings.LastIndexByte(prefix, '/')+1], "/"), p.day)
	if first := base + slashed(f.Since); strings.HasPrefix(first, prefix) {
		return first
	}
	return ""
}
