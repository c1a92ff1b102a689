package catalog

import "strings"

// passedTo is the value that iam:PassedToService has when an operation passes
// the role in one member (both lower case); empty where it is not certain.
func passedTo(prefix, op, member string) string {
	for _, p := range passedExceptions[prefix] {
		if match(p.op, op) && match(p.member, member) {
			return p.service
		}
	}
	for _, s := range strings.Fields(passedToItself) {
		if s == prefix {
			return prefix + ".amazonaws.com"
		}
	}
	return ""
}

// passedExceptions are operations and members, by pattern, whose role goes to
// another service principal than the one called, or to one that varies
// (empty). The first that matches counts. Authority: the page on service roles
// of each service's guide.
var passedExceptions = map[string][]struct{ op, member, service string }{
	"appflow":     {{"*connectorprofile", "*", ""}},
	"autoscaling": {{"*", "servicelinkedrolearn", ""}, {"createlaunchconfiguration", "iaminstanceprofile", "ec2.amazonaws.com"}},
	"backup":      {{"*restoretestingselection", "*", "restore-testing.backup.amazonaws.com"}},
	"batch": {
		{"registerjobdefinition", "*", "ecs-tasks.amazonaws.com"},
		{"*", "servicerole", "batch.amazonaws.com"},
		{"*", "instancerole", "ec2.amazonaws.com"},
		{"*", "spotiamfleetrole", "spotfleet.amazonaws.com"},
	},
	"cloudformation": {
		{"activatetype", "*", "resources.cloudformation.amazonaws.com"},
		{"registertype", "*", "resources.cloudformation.amazonaws.com"},
	},
	"chime":                {{"*", "*", "mediapipelines.chime.amazonaws.com"}},
	"codebuild":            {{"*fleet", "*", ""}},
	"codeconnections":      {{"*", "*", "cloudformation.sync.codeconnections.amazonaws.com"}},
	"codestar-connections": {{"*", "*", "cloudformation.sync.codeconnections.amazonaws.com"}},
	"ec2": {
		{"createflowlogs", "*", "vpc-flow-logs.amazonaws.com"},
		{"*", "iaminstanceprofile", "ec2.amazonaws.com"},
		{"*", "*", ""},
	},
	"ecs": {
		{"*", "taskrolearn", "ecs-tasks.amazonaws.com"},
		{"*", "executionrolearn", "ecs-tasks.amazonaws.com"},
		{"*", "*", "ecs.amazonaws.com"},
	},
	"eks": {
		{"*podidentityassociation", "*", "pods.eks.amazonaws.com"},
		{"createnodegroup", "noderole", ""},
		{"*addon", "*", ""},
	},
	"elasticmapreduce": {
		{"*", "jobflowrole", "ec2.amazonaws.com"},
		{"*", "servicerole", "elasticmapreduce.amazonaws.com"},
		{"*", "autoscalingrole", ""},
	},
	"emr-containers": {{"*", "*", "pods.eks.amazonaws.com"}},
	"es": {
		{"*datasource", "*", "directquery.opensearchservice.amazonaws.com"},
		{"*", "*", "es.amazonaws.com"},
	},
	"guardduty":      {{"*malwareprotectionplan", "*", "malware-protection-plan.guardduty.amazonaws.com"}},
	"iam":            {{"addroletoinstanceprofile", "*", "ec2.amazonaws.com"}},
	"imagebuilder":   {{"*distributionconfiguration", "*", "vmie.amazonaws.com"}, {"*infrastructureconfiguration", "*", "ec2.amazonaws.com"}},
	"lex":            {{"*", "*", "lexv2.amazonaws.com"}},
	"macie2":         {{"*", "*", "reveal-samples.macie.amazonaws.com"}},
	"pcs":            {{"*", "*", "ec2.amazonaws.com"}},
	"rds":            {{"*", "monitoringrolearn", ""}, {"*", "domainiamrolename", ""}},
	"s3":             {{"*accessgrantslocation", "*", ""}},
	"securitylake":   {{"*", "*", ""}},
	"shield":         {{"*", "*", "drt.shield.amazonaws.com"}},
	"snowball":       {{"*", "*", "importexport.amazonaws.com"}},
	"ssm-quicksetup": {{"*", "*", ""}},
	"workmail":       {{"putemailmonitoringconfiguration", "*", "events.workmail.amazonaws.com"}},
}

// passedToItself are the services that roles are passed to under their own
// prefix as service principal.
const passedToItself = `access-analyzer airflow amplify appconfig appflow application-autoscaling appstream appsync athena autoscaling
 backup backup-gateway batch bedrock budgets chatbot cleanrooms cleanrooms-ml cloudformation cloudfront cloudtrail codebuild codedeploy
 codepipeline comprehend comprehendmedical config databrew dataexchange datasync datazone dax deadline dlm dms ecr ecs eks elasticmapreduce
 emr-serverless entityresolution es events finspace firehose fis fms forecast frauddetector gamelift glue grafana greengrass groundstation
 healthlake imagebuilder inspector iot iotdeviceadvisor iotfleetwise iotsitewise iottwinmaker iotwireless kafka kafkaconnect kendra
 kinesisanalytics lambda logs lookoutequipment m2 mediaconnect mediaconvert medialive mediapackage mediapackage-vod mediapackagev2
 medical-imaging mobiletargeting mq omics personalize pipes profile proton qbusiness quicksight rds redshift redshift-serverless rekognition
 repostspace resiliencehub rolesanywhere rum s3 sagemaker sagemaker-geospatial scheduler ses sms-voice ssm ssm-incidents states supportapp
 swf synthetics textract transcribe transfer translate voiceid workmail workspaces`

// noPass tells operations that take a role without passing it to a service:
// they attach, describe, assume or report it.
func noPass(prefix, op string) bool {
	switch prefix {
	case "iam":
		return op != "addroletoinstanceprofile"
	case "account-access", "auditmanager", "ram", "securityhub", "sts", "sso", "access-analyzer":
		return !(prefix == "access-analyzer" && op == "startpolicygeneration")
	case "eks":
		return strings.HasSuffix(op, "accessentry") || strings.HasSuffix(op, "accesspolicy")
	case "lakeformation":
		return op != "registerresource" && op != "updateresource"
	}
	return false
}

// alsoPass tells operations that pass a role though their name or model says
// otherwise: deletions that hand a role to the service that deletes.
func alsoPass(prefix, op string) bool {
	switch prefix + ":" + op {
	case "cloudformation:deletestack", "cloudformation:createresource", "cloudformation:updateresource", "cloudformation:deleteresource",
		"cloudformation:getresource", "cloudformation:listresources", "iam:addroletoinstanceprofile", "ec2:createflowlogs",
		"iotdeviceadvisor:getendpoint", "finspace:createkxuser", "finspace:updatekxuser":
		return true
	}
	return false
}
