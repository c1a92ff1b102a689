package catalog

import "strings"

// names are the request members, normalised, that may fill a variable of the
// type's pattern, the likeliest first: what the API calls it, the variable's
// own name, the type's name with and without the usual endings.
func (t *resourceType) names(variable string) []string {
	v, kind := normal(variable), normal(t.Name)
	var out []string
	add := func(names ...string) {
		for _, n := range names {
			if n != "" {
				out = appendNew(out, n)
			}
		}
	}
	add(strings.Fields(aliases[t.service.prefix+"."+kind+"."+v])...)
	add(strings.Fields(aliases[t.service.prefix+"."+v])...)
	plain := strings.TrimSuffix(strings.TrimSuffix(v, "withpath"), "withoutleadingslash")
	base := stem(plain)
	if !generic[plain] {
		add(plain, plain+"s")
	}
	if len(base) > 2 && !generic[plain] && !strings.HasPrefix(v, "resource") {
		add(base+"identifier", base+"name", base+"id", base, base+"s", base+"names", base+"ids")
	}
	switch {
	case t.variables == 1:
		add(kind+"id", kind+"name", kind+"identifier", kind, kind+"ids", kind+"names", kind+"s")
	case generic[plain]:
		add(kind + plain)
	}
	return out
}

// stem is a normalised name without its usual ending.
func stem(name string) string {
	for _, end := range []string{"withpath", "identifier", "name", "uuid", "id"} {
		if s, ok := strings.CutSuffix(name, end); ok {
			return s
		}
	}
	return name
}

// generic are variable names that say nothing of the resource.
var generic = map[string]bool{
	"id": true, "name": true, "resourceid": true, "resourcename": true, "identifier": true, "uuid": true, "resource": true, "arn": true, "resourcepath": true,
	"version": true, "versionid": true, "type": true, "path": true, "key": true,
}

// aliases are "service.variable" or "service.type.variable" → request members of that service's API, all
// normalised, where neither name gives the other.
var aliases = map[string]string{
	"acm.certificateid":                     "certificatearn",
	"autoscaling.groupfriendlyname":         "autoscalinggroupname",
	"backup.backupvaultname":                "backupvaultname targetbackupvaultname",
	"bedrock.foundationmodel.resourceid":    "modelid",
	"bedrock.inferenceprofile.resourceid":   "modelid",
	"eks.accessentry.clustername":           "name",
	"cloudfront.distributionid":             "distributionid id",
	"cloudtrail.trailname":                  "trailname name",
	"cloudwatch.alarmname":                  "alarmname alarmnames",
	"cloudwatch.dashboardname":              "dashboardname dashboardnames",
	"codebuild.projectname":                 "projectname project names id ids",
	"codepipeline.pipelinename":             "pipelinename name",
	"dynamodb.tablename":                    "tablename globaltablename sourcetablename targettablename",
	"ec2.securitygroupid":                   "groupid securitygroupid securitygroupids",
	"ec2.keypairname":                       "keyname",
	"ec2.vpcflowlogid":                      "flowlogid",
	"ecs.clustername":                       "cluster clustername",
	"ecs.servicename":                       "service servicename",
	"ecs.taskdefinitionfamilyname":          "family taskdefinition",
	"eks.clustername":                       "clustername name",
	"elasticloadbalancing.loadbalancername": "loadbalancername loadbalancernames",
	"events.rulename":                       "rule rulename",
	"iam.mfatokenidwithpath":                "serialnumber virtualmfadevicename",
	"iam.samlprovidername":                  "name",
	"iam.oidcprovidername":                  "url",
	"kms.keyid":                             "keyid targetkeyid",
	"kms.alias":                             "aliasname",
	"logs.loggroupname":                     "loggroupname loggroupidentifier",
	"organizations.accountid":               "accountid targetid",
	"rds.dbclusterinstancename":             "dbclusteridentifier",
	"rds.dbinstancename":                    "dbinstanceidentifier",
	"rds.snapshotname":                      "dbsnapshotidentifier",
	"rds.clustersnapshotname":               "dbclustersnapshotidentifier",
	"rds.parametergroupname":                "dbparametergroupname",
	"rds.clusterparametergroupname":         "dbclusterparametergroupname",
	"rds.securitygroupname":                 "dbsecuritygroupname",
	"rds.subnetgroupname":                   "dbsubnetgroupname",
	"redshift.clustername":                  "clusteridentifier",
	"secretsmanager.secretid":               "secretid name",
	"ses.identityname":                      "identity emailidentity emailaddress domain source",
	"sns.topicname":                         "topicname name",
	"sqs.queuename":                         "queuename queueurl",
	"ssm.documentname":                      "documentname name",
	"ssm.instanceid":                        "instanceid instanceids target",
	"ssm.parameternamewithoutleadingslash":  "name names path",
	"states.statemachinename":               "statemachinename name",
}

// defaults are what AWS takes for "service.variable" where a request leaves
// it out (ECS and EventBridge Scheduler API references).
var defaults = map[string]string{"ecs.ClusterName": "default", "scheduler.GroupName": "default"}

// idPrefixes are how the ids of "service.type" begin (EC2 user guide,
// "Resource IDs"; Systems Manager user guide, managed nodes).
var idPrefixes = map[string]string{
	"ec2.customer-gateway": "cgw-", "ec2.dhcp-options": "dopt-", "ec2.elastic-ip": "eipalloc-", "ec2.image": "ami-", "ec2.instance": "i-",
	"ec2.internet-gateway": "igw-", "ec2.launch-template": "lt-", "ec2.natgateway": "nat-", "ec2.network-acl": "acl-",
	"ec2.network-interface": "eni-", "ec2.prefix-list": "pl-", "ec2.route-table": "rtb-", "ec2.security-group": "sg-",
	"ec2.security-group-rule": "sgr-", "ec2.snapshot": "snap-", "ec2.spot-instances-request": "sir-", "ec2.subnet": "subnet-",
	"ec2.transit-gateway": "tgw-", "ec2.transit-gateway-attachment": "tgw-attach-", "ec2.transit-gateway-route-table": "tgw-rtb-",
	"ec2.volume": "vol-", "ec2.vpc": "vpc-", "ec2.vpc-endpoint": "vpce-", "ec2.vpc-flow-log": "fl-", "ec2.vpc-peering-connection": "pcx-",
	"ec2.vpn-connection": "vpn-", "ec2.vpn-gateway": "vgw-",
	"ssm.instance": "i-", "ssm.managed-instance": "mi-",
}
