package catalog

import "strings"

// gateway attributes a call to API Gateway's control plane: the action is the
// HTTP verb, the resource the path (API Gateway developer guide, "Control
// access with IAM").
func (r *request) gateway() []Use {
	best, missing := route{}, -1
	for _, binding := range r.c.service("apigateway").routes[r.plan.op] {
		// REST and HTTP APIs share names; the request fits one of them better. Tags
		// fit both: what is tagged decides.
		n := r.unfilled(binding.path)
		if missing < 0 || n < missing || n == missing && r.ofHTTPAPI() == strings.HasPrefix(binding.path, "/v2/") {
			best, missing = binding, n
		}
	}
	if missing < 0 {
		if a := r.c.find("apigateway:" + r.plan.op); a != nil {
			return r.use(a.Name, ViaName)
		}
		return nil
	}
	arn := "arn:" + r.partition() + ":apigateway:" + r.e.AWSRegion + "::" + r.path(best.path)
	return r.use("apigateway:"+best.verb, ViaRule, arn)
}

// ofHTTPAPI tells that the request names an HTTP or WebSocket API by its ARN.
func (r *request) ofHTTPAPI() bool {
	return strings.Contains(r.params.top("resourceArn"), "::/apis/")
}

// unfilled counts the placeholders of path that the request does not fill.
func (r *request) unfilled(path string) int {
	n := 0
	for _, part := range strings.Split(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok && len(r.params.values(normal(name))) == 0 {
			n++
		}
	}
	return n
}

// path fills the placeholders of an operation's path, * for what is not known.
func (r *request) path(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		name, ok := strings.CutPrefix(part, "{")
		if !ok {
			continue
		}
		parts[i] = "*"
		if v := r.params.values(normal(name)); len(v) > 0 {
			parts[i] = escape(strings.ReplaceAll(v[0], "/", "%2F"))
		}
	}
	return strings.Join(parts, "/")
}
