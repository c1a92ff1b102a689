package lint

import (
	"path"
	"slices"
	"strings"
)

// modulePath is the start of the import paths of our packages.
const modulePath = "github.com/trimtrail/trimtrail"

// anything in a list of the plan allows every package.
const anything = "*"

// Modules that packages of the plan may use. A module stands for its packages.
const (
	cobra    = "github.com/spf13/cobra"
	pflag    = "github.com/spf13/pflag"
	awsSDK   = "github.com/aws/aws-sdk-go-v2"
	smithy   = "github.com/aws/smithy-go"
	compress = "github.com/klauspost/compress"
	parquet  = "github.com/parquet-go/parquet-go"
	flock    = "github.com/gofrs/flock"
	celGo    = "cel.dev/cel-go"
	yamlV3   = "go.yaml.in/yaml/v3"
	cronV3   = "github.com/robfig/cron/v3"
	mmdb     = "github.com/oschwald/maxminddb-golang"
)

// planned is one package and what it may import.
type planned struct {
	dir    string   // a trailing /* stands for every package below
	ours   []string // folders
	others []string // modules
}

// plan says which package may import which. Arrows point one way: ingest
// knows no finding, rules opens no file.
var plan = []planned{
	{"cmd/trimtrail", []string{anything}, []string{cobra, pflag, awsSDK, smithy}},
	{"ingest", []string{"ingest/ocsf", "internal/event", "internal/inflate", "internal/par"}, []string{awsSDK, smithy, compress}},
	{"ingest/ocsf", nil, []string{parquet}},
	{"ingest/digest", []string{"ingest", "internal/event", "internal/par"}, []string{awsSDK, smithy, compress}},
	{"ingest/digest/chaintest", nil, nil},
	{"internal/event", nil, nil},
	{"internal/rollup", nil, nil},
	{"internal/lake", []string{"internal/event", "internal/rollup"}, []string{parquet, compress, flock}},
	{"internal/lake/s3store", []string{"internal/lake", "internal/par"}, []string{awsSDK, smithy}},
	{"internal/catalog", []string{"internal/event"}, nil},
	{"internal/catalog/gen", nil, nil},
	{"internal/iam", []string{"internal/catalog"}, nil},
	{"internal/iam/pull", []string{"internal/iam", "internal/par"}, []string{awsSDK, smithy}},
	{"analyze", []string{"internal/event", "internal/catalog", "internal/iam", "internal/rollup"}, nil},
	{"rules", []string{"analyze", "internal/catalog", "internal/iam"}, nil},
	{"internal/schedule", nil, []string{cronV3}},
	{"internal/deliver", []string{"internal/lake", "internal/par", "internal/report", "rules"}, []string{awsSDK, smithy}},
	{"internal/config", []string{"rules", "internal/iam", "internal/schedule"}, []string{celGo, yamlV3}},
	{"internal/netdb", []string{"rules"}, []string{mmdb}},
	{"internal/netdb/mmdbtest", nil, nil},
	{"internal/schematest", nil, nil},
	{"internal/report", []string{"rules", "analyze"}, nil},
	{"internal/par", nil, nil},
	{"internal/browser", nil, nil},
	{"internal/inflate", nil, nil},
	{"internal/orgsim", nil, []string{compress}},
	{"internal/bench/*", []string{anything}, []string{anything}},
	{"internal/release", nil, nil},
	{"internal/lint", nil, nil},
}

// planFor returns the line of the package in dir.
func planFor(dir string) (planned, bool) {
	for _, p := range plan {
		parent, below := strings.CutSuffix(p.dir, "/*")
		if dir == p.dir || below && strings.HasPrefix(dir, parent+"/") {
			return p, true
		}
	}
	return planned{}, false
}

// checkImports holds the plan. Test files may use any package of ours, since
// the compiler refuses cycles, but no module that their package may not: a
// test library would be one.
func checkImports(t *tree) []breach {
	var found []breach
	for _, f := range t.goFiles() {
		if t.nested(f.path) {
			continue
		}
		dir := path.Dir(f.path)
		p, ok := planFor(dir)
		if !ok {
			found = append(found, f.at(f.ast.Package, "package %s is not in the import plan (internal/lint/plan_test.go)", dir))
			continue
		}
		for _, i := range f.imports() {
			if !p.allows(i.path, f.test()) {
				found = append(found, f.at(i.pos, "%s may not import %s", dir, i.path))
			}
		}
	}
	return found
}

func (p planned) allows(importPath string, test bool) bool {
	if importPath == "C" {
		return false
	}
	if dir, ok := strings.CutPrefix(importPath, modulePath+"/"); ok {
		return test || slices.Contains(p.ours, anything) || slices.Contains(p.ours, dir)
	}
	first, _, _ := strings.Cut(importPath, "/")
	if !strings.Contains(first, ".") {
		return true // the standard library
	}
	return slices.ContainsFunc(p.others, func(module string) bool {
		return module == anything || importPath == module || strings.HasPrefix(importPath, module+"/")
	})
}
