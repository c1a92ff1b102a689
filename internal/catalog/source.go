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

// prefixOf is sourcePrefix, or where no service has that prefix, the service
// that is all but called so: app-integrations for appintegrations, wickr for
// admin.wickr, greengrass for greengrassv2.
func (c *Catalog) prefixOf(source string) string {
	prefix := sourcePrefix(source)
	if c.services[prefix] != nil {
		return prefix
	}
	name := normal(prefix[strings.LastIndexByte(prefix, '.')+1:])
	for _, end := range []string{"", "v2", "runtime", "data"} {
		base, ok := strings.CutSuffix(name, end)
		if !ok {
			continue
		}
		for _, p := range c.prefixes {
			if normal(p) == base {
				return p
			}
		}
	}
	return prefix
}

// sourcePrefixes are event sources, without .amazonaws.com, whose IAM prefix
// has another name. Authority: service authorization reference ("service
// prefix") against the CloudTrail page of each service; and names of APIs, as
// a tool may write them for a source.
var sourcePrefixes = map[string]string{
	"agent-registry-control":          "agent-registry",
	"amazonmq":                        "mq",
	"amp":                             "aps",
	"api.detective":                   "detective",
	"api.ecr":                         "ecr",
	"api.ecr-public":                  "ecr-public",
	"api.pricing":                     "pricing",
	"application-discovery":           "discovery",
	"application-insights":            "applicationinsights",
	"appstream2":                      "appstream",
	"bedrock-agent":                   "bedrock",
	"bedrock-agent-runtime":           "bedrock",
	"bedrock-agentcore-control":       "bedrock-agentcore",
	"bedrock-data-automation":         "bedrock",
	"bedrock-data-automation-runtime": "bedrock",
	"bedrock-runtime":                 "bedrock",
	"billingconsole":                  "billing",
	"cassandra-streams":               "cassandra",
	"cloudcontrolapi":                 "cloudformation",
	"cloudhsmv2":                      "cloudhsm",
	"cloudsearchdomain":               "cloudsearch",
	"compute-optimizer-automation":    "aco-automation",
	"connect-contact-lens":            "connect",
	"connectcases":                    "cases",
	"connectparticipant":              "connect",
	"contact-lens":                    "connect",
	"customer-profiles":               "profile",
	"data.jobs.iot":                   "iotjobsdata",
	"data.mediastore":                 "mediastore",
	"devops-agent":                    "aidevops",
	"docdb":                           "rds",
	"dynamodbstreams":                 "dynamodb",
	"efs":                             "elasticfilesystem",
	"elb":                             "elasticloadbalancing",
	"elbv2":                           "elasticloadbalancing",
	"email":                           "ses",
	"emr":                             "elasticmapreduce",
	"entitlement.marketplace":         "aws-marketplace",
	"eventsv2":                        "events",
	"forecastquery":                   "forecast",
	"iot-data":                        "iot",
	"iotdata":                         "iot",
	"iotsecuredtunneling":             "iot",
	"ivs-realtime":                    "ivs",
	"ivsrealtime":                     "ivs",
	"keyspaces":                       "cassandra",
	"keyspacesstreams":                "cassandra",
	"kinesis-video-archived-media":    "kinesisvideo",
	"kinesis-video-media":             "kinesisvideo",
	"kinesis-video-signaling":         "kinesisvideo",
	"kinesis-video-webrtc-storage":    "kinesisvideo",
	"lambda-microvms":                 "lambda",
	"location":                        "geo",
	"mail-manager":                    "ses",
	"mailmanager":                     "ses",
	"management-marketplace":          "aws-marketplace-management",
	"marketplace-agreement":           "aws-marketplace",
	"marketplace-catalog":             "aws-marketplace",
	"marketplace-deployment":          "aws-marketplace",
	"marketplace-discovery":           "aws-marketplace",
	"marketplace-entitlement":         "aws-marketplace",
	"memory-db":                       "memorydb",
	"migration-hub-refactor-spaces":   "refactor-spaces",
	"migrationhub":                    "mgh",
	"migrationhub-config":             "mgh",
	"migrationhub-refactor-spaces":    "refactor-spaces",
	"monitoring":                      "cloudwatch",
	"mturk":                           "mechanicalturk",
	"mturk-requester":                 "mechanicalturk",
	"mwaa":                            "airflow",
	"mwaa-serverless":                 "airflow-serverless",
	"neptune":                         "rds",
	"neptunedata":                     "neptune-db",
	"opensearch":                      "es",
	"opensearchserverless":            "aoss",
	"opensearchservice":               "es",
	"participant-connect":             "connect",
	"participant.connect":             "connect",
	"partnercentral-account":          "partnercentral",
	"partnercentral-benefits":         "partnercentral",
	"partnercentral-channel":          "partnercentral",
	"partnercentral-prm":              "partnercentral",
	"partnercentral-selling":          "partnercentral",
	"personalize-events":              "personalize",
	"personalize-runtime":             "personalize",
	"pinpoint":                        "mobiletargeting",
	"pinpoint-email":                  "ses",
	"pinpoint-sms-voice":              "sms-voice",
	"pinpoint-sms-voice-v2":           "sms-voice",
	"portal.sso":                      "sso",
	"pricelist":                       "pricing",
	"qconnect":                        "wisdom",
	"query.timestream":                "timestream",
	"rdsdata":                         "rds-data",
	"resourcegroupstaggingapi":        "tag",
	"s3-control":                      "s3",
	"s3control":                       "s3",
	"sagemaker-a2i-runtime":           "sagemaker",
	"sagemaker-edge":                  "sagemaker",
	"sagemaker-featurestore-runtime":  "sagemaker",
	"sagemaker-metrics":               "sagemaker",
	"servicecatalog-appregistry":      "servicecatalog",
	"simpledb":                        "sdb",
	"sms-voice.pinpoint":              "sms-voice",
	"smsvoice":                        "sms-voice",
	"sso-admin":                       "sso",
	"ssoadmin":                        "sso",
	"stepfunctions":                   "states",
	"streams.dynamodb":                "dynamodb",
	"supplychain":                     "scn",
	"tagging":                         "tag",
	"taxconsole":                      "tax",
	"taxsettings":                     "tax",
	"timestream-query":                "timestream",
	"timestream-write":                "timestream",
	"transcribestreaming":             "transcribe",
	"workspaces-thin-client":          "thinclient",
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
