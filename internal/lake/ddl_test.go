package lake

import (
	"context"
	"strings"
	"testing"
)

// Every engine's text names every column that the files have, in their order.
func TestDDL(t *testing.T) {
	l := scattered(t, 1)
	w := writer(t, l, WriterOptions{})
	add(t, w, batch("odd", sample("a,b", 0, 1)), 1, 0)
	check(t, w.Commit())
	files, err := l.files()
	check(t, err)
	f, err := l.store.open(files[0].Path)
	check(t, err)
	defer f.Close()
	pf, err := openTable(f)
	check(t, err)
	for _, engine := range []string{"athena", "trino", "spark"} {
		ddl, err := l.DDL(DDLOptions{Engine: engine, Location: "s3://bucket/it's/"})
		check(t, err)
		at := 0
		for _, field := range pf.Schema().Fields() {
			i := strings.Index(ddl[at:], field.Name())
			if i < 0 {
				t.Errorf("%s: no column %s, or not in its place", engine, field.Name())
				continue
			}
			at += i
		}
		if n := strings.Count(ddl[:at], "\n  "); n != len(pf.Schema().Fields()) {
			t.Errorf("%s: %d columns, the files have %d", engine, n, len(pf.Schema().Fields()))
		}
		if !strings.Contains(ddl, "'s3://bucket/it''s/events") {
			t.Errorf("%s: the location is not there, quoted:\n%s", engine, ddl)
		}
	}
	ddl, err := l.DDL(DDLOptions{Engine: "athena"})
	check(t, err)
	for _, want := range []string{"'projection.account_id.values' = '111122223333,444455556666'", "'2026-01-31,NOW+1DAY'"} {
		if !strings.Contains(ddl, want) {
			t.Errorf("no %s in\n%s", want, ddl)
		}
	}
	if _, err := l.DDL(DDLOptions{Engine: "abacus"}); err == nil {
		t.Error("an unknown engine is known")
	}
}

// What is printed for DuckDB and Polars runs there, and the exact form leaves
// out what a compaction that died has left.
func TestDDLRuns(t *testing.T) {
	l := scattered(t, 3)
	check(t, leaveReplaced(l))
	duck, err := l.DDL(DDLOptions{Engine: "duckdb"})
	check(t, err)
	t.Run("duckdb", func(t *testing.T) {
		got := python(t, "duckdb", `
import duckdb, sys
c = duckdb.connect()
c.execute('''`+duck+`''')
print(c.execute("select count(*) from cloudtrail").fetchone()[0], c.execute("select count(*), count(distinct (account_id, event_id)), min(account_id) from cloudtrail_exact()").fetchone())
`, l.Dir())
		if got != "120 (60, 60, '111122223333')" {
			t.Errorf("got %s", got)
		}
	})
	t.Run("polars", func(t *testing.T) {
		text, err := l.DDL(DDLOptions{Engine: "polars"})
		check(t, err)
		got := python(t, "polars", text+"\nprint(cloudtrail.select(pl.len()).collect().item())\n", l.Dir())
		if got != "120" {
			t.Errorf("got %s", got)
		}
	})
}

// leaveReplaced compacts and dies before the old files are removed.
func leaveReplaced(l *Lake) error {
	c, err := l.committer(l.state)
	if err != nil {
		return err
	}
	store := l.store
	l.store = keeping{store}
	_, err = c.rewrite(context.Background(), c.log.due(), c.skim)
	l.store = store
	if err != nil {
		return err
	}
	return c.close()
}

// keeping is a store that removes nothing.
type keeping struct{ store }

func (keeping) remove([]string) error { return nil }
