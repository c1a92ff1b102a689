package ingest

import "strings"

// structNames are the members of structs in CloudTrail Lake as records write
// them, by their names in lower case.
var structNames = map[string]string{
	"type": "type", "principalid": "principalId", "arn": "arn", "accountid": "accountId", "accesskeyid": "accessKeyId",
	"username": "userName", "sessioncontext": "sessionContext", "invokedby": "invokedBy", "identityprovider": "identityProvider",
	"credentialid": "credentialId", "onbehalfof": "onBehalfOf", "userid": "userId", "identitystorearn": "identityStoreArn",
	"attributes": "attributes", "creationdate": "creationDate", "mfaauthenticated": "mfaAuthenticated",
	"sessionissuer": "sessionIssuer", "webidfederationdata": "webIdFederationData", "federatedprovider": "federatedProvider",
	"sourceidentity": "sourceIdentity", "ec2roledelivery": "ec2RoleDelivery", "ec2issuedinvpc": "ec2IssuedInVpc",
	"tlsversion": "tlsVersion", "ciphersuite": "cipherSuite", "clientprovidedhostheader": "clientProvidedHostHeader",
}

// structText turns {a=b, c={d=e}} and lists of such, which is how CloudTrail
// Lake writes structs, into JSON. Values have no quotes: one ends at its
// bracket, or where a comma, a known name and an equals sign follow. It is false
// for what is not of that form, such as a map with names that are not known.
func structText(s string) ([]byte, bool) {
	out, rest, ok := structValue(nil, s, 0)
	return out, ok && rest == ""
}

// maxStruct is how deep structs nest: AWS's reach four levels.
const maxStruct = 16

// structValue appends the value at the start of s, and returns what follows it.
func structValue(out []byte, s string, depth int) ([]byte, string, bool) {
	switch {
	case depth > maxStruct:
		return nil, "", false
	case strings.HasPrefix(s, "["):
		return structList(out, s[1:], depth+1)
	case strings.HasPrefix(s, "{"):
		return structObject(append(out, '{'), s[1:], depth+1)
	}
	end := structEnd(s)
	if end < 0 {
		return nil, "", false
	}
	if word := s[:end]; word != "null" && word != "" {
		return appendQuoted(out, word), s[end:], true
	}
	return append(out, "null"...), s[end:], true
}

func structList(out []byte, s string, depth int) ([]byte, string, bool) {
	out = append(out, '[')
	for first := true; ; first = false {
		if rest, ok := strings.CutPrefix(s, "]"); ok {
			return append(out, ']'), rest, true
		}
		if !first {
			var ok bool
			if s, ok = strings.CutPrefix(s, ", "); !ok {
				return nil, "", false
			}
			out = append(out, ',')
		}
		if !strings.HasPrefix(s, "{") {
			return nil, "", false // words of a list may hold commas
		}
		var ok bool
		if out, s, ok = structValue(out, s, depth); !ok {
			return nil, "", false
		}
	}
}

func structObject(out []byte, s string, depth int) ([]byte, string, bool) {
	for {
		name, rest, ok := strings.Cut(s, "=")
		name, known := structNames[strings.ToLower(name)], ok
		if !known || name == "" {
			return nil, "", false
		}
		out = append(appendQuoted(out, name), ':')
		if out, s, ok = structValue(out, rest, depth); !ok {
			return nil, "", false
		}
		if rest, ok := strings.CutPrefix(s, "}"); ok {
			return append(out, '}'), rest, true
		}
		if s, ok = strings.CutPrefix(s, ", "); !ok {
			return nil, "", false
		}
		out = append(out, ',')
	}
}

// structEnd is where the word at the start of s ends; -1 where it does not.
func structEnd(s string) int {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '}':
			return i
		case s[i] == '{':
			return -1
		case strings.HasPrefix(s[i:], ", "):
			const longest = 32 // of the names, and some
			name, _, ok := strings.Cut(s[i+2:min(len(s), i+2+longest)], "=")
			if _, known := structNames[strings.ToLower(name)]; ok && known {
				return i
			}
		}
	}
	return -1
}
