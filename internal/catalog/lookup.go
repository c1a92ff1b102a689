package catalog

import "strings"

// guess looks up each variable of t in the request.
func (r *request) guess(a *action, t *resourceType, required bool) guess {
	g := guess{t: t, required: required}
	if r.params.raw == "" {
		return g
	}
	for i, p := range t.tail {
		if p.names == nil {
			continue
		}
		values := r.lookUp(a, t, p)
		if values == nil {
			continue
		}
		if g.values == nil {
			g.values = r.list(len(t.tail))
		}
		g.values[i] = values
		g.known++
		g.most = max(g.most, len(values))
	}
	g.complete()
	return g
}

// list is a slice of n lists, good until the next reset.
func (r *request) list(n int) [][]string {
	start := len(r.lists)
	for range n {
		r.lists = append(r.lists, nil)
	}
	return r.lists[start:len(r.lists):len(r.lists)]
}

// complete adds what AWS takes for a variable that the request leaves out,
// where it names the rest.
func (g *guess) complete() {
	if g.known != 1 || g.t.variables != 2 {
		return
	}
	for i, p := range g.t.tail {
		if value := defaults[g.t.service.prefix+"."+p.text]; p.names != nil && g.values[i] == nil && value != "" {
			g.values[i] = []string{value}
			g.known++
		}
	}
}

// lookUp returns the request's values for one variable, made fit for the pattern.
func (r *request) lookUp(a *action, t *resourceType, p piece) []string {
	for _, name := range p.names {
		values := r.params.values(name)
		// EC2's members say by their own names what they hold, but a launch template is also called by a name.
		if t.service.prefix != "ec2" || t.Name == "launch-template" {
			values = ofKind(t, values)
		}
		if v := r.usable(p, values); v != nil {
			return v
		}
	}
	if t.variables == 1 {
		if v := r.byKind(t, p); v != nil {
			return v
		}
	}
	if !concerns(a, t, p) {
		return nil
	}
	for _, name := range plainNames(a, t, p) {
		if v := r.usable(p, ofKind(t, r.params.values(name))); v != nil {
			return v
		}
	}
	return nil
}

// byKind are the values of resourceId, where the request says or the id shows
// that they are of this type.
func (r *request) byKind(t *resourceType, p piece) []string {
	ids := r.params.values("resourceid")
	if ids == nil {
		return nil
	}
	if t.idPrefix != "" {
		return r.usable(p, ofKind(t, ids))
	}
	for _, kind := range r.params.values("resourcetype") {
		if normal(kind) == normal(t.Name) {
			return r.usable(p, ids)
		}
	}
	return nil
}

// ofKind keeps, in ids itself, those that look like the type's, where they tell.
func ofKind(t *resourceType, ids []string) []string {
	if t.idPrefix == "" && t.service.prefix != "bedrock" {
		return ids
	}
	out := ids[:0]
	for _, id := range ids {
		if strings.HasPrefix(id, t.idPrefix) && (t.service.prefix != "bedrock" || isModel(t, id)) {
			out = append(out, id)
		}
	}
	return out
}

// isModel tells a foundation model from an inference profile, whose id begins
// with a geography (Bedrock user guide, "Supported Regions and models for
// inference profiles").
func isModel(t *resourceType, id string) bool {
	geography, rest, _ := strings.Cut(id, ".")
	profile := strings.Contains(rest, ".") && strings.Contains(" us us-gov eu apac global jp au ca amer ", " "+geography+" ")
	switch t.Name {
	case "foundation-model":
		return !profile && strings.Contains(id, ".")
	case "inference-profile":
		return profile
	}
	return true
}

// plainNames are the bare members that may hold the variable.
func plainNames(a *action, t *resourceType, p piece) []string {
	v := normal(p.text)
	switch {
	case strings.HasSuffix(v, "id") && makes(a):
		return []string{"id", "identifier"} // the name of a new thing is not its id
	case t.variables == 1:
		return []string{"name", "id", "identifier"}
	case strings.HasSuffix(v, "name"):
		return []string{"name"}
	case strings.HasSuffix(v, "id"):
		return []string{"id", "identifier"}
	}
	return nil
}

// concerns reports whether a plain "name" or "id" in the request is that of
// the variable: the action's name holds the type's or the variable's.
func concerns(a *action, t *resourceType, p piece) bool {
	kind, base := normal(t.Name), stem(normal(p.text))
	if strings.Contains(a.key, kind) && (t.last(p) || len(base) < 3 || strings.Contains(kind, base)) {
		return true // of the schedule's two, GetSchedule's name is its own, not its group's
	}
	return len(base) > 2 && strings.Contains(a.key, base)
}

// last tells the last variable of the pattern, which names the resource itself.
func (t *resourceType) last(p piece) bool {
	for i := len(t.tail) - 1; i >= 0; i-- {
		if t.tail[i].variable {
			return t.tail[i].text == p.text
		}
	}
	return false
}

// usable keeps, in values itself, what can stand for the variable: no ARNs
// (they are matched whole), no aliases of keys.
func (r *request) usable(p piece, values []string) []string {
	out := values[:0]
	for _, v := range values {
		v = strings.TrimPrefix(trimmed(p, v), p.lead)
		if v == "" || strings.HasPrefix(v, "arn:") || strings.HasPrefix(v, "alias/") {
			continue
		}
		if p.path {
			v = strings.TrimPrefix(r.params.top("path"), "/") + v
		}
		out = append(out, v)
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// trimmed takes off a value what the pattern does not hold.
func trimmed(p piece, v string) string {
	switch p.text {
	case "ParameterNameWithoutLeadingSlash", "ParameterName":
		return strings.TrimPrefix(v, "/")
	case "OidcProviderName":
		return strings.TrimPrefix(v, "https://")
	case "TaskDefinitionFamilyName":
		family, _, _ := strings.Cut(v, ":")
		return family
	case "Alias":
		return strings.TrimPrefix(v, "alias/")
	case "QueueName":
		return v[strings.LastIndexByte(v, '/')+1:]
	case "EventBusName":
		if v == "default" {
			return ""
		}
	case "FunctionName":
		if _, name, ok := strings.Cut(v, ":function:"); ok && !strings.HasPrefix(v, "arn:") {
			return name
		}
	case "ProjectName": // of a build, as project:id
		project, _, _ := strings.Cut(v, ":")
		return project
	case "HostedZoneId", "Id":
		return v[strings.LastIndexByte(v, '/')+1:]
	}
	return v
}
