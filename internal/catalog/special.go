package catalog

import (
	"net/url"
	"strings"
)

// special are operations whose actions depend on the request. targets are
// the actions that it may give; a test holds that they exist.
type special struct {
	targets string
	uses    func(*request) []Use
}

// specials are by service prefix and lower-case operation. Authority: the
// "Permissions" paragraph of each operation in the API reference.
var specials = map[string]special{
	"s3:copyobject":                  {"s3:GetObject s3:GetObjectVersion s3:PutObject", (*request).s3Copy},
	"s3:uploadpartcopy":              {"s3:GetObject s3:GetObjectVersion s3:PutObject", (*request).s3Copy},
	"s3:deleteobjects":               {"s3:DeleteObject", (*request).s3DeleteObjects},
	"s3:headobject":                  {"s3:GetObject s3:GetObjectVersion", versioned("s3:GetObject", "s3:GetObjectVersion")},
	"s3:selectobjectcontent":         {"s3:GetObject", versioned("s3:GetObject", "s3:GetObject")},
	"s3:getobject":                   {"s3:GetObject s3:GetObjectVersion", versioned("s3:GetObject", "s3:GetObjectVersion")},
	"s3:deleteobject":                {"s3:DeleteObject s3:DeleteObjectVersion", versioned("s3:DeleteObject", "s3:DeleteObjectVersion")},
	"s3:getobjectacl":                {"s3:GetObjectAcl s3:GetObjectVersionAcl", versioned("s3:GetObjectAcl", "s3:GetObjectVersionAcl")},
	"s3:putobjectacl":                {"s3:PutObjectAcl s3:PutObjectVersionAcl", versioned("s3:PutObjectAcl", "s3:PutObjectVersionAcl")},
	"s3:getobjecttagging":            {"s3:GetObjectTagging s3:GetObjectVersionTagging", versioned("s3:GetObjectTagging", "s3:GetObjectVersionTagging")},
	"s3:putobjecttagging":            {"s3:PutObjectTagging s3:PutObjectVersionTagging", versioned("s3:PutObjectTagging", "s3:PutObjectVersionTagging")},
	"s3:deleteobjecttagging":         {"s3:DeleteObjectTagging s3:DeleteObjectVersionTagging", versioned("s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging")},
	"iam:createservicelinkedrole":    {"iam:CreateServiceLinkedRole", (*request).serviceLinkedRole},
	"kms:reencrypt":                  {"kms:ReEncryptFrom kms:ReEncryptTo", (*request).reEncrypt},
	"dynamodb:transactwriteitems":    {"dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:ConditionCheckItem", (*request).transactWrite},
	"dynamodb:batchgetitem":          {"dynamodb:BatchGetItem", batchItems("dynamodb:BatchGetItem")},
	"dynamodb:batchwriteitem":        {"dynamodb:BatchWriteItem", batchItems("dynamodb:BatchWriteItem")},
	"dynamodb:executestatement":      {partiQL, (*request).partiQL},
	"dynamodb:batchexecutestatement": {partiQL, (*request).partiQL},
	"dynamodb:executetransaction":    {partiQL, (*request).partiQL},
}

const partiQL = "dynamodb:PartiQLSelect dynamodb:PartiQLInsert dynamodb:PartiQLUpdate dynamodb:PartiQLDelete"

func specialFor(prefix, op string) func(*request) []Use {
	if prefix == "apigateway" {
		return (*request).gateway
	}
	return specials[prefix+":"+op].uses
}

// reachedByRule are the actions, lower case, that only rules lead to.
func reachedByRule() map[string]bool {
	out := map[string]bool{}
	for prefix, text := range overlay {
		for _, line := range strings.Split(text, "\n") {
			if words := strings.Fields(line); len(words) > 1 {
				mark(out, qualified(prefix, words[1:]))
			}
		}
	}
	for prefix, names := range batches {
		mark(out, qualified(prefix, strings.Fields(names)))
	}
	for _, s := range specials {
		mark(out, qualified("", strings.Fields(s.targets)))
	}
	return out
}

func mark(set map[string]bool, names []string) {
	for _, n := range names {
		set[n] = true
	}
}

// versioned is an S3 call that needs another action where it names a version.
func versioned(plain, version string) func(*request) []Use {
	return func(r *request) []Use {
		name := plain
		if r.params.top("versionId") != "" {
			name = version
		}
		via := ViaRule
		if strings.EqualFold(name, "s3:"+r.plan.op) {
			via = ViaName
		}
		return r.use(name, via)
	}
}

// s3Copy reads the source and writes the destination.
func (r *request) s3Copy() []Use {
	uses := r.use("s3:PutObject", ViaRule, r.s3Object(r.params.top("bucketName"), r.params.top("key"))...)
	source, err := url.PathUnescape(r.params.top("x-amz-copy-source"))
	if err != nil || source == "" {
		return append(uses, r.use("s3:GetObject", ViaRule, []string{}...)...)
	}
	action := "s3:GetObject"
	if path, version, ok := strings.Cut(source, "?versionId="); ok && version != "" {
		source, action = path, "s3:GetObjectVersion"
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(source, "/"), "/")
	if strings.HasPrefix(source, "arn:") {
		bucket, key = source, ""
		if i := strings.Index(source, "/object/"); i >= 0 {
			bucket, key = source[:i], source[i+len("/object/"):]
		}
	}
	return append(uses, r.use(action, ViaRule, r.s3Object(bucket, key)...)...)
}

// s3DeleteObjects names no keys: the objects of the bucket.
func (r *request) s3DeleteObjects() []Use {
	return r.use("s3:DeleteObject", ViaRule, r.s3Object(r.params.top("bucketName"), "")...)
}

// s3Object is the ARN of an object, of all objects where the key is not
// known. A bucket may be given as the ARN of an access point.
func (r *request) s3Object(bucket, key string) []string {
	if bucket == "" {
		return []string{}
	}
	object := escape(key)
	if key == "" {
		object = "*"
	}
	if strings.HasPrefix(bucket, "arn:") {
		return []string{bucket + "/object/" + object}
	}
	return []string{"arn:" + r.partition() + ":s3:::" + bucket + "/" + object}
}

// reEncrypt decrypts under one key and encrypts under another.
func (r *request) reEncrypt() []Use {
	key := r.c.find("kms:ReEncryptTo")
	if key == nil {
		return nil
	}
	to := r.filled(key, r.params.values("destinationkeyid"), "keyid")
	from := r.filled(key, r.params.values("sourcekeyid"), "keyid")
	for _, res := range r.e.Resources {
		switch {
		case !key.fits(res.ARN):
		case len(to) == 0 || sameKey(res.ARN, r.params.top("destinationKeyId")):
			to = []string{res.ARN}
		default:
			from = []string{res.ARN}
		}
	}
	return append(r.use("kms:ReEncryptFrom", ViaRule, nonNil(from)...), r.use("kms:ReEncryptTo", ViaRule, nonNil(to)...)...)
}

func sameKey(arn, id string) bool {
	return id != "" && (arn == id || strings.HasSuffix(arn, "key/"+id))
}

func nonNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// transactWrite is each kind of item action on its tables.
func (r *request) transactWrite() []Use {
	var out []Use
	elements(r.params.member("transactItems"), func(item string) bool {
		members(item, func(kind, body string) bool {
			p := params{raw: body}
			out = append(out, r.tableUse("dynamodb:"+transactKinds[strings.ToLower(kind)], p.top("tableName"))...)
			return true
		})
		return true
	})
	return out
}

var transactKinds = map[string]string{"put": "PutItem", "update": "UpdateItem", "delete": "DeleteItem", "conditioncheck": "ConditionCheckItem"}

// tableUse is a DynamoDB action on one table, named or by ARN.
func (r *request) tableUse(name, table string) []Use {
	a := r.c.find(name)
	if a == nil {
		return nil
	}
	if table == "" {
		return r.use(name, ViaRule)
	}
	return r.use(name, ViaRule, nonNil(r.filled(a, []string{table}, "tablename"))...)
}

// batchItems is an action on the tables that are the keys of requestItems.
func batchItems(name string) func(*request) []Use {
	return func(r *request) []Use {
		a := r.c.find(name)
		if a == nil {
			return nil
		}
		tables := r.listed(a)
		if tables == nil {
			members(r.params.member("requestItems"), func(table, _ string) bool {
				tables = append(tables, r.filled(a, []string{table}, "tablename")...)
				return true
			})
		}
		return r.use(name, ViaName, nonNil(tables)...)
	}
}

// partiQL is by the verb of each statement; where the log hides the
// statement, a read can only be a SELECT.
func (r *request) partiQL() []Use {
	var out []Use
	for _, statement := range r.params.values("statement") {
		words := strings.Fields(statement)
		if len(words) == 0 {
			continue
		}
		if verb := partiQLVerbs[strings.ToUpper(words[0])]; verb != "" {
			out = append(out, r.tableUse("dynamodb:PartiQL"+verb, partiQLTable(words))...)
		}
	}
	if len(out) == 0 && r.e.ReadOnly != nil && *r.e.ReadOnly {
		out = r.use("dynamodb:PartiQLSelect", ViaRule)
	}
	return out
}

var partiQLVerbs = map[string]string{"SELECT": "Select", "INSERT": "Insert", "UPDATE": "Update", "DELETE": "Delete", "EXISTS(SELECT": "Select"}

// partiQLTable is the table of a statement: what follows FROM, INTO or UPDATE.
func partiQLTable(words []string) string {
	for i, w := range words[:len(words)-1] {
		switch strings.ToUpper(w) {
		case "FROM", "INTO", "UPDATE":
			table, _, _ := strings.Cut(strings.Trim(words[i+1], `;`), `".`)
			return strings.Trim(table, `"'`)
		}
	}
	return ""
}

// serviceLinkedRole is made under the path of its service, for that service alone.
func (r *request) serviceLinkedRole() []Use {
	service := r.params.top("aWSServiceName")
	uses := r.use("iam:CreateServiceLinkedRole", ViaName)
	if service == "" || len(uses) == 0 {
		return uses
	}
	arn := "arn:" + r.partition() + ":iam::" + r.account() + ":role/aws-service-role/" + escape(service) + "/*"
	if made := fittingARNs(r.c.find("iam:CreateServiceLinkedRole"), &r.response); made != nil {
		arn = made[0]
	}
	uses[0].Resources = []string{arn}
	uses[0].Condition = map[string][]string{"iam:AWSServiceName": {service}}
	return uses
}
