package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/trimtrail/trimtrail/internal/schedule"
)

// Run is what `trimtrail run` does, as the file says. Paths and addresses are
// as they stand there. Values that commands know too are checked by them.
type Run struct {
	Lake       string
	LakeAccess LakeAccess
	Sources    []Source
	Ingest     IngestRun
	IAM        IAMRun
	Analysis   AnalysisRun
	Policies   PoliciesRun
	Reports    ReportsRun
	Deliveries []Delivery
	Schedule   ScheduleRun
}

// LakeAccess is how a lake in a bucket is reached and written.
type LakeAccess struct {
	Profile, Region, EndpointURL string
	PathStyle                    bool
	KMSKey, BucketOwner          string
	Place                        string
}

// Source is one archive, and what of it is read.
type Source struct {
	URI          string
	Profile      string
	EndpointURL  string
	BucketRegion string
	PathStyle    bool
	Since, Until string
	Accounts     []string
	Regions      []string
	OrgIDs       []string
	Place        string // in the file, as trimtrail.yaml:3
}

// IngestRun is how the sources are read.
type IngestRun struct {
	Workers int // 0: one a core
	Memory  string
}

// IAMRun is where the IAM state comes from; nil and empty: it is not renewed.
type IAMRun struct {
	Pull *PullRun
	Load []string // files and directories
}

// PullRun are the flags of `trimtrail iam pull`.
type PullRun struct {
	Profile, Region, EndpointURL string
	OrgRole, RoleARN, ExternalID string
	Accounts, Parts              []string
	LastAccessed                 string
	AccessKeys                   bool
	Workers                      int
	Place                        string
}

// AnalysisRun is what is looked at.
type AnalysisRun struct {
	Window    string // empty: 90d
	Reference string
	FailOn    string // severity of new or worse findings that make the exit code 3
}

// PoliciesRun is where proposals are written; no Dir: nowhere.
type PoliciesRun struct {
	Dir, Format   string
	IncludeReview bool
}

// ReportsRun are the reports to write.
type ReportsRun struct {
	Keep     int // how many are kept in the lake to compare with
	Title    string
	Location string // where people find the report, for messages
	Files    []ReportFile
}

// ReportFile is one report.
type ReportFile struct{ Path, Format, Place string }

// ScheduleRun is when; no Plan: not by itself.
type ScheduleRun struct {
	Plan   *schedule.Plan
	Jitter time.Duration
}

// runSections are the keys of the file that are about a run.
type runSections struct {
	Lake       text          `yaml:"lake"`
	LakeAccess lakeKeys      `yaml:"lake_access"`
	Sources    []source      `yaml:"sources"`
	Ingest     ingestKeys    `yaml:"ingest"`
	IAM        iamKeys       `yaml:"iam"`
	Analysis   analysisKeys  `yaml:"analysis"`
	Policies   policiesKeys  `yaml:"policies"`
	Reports    reportsKeys   `yaml:"reports"`
	Deliveries []deliveryKey `yaml:"deliveries"`
	Schedule   scheduleKeys  `yaml:"schedule"`
}

type lakeKeys struct {
	Profile     text `yaml:"profile"`
	Region      text `yaml:"region"`
	EndpointURL text `yaml:"endpoint_url"`
	PathStyle   text `yaml:"path_style"`
	KMSKey      text `yaml:"kms_key"`
	BucketOwner text `yaml:"bucket_owner"`
	At          *yaml.Node
}

type source struct {
	URI          text   `yaml:"uri"`
	Profile      text   `yaml:"profile"`
	EndpointURL  text   `yaml:"endpoint_url"`
	BucketRegion text   `yaml:"bucket_region"`
	PathStyle    text   `yaml:"path_style"`
	Since        text   `yaml:"since"`
	Until        text   `yaml:"until"`
	Accounts     []text `yaml:"accounts"`
	Regions      []text `yaml:"regions"`
	OrgIDs       []text `yaml:"org_ids"`
	At           *yaml.Node
}

type ingestKeys struct {
	Workers text `yaml:"workers"`
	Memory  text `yaml:"memory"`
}

type iamKeys struct {
	Pull *pullKeys `yaml:"pull"`
	Load []text    `yaml:"load"`
}

type pullKeys struct {
	Profile      text   `yaml:"profile"`
	Region       text   `yaml:"region"`
	EndpointURL  text   `yaml:"endpoint_url"`
	OrgRole      text   `yaml:"org_role"`
	RoleARN      text   `yaml:"role_arn_pattern"`
	ExternalID   text   `yaml:"external_id"`
	Accounts     []text `yaml:"accounts"`
	Parts        []text `yaml:"parts"`
	LastAccessed text   `yaml:"last_accessed"`
	AccessKeys   text   `yaml:"access_keys"`
	Workers      text   `yaml:"workers"`
	At           *yaml.Node
}

type analysisKeys struct {
	Window    text `yaml:"window"`
	Reference text `yaml:"reference"`
	FailOn    text `yaml:"fail_on"`
}

type policiesKeys struct {
	Dir           text `yaml:"dir"`
	Format        text `yaml:"format"`
	IncludeReview text `yaml:"include_review"`
	At            *yaml.Node
}

type reportsKeys struct {
	Keep     text         `yaml:"keep"`
	Title    text         `yaml:"title"`
	Location text         `yaml:"location"`
	Files    []reportFile `yaml:"files"`
}

type reportFile struct {
	Path   text `yaml:"path"`
	Format text `yaml:"format"`
	At     *yaml.Node
}

type scheduleKeys struct {
	Cron     text `yaml:"cron"`
	TimeZone text `yaml:"time_zone"`
	Jitter   text `yaml:"jitter"`
	At       *yaml.Node
}

// Values that the sections know.
var (
	policyFormats = []string{"json", "terraform", "cloudformation", "cli"}
	reportFormats = []string{"html", "markdown", "table", "json", "csv", "sarif", "asff", "ocsf"}

	tlsKinds       = []string{"starttls", "implicit", "none"}
	accessedLevels = []string{"service", "action"}
)

// keepDefault is how many reports are kept where the file does not say.
const keepDefault = 30

// buildRun checks what the sections say that is about them alone.
func (p *parser) buildRun(doc *runSections) Run {
	r := Run{Lake: doc.Lake.Value, Policies: p.policiesRun(&doc.Policies), Reports: p.reportsRun(&doc.Reports), Schedule: p.scheduleRun(&doc.Schedule)}
	for i := range doc.Sources {
		if s := &doc.Sources[i]; s.At != nil {
			r.Sources = append(r.Sources, p.source(s))
		}
	}
	r.Ingest = IngestRun{p.number(doc.Ingest.Workers, 1024), p.size(doc.Ingest.Memory)}
	r.IAM = IAMRun{p.pullRun(doc.IAM.Pull), p.values(doc.IAM.Load)}
	r.Analysis = AnalysisRun{p.span(doc.Analysis.Window), doc.Analysis.Reference.Value, p.oneOf(doc.Analysis.FailOn, "severity", severities)}
	r.Deliveries = p.deliveries(doc.Deliveries)
	a := &doc.LakeAccess
	r.LakeAccess = LakeAccess{a.Profile.Value, p.region(a.Region), p.url(a.EndpointURL), p.boolean(a.PathStyle), a.KMSKey.Value, p.accountID(a.BucketOwner), p.place(a.At)}
	p.lakeName(doc)
	return r
}

func (p *parser) source(s *source) Source {
	p.need(s.At, "uri", s.URI, "write uri: s3://bucket/AWSLogs/ or a directory")
	if s.URI.Value == "-" {
		p.at(s.URI.Node, "standard input is no source of a run", "name a bucket, a directory or a file")
	}
	return Source{
		URI: s.URI.Value, Profile: s.Profile.Value, EndpointURL: p.url(s.EndpointURL), BucketRegion: s.BucketRegion.Value, PathStyle: p.boolean(s.PathStyle),
		Since: p.moment(s.Since), Until: p.moment(s.Until), Accounts: p.accountIDs(s.Accounts), Regions: p.regions(s.Regions), OrgIDs: p.values(s.OrgIDs), Place: p.place(s.At),
	}
}

func (p *parser) pullRun(k *pullKeys) *PullRun {
	if k == nil {
		return nil
	}
	return &PullRun{
		Profile: k.Profile.Value, Region: p.region(k.Region), EndpointURL: p.url(k.EndpointURL), OrgRole: k.OrgRole.Value, RoleARN: k.RoleARN.Value, ExternalID: k.ExternalID.Value,
		Accounts: p.accountIDs(k.Accounts), Parts: p.values(k.Parts), LastAccessed: p.oneOf(k.LastAccessed, "level", accessedLevels),
		AccessKeys: p.boolean(k.AccessKeys), Workers: p.number(k.Workers, 64), Place: p.place(k.At),
	}
}

func (p *parser) policiesRun(k *policiesKeys) PoliciesRun {
	if k.At != nil && (k.Format.there() || k.IncludeReview.there()) {
		p.need(k.At, "dir", k.Dir, "write dir: policies, where they go")
	}
	return PoliciesRun{k.Dir.Value, p.oneOf(k.Format, "format", policyFormats), p.boolean(k.IncludeReview)}
}

func (p *parser) reportsRun(k *reportsKeys) ReportsRun {
	r := ReportsRun{Keep: p.number(k.Keep, 10000), Title: k.Title.Value, Location: k.Location.Value}
	if r.Keep == 0 {
		r.Keep = keepDefault
	}
	seen := map[string]int{}
	for i := range k.Files {
		f := &k.Files[i]
		if f.At == nil {
			continue
		}
		if p.need(f.At, "path", f.Path, "write path: report.html") {
			if first, twice := seen[f.Path.Value]; twice {
				p.at(f.Path.Node, fmt.Sprintf("report %s is written twice, first on line %d", f.Path.Value, first), "")
			}
			seen[f.Path.Value] = f.Path.Node.Line
		}
		r.Files = append(r.Files, ReportFile{f.Path.Value, p.reportFormat(f), p.place(f.At)})
	}
	return r
}

// reportFormat is that of the file, or what its name says.
func (p *parser) reportFormat(f *reportFile) string {
	if f.Format.there() {
		return p.oneOf(f.Format, "format", reportFormats)
	}
	byName := map[string]string{"html": "html", "htm": "html", "md": "markdown", "txt": "table", "json": "json", "csv": "csv", "sarif": "sarif"}
	format := byName[f.Path.Value[strings.LastIndexByte(f.Path.Value, '.')+1:]]
	if format == "" && f.Path.there() {
		p.at(f.Path.Node, fmt.Sprintf("the name %s does not say the format", quoted(f.Path.Value)), "write format: and one of "+strings.Join(reportFormats, ", "))
	}
	return format
}

func (p *parser) scheduleRun(k *scheduleKeys) ScheduleRun {
	if !k.Cron.there() && !k.TimeZone.there() && !k.Jitter.there() {
		return ScheduleRun{}
	}
	s := ScheduleRun{Jitter: p.duration(k.Jitter)}
	if !p.need(k.At, "cron", k.Cron, `write cron: "0 6 * * 1" for Mondays at six`) {
		return s
	}
	plan, err := schedule.Parse(k.Cron.Value, k.TimeZone.Value)
	if err != nil {
		n := k.Cron.Node
		if k.TimeZone.there() && strings.Contains(err.Error(), "time zone") {
			n = k.TimeZone.Node
		}
		p.at(n, err.Error(), "minute, hour, day of the month, month, day of the week (0 is Sunday)")
	}
	s.Plan = plan
	return s
}

// lakeName refuses what looks like a bucket and is none.
func (p *parser) lakeName(doc *runSections) {
	if l := doc.Lake; l.there() && strings.HasPrefix(l.Value, "s3:") && !strings.HasPrefix(l.Value, "s3://") {
		p.at(l.Node, fmt.Sprintf("%s is no lake", quoted(l.Value)), "write s3://bucket/prefix, or a directory")
	}
}

func (p *parser) oneOf(t text, what string, known []string) string {
	if t.there() && !slices.Contains(known, t.Value) {
		p.at(t.Node, fmt.Sprintf("%s is no %s", quoted(t.Value), what), orElse(didYouMean(t.Value, known), "one of "+strings.Join(known, ", ")))
	}
	return t.Value
}
