package lake

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/event"
)

// python runs a script with the lake's directory as argument, where Python
// has the module.
func python(t *testing.T, module, script, dir string) string {
	t.Helper()
	if err := exec.Command("python3", "-c", "import "+module).Run(); err != nil {
		t.Skipf("python3 has no %s", module)
	}
	out, err := exec.Command("python3", "-c", script, dir).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// engineLake has the cases of rows, two accounts, two commits, and more rows
// than a row group.
func engineLake(t *testing.T) (*Lake, int) {
	l := create(t)
	w := writer(t, l, WriterOptions{})
	for name, e := range rowCases(t) {
		add(t, w, batch(name, []event.Event{e}), 1, 0)
	}
	add(t, w, batch("two", sample(two, 0, 200)), 200, 0)
	check(t, w.Commit())
	const many = rowsPerGroup + 500
	events := varied(two, 1000, many)
	for i := range events { // all in one file
		events[i].EventTime = start.Add(time.Duration(i) * time.Millisecond)
	}
	add(t, w, batch("many", events), many, 0)
	add(t, w, batch("odd account", sample("a/b", 0, 1)), 1, 0)
	check(t, w.Commit())
	return l, len(rowCases(t)) + 200 + many + 1
}

func TestDuckDB(t *testing.T) {
	l, n := engineLake(t)
	got := python(t, "duckdb", `
import duckdb, sys
c = duckdb.connect()
c.execute("set timezone='UTC'")
c.execute(f"create view e as select * from read_parquet('{sys.argv[1]}/events/**/*.parquet', hive_partitioning=true, hive_types={{'account_id': varchar, 'event_date': varchar}})")
one = lambda q: print(*c.execute(q).fetchone(), sep='|')
one("select count(*), count(distinct (account_id, event_id)) from e")
one("select count(*) from e where access_key_id = 'AKIAIOSFODNN7EXAMPLE' and account_id = '444455556666'")
one("select event_time, read_only, len(resources), resources[1].arn, resources[2].arn is null from e where event_id = 'value of EventID'")
one("select epoch_us(event_time), event_date from e where event_id = 'far time'")
one("select user_agent is null, read_only is null, len(resources) from e where event_id = 'bare'")
one("select event_name from e where event_id = (select max(event_id) from e where account_id = 'a/b')")
cols = c.execute("describe e").fetchall()
print(sorted({r[1] for r in cols}))
`, l.Dir())
	want := fmt.Sprintf(`%d|%d
200
2026-02-01 04:05:06.000789+00:00|False|3|a|True
30341865600000000|2931-07-01
True|True|0
GetObject
['BOOLEAN', 'STRUCT(arn VARCHAR, account_id VARCHAR, "type" VARCHAR)[]', 'TIMESTAMP WITH TIME ZONE', 'VARCHAR']`, n, n)
	if got != want {
		t.Errorf("DuckDB says\n%s\nwant\n%s", got, want)
	}
}

func TestPyArrow(t *testing.T) {
	l, n := engineLake(t)
	got := python(t, "pyarrow", `
import glob, sys, pyarrow.parquet as q
names = glob.glob(sys.argv[1] + '/events/*/*/*.parquet')
print(sum(q.ParquetFile(f).read().num_rows for f in names))
s = q.ParquetFile(names[0]).schema
print(sorted({(str(s.column(i).physical_type), str(s.column(i).logical_type), s.column(i).max_repetition_level) for i in range(len(s))}))
print([str(s.column(i).path) for i in range(len(s)) if s.column(i).max_repetition_level])
paths = [s.column(i).path for i in range(len(s))]
def footer(name):
    m = q.ParquetFile(name).metadata
    for g in map(m.row_group, range(m.num_row_groups)):
        assert [g.column(i).path_in_schema for i in range(g.num_columns)] == paths, 'paths of ' + name
        assert [(paths[c.column_index], c.descending) for c in g.sorting_columns] == [('event_time', False), ('event_id', False)], 'sorting of ' + name
        for i in range(g.num_columns):
            c = g.column(i)
            assert c.compression == 'ZSTD' and c.has_offset_index and c.has_column_index, paths[i]
            if paths[i] in ('event_id', 'event_time'):
                assert c.statistics.has_min_max, paths[i]
    return m.num_row_groups
print(len(names), max(map(footer, names)))
print([s.column(i).name for i in range(len(s)) if s.column(i).name in ('account_id', 'event_date') and '.' not in s.column(i).path])
`, l.Dir())
	status, err := l.Status()
	check(t, err)
	files := status.Files
	want := fmt.Sprintf(`%d
[('BOOLEAN', 'None', 0), ('BYTE_ARRAY', 'String', 0), ('BYTE_ARRAY', 'String', 1), ('INT64', 'Timestamp(isAdjustedToUTC=true, timeUnit=microseconds, is_from_converted_type=false, force_set_converted_type=false)', 0)]
['resources.list.element.arn', 'resources.list.element.account_id', 'resources.list.element.type']
%d 2
[]`, n, files)
	if got != want {
		t.Errorf("pyarrow says\n%s\nwant\n%s", got, want)
	}
}

// TestSpark reads with parquet-java, as Spark, Athena's Hive tables and Trino
// do more or less.
func TestSpark(t *testing.T) {
	if testing.Short() {
		t.Skip("Spark starts slowly")
	}
	l, n := engineLake(t)
	got := python(t, "pyspark", `
import sys
from pyspark.sql import SparkSession
spark = (SparkSession.builder.master('local[1]').config('spark.ui.enabled', 'false').config('spark.driver.host', '127.0.0.1')
    .config('spark.driver.bindAddress', '127.0.0.1').config('spark.sql.session.timeZone', 'UTC')
    .config('spark.sql.sources.partitionColumnTypeInference.enabled', 'false').config('spark.log.level', 'OFF')
    .config('spark.ui.showConsoleProgress', 'false').getOrCreate())
e = spark.read.parquet(sys.argv[1] + '/events')
e.createOrReplaceTempView('e')
one = lambda q: print('=', *spark.sql(q).first(), sep='|')
one("select count(*), count(distinct account_id, event_id) from e")
one("select count(*) from e where access_key_id = 'AKIAIOSFODNN7EXAMPLE' and account_id = '444455556666'")
one("select unix_micros(event_time), read_only, size(resources), resources[0].arn, resources[1].arn is null from e where event_id = 'value of EventID'")
one("select unix_micros(event_time), event_date from e where event_id = 'far time'")
one("select user_agent is null, read_only is null, size(resources) from e where event_id = 'bare'")
one("select event_name from e where event_id = (select max(event_id) from e where account_id = 'a/b')")
print('=', *sorted({f.dataType.simpleString() for f in e.schema.fields}), sep='|')
`, l.Dir())
	var lines []string
	for line := range strings.Lines(got) { // the JVM writes here as well
		if s, ok := strings.CutPrefix(strings.TrimSpace(line), "=|"); ok {
			lines = append(lines, s)
		}
	}
	want := fmt.Sprintf(`%d|%d
200
1769918706000789|False|3|a|True
30341865600000000|2931-07-01
True|True|0
GetObject
array<struct<arn:string,account_id:string,type:string>>|boolean|string|timestamp`, n, n)
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("Spark says\n%s\nwant\n%s", got, want)
	}
}

// TestEnginesReadRollups holds that a plain glob over a table of the rollups
// gives both engines all of its rows, lists and structs included.
func TestEnginesReadRollups(t *testing.T) {
	l, all := rolledLake(t)
	want := map[string]int{}
	for _, rows := range all {
		for _, table := range rollupTables() {
			want[table.name] += table.count(rows)
		}
	}
	var lines []string
	for _, name := range rollupNames {
		lines = append(lines, fmt.Sprintf("%s %d", name, want[name]))
	}
	for engine, count := range map[string]string{
		"duckdb": `
import duckdb, sys
count = lambda glob: len(duckdb.sql(f"select * from read_parquet('{glob}', hive_partitioning=true)").fetchall())
`,
		"pyarrow": `
import glob as g, sys, pyarrow.parquet as q
count = lambda glob: sum(len(q.ParquetFile(f).read().to_pylist()) for f in g.glob(glob))
`,
	} {
		t.Run(engine, func(t *testing.T) {
			got := python(t, engine, fmt.Sprintf("%s\nfor t in '%s'.split(): print(t, count(f'{sys.argv[1]}/{t}/*/*/*.parquet'))", count, strings.Join(rollupNames, " ")), l.Dir())
			if got != strings.Join(lines, "\n") {
				t.Errorf("got\n%s\nwant\n%s", got, strings.Join(lines, "\n"))
			}
		})
	}
}
