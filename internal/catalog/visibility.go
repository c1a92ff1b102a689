package catalog

import "strings"

// Visibility says whether a trail can show the use of an action, and for Data
// the resource type of the data events that would, as AWS::S3::Object. It
// reasons about absence only: where an event exists, its own category wins.
//
// An action that no public operation is known to use, and one that does not
// exist, is Never: its absence from the logs says nothing.
func (c *Catalog) Visibility(name string) (v Visibility, dataResourceType string) {
	a := c.find(name)
	if a == nil || neverLogged(a) {
		return Never, ""
	}
	if t := dataType(a); t != "" {
		return Data, t
	}
	if a.operation || c.reached[strings.ToLower(a.Name)] || inFamily(a) || matchAny(unmodelled[a.prefix], a.key) {
		return Management, ""
	}
	return Never, ""
}

// unmodelled are actions, by lower-case pattern, that public API models do not
// have and whose management events were seen in public trails: calls of agents
// and consoles, and of services that AWS has closed.
var unmodelled = map[string]string{
	"bedrock":   "putfoundationmodelentitlement",
	"rds":       "describerecommendation*",
	"robomaker": "list*",
	"s3":        "getaccountpublicaccessblock putaccountpublicaccessblock",
	"ssm":       "updateinstanceinformation updateinstanceassociationstatus listinstanceassociations",
	"sso":       "updatessoconfiguration",
}

// matchAny reports whether one of the patterns, in one text, matches.
func matchAny(patterns, text string) bool {
	for _, p := range strings.Fields(patterns) {
		if match(p, text) {
			return true
		}
	}
	return false
}

// inFamily reports whether operations of other names lead to a by pattern.
func inFamily(a *action) bool {
	for _, target := range familyTargets {
		if match(strings.ToLower(target), strings.ToLower(a.Name)) {
			return true
		}
	}
	return false
}

// neverLogged tells actions whose use CloudTrail does not write at all.
func neverLogged(a *action) bool {
	for _, pattern := range neverLoggedActions[a.prefix] {
		if match(pattern, a.key) {
			return true
		}
	}
	return false
}

// neverLoggedActions are service prefix → patterns of lower-case action
// names. Authority: the CloudTrail pages of each service's guide; PassRole is
// checked inside other calls (IAM user guide, "Grant permissions to pass a
// role").
var neverLoggedActions = map[string][]string{
	"iam":               {"passrole"},
	"logs":              {"putlogevents"},
	"execute-api":       {"*"},
	"rds-db":            {"connect"},
	"kafka-cluster":     {"*"},
	"es":                {"eshttp*", "escrossclusterget"},
	"elasticfilesystem": {"client*"},
	"neptune-db":        {"*"},
	"dbqms":             {"*"},
	"dsql":              {"dbconnect*"},
	"elasticache":       {"connect"},
	"memorydb":          {"connect"},
	"firehose":          {"putrecord*"},
	"dax":               {"*item", "query", "scan"},
	"qldb":              {"sendcommand", "partiql*"},
	"aps":               {"remotewrite", "querymetrics", "getseries", "getlabels", "getmetricmetadata"},
	"cloudsearch":       {"document", "search", "suggest"},
	"ec2messages":       {"*"},
	"s3":                {"bypassgovernanceretention", "objectowneroverridetobucketowner"},
	"sts":               {"tagsession", "setsourceidentity", "setcontext", "getcalleridentity"},
}

// dataType is the resource type of an action that only data events show.
func dataType(a *action) string {
	for _, d := range dataActions[a.prefix] {
		for _, pattern := range strings.Fields(d.actions) {
			if match(pattern, a.key) {
				return d.resourceType
			}
		}
	}
	return ""
}

// dataActions are service prefix → actions that only data events show, by
// lower-case pattern, the first match counting. Authority: CloudTrail user
// guide, "Logging data events", and the CloudTrail page of each service's
// guide.
var dataActions = map[string][]struct{ resourceType, actions string }{
	"s3": {{"AWS::S3::Object", "getobject* putobject* deleteobject* restoreobject updateobjectencryption " +
		"abortmultipartupload listmultipartuploadparts listbucket listbucketversions listbucketmultipartuploads"}},
	"s3-object-lambda": {{"AWS::S3ObjectLambda::AccessPoint", "*"}},
	"s3-outposts": {{"AWS::S3Outposts::Object", "getobject* putobject* deleteobject* abortmultipartupload " +
		"listmultipartuploadparts listbucket listbucketversions listbucketmultipartuploads"}},
	"s3express": {{"AWS::S3Express::Object", "createsession"}},
	"s3tables":  {{"AWS::S3Tables::Table", "gettabledata puttabledata"}},
	"lambda":    {{"AWS::Lambda::Function", "invokefunction invokeasync invokefunctionurl"}},
	"dynamodb": {
		{"AWS::DynamoDB::Table", "batchgetitem batchwriteitem conditioncheckitem deleteitem getitem partiql* putitem query scan updateitem"},
		{"AWS::DynamoDB::Stream", "getrecords getsharditerator"},
	},
	"cloudwatch":  {{"AWS::CloudWatch::Metric", "putmetricdata getmetricdata getmetricstatistics listmetrics getmetricwidgetimage"}},
	"ssmmessages": {{"AWS::SSMMessages::ControlChannel", "*"}},
	"ssm":         {{"AWS::SSM::ManagedNode", "requestmanagedinstanceroletoken"}},
	"sns":         {{"AWS::SNS::Topic", "publish"}},
	"sqs":         {{"AWS::SQS::Queue", "sendmessage receivemessage deletemessage changemessagevisibility"}},
	"kinesis":     {{"AWS::Kinesis::Stream", "getrecords getsharditerator putrecord putrecords subscribetoshard"}},
	"kinesisvideo": {{"AWS::KinesisVideo::Stream", "getclip getdashstreamingsessionurl gethlsstreamingsessionurl getimages " +
		"getmedia getmediaforfragmentlist listfragments putmedia"}},
	"ebs": {{"AWS::EC2::Snapshot", "getsnapshotblock listchangedblocks listsnapshotblocks putsnapshotblock"}},
	"sagemaker": {
		{"AWS::SageMaker::Endpoint", "invokeendpoint*"},
		{"AWS::SageMaker::FeatureGroup", "batchgetrecord deleterecord getrecord putrecord"},
		{"AWS::SageMaker::ExperimentTrialComponent", "batchputmetrics"},
	},
	"bedrock": {
		{"AWS::Bedrock::AgentAlias", "invokeagent"},
		{"AWS::Bedrock::InlineAgent", "invokeinlineagent"},
		{"AWS::Bedrock::FlowAlias", "invokeflow"},
		{"AWS::Bedrock::Guardrail", "applyguardrail"},
		{"AWS::Bedrock::KnowledgeBase", "retrieve retrieveandgenerate"},
	},
	"qbusiness":        {{"AWS::QBusiness::Application", "chat chatsync listconversations listmessages deleteconversation putfeedback batchdeletedocument batchputdocument"}},
	"cassandra":        {{"AWS::Cassandra::Table", "select modify selectmultiregionresource modifymultiregionresource"}},
	"cognito-identity": {{"AWS::Cognito::IdentityPool", "getid getcredentialsforidentity getopenidtoken getopenidtokenfordeveloperidentity unlinkidentity"}},
	"managedblockchain": {
		{"AWS::ManagedBlockchain::Network", "post get"},
	},
	"medical-imaging":  {{"AWS::MedicalImaging::Datastore", "getimageframe getimageset getimagesetmetadata searchimagesets listimagesetversions"}},
	"appconfig":        {{"AWS::AppConfig::Configuration", "startconfigurationsession getlatestconfiguration"}},
	"appsync":          {{"AWS::AppSync::GraphQLApi", "graphql"}},
	"aoss":             {{"AWS::AOSS::Collection", "apiaccessall"}},
	"iot":              {{"AWS::IoT::Certificate", "connect publish subscribe receive"}},
	"iotsitewise":      {{"AWS::IoTSiteWise::TimeSeries", "batchgetassetproperty* batchputassetpropertyvalue getassetproperty* getinterpolatedassetpropertyvalues"}},
	"events":           {{"AWS::Events::EventBus", "putevents"}},
	"cloudtrail-data":  {{"AWS::CloudTrail::Channel", "putauditevents"}},
	"codewhisperer":    {{"AWS::CodeWhisperer::Profile", "generate*"}},
	"guardduty":        {{"AWS::GuardDuty::Detector", "sendsecuritytelemetry"}},
	"rds-data":         {{"AWS::RDS::DBCluster", "*"}},
	"servicediscovery": {{"AWS::ServiceDiscovery::Namespace", "discoverinstances discoverinstancesrevision"}},
	"sms-voice":        {{"AWS::SMSVoice::OriginationIdentity", "sendtextmessage sendvoicemessage sendmediamessage"}},
	"mobiletargeting":  {{"AWS::Pinpoint::App", "sendmessages sendusersmessages"}},
	"ses":              {{"AWS::SES::EmailIdentity", "sendemail sendrawemail sendtemplatedemail sendbulktemplatedemail sendbulkemail sendcustomverificationemail sendbounce"}},
	"states":           {{"AWS::StepFunctions::StateMachine", "invokehttpendpoint revealsecrets"}},
	"swf": {{"AWS::SWF::Domain", "poll* respond* recordactivitytaskheartbeat startworkflowexecution signalworkflowexecution " +
		"terminateworkflowexecution requestcancelworkflowexecution count* describeworkflowexecution getworkflowexecutionhistory listopenworkflowexecutions listclosedworkflowexecutions"}},
	"timestream":          {{"AWS::Timestream::Table", "select selectvalues writerecords"}},
	"transfer":            {{"AWS::Transfer::Agreement", "startfiletransfer"}},
	"verifiedpermissions": {{"AWS::VerifiedPermissions::PolicyStore", "isauthorized*"}},
	"wisdom":              {{"AWS::Wisdom::Assistant", "queryassistant"}},
	"xray":                {{"AWS::XRay::Trace", "putspans* puttracesegments puttelemetryrecords gettrace* batchgettraces getservicegraph gettimeseriesservicestatistics"}},
}
