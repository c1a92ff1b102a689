package ocsf

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
)

// rowV2 is a row of Security Lake's source version 2 (OCSF 1.1.0), as far as
// CloudTrail's records fill it.
type rowV2 struct {
	Metadata  metadata   `parquet:"metadata,optional"`
	Time      int64      `parquet:"time,optional"`
	TimeDT    time.Time  `parquet:"time_dt,optional,timestamp(microsecond)"`
	Cloud     cloud      `parquet:"cloud,optional"`
	API       api        `parquet:"api,optional"`
	Actor     actorV2    `parquet:"actor,optional"`
	HTTP      http       `parquet:"http_request,optional"`
	Source    endpoint   `parquet:"src_endpoint,optional"`
	Resources []resource `parquet:"resources,optional,list"`
	ClassName string     `parquet:"class_name,optional"`
	ClassUID  int32      `parquet:"class_uid,optional"`
	Status    string     `parquet:"status,optional"`
	AccountID string     `parquet:"accountid,optional"`
	Region    string     `parquet:"region,optional"`

	Unmapped map[string]string `parquet:"unmapped,optional"`
}

type metadata struct {
	Product   product  `parquet:"product,optional"`
	EventCode string   `parquet:"event_code,optional"`
	UID       string   `parquet:"uid,optional"`
	Profiles  []string `parquet:"profiles,list"`
	Version   string   `parquet:"version,optional"`
}

type product struct {
	Version string `parquet:"version,optional"`
	Name    string `parquet:"name,optional"`
	Vendor  string `parquet:"vendor_name,optional"`
	Feature struct {
		Name string `parquet:"name,optional"`
	} `parquet:"feature,optional"`
}

type cloud struct {
	Region   string `parquet:"region,optional"`
	Provider string `parquet:"provider,optional"`
}

type api struct {
	Response struct {
		Error   string `parquet:"error,optional"`
		Message string `parquet:"message,optional"`
		Data    string `parquet:"data,optional"`
	} `parquet:"response,optional"`
	Operation string `parquet:"operation,optional"`
	Version   string `parquet:"version,optional"`
	Service   struct {
		Name string `parquet:"name,optional"`
	} `parquet:"service,optional"`
	Request struct {
		Data string `parquet:"data,optional"`
		UID  string `parquet:"uid,optional"`
	} `parquet:"request,optional"`
}

type actorV2 struct {
	User struct {
		Type    string `parquet:"type,optional"`
		Name    string `parquet:"name,optional"`
		UIDAlt  string `parquet:"uid_alt,optional"`
		UID     string `parquet:"uid,optional"`
		Account struct {
			UID string `parquet:"uid,optional"`
		} `parquet:"account,optional"`
		CredentialUID string `parquet:"credential_uid,optional"`
	} `parquet:"user,optional"`
	Session struct {
		Created int64  `parquet:"created_time_dt,optional,timestamp(microsecond)"`
		MFA     bool   `parquet:"is_mfa,optional"`
		Issuer  string `parquet:"issuer,optional"`
	} `parquet:"session,optional"`
	InvokedBy string `parquet:"invoked_by,optional"`
	IDP       struct {
		Name string `parquet:"name,optional"`
	} `parquet:"idp,optional"`
}

type http struct {
	UserAgent string `parquet:"user_agent,optional"`
}

type endpoint struct {
	UID    string `parquet:"uid,optional"`
	IP     string `parquet:"ip,optional"`
	Domain string `parquet:"domain,optional"`
}

type resource struct {
	UID     string `parquet:"uid,optional"`
	Type    string `parquet:"type,optional"`
	Account struct {
		UID string `parquet:"uid,optional"`
	} `parquet:"account,optional"`
}

func v2() rowV2 {
	r := rowV2{Time: 1769860800000, ClassName: "API Activity", ClassUID: 6003, Status: "Failure", AccountID: "111122223333", Region: "eu-west-1"}
	r.Metadata = metadata{EventCode: "AwsApiCall", UID: "e-1", Profiles: []string{"cloud", "datetime"}, Version: "1.1.0"}
	r.Metadata.Product = product{Version: "1.09", Name: "CloudTrail", Vendor: "AWS"}
	r.Metadata.Product.Feature.Name = "Data"
	r.Cloud = cloud{"eu-west-1", "AWS"}
	r.API.Operation, r.API.Service.Name, r.API.Request.UID = "GetObject", "s3.amazonaws.com", "r-1"
	r.API.Request.Data, r.API.Response.Error, r.API.Response.Message = `{"bucketName":"b","key":"<k>"}`, "AccessDenied", "no"
	u := &r.Actor.User
	u.Type, u.UID, u.UIDAlt, u.Account.UID, u.CredentialUID = "AssumedRole", "arn:aws:sts::111122223333:assumed-role/r/s", "AROAEXAMPLE:s", "111122223333", "ASIAEXAMPLE"
	r.Actor.Session.Created, r.Actor.Session.Issuer = 1769857200000000, "arn:aws:iam::111122223333:role/r"
	r.Source, r.HTTP.UserAgent = endpoint{UID: "vpce-1", IP: "192.0.2.7"}, "aws-cli/2"
	r.Resources = []resource{{UID: "arn:aws:s3:::b/k", Type: "AWS::S3::Object"}}
	r.Unmapped = map[string]string{
		"recipientAccountId": "111122223333", "managementEvent": "false", "readOnly": "true",
		"additionalEventData.bytesTransferredOut": "10", "additionalEventData.x": "1", "tlsDetails": `{"tlsVersion":"TLSv1.3"}`,
		"userIdentity.sessionContext.sessionIssuer.userName": "r",
	}
	return r
}

// rowV1 is a row of source version 1 (OCSF 1.0.0-rc.2), where it differs.
type rowV1 struct {
	Metadata metadata `parquet:"metadata,optional"`
	Time     int64    `parquet:"time,optional"`
	Cloud    cloud    `parquet:"cloud,optional"`
	API      api      `parquet:"api,optional"`
	Actor    struct {
		User struct {
			Type       string `parquet:"type,optional"`
			Name       string `parquet:"name,optional"`
			UID        string `parquet:"uid,optional"`
			UUID       string `parquet:"uuid,optional"`
			AccountUID string `parquet:"account_uid,optional"`
		} `parquet:"user,optional"`
		Session struct {
			Created int64 `parquet:"created_time,optional"`
			MFA     bool  `parquet:"mfa,optional"`
		} `parquet:"session,optional"`
	} `parquet:"actor,optional"`
	Source   endpoint          `parquet:"src_endpoint,optional"`
	ClassUID int32             `parquet:"class_uid,optional"`
	Unmapped map[string]string `parquet:"unmapped,optional"`
}

// file makes a Parquet file of rows.
func file[T any](t testing.TB, rows ...T) []byte {
	t.Helper()
	var out bytes.Buffer
	w := parquet.NewGenericWriter[T](&out, parquet.Compression(&parquet.Gzip))
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// same compares JSON texts by what they say.
func same(t *testing.T, got []byte, want string) {
	t.Helper()
	var a, b any
	if err := json.Unmarshal(got, &a); err != nil {
		t.Fatalf("%v in %s", err, got)
	}
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		t.Fatal(err)
	}
	x, _ := json.MarshalIndent(a, "", " ")
	y, _ := json.MarshalIndent(b, "", " ")
	if !bytes.Equal(x, y) {
		t.Errorf("got  %s\nwant %s", x, y)
	}
}

func TestVersion2(t *testing.T) {
	got, err := Records(file(t, v2()), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, `[{"eventVersion":"1.09","eventID":"e-1","eventTime":"2026-01-31T12:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject",
"eventType":"AwsApiCall","eventCategory":"Data","awsRegion":"eu-west-1","requestID":"r-1","recipientAccountId":"111122223333",
"managementEvent":"false","readOnly":"true","sourceIPAddress":"192.0.2.7","vpcEndpointId":"vpce-1","userAgent":"aws-cli/2",
"errorCode":"AccessDenied","errorMessage":"no","requestParameters":{"bucketName":"b","key":"<k>"},
"additionalEventData":{"bytesTransferredOut":"10","x":"1"},"tlsDetails":{"tlsVersion":"TLSv1.3"},
"resources":[{"ARN":"arn:aws:s3:::b/k","type":"AWS::S3::Object"}],
"userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/r/s","principalId":"AROAEXAMPLE:s","accountId":"111122223333",
"accessKeyId":"ASIAEXAMPLE","sessionContext":{"attributes":{"creationDate":"2026-01-31T11:00:00Z"},
"sessionIssuer":{"arn":"arn:aws:iam::111122223333:role/r","userName":"r"}}},"ocsf":{"class":"API Activity","version":"1.1.0"}}]`)
	if !bytes.Contains(got, []byte(`"key":"<k>"`)) {
		t.Errorf("the text of parameters is changed: %s", got)
	}
}

func TestVersion1(t *testing.T) {
	r := rowV1{Time: 1769860800000, ClassUID: 3002}
	r.Metadata = metadata{UID: "e-2", Version: "1.0.0-rc.2", Product: product{Version: "1.08", Name: "CloudTrail", Vendor: "AWS"}}
	r.API.Operation, r.API.Service.Name = "ConsoleLogin", "signin.amazonaws.com"
	u := &r.Actor.User
	u.Type, u.Name, u.UID, u.UUID, u.AccountUID = "IAMUser", "mary", "AIDAEXAMPLE", "arn:aws:iam::111122223333:user/mary", "111122223333"
	r.Actor.Session.Created, r.Actor.Session.MFA = 1769857200000, true
	r.Source.Domain = "cloudformation.amazonaws.com"
	r.Unmapped = map[string]string{"eventType": "AwsConsoleSignIn", "requestParameters": `{"a":1e400}`, "x": "1", "x.y": "2"}
	got, err := Records(file(t, r), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(got), "1e400", "1", 1) // as it was written
	same(t, []byte(text), `[{"eventVersion":"1.08","eventID":"e-2","eventTime":"2026-01-31T12:00:00Z","eventSource":"signin.amazonaws.com",
"eventName":"ConsoleLogin","eventType":"AwsConsoleSignIn","sourceIPAddress":"cloudformation.amazonaws.com","requestParameters":{"a":1},"x":"1","x.y":"2",
"userIdentity":{"type":"IAMUser","userName":"mary","principalId":"AIDAEXAMPLE","arn":"arn:aws:iam::111122223333:user/mary","accountId":"111122223333",
"sessionContext":{"attributes":{"creationDate":"2026-01-31T11:00:00Z","mfaAuthenticated":"true"}}},"ocsf":{"class":"3002","version":"1.0.0-rc.2"}}]`)
}

func TestForeign(t *testing.T) {
	vpc := rowV2{}
	vpc.Metadata.Product = product{Name: "Amazon VPC", Vendor: "AWS"}
	_, err := Records(file(t, vpc, vpc), 1<<20)
	var foreign *ForeignError
	if !errors.As(err, &foreign) || err.Error() != "OCSF records of other products: 2 of AWS Amazon VPC" {
		t.Errorf("%v", err)
	}
	got, err := Records(file(t, vpc, v2()), 1<<20)
	if err != nil || !strings.HasPrefix(string(got), `[{"ocsfProduct":"AWS Amazon VPC"}`) || !bytes.Contains(got, []byte("e-1")) {
		t.Errorf("among others: %s, %v", got, err)
	}
}

func TestRefused(t *testing.T) {
	type other struct{ A string }
	whole := file(t, v2())
	for name, c := range map[string]struct {
		content []byte
		most    int64
		want    string
	}{
		"another schema": {file(t, other{"x"}), 1 << 20, "a Parquet file without OCSF's columns"},
		"cut short":      {whole[:len(whole)/2], 1 << 20, "a damaged Parquet file"},
		"nothing in it":  {[]byte("PAR1PAR1"), 1 << 20, "a damaged Parquet file"},
		"too large":      {whole, 100, "more than the limit of 100"},
		"records larger": {file(t, v2(), v2(), v2(), v2(), v2(), v2(), v2(), v2()), 3500, "more than the limit of"},
	} {
		if _, err := Records(c.content, c.most); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func TestRawData(t *testing.T) {
	type row struct {
		Metadata metadata `parquet:"metadata,optional"`
		RawData  string   `parquet:"raw_data,optional"`
	}
	const record = `{"eventName":"X","eventID":"a","big":1e400}`
	got, err := Records(file(t, row{metadata{Product: product{Name: "CloudTrail"}}, record}), 1<<20)
	if err != nil || strings.TrimSpace(string(got)) != "["+record+"\n]" {
		t.Errorf("%s, %v", got, err)
	}
}

// Whatever is damaged in a file: an error, or records that are JSON.
func FuzzRecords(f *testing.F) {
	f.Add(file(f, v2()))
	f.Add(file(f, rowV1{}))
	f.Fuzz(func(t *testing.T, content []byte) {
		if got, err := Records(content, 1<<20); err == nil && !json.Valid(got) {
			t.Errorf("no JSON: %q", got)
		}
	})
}
