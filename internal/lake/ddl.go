package lake

import (
	"fmt"
	"path"
	"reflect"
	"strings"
	"time"

	"github.com/trimtrail/trimtrail/internal/event"
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

// DDL returns what makes an engine see the events of the lake as a table, as
// text for that engine. For Athena partitions are projected: nothing needs to
// be added for a new day, and the accounts are those that the lake has now.
func (l *Lake) DDL(o DDLOptions) (string, error) {
	if o.Table == "" {
		o.Table = "cloudtrail"
	}
	if o.Location == "" {
		o.Location = l.Dir()
	}
	o.Location = strings.TrimRight(o.Location, "/")
	switch o.Engine {
	case "athena":
		return l.athena(o)
	case "trino":
		return trino(o), nil
	case "spark":
		return spark(o), nil
	case "duckdb":
		return duckdb(o), nil
	case "polars":
		return polars(o), nil
	}
	return "", fmt.Errorf("engine %q is unknown", o.Engine)
}

// columnType is the type of a column in words of our own.
type columnType int

const (
	text columnType = iota
	boolean
	moment
	resourceList
)

type columnDef struct {
	name string
	kind columnType
}

// columnDefs lists the columns of the files in their order.
func columnDefs() (defs []columnDef) {
	t := reflect.TypeFor[event.Event]()
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("parquet"), ",")
		if name == "" || name == "-" {
			continue
		}
		d := columnDef{name: name}
		switch t.Field(i).Type {
		case reflect.TypeFor[*bool]():
			d.kind = boolean
		case reflect.TypeFor[time.Time](), reflect.TypeFor[*time.Time]():
			d.kind = moment
		case reflect.TypeFor[[]event.Resource]():
			d.kind = resourceList
		}
		defs = append(defs, d)
	}
	return defs
}

// columnLines writes the columns, one a line, with a quote around names and
// the engine's word for each columnType.
func columnLines(quote string, types [4]string) string {
	var lines []string
	for _, d := range columnDefs() {
		lines = append(lines, "  "+quote+d.name+quote+" "+types[d.kind])
	}
	return strings.Join(lines, ",\n")
}

// Sources: Athena user guide, "Partition projection" and "CREATE TABLE"; Trino
// documentation, "Hive connector"; Spark SQL reference, "CREATE DATASOURCE TABLE".

// cloudTrailBegan is the day of the service's announcement.
const cloudTrailBegan = "2013-11-13"

func (l *Lake) athena(o DDLOptions) (string, error) {
	log, err := l.state()
	if err != nil {
		return "", err
	}
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
	location := eventsOf(o)
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
`, o.Table, columnLines("`", [4]string{"string", "boolean", "timestamp", "array<struct<arn:string,account_id:string,type:string>>"}),
		location, strings.Join(accounts, ","), first, location), nil
}

func eventsOf(o DDLOptions) string { return quoted(o.Location + "/" + eventsDir) }

// quoted is s within single quotes of SQL.
func quoted(s string) string { return strings.ReplaceAll(s, "'", "''") }

func trino(o DDLOptions) string {
	columns := columnLines(`"`, [4]string{"varchar", "boolean", "timestamp(6)", "array(row(arn varchar, account_id varchar, type varchar))"})
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
`, o.Table, columns, eventsOf(o))
}

func spark(o DDLOptions) string {
	columns := columnLines("`", [4]string{"STRING", "BOOLEAN", "TIMESTAMP", "ARRAY<STRUCT<arn: STRING, account_id: STRING, type: STRING>>"})
	return fmt.Sprintf("CREATE TABLE %[1]s (\n%[2]s,\n  `account_id` STRING,\n  `event_date` STRING\n)\nUSING PARQUET\nPARTITIONED BY (account_id, event_date)\nLOCATION '%[3]s';\n"+
		"-- again whenever there are new partitions\nMSCK REPAIR TABLE %[1]s;\n", o.Table, columns, eventsOf(o))
}

func duckdb(o DDLOptions) string {
	return fmt.Sprintf(`CREATE OR REPLACE VIEW %[1]s AS
SELECT * FROM read_parquet('%[2]s/*/*/*.parquet',
  hive_partitioning = true, hive_types = {'account_id': VARCHAR, 'event_date': VARCHAR}, union_by_name = true);

-- The files that the log names, exact also beside a compaction:
SET VARIABLE %[1]s_files = (
  WITH entries AS (
    SELECT * FROM read_json('%[3]s/_log/[0-9]*.json.gz', columns = {'files': 'STRUCT(path VARCHAR)[]', 'removed': 'VARCHAR[]'}, maximum_object_size = 1073741824))
  SELECT list('%[3]s/' || path ORDER BY path) FROM (
    SELECT unnest(files).path AS path FROM entries
    EXCEPT SELECT unnest(removed) FROM entries));
CREATE OR REPLACE MACRO %[1]s_exact() AS TABLE
SELECT * FROM read_parquet(getvariable('%[1]s_files'),
  hive_partitioning = true, hive_types = {'account_id': VARCHAR, 'event_date': VARCHAR}, union_by_name = true);
`, o.Table, eventsOf(o), quoted(o.Location))
}

func polars(o DDLOptions) string {
	return fmt.Sprintf(`import polars as pl

%s = pl.scan_parquet(
    %q,
    hive_partitioning=True,
    hive_schema={"account_id": pl.String, "event_date": pl.String},
)
`, o.Table, o.Location+"/"+path.Join(eventsDir, "*", "*", "*.parquet"))
}
