package catalog

import "strings"

// sourcePrefix is the service prefix that events of a source are authorised
// under, lower case; it may be unknown to the catalogue.
func sourcePrefix(source string) string {
	name := strings.ToLower(strings.TrimSuffix(source, ".amazonaws.com"))
	name = strings.TrimSuffix(name, ".amazonaws.com.cn")
	if prefix, ok := sourcePrefixes[name]; ok {
		return prefix
	}
	switch {
	case strings.HasSuffix(name, "marketplace"):
		return "aws-marketplace"
	case strings.HasSuffix(name, ".lex") || strings.HasSuffix(name, "-lex"):
		return "lex"
	case strings.HasPrefix(name, "chime-sdk-") || strings.HasSuffix(name, "-chime"):
		return "chime"
	case strings.HasSuffix(name, ".sagemaker"):
		return "sagemaker"
	case strings.HasSuffix(name, ".iot"):
		return "iot"
	}
	return name
}

// sourcePrefixes are event sources, without .amazonaws.com, whose IAM prefix
// has another name. Authority: service authorization reference ("service
// prefix") against the CloudTrail page of each service.
var sourcePrefixes = map[string]string{
	"amazonmq":                   "mq",
	"api.detective":              "detective",
	"api.ecr":                    "ecr",
	"api.ecr-public":             "ecr-public",
	"api.pricing":                "pricing",
	"application-insights":       "applicationinsights",
	"appstream2":                 "appstream",
	"bedrock-agent":              "bedrock",
	"bedrock-agent-runtime":      "bedrock",
	"bedrock-runtime":            "bedrock",
	"bedrock-agentcore-control":  "bedrock-agentcore",
	"billingconsole":             "billing",
	"cassandra-streams":          "cassandra",
	"cloudcontrolapi":            "cloudformation",
	"cloudhsmv2":                 "cloudhsm",
	"cloudsearchdomain":          "cloudsearch",
	"data.jobs.iot":              "iotjobsdata",
	"connect-contact-lens":       "connect",
	"contact-lens":               "connect",
	"data.mediastore":            "mediastore",
	"docdb":                      "rds",
	"email":                      "ses",
	"entitlement.marketplace":    "aws-marketplace",
	"eventsv2":                   "events",
	"forecastquery":              "forecast",
	"ivsrealtime":                "ivs",
	"keyspaces":                  "cassandra",
	"mail-manager":               "ses",
	"management-marketplace":     "aws-marketplace-management",
	"memory-db":                  "memorydb",
	"migrationhub":               "mgh",
	"migrationhub-config":        "mgh",
	"monitoring":                 "cloudwatch",
	"mturk-requester":            "mechanicalturk",
	"neptune":                    "rds",
	"opensearch":                 "es",
	"opensearchservice":          "es",
	"participant.connect":        "connect",
	"participant-connect":        "connect",
	"partnercentral-account":     "partnercentral",
	"partnercentral-benefits":    "partnercentral",
	"partnercentral-channel":     "partnercentral",
	"partnercentral-prm":         "partnercentral",
	"partnercentral-selling":     "partnercentral",
	"personalize-events":         "personalize",
	"personalize-runtime":        "personalize",
	"pinpoint":                   "mobiletargeting",
	"portal.sso":                 "sso",
	"pricelist":                  "pricing",
	"qconnect":                   "wisdom",
	"query.timestream":           "timestream",
	"rdsdata":                    "rds-data",
	"s3-control":                 "s3",
	"servicecatalog-appregistry": "servicecatalog",
	"sms-voice.pinpoint":         "sms-voice",
	"streams.dynamodb":           "dynamodb",
	"tagging":                    "tag",
	"taxconsole":                 "tax",
	"timestream-query":           "timestream",
	"timestream-write":           "timestream",
	"transcribestreaming":        "transcribe",
}

// stripVersion takes the API version off an event name, as in
// CreateFunction20150331, UpdateFunctionCode20150331v2 and
// CreateDistribution2020_05_31. Only a whole date behind a letter is one:
// RestoreDBClusterFromS3 and names in V2 stay.
func stripVersion(name string) string {
	base := name
	if i := strings.LastIndexByte(base, 'v'); i > 0 && i < len(base)-1 && digits(base[i+1:]) {
		base = base[:i]
	}
	n := 0 // digits of the date seen from the end; underscores may stand before day, month and year
	i := len(base)
	for i > 0 && n < 8 {
		i--
		if base[i] == '_' && (n == 2 || n == 4) {
			continue
		}
		if base[i] < '0' || base[i] > '9' {
			return name
		}
		n++
	}
	if i > 0 && base[i-1] == '_' {
		i--
	}
	if n < 8 || i == 0 || !letter(base[i-1]) {
		return name
	}
	return base[:i]
}

func digits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
