package catalog

import "strings"

// guess is a type's pattern with what the request knows of its variables.
type guess struct {
	t        *resourceType
	required bool
	values   [][]string // by piece of the tail; nil where unknown
	known    int        // variables with a value
	most     int        // the longest list of values
}

func (g *guess) full() bool { return g.known == g.t.variables }

// templates fills the patterns of a's types from the request.
func (r *request) templates(a *action) []string {
	guesses := make([]guess, 0, len(a.types))
	for i, t := range a.types {
		guesses = append(guesses, r.guess(a, t, a.required[i]))
	}
	if a.prefix == "ec2" {
		return r.conjunction(guesses)
	}
	var out []string
	for _, g := range chosen(guesses) {
		for i := range max(g.most, 1) {
			out = append(out, r.fill(g.t, g.values, i))
		}
	}
	return out
}

// conjunction is EC2's way: a call is checked against every resource that it
// touches, and against type/* for those that it makes.
func (r *request) conjunction(guesses []guess) []string {
	if r.params.raw == "" {
		return nil
	}
	var out []string
	for _, g := range guesses {
		switch {
		case g.t.variables == 0:
		case g.full():
			for i := range g.most {
				out = append(out, r.fill(g.t, g.values, i))
			}
		case g.required:
			out = append(out, r.fill(g.t, g.values, 0))
		}
	}
	return out
}

// chosen are the guesses to believe: those with every variable known, less
// the optional ones that another makes more precise; failing these, those
// with most variables known. Constants count where there is nothing else, and
// in Glue, which checks the catalog with each database and table.
func chosen(guesses []guess) []guess {
	var full, partial, constant []guess
	most := 0
	for _, g := range guesses {
		switch {
		case g.t.variables == 0:
			constant = append(constant, g)
		case g.full():
			full = append(full, g)
		case g.known > most:
			most, partial = g.known, append(partial[:0], g)
		case g.known == most && most > 0:
			partial = append(partial, g)
		}
	}
	if len(constant) < len(guesses) && guesses[0].t.service.prefix != "glue" {
		constant = nil // one of many ways to call the action, and not the one that was taken
	}
	if full == nil {
		return append(partial, constant...)
	}
	out := constant
	for _, g := range full {
		if g.required || !refined(g, full) {
			out = append(out, g)
		}
	}
	return out
}

// refined reports whether another guess has g's variables and more.
func refined(g guess, among []guess) bool {
	for _, other := range among {
		if other.t.variables > g.t.variables && covers(other.t, g.t) {
			return true
		}
	}
	return false
}

func covers(big, small *resourceType) bool {
	for _, p := range small.tail {
		if p.variable && p.names != nil && !hasVariable(big, p.text) {
			return false
		}
	}
	return true
}

func hasVariable(t *resourceType, name string) bool {
	for _, p := range t.tail {
		if p.variable && p.text == name {
			return true
		}
	}
	return false
}

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
			g.values = make([][]string, len(t.tail))
		}
		g.values[i] = values
		g.known++
		g.most = max(g.most, len(values))
	}
	return g
}

// lookUp returns the request's values for one variable, made fit for the pattern.
func (r *request) lookUp(a *action, t *resourceType, p piece) []string {
	for _, name := range p.names {
		values := r.params.values(name)
		if t.service.prefix != "ec2" {
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
	for _, name := range plainNames(t, p) {
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
	if prefix := idPrefixes[t.service.prefix+"."+t.Name]; prefix != "" {
		return r.usable(p, ofKind(t, ids))
	}
	for _, kind := range r.params.values("resourcetype") {
		if normal(kind) == normal(t.Name) {
			return r.usable(p, ids)
		}
	}
	return nil
}

// ofKind keeps the ids that look like the type's, where they tell.
func ofKind(t *resourceType, ids []string) []string {
	prefix := idPrefixes[t.service.prefix+"."+t.Name]
	if prefix == "" && t.service.prefix != "bedrock" {
		return ids
	}
	var out []string
	for _, id := range ids {
		if strings.HasPrefix(id, prefix) && (t.service.prefix != "bedrock" || isModel(t, id)) {
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
func plainNames(t *resourceType, p piece) []string {
	v := normal(p.text)
	switch {
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
	if strings.Contains(a.key, normal(t.Name)) {
		return true
	}
	base := stem(normal(p.text))
	return len(base) > 2 && strings.Contains(a.key, base)
}

// usable keeps what can stand for the variable: no ARNs (they are matched
// whole), no aliases of keys.
func (r *request) usable(p piece, values []string) []string {
	var out []string
	for _, v := range values {
		v = trimmed(p, v)
		if v == "" || strings.HasPrefix(v, "arn:") || strings.HasPrefix(v, "alias/") {
			continue
		}
		if strings.HasSuffix(p.text, "WithPath") {
			v = strings.TrimPrefix(r.params.top("path"), "/") + v
		}
		out = append(out, v)
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
	case "HostedZoneId", "Id":
		return v[strings.LastIndexByte(v, '/')+1:]
	}
	return v
}

// fill writes the ARN of t with the i-th value of each variable, the last
// where there are fewer, * where there is none.
func (r *request) fill(t *resourceType, values [][]string, i int) string {
	var b strings.Builder
	for n, head := range t.head {
		if n == 4 && owned(t, values, i) {
			head = "*"
		}
		b.WriteString(r.place(head))
		b.WriteByte(':')
	}
	for n, p := range t.tail {
		switch {
		case !p.variable:
			b.WriteString(p.text)
		case p.names == nil:
			b.WriteString(r.place("${" + p.text + "}"))
		case values == nil || values[n] == nil:
			b.WriteByte('*')
		default:
			b.WriteString(escape(values[n][min(i, len(values[n])-1)]))
		}
	}
	if t.service.prefix == "secretsmanager" && values != nil {
		b.WriteString(secretSuffix)
	}
	return b.String()
}

// owned tells one of AWS's own Systems Manager documents, whose ARN is not of
// the caller's account.
func owned(t *resourceType, values [][]string, i int) bool {
	if t.service.prefix != "ssm" || t.Name != "document" || values == nil {
		return false
	}
	last := values[len(values)-1]
	return len(last) > 0 && strings.HasPrefix(last[min(i, len(last)-1)], "AWS-")
}

// secretSuffix stands for the hyphen and six characters that Secrets Manager
// adds to a name (its user guide, "Permissions policy examples").
const secretSuffix = "-??????"

func (r *request) place(field string) string {
	switch field {
	case "${Partition}":
		return r.partition()
	case "${Region}":
		return r.region()
	case "${Account}":
		return r.account()
	}
	if strings.HasPrefix(field, "${") {
		return "*"
	}
	return field
}

// filled is the pattern of the first type of a that has a variable of this
// normalised name, once for each value; ARNs stand for themselves.
func (r *request) filled(a *action, values []string, variable string) []string {
	var out []string
	for _, v := range values {
		if a.fits(v) {
			out = append(out, v)
			continue
		}
		for _, t := range a.types {
			if arn := r.filledOne(t, variable, v); arn != "" {
				out = append(out, arn)
				break
			}
		}
	}
	return out
}

func (r *request) filledOne(t *resourceType, variable, value string) string {
	list := make([][]string, len(t.tail))
	for i, p := range t.tail {
		if p.variable && normal(p.text) == variable {
			if list[i] = r.usable(p, []string{value}); list[i] != nil {
				return r.fill(t, list, 0)
			}
		}
	}
	return ""
}
