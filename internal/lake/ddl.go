package lake

import (
	"fmt"
	"path"
	"reflect"
	"strings"

	"github.com/trimtrail/trimtrail/internal/event"
	"github.com/trimtrail/trimtrail/internal/rollup"
)

// Engines are those that DDL knows.
func Engines() []string { return []string{"athena", "trino", "spark", "duckdb", "polars"} }

// DDLOptions say what a table definition is for.
type DDLOptions struct {
	// Engine is one of Engines.
	Engine string
	// Table is the name of the table; "" means cloudtrail.
	Table string
	// Location is where the engine finds the lake, as s3://bucket/lake; ""
	// means where this program has it.
	Location string
}

// DDL returns what makes an engine see the events of the lake as a table, and
// each table of the rollups as one whose name is that of the events, _ and its
// own, as text for that engine. For Athena partitions are projected: nothing
// needs to be added for a new day, and the accounts are those that the lake
// has now. DuckDB refuses tables without files, so it gets those that have any.
func (l *Lake) DDL(o DDLOptions) (string, error) {
	if o.Table == "" {
		o.Table = "cloudtrail"
	}
	if o.Location == "" {
		o.Location = l.Dir()
	}
	o.Location = strings.TrimRight(o.Location, "/")
	log, err := l.state()
	if err != nil {
		return "", err
	}
	tables, err := l.engineTables(o, log)
	if err != nil {
		return "", err
	}
	var text []string
	for _, t := range tables {
		one, err := t.ddl(o.Engine, log)
		if err != nil {
			return "", err
		}
		text = append(text, one)
	}
	return strings.Join(text, "\n"), nil
}

// engineTable is one table as an engine sees it.
type engineTable struct {
	name     string
	location string // of the lake
	dir      string
	row      reflect.Type
}

func (l *Lake) engineTables(o DDLOptions, log *state) ([]engineTable, error) {
	tables := []engineTable{{o.Table, o.Location, eventsDir, reflect.TypeFor[event.Event]()}}
	have, err := l.rollupStatus(log)
	if err != nil {
		return nil, err
	}
	for i, t := range rollupTables() {
		if o.Engine == "duckdb" && have.Tables[i].Files == 0 {
			continue
		}
		tables = append(tables, engineTable{o.Table + "_" + t.name, o.Location, t.name, t.row})
	}
	return tables, nil
}

func (t engineTable) ddl(engine string, log *state) (string, error) {
	switch engine {
	case "athena":
		return t.athena(log), nil
	case "trino":
		return t.trino(), nil
	case "spark":
		return t.spark(), nil
	case "duckdb":
		return t.duckdb(), nil
	case "polars":
		return t.polars(), nil
	}
	return "", fmt.Errorf("engine %q is unknown", engine)
}

// columnType is the type of a column in words of our own.
type columnType int

const (
	text columnType = iota
	boolean
	moment
	number
	textList
	numberList
	resourceList
	sampleList
	columnTypes
)

type columnDef struct {
	name string
	kind columnType
}

// columnDefs lists the columns of the files of rows in their order.
func columnDefs(row reflect.Type) (defs []columnDef) {
	for i := range row.NumField() {
		f := row.Field(i)
		if f.Anonymous {
			defs = append(defs, columnDefs(f.Type)...)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("parquet"), ",")
		if name == "" || name == "-" {
			continue
		}
		defs = append(defs, columnDef{name, columnTypeOf(f.Type, options)})
	}
	return defs
}

func columnTypeOf(t reflect.Type, options string) columnType {
	if strings.Contains(options, "timestamp(") {
		return moment
	}
	switch t {
	case reflect.TypeFor[bool](), reflect.TypeFor[*bool]():
		return boolean
	case reflect.TypeFor[int64]():
		return number
	case reflect.TypeFor[[]string]():
		return textList
	case reflect.TypeFor[[]int64]():
		return numberList
	case reflect.TypeFor[[]event.Resource]():
		return resourceList
	case reflect.TypeFor[[]rollup.Sample]():
		return sampleList
	}
	return text
}

// columnLines writes the columns, one a line, with a quote around names and
// the engine's word for each columnType.
func (t engineTable) columnLines(quote string, types [columnTypes]string) string {
	var lines []string
	for _, d := range columnDefs(t.row) {
		lines = append(lines, "  "+quote+d.name+quote+" "+types[d.kind])
	}
	return strings.Join(lines, ",\n")
}

// Sources: Athena user guide, "Partition projection" and "CREATE TABLE"; Trino
// documentation, "Hive connector"; Spark SQL reference, "CREATE DATASOURCE TABLE".

// cloudTrailBegan is the day of the service's announcement.
const cloudTrailBegan = "2013-11-13"

func (t engineTable) athena(log *state) string {
	seen := map[string]bool{}
	first := "" // day; those that no delivery can have would make Athena list centuries
	for _, f := range log.files {
		if escape(f.AccountID) == f.AccountID { // a template does not undo escapes
			seen[f.AccountID] = true
		}
		if f.Date >= cloudTrailBegan && (first == "" || f.Date < first) {
			first = f.Date
		}
	}
	accounts := sorted(seen)
	if len(accounts) == 0 {
		accounts = []string{event.UnknownAccount}
	}
	if first == "" {
		first = cloudTrailBegan
	}
	location := t.place()
	return fmt.Sprintf(`CREATE EXTERNAL TABLE %s (
%s
)
PARTITIONED BY (account_id string, event_date string)
STORED AS PARQUET
LOCATION '%s/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.account_id.type' = 'enum',
  'projection.account_id.values' = '%s',
  'projection.event_date.type' = 'date',
  'projection.event_date.format' = 'yyyy-MM-dd',
  'projection.event_date.range' = '%s,NOW+1DAY',
  'projection.event_date.interval' = '1',
  'projection.event_date.interval.unit' = 'DAYS',
  'storage.location.template' = '%s/account_id=${account_id}/event_date=${event_date}'
);
`, t.name, t.columnLines("`", [...]string{"string", "boolean", "timestamp", "bigint", "array<string>", "array<bigint>",
		"array<struct<arn:string,account_id:string,type:string>>", "array<struct<event_id:string,event_time:timestamp>>"}),
		location, strings.Join(accounts, ","), first, location)
}

// place is the table's directory within single quotes of SQL.
func (t engineTable) place() string { return quoted(t.location + "/" + t.dir) }

// quoted is s within single quotes of SQL.
func quoted(s string) string { return strings.ReplaceAll(s, "'", "''") }

func (t engineTable) trino() string {
	columns := t.columnLines(`"`, [...]string{"varchar", "boolean", "timestamp(6)", "bigint", "array(varchar)", "array(bigint)",
		"array(row(arn varchar, account_id varchar, type varchar))", "array(row(event_id varchar, event_time timestamp(6)))"})
	return fmt.Sprintf(`CREATE TABLE hive.default.%[1]s (
%[2]s,
  "account_id" varchar,
  "event_date" varchar
)
WITH (
  format = 'PARQUET',
  external_location = '%[3]s',
  partitioned_by = ARRAY['account_id', 'event_date']
);
-- again whenever there are new partitions
CALL hive.system.sync_partition_metadata('default', '%[1]s', 'ADD');
`, t.name, columns, t.place())
}

func (t engineTable) spark() string {
	columns := t.columnLines("`", [...]string{"STRING", "BOOLEAN", "TIMESTAMP", "BIGINT", "ARRAY<STRING>", "ARRAY<BIGINT>",
		"ARRAY<STRUCT<arn: STRING, account_id: STRING, type: STRING>>", "ARRAY<STRUCT<event_id: STRING, event_time: TIMESTAMP>>"})
	return fmt.Sprintf("CREATE TABLE %[1]s (\n%[2]s,\n  `account_id` STRING,\n  `event_date` STRING\n)\nUSING PARQUET\nPARTITIONED BY (account_id, event_date)\nLOCATION '%[3]s';\n"+
		"-- again whenever there are new partitions\nMSCK REPAIR TABLE %[1]s;\n", t.name, columns, t.place())
}

// duckdb is a view; of the events also one that goes by the log.
func (t engineTable) duckdb() string {
	view := fmt.Sprintf(`CREATE OR REPLACE VIEW %[1]s AS
SELECT * FROM read_parquet('%[2]s/*/*/*.parquet',
  hive_partitioning = true, hive_types = {'account_id': VARCHAR, 'event_date': VARCHAR}, union_by_name = true);
`, t.name, t.place())
	if t.dir != eventsDir {
		return view
	}
	return view + fmt.Sprintf(`
-- The files that the log names, exact also beside a compaction:
SET VARIABLE %[1]s_files = (
  WITH entries AS (
    SELECT * FROM read_json('%[2]s/_log/[0-9]*.json.gz', columns = {'files': 'STRUCT(path VARCHAR)[]', 'removed': 'VARCHAR[]'}, maximum_object_size = 1073741824))
  SELECT list('%[2]s/' || path ORDER BY path) FROM (
    SELECT unnest(files).path AS path FROM entries
    EXCEPT SELECT unnest(removed) FROM entries));
CREATE OR REPLACE MACRO %[1]s_exact() AS TABLE
SELECT * FROM read_parquet(getvariable('%[1]s_files'),
  hive_partitioning = true, hive_types = {'account_id': VARCHAR, 'event_date': VARCHAR}, union_by_name = true);
`, t.name, quoted(t.location))
}

func (t engineTable) polars() string {
	head := ""
	if t.dir == eventsDir {
		head = "import polars as pl\n\n"
	}
	return fmt.Sprintf(`%s%s = pl.scan_parquet(
    %q,
    hive_partitioning=True,
    hive_schema={"account_id": pl.String, "event_date": pl.String},
)
`, head, t.name, t.location+"/"+path.Join(t.dir, "*", "*", "*.parquet"))
}
