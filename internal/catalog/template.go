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
	guesses := r.guesses[:0]
	for i, t := range a.types {
		guesses = append(guesses, r.guess(a, t, a.required[i]))
	}
	r.guesses = guesses
	if a.prefix == "ec2" {
		return r.conjunction(guesses)
	}
	r.picked = chosen(guesses, r.picked[:0])
	var out []string
	for i := range r.picked {
		g := &r.picked[i]
		for n := range max(g.most, 1) {
			out = append(out, r.fill(g.t, g.values, n))
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

// chosen adds to out the guesses to believe: those with every variable known,
// less the optional ones that another makes more precise; failing these, those
// with most variables known. Constants count where there is nothing else, and
// in Glue, which checks the catalog with each database and table.
func chosen(guesses, out []guess) []guess {
	full, most, constants := false, 0, 0
	for i := range guesses {
		switch g := &guesses[i]; {
		case g.t.variables == 0:
			constants++
		case g.full():
			full = true
		default:
			most = max(most, g.known)
		}
	}
	// A constant is else one of many ways to call the action, and not the one that was taken.
	withConstants := constants == len(guesses) || guesses[0].t.service.prefix == "glue"
	for i := range guesses {
		g := &guesses[i]
		switch {
		case g.t.variables == 0 && !withConstants:
		case g.t.variables == 0,
			full && g.full() && (g.required || !refined(g, guesses)),
			!full && most > 0 && g.known == most:
			out = append(out, *g)
		}
	}
	return out
}

// refined reports whether another full guess has g's variables and more.
func refined(g *guess, among []guess) bool {
	for i := range among {
		other := &among[i]
		if other.full() && other.t.variables > g.t.variables && covers(other.t, g.t) {
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

// fill writes the ARN of t with the i-th value of each variable, the last
// where there are fewer, * where there is none.
func (r *request) fill(t *resourceType, values [][]string, i int) string {
	var b strings.Builder
	b.Grow(len(t.ARN) + 32) // values are longer than the names that stand for them
	for n, head := range t.head {
		if n == 4 && owned(t, values, i) {
			head = "*"
		} else if head == "${Account}" {
			head = r.owner(t)
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

// owner is the account that a request says owns the resource; else the event's.
func (r *request) owner(t *resourceType) string {
	text := ""
	switch t.service.prefix {
	case "ecr":
		text = r.params.top("registryId")
	case "glue":
		text = r.params.top("catalogId")
	case "lambda": // 111122223333:function:name
		text, _, _ = strings.Cut(r.params.top("functionName"), ":function:")
	case "sqs": // https://host/111122223333/name
		url := r.params.top("queueUrl")
		if i := strings.LastIndexByte(url, '/'); i > 0 {
			text = url[strings.LastIndexByte(url[:i], '/')+1 : i]
		}
	}
	if len(text) == 12 && digits(text) {
		return text
	}
	return r.account()
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
