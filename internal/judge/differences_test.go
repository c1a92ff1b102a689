package judge

import (
	"encoding/base64"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// difference is a point on which the two evaluators are known to differ.
type difference struct {
	name string
	// says is what AWS documents, by which ours answers.
	says string
	// applies tells that a pair may be decided on that point.
	applies func(*document, *request) bool
	// an example, with our answer and theirs
	policy       string
	request      request
	ours, theirs iam.Decision
}

const (
	allow = iam.Allowed
	none  = iam.ImplicitlyDenied
)

func conditioned(version, condition string) string {
	return `{"Version":"` + version + `","Statement":[{"Effect":"Allow","Action":["*"],"Resource":["*"],"Condition":` + condition + `}]}`
}

func on(resource string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["*"],"Resource":["` + resource + `"]}]}`
}

func with(key string, values ...string) request {
	return request{"s3:GetObject", "arn:aws:s3:::b/k", map[string][]string{key: values}}
}

func about(resource string) request { return request{"s3:GetObject", resource, nil} }

var differences = []difference{
	{"escaped wildcards and defaults", `IAM user guide, Policy variables: "${*} - use where you need an * (asterisk) character"; "To add a default value to a variable, ` +
		`surround the default value with single quotes (' '), and separate the variable text and the default value with a comma".`,
		variable(func(name string, _ []string) bool { return strings.ContainsAny(name, "*?$,") }),
		on("arn:aws:s3:::${aws:PrincipalTag/team, 'b'}/k"), about("arn:aws:s3:::b/k"), allow, none},
	{"keys with a slash as variables", `IAM user guide, Policy variables: "You can use the aws:PrincipalTag/key-name condition key as a policy variable".`,
		variable(func(name string, _ []string) bool { return strings.Contains(name, "/") }),
		on("arn:aws:s3:::${aws:PrincipalTag/team}/k"), request{"s3:GetObject", "arn:aws:s3:::b/k", map[string][]string{"aws:PrincipalTag/team": {"b"}}}, allow, none},
	{"variables without one value", `IAM user guide, Policy variables: where a key is not in the request or has several values, ` +
		`"the variable cannot be resolved, this might cause the entire statement to be invalid": such a value matches nothing, not its own text.`,
		variable(func(_ string, values []string) bool { return len(values) != 1 }),
		on("arn:aws:s3:::home/${nosuch:key}/f"), about("arn:aws:s3:::home/${nosuch:key}/f"), none, allow},
	{"wildcards in the value of a variable", `IAM user guide, Policy variables: wildcards are part of the policy's text; what a request brings stands for itself.`,
		variable(func(_ string, values []string) bool { return len(values) == 1 && strings.ContainsAny(values[0], "*?") }),
		on("arn:aws:s3:::${s3:prefix}/k"), request{"s3:GetObject", "arn:aws:s3:::b/k", map[string][]string{"s3:prefix": {"*"}}}, none, allow},
	{"a key without values", `IAM user guide, Multivalued context keys: a key in a request has one value or more; without any it is not in the request.`,
		tested(func(_ parsed, _ string, have []string, present bool) bool { return present && len(have) == 0 }),
		conditioned("2012-10-17", `{"StringEqualsIfExists":{"aws:TagKeys":["a"]}}`), with("aws:TagKeys"), allow, none},
	{"ForAllValues of an empty string", `IAM user guide, Multivalued context keys: ForAllValues "also returns true if there are no context keys in the request, or if the ` +
		`context key value resolves to a null dataset, such as an empty string".`,
		tested(func(op parsed, _ string, have []string, _ bool) bool {
			return op.set == "ForAllValues" && contains(have, "")
		}),
		conditioned("2012-10-17", `{"ForAllValues:StringEquals":{"aws:TagKeys":["a"]}}`), with("aws:TagKeys", ""), allow, none},
	{"Null of an empty string", `IAM user guide, Multivalued context keys: Null with false checks "if the context key in the request exists and its value is not null", ` +
		`an empty string being a null data set.`,
		tested(func(op parsed, _ string, have []string, present bool) bool {
			return op.name == "Null" && present && !has(have, func(s string) bool { return s != "" })
		}),
		conditioned("2012-10-17", `{"Null":{"aws:TagKeys":["true"]}}`), with("aws:TagKeys", ""), allow, none},
	{"ForAnyValue of an absent key", `IAM user guide, Multivalued context keys: with ForAnyValue "the condition returns false if there are no matching context keys in the request".`,
		tested(func(op parsed, _ string, _ []string, present bool) bool {
			return op.set == "ForAnyValue" && strings.Contains(op.name, "Not") && !op.ifExists && !present
		}),
		conditioned("2012-10-17", `{"ForAnyValue:StringNotEquals":{"aws:TagKeys":["a"]}}`), with("s3:prefix", "x"), none, allow},
	{"numbers", `IAM user guide, Numeric condition operators: "integer or decimal values", which are compared exactly; a float64 takes 9007199254740993 for 9007199254740992.`,
		operands("Numeric", func(s string) bool { return len(s) > 15 || strings.ContainsAny(s, "xe") && s != "ten" }),
		conditioned("2012-10-17", `{"NumericEquals":{"s3:max-keys":["9007199254740993"]}}`), with("s3:max-keys", "9007199254740992"), none, allow},
	{"dates", `IAM user guide, Date condition operators: "one of the W3C implementations of the ISO 8601 date formats or in epoch (UNIX) time", a day alone being one of these.`,
		operands("Date", func(s string) bool { return !rfc3339(s) && !integer.MatchString(s) }),
		conditioned("2012-10-17", `{"DateGreaterThan":{"aws:CurrentTime":["2026-01-31"]}}`), with("aws:CurrentTime", "2026-02-01T00:00:00Z"), allow, none},
	{"booleans", `IAM user guide, Boolean condition operators: values are true and false.`,
		operands("Bool", func(s string) bool { return s != "true" && s != "false" }),
		conditioned("2012-10-17", `{"Bool":{"aws:SecureTransport":["true"]}}`), with("aws:SecureTransport", "t"), none, allow},
	{"binary values", `IAM user guide, Binary condition operators: "compares the value of the specified key byte for byte against a base-64 encoded representation of the ` +
		`binary value in the policy"; what is not base64 is no value.`,
		operands("Binary", func(s string) bool { _, err := base64.StdEncoding.DecodeString(s); return err != nil }),
		conditioned("2012-10-17", `{"BinaryEquals":{"svc:blob":["*"]}}`), with("svc:blob", "*"), none, allow},
	{"ARNs by part", `IAM user guide, ARN condition operators: "Each of the six colon-delimited components of the ARN is checked separately and each can include ` +
		`multi-character match wildcards (*) or single-character match wildcards (?)".`,
		operands("Arn", func(s string) bool { return strings.ContainsAny(five(s), "*?") || strings.Count(s, ":") < 5 }),
		conditioned("2012-10-17", `{"ArnLike":{"aws:SourceArn":["arn:aws:*:t"]}}`), with("aws:SourceArn", "arn:aws:sns:eu-west-1:111122223333:t"), none, allow},
	{"wildcards inside a part of a resource", `IAM user guide, Resource element: a wildcard inside a segment does not match beyond it; ` +
		`"If the * wildcard is the last character of a resource ARN segment, it can expand to match beyond the colon boundaries".`,
		func(p *document, _ *request) bool { return eachResource(p, innerWildcard.MatchString) },
		on("arn:aws:s*3:::b/k"), about("arn:aws:sqs:eu-west-3:::b/k"), none, allow},
	{"a question mark is a character", `IAM user guide, Resource element: "a question mark (?) represents any single character", whatever bytes encode it.`,
		func(p *document, r *request) bool { return !ascii(r) && strings.Contains(p.text(), "?") },
		on("arn:aws:s3:::b?/k"), about("arn:aws:s3:::bé/k"), allow, none},
}

// TestDifferences holds each difference with its example.
func TestDifferences(t *testing.T) {
	for _, d := range differences {
		t.Run(d.name, func(t *testing.T) {
			a, b := ours(evaluator(t, d.policy), &d.request), theirs(d.policy, &d.request)
			if a != d.ours || b != d.theirs {
				t.Errorf("ours %s, want %s; theirs %s, want %s\n%s\n%s", a, d.ours, b, d.theirs, d.policy, &d.request)
			}
		})
	}
}

// parsed is an operator's name taken apart.
type parsed struct {
	set, name string
	ifExists  bool
}

func parse(operator string) parsed {
	set, name, ok := strings.Cut(operator, ":")
	if !ok {
		set, name = "", operator
	}
	name, ifExists := strings.CutSuffix(name, "IfExists")
	return parsed{set, name, ifExists}
}

// eachTest reports whether one test of a condition is as f says.
func eachTest(p *document, f func(version string, op parsed, key string, want []string) bool) bool {
	for _, s := range p.Statement {
		for operator, tests := range s.Condition {
			for key, want := range tests {
				if f(p.Version, parse(operator), key, want) {
					return true
				}
			}
		}
	}
	return false
}

func value(r *request, key string) ([]string, bool) {
	for k, v := range r.full() {
		if strings.EqualFold(k, key) {
			return v, true
		}
	}
	return nil, false
}

func tested(f func(op parsed, key string, have []string, present bool) bool) func(*document, *request) bool {
	return func(p *document, r *request) bool {
		return eachTest(p, func(_ string, op parsed, key string, _ []string) bool {
			have, present := value(r, key)
			return f(op, key, have, present)
		})
	}
}

// operands asks of the values on both sides of a family's operators.
func operands(family string, odd func(string) bool) func(*document, *request) bool {
	return func(p *document, r *request) bool {
		return eachTest(p, func(_ string, op parsed, key string, want []string) bool {
			have, _ := value(r, key)
			return strings.Contains(op.name, family) && (has(want, odd) || has(have, odd))
		})
	}
}

var variables = regexp.MustCompile(`\$\{([^}]*)\}`)

// variable asks of the policy variables that are read as such.
func variable(f func(name string, values []string) bool) func(*document, *request) bool {
	return func(p *document, r *request) bool {
		in := func(text string) bool {
			for _, m := range variables.FindAllStringSubmatch(text, -1) {
				values, _ := value(r, m[1])
				if f(m[1], values) {
					return true
				}
			}
			return false
		}
		if p.Version != version12 {
			return false
		}
		return eachResource(p, in) || eachTest(p, func(_ string, op parsed, _ string, want []string) bool {
			return (strings.Contains(op.name, "String") || strings.Contains(op.name, "Arn")) && has(want, in)
		})
	}
}

func eachResource(p *document, f func(string) bool) bool {
	for _, s := range p.Statement {
		if has(s.Resource, f) || has(s.NotResource, f) {
			return true
		}
	}
	return false
}

func has(list []string, f func(string) bool) bool {
	for _, s := range list {
		if f(s) {
			return true
		}
	}
	return false
}

func contains(list []string, s string) bool { return has(list, func(x string) bool { return x == s }) }

var (
	integer       = regexp.MustCompile(`^-?[0-9]+$`)
	innerWildcard = regexp.MustCompile(`^([^:]*:){0,4}[^:]*(\*[^:*]|\?)`)
)

func rfc3339(s string) bool {
	_, err := time.Parse(time.RFC3339, s)
	return err == nil
}

// five are the parts of an ARN before its resource.
func five(s string) string {
	parts := strings.SplitN(s, ":", 6)
	return strings.Join(parts[:min(5, len(parts))], ":")
}

func ascii(r *request) bool {
	text := r.resource
	for _, v := range r.context {
		text += strings.Join(v, "")
	}
	return strings.IndexFunc(text, func(c rune) bool { return c > 127 }) < 0
}
