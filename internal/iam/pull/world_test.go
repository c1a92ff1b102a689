package pull

import (
	"encoding/base64"
	"fmt"
	"net/url"
)

// whole answers every call about one account, in pages where AWS has them.
func (s *stub) whole() {
	s.to("iam:GetAccountAuthorizationDetails", func(c call) answer { return detailsPage(home, c.params["Marker"]) })
	s.on("iam:GetAccountSummary", xmlAnswer("GetAccountSummary", `<SummaryMap><entry><key>AccountMFAEnabled</key><value>1</value></entry><entry><key>Users</key><value>2</value></entry></SummaryMap>`))
	s.on("iam:GetAccountPasswordPolicy", xmlAnswer("GetAccountPasswordPolicy", `<PasswordPolicy><MinimumPasswordLength>14</MinimumPasswordLength><RequireSymbols>true</RequireSymbols><RequireNumbers>false</RequireNumbers><PasswordReusePrevention>24</PasswordReusePrevention><ExpirePasswords>true</ExpirePasswords><MaxPasswordAge>90</MaxPasswordAge></PasswordPolicy>`))
	s.to("iam:ListVirtualMFADevices", mfaPage)
	s.to("iam:ListAccessKeys", func(c call) answer {
		return xmlAnswer("ListAccessKeys", `<IsTruncated>false</IsTruncated><AccessKeyMetadata><member><UserName>`+c.params["UserName"]+`</UserName><AccessKeyId>AKIA`+c.params["UserName"]+`</AccessKeyId><Status>Active</Status><CreateDate>2025-01-01T00:00:00Z</CreateDate></member></AccessKeyMetadata>`)
	})
	s.on("iam:GenerateCredentialReport", xmlAnswer("GenerateCredentialReport", `<State>STARTED</State>`))
	s.on("iam:GetCredentialReport", xmlError(404, "ReportInProgress", "wait"), xmlError(404, "ReportInProgress", "wait"), credentialReport(home))
	s.to("iam:GenerateServiceLastAccessedDetails", func(c call) answer {
		return xmlAnswer("GenerateServiceLastAccessedDetails", `<JobId>`+url.QueryEscape(c.params["Arn"])+`</JobId>`)
	})
	s.accessed()
	s.trail()
	s.organization()
	s.identityCenter()
}

func detailsPage(account, marker string) answer {
	document := url.PathEscape(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`)
	member := func(name string) string {
		return fmt.Sprintf(`<member><Path>/</Path><UserName>%s</UserName><UserId>AIDA%s</UserId><Arn>arn:aws:iam::%s:user/%s</Arn><CreateDate>2025-01-01T00:00:00Z</CreateDate>
			<UserPolicyList><member><PolicyName>own</PolicyName><PolicyDocument>%s</PolicyDocument></member></UserPolicyList><GroupList/><AttachedManagedPolicies/></member>`, name, name, account, name, document)
	}
	role := fmt.Sprintf(`<member><Path>/</Path><RoleName>app</RoleName><RoleId>AROA</RoleId><Arn>arn:aws:iam::%s:role/app</Arn><CreateDate>2025-01-01T00:00:00Z</CreateDate>
		<AssumeRolePolicyDocument>%s</AssumeRolePolicyDocument><InstanceProfileList/><RolePolicyList/><AttachedManagedPolicies/><RoleLastUsed><LastUsedDate>2026-05-01T00:00:00Z</LastUsedDate><Region>eu-west-1</Region></RoleLastUsed></member>`, account, document)
	switch marker {
	case "":
		return xmlAnswer("GetAccountAuthorizationDetails", `<IsTruncated>true</IsTruncated><Marker>two</Marker><UserDetailList>`+member("ann")+`</UserDetailList>`)
	case "two":
		return xmlAnswer("GetAccountAuthorizationDetails", `<IsTruncated>true</IsTruncated><Marker>three</Marker><UserDetailList>`+member("bob")+`</UserDetailList>`)
	}
	return xmlAnswer("GetAccountAuthorizationDetails", `<IsTruncated>false</IsTruncated><RoleDetailList>`+role+`</RoleDetailList>`)
}

func mfaPage(c call) answer {
	device := func(name string) string {
		return `<member><SerialNumber>arn:aws:iam::` + home + `:mfa/` + name + `</SerialNumber><User><Path>/</Path><UserName>ann</UserName><UserId>AIDA</UserId><Arn>arn:aws:iam::` + home + `:user/ann</Arn><CreateDate>2025-01-01T00:00:00Z</CreateDate></User><EnableDate>2025-01-02T00:00:00Z</EnableDate></member>`
	}
	if c.params["Marker"] == "" {
		return xmlAnswer("ListVirtualMFADevices", `<IsTruncated>true</IsTruncated><Marker>more</Marker><VirtualMFADevices>`+device("one")+`</VirtualMFADevices>`)
	}
	return xmlAnswer("ListVirtualMFADevices", `<IsTruncated>false</IsTruncated><VirtualMFADevices>`+device("two")+`</VirtualMFADevices>`)
}

func credentialReport(account string) answer {
	csv := "user,arn,user_creation_time,password_enabled,mfa_active,access_key_1_active,access_key_2_active\n" +
		"<root_account>,arn:aws:iam::" + account + ":root,2020-01-01T00:00:00Z,not_supported,true,false,false\n" +
		"ann,arn:aws:iam::" + account + ":user/ann,2025-01-01T00:00:00Z,true,true,true,false\n" +
		"bob,arn:aws:iam::" + account + ":user/bob,2025-01-01T00:00:00Z,true,true,false,false\n"
	return xmlAnswer("GetCredentialReport", `<Content>`+base64.StdEncoding.EncodeToString([]byte(csv))+`</Content><ReportFormat>text/csv</ReportFormat><GeneratedTime>2026-06-01T09:00:00Z</GeneratedTime>`)
}

// accessed makes each job run for one look, and answers it in two pages.
func (s *stub) accessed() {
	looks := map[string]int{}
	s.to("iam:GetServiceLastAccessedDetails", func(c call) answer {
		job := c.params["JobId"]
		if looks[job]++; looks[job] == 1 {
			return xmlAnswer("GetServiceLastAccessedDetails", `<JobStatus>IN_PROGRESS</JobStatus><JobCreationDate>2026-06-01T12:00:00Z</JobCreationDate>`)
		}
		service, rest := "s3", `<IsTruncated>true</IsTruncated><Marker>more</Marker>`
		if c.params["Marker"] != "" {
			service, rest = "ec2", `<IsTruncated>false</IsTruncated>`
		}
		return xmlAnswer("GetServiceLastAccessedDetails", `<JobStatus>COMPLETED</JobStatus><JobCreationDate>2026-06-01T12:00:00Z</JobCreationDate><JobCompletionDate>2026-06-01T12:00:01Z</JobCompletionDate>`+rest+
			`<ServicesLastAccessed><member><ServiceName>x</ServiceName><ServiceNamespace>`+service+`</ServiceNamespace><LastAuthenticated>2026-05-01T00:00:00Z</LastAuthenticated><TotalAuthenticatedEntities>1</TotalAuthenticatedEntities></member></ServicesLastAccessed>`)
	})
}

// trail has one trail that the region sees, and one of another region alone.
func (s *stub) trail() {
	arn := func(region, name string) string {
		return "arn:aws:cloudtrail:" + region + ":" + home + ":trail/" + name
	}
	s.to("cloudtrail:DescribeTrails", func(c call) answer {
		region, name, multi := "us-east-1", "main", true
		if c.params["region"] != "eu-west-1" {
			region, name, multi = c.params["region"], "local", false
		}
		return answer{body: fmt.Sprintf(`{"trailList":[{"Name":%q,"TrailARN":%q,"HomeRegion":%q,"S3BucketName":"logs","IsMultiRegionTrail":%v,"LogFileValidationEnabled":true,"HasCustomEventSelectors":true}]}`, name, arn(region, name), region, multi)}
	})
	s.to("cloudtrail:ListTrails", func(c call) answer {
		if c.params["NextToken"] == "" {
			return answer{body: fmt.Sprintf(`{"Trails":[{"Name":"main","TrailARN":%q,"HomeRegion":"us-east-1"}],"NextToken":"more"}`, arn("us-east-1", "main"))}
		}
		return answer{body: fmt.Sprintf(`{"Trails":[{"Name":"local","TrailARN":%q,"HomeRegion":"ap-south-1"}]}`, arn("ap-south-1", "local"))}
	})
	s.to("cloudtrail:GetEventSelectors", func(c call) answer {
		return answer{body: fmt.Sprintf(`{"TrailARN":%q,"EventSelectors":[{"ReadWriteType":"WriteOnly","IncludeManagementEvents":true,"DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3:::secret/"]}]}]}`, c.params["TrailName"])}
	})
	s.on("cloudtrail:GetTrailStatus", answer{body: `{"IsLogging":true}`})
}

const (
	orgARN  = "arn:aws:organizations::" + home + ":"
	rootID  = "r-ab12"
	unitID  = "ou-ab12-cdefgh34"
	orgID   = "o-a1b2c3d4e5"
	scpID   = "p-a1b2c3d4"
	allFull = `{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}`
	noS3    = `{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}`
)

// organization is a root with the home account, and a unit with the member,
// whose S3 an SCP denies.
func (s *stub) organization() {
	s.on("organizations:DescribeOrganization", answer{body: `{"Organization":{"Id":"` + orgID + `","Arn":"` + orgARN + `organization/` + orgID + `","MasterAccountId":"` + home + `","FeatureSet":"ALL"}}`})
	s.on("organizations:ListRoots", answer{body: `{"Roots":[{"Id":"` + rootID + `","Arn":"` + orgARN + `root/` + orgID + `/` + rootID + `","Name":"Root","PolicyTypes":[{"Type":"SERVICE_CONTROL_POLICY","Status":"ENABLED"}]}]}`})
	s.to("organizations:ListOrganizationalUnitsForParent", func(c call) answer {
		if c.params["ParentId"] != rootID {
			return answer{body: `{"OrganizationalUnits":[]}`}
		}
		if c.params["NextToken"] == "" { // an empty page is no end
			return answer{body: `{"OrganizationalUnits":[],"NextToken":"more"}`}
		}
		return answer{body: `{"OrganizationalUnits":[{"Id":"` + unitID + `","Arn":"` + orgARN + `ou/` + orgID + `/` + unitID + `","Name":"work"}]}`}
	})
	s.to("organizations:ListAccountsForParent", func(c call) answer {
		id, name := home, "management"
		if c.params["ParentId"] == unitID {
			id, name = member, "work"
		}
		return answer{body: `{"Accounts":[{"Id":"` + id + `","Arn":"` + orgARN + `account/` + orgID + `/` + id + `","Name":"` + name + `","Status":"ACTIVE","State":"ACTIVE"}]}`}
	})
	summary := func(id, name, kind string) string {
		return `{"Id":"` + id + `","Arn":"` + orgARN + `policy/` + orgID + `/x/` + id + `","Name":"` + name + `","Type":"` + kind + `"}`
	}
	s.to("organizations:ListPolicies", func(c call) answer {
		if c.params["Filter"] != "SERVICE_CONTROL_POLICY" {
			return jsonError(400, "PolicyTypeNotEnabledException", "not enabled")
		}
		if c.params["NextToken"] == "" {
			return answer{body: `{"Policies":[` + summary("p-FullAWSAccess", "FullAWSAccess", "SERVICE_CONTROL_POLICY") + `],"NextToken":"more"}`}
		}
		return answer{body: `{"Policies":[` + summary(scpID, "no-s3", "SERVICE_CONTROL_POLICY") + `]}`}
	})
	s.to("organizations:DescribePolicy", func(c call) answer {
		id, content := c.params["PolicyId"], allFull
		if id == scpID {
			content = noS3
		}
		return answer{body: `{"Policy":{"PolicySummary":` + summary(id, "n-"+id, "SERVICE_CONTROL_POLICY") + `,"Content":"` + content + `"}}`}
	})
	target := func(id string) string { return `{"TargetId":"` + id + `","Arn":"","Name":"n","Type":"ACCOUNT"}` }
	s.to("organizations:ListTargetsForPolicy", func(c call) answer {
		switch {
		case c.params["PolicyId"] == scpID:
			return answer{body: `{"Targets":[` + target(unitID) + `]}`}
		case c.params["NextToken"] == "":
			return answer{body: `{"Targets":[` + target(rootID) + `,` + target(unitID) + `],"NextToken":"more"}`}
		}
		return answer{body: `{"Targets":[` + target(home) + `,` + target(member) + `]}`}
	})
}
