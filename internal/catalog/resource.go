package catalog

import (
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/event"
)

// resources are the ARNs that the event's call used a on: what AWS lists as
// resources, an ARN in the request, the type's pattern filled from the
// request, an ARN in the response. "*" alone where a takes no resource; empty
// where the event does not tell. A part that was not known to AWS either when
// it decided (the id of a thing to be made) is *.
func (r *request) resources(a *action) []string {
	if len(a.types) == 0 {
		return []string{"*"}
	}
	out := r.listed(a)
	if out == nil {
		out = r.asked(a)
	}
	if len(out) < 2 {
		return out
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// listed are the event's resources that a accepts.
func (r *request) listed(a *action) []string {
	var out, loose []string
	for i := range r.e.Resources {
		arn := r.e.Resources[i].ARN
		if a.prefix == "s3" && strings.HasSuffix(arn, "/") {
			continue // a prefix of objects, without the objects
		}
		switch a.fit(arn) {
		case exactFit:
			out = append(out, arn)
		case looseFit:
			loose = append(loose, arn)
		}
	}
	if out == nil {
		return loose
	}
	return out
}

// asked are the resources that the request, else the response, tells.
func (r *request) asked(a *action) []string {
	if a.prefix == "s3" {
		if out := r.s3(a); out != nil {
			return out
		}
	}
	if arn := r.loadBalancer(a); arn != "" {
		return []string{arn}
	}
	out := fittingARNs(a, &r.params)
	switch a.prefix {
	case "secretsmanager":
		wholeSecrets(out)
	case "sns":
		topics(out)
	}
	if out != nil && a.prefix != "ec2" {
		return append(out, r.beside(a, out)...)
	}
	if filled := r.templates(a); out == nil {
		out = filled
	} else {
		out = append(out, filled...)
	}
	if out != nil {
		return out
	}
	if self := r.self(a); self != "" {
		return []string{self}
	}
	if out := looseARNs(a, &r.params); out != nil {
		return out
	}
	if makes(a) || surveys(a) {
		return r.any(a)
	}
	if out := fittingARNs(a, &r.response); out != nil {
		return out
	}
	if r.params.raw != "" && a.Level == Read && !slices.Contains(a.required, true) {
		return []string{"*"} // it can be called without a resource, and was
	}
	return nil
}

// loadBalancer is what the second API of Elastic Load Balancing makes, whose
// ARN tells its kind; the first one calls its name loadBalancerName.
func (r *request) loadBalancer(a *action) string {
	if a.key != "createloadbalancer" || a.prefix != "elasticloadbalancing" {
		return ""
	}
	name, kind := r.params.top("name"), "app"
	if name == "" {
		return ""
	}
	switch r.params.top("type") {
	case "network":
		kind = "net"
	case "gateway":
		kind = "gwy"
	}
	return "arn:" + r.partition() + ":elasticloadbalancing:" + r.region() + ":" + r.account() + ":loadbalancer/" + kind + "/" + escape(name) + "/*"
}

// topics takes what makes a topic's ARN that of a subscription off its end.
func topics(arns []string) {
	for i, arn := range arns {
		if p := split(arn); strings.Contains(p.rest, ":") {
			arns[i] = arn[:strings.LastIndexByte(arn, ':')]
		}
	}
}

// wholeSecrets ends ARNs that a request gives without the hyphen and six
// characters behind a secret's name, as Secrets Manager takes them, in a pattern for these.
func wholeSecrets(arns []string) {
	for i, arn := range arns {
		if n := len(arn) - len(secretSuffix); arn[n] != '-' || strings.ContainsAny(arn[n+1:], "-:/_+=.@") {
			arns[i] += secretSuffix
		}
	}
}

// beside are the required resources of types that none of the found ARNs is
// of, where the request names them whole: the alias beside its key.
func (r *request) beside(a *action, found []string) []string {
	var out []string
	for i, t := range a.types {
		if !a.required[i] || slices.ContainsFunc(found, func(arn string) bool { return a.bestFor(t, arn) }) {
			continue
		}
		if g := r.guess(a, t, true); g.known > 0 && g.full() {
			out = append(out, r.fill(t, g.values, 0))
		}
	}
	return out
}

// fittingARNs are the ARNs of p, at the least depth where there are any, that a accepts.
func fittingARNs(a *action, p *params) []string { return arns(p, a.fits) }

func looseARNs(a *action, p *params) []string { return arns(p, a.fitsLoosely) }

func arns(p *params, fits func(string) bool) []string {
	if !strings.Contains(p.raw, `"arn:`) {
		return nil
	}
	var out []string
	best := maxDepth + 1
	for _, f := range p.fields() {
		if f.depth > best || !strings.HasPrefix(f.value, "arn:") || !fits(f.value) {
			continue
		}
		if f.depth < best {
			best, out = f.depth, out[:0]
		}
		out = append(out, f.value)
	}
	return out
}

// self is the caller, whom IAM takes where a call on a user names none (IAM
// API reference, UserName of GetUser, ListAccessKeys and their like).
func (r *request) self(a *action) string {
	if a.prefix != "iam" || r.e.IdentityType != "IAMUser" || r.e.IdentityARN == "" {
		return ""
	}
	for _, t := range a.types {
		if t.Name == "user" && len(r.params.values("username")) == 0 {
			return r.e.IdentityARN
		}
	}
	return ""
}

// makes reports whether a creates something.
func makes(a *action) bool {
	for _, verb := range []string{"create", "run", "allocate", "request", "import", "copy", "register", "purchase"} {
		if strings.HasPrefix(a.key, verb) {
			return true
		}
	}
	return false
}

// surveys reports whether a looks over all resources where the request picks none.
func surveys(a *action) bool {
	return a.Level == List || strings.HasPrefix(a.key, "describe") || strings.HasPrefix(a.key, "list") || strings.HasPrefix(a.key, "search")
}

// any are the patterns of a's required types with * for all that is not
// known; "*" where it requires none and merely looks.
func (r *request) any(a *action) []string {
	var out []string
	for i, t := range a.types {
		if a.required[i] && t.variables > 0 {
			out = append(out, r.fill(t, nil, 0))
		}
	}
	if out == nil && surveys(a) {
		return []string{"*"}
	}
	return out
}

// s3 resolves buckets and objects, which nearly all S3 requests name alike.
func (r *request) s3(a *action) []string {
	bucket := r.params.top("bucketName")
	if bucket == "" {
		return nil
	}
	for _, t := range a.types {
		switch {
		case t.Name == "object":
			return r.s3Object(bucket, r.params.top("key"))
		case t.Name == "bucket" && strings.HasPrefix(bucket, "arn:"):
			return []string{bucket}
		case t.Name == "bucket":
			return []string{"arn:" + r.partition() + ":s3:::" + bucket}
		}
	}
	return nil
}

func (r *request) account() string {
	if r.e.AccountID == "" || r.e.AccountID == event.UnknownAccount {
		return "*"
	}
	return r.e.AccountID
}

func (r *request) region() string {
	if r.e.AWSRegion == "" {
		return "*"
	}
	return r.e.AWSRegion
}

// escape keeps a value from the request from acting as a wildcard or a
// variable in a policy (IAM user guide, "Policy elements: Variables").
func escape(value string) string {
	if !strings.ContainsAny(value, "*?$") {
		return value
	}
	return wildcards.Replace(value)
}

var wildcards = strings.NewReplacer("*", "${*}", "?", "${?}", "$", "${$}")
