package catalog

import "strings"

// resourceType is a ResourceType with its pattern taken apart.
type resourceType struct {
	ResourceType
	service *service
	// head are the first five fields of the pattern; tail is the rest.
	head [5]string
	tail []piece
	glob string // tail with * for each variable
	// open tells the fields of head that any text fits; start is what tail
	// begins with. Nearly all tails are start, *, and then inner and * or nothing:
	// these need no matcher.
	open   [5]bool
	start  string
	inner  string
	simple bool
	// idPrefix is how its ids begin, where they tell.
	idPrefix string
	// literals is the number of fixed bytes in tail: the more, the more specific.
	literals  int
	variables int
}

// piece is fixed text, or a variable with the request names that may fill it.
type piece struct {
	text     string
	variable bool
	names    []string // normalised; nil for region, account and partition
	path     bool     // of a variable: the request's path belongs before it
	lead     string   // of a variable: what the pattern has before it in the same part, as p- of policy/p-${PolicyId}
}

func newResourceType(s *service, name, arn string) *resourceType {
	t := &resourceType{ResourceType: ResourceType{name, arn}, service: s}
	rest := arn
	for i := range t.head {
		t.head[i], rest, _ = strings.Cut(rest, ":")
	}
	for rest != "" {
		start := strings.Index(rest, "${")
		end := strings.IndexByte(rest, '}')
		if start < 0 || end < start {
			start = len(rest)
		}
		if start > 0 {
			t.add(piece{text: rest[:start]})
			rest = rest[start:]
			continue
		}
		t.add(piece{text: rest[2:end], variable: true})
		rest = rest[end+1:]
	}
	t.index()
	return t
}

// lead is the end of the pattern so far, from the last separator on.
func (t *resourceType) lead() string {
	if n := len(t.tail); n > 0 && !t.tail[n-1].variable {
		text := t.tail[n-1].text
		return text[strings.LastIndexAny(text, "/:")+1:]
	}
	return ""
}

// index readies the pattern for filling and for fits.
func (t *resourceType) index() {
	t.idPrefix = idPrefixes[t.service.prefix+"."+t.Name]
	for i, p := range t.tail {
		if p.names != nil {
			t.tail[i].names = t.names(p.text)
			t.tail[i].path = strings.HasSuffix(p.text, "WithPath")
		}
	}
	for i, want := range t.head {
		t.open[i] = want == "*" || strings.HasPrefix(want, "${")
	}
	i := strings.IndexAny(t.glob, "*?")
	if i < 0 {
		i = len(t.glob)
	}
	t.start = t.glob[:i]
	if rest, ok := strings.CutPrefix(t.glob[i:], "*"); ok {
		t.inner = strings.TrimSuffix(rest, "*")
		t.simple = (rest == "" || t.inner != rest) && !strings.ContainsAny(t.inner, "*?")
	}
}

// parts are an ARN taken apart once, for all types that it is tried on.
type parts struct {
	head [5]string
	rest string // empty where the text is no ARN
}

func split(arn string) (p parts) {
	start := 0
	for i, n := 0, 0; i < len(arn); i++ {
		if arn[i] != ':' {
			continue
		}
		p.head[n] = arn[start:i]
		start = i + 1
		if n++; n == len(p.head) {
			p.rest = arn[start:]
			return p
		}
	}
	return parts{}
}

func (t *resourceType) add(p piece) {
	if p.variable && (p.text == "Region" || p.text == "Account" || p.text == "Partition") {
		t.glob += "*"
	} else if p.variable {
		p.names, p.lead = []string{}, t.lead()
		t.variables++
		t.glob += "*"
	} else {
		t.literals += len(p.text)
		t.glob += p.text
	}
	t.tail = append(t.tail, p)
}

// fits reports whether arn is one of the type's.
func (t *resourceType) fits(arn string) bool {
	p := split(arn)
	return t.takes(&p)
}

// takes is fits of an ARN that is taken apart.
func (t *resourceType) takes(p *parts) bool {
	if p.rest == "" || !strings.HasPrefix(p.rest, t.start) {
		return false
	}
	for i := range t.head {
		if !t.open[i] && t.head[i] != p.head[i] {
			return false
		}
	}
	if t.simple {
		return strings.Contains(p.rest[len(t.start):], t.inner)
	}
	return match(t.glob, p.rest)
}

// fitness says how well an ARN fits the resource types of an action.
type fitness int

const (
	noFit    fitness = iota
	looseFit         // another type of the service fits better: an alias of a function, for an action on functions
	exactFit
)

// fit says how well arn fits a's types. It is exact where no other type of
// the service has a more specific pattern for it: an object's ARN is no
// bucket's, not even loosely.
func (a *action) fit(arn string) fitness {
	if len(a.types) == 0 || !strings.HasPrefix(arn, "arn:") {
		return noFit
	}
	p, best, found := split(arn), -1, noFit
	for _, t := range a.types {
		if (t.literals > best || found == noFit) && t.takes(&p) {
			best = max(best, t.literals)
			if !(t.service.prefix == "s3" && t.Name == "bucket") {
				found = looseFit
			}
		}
	}
	if best < 0 {
		return noFit
	}
	for _, t := range a.types[0].service.types {
		if t.literals > best && t.takes(&p) {
			return found
		}
	}
	return exactFit
}

// bestFor reports whether t takes arn, and no type of a is more specific for it.
func (a *action) bestFor(t *resourceType, arn string) bool {
	p := split(arn)
	if !t.takes(&p) {
		return false
	}
	for _, other := range a.types {
		if other.literals > t.literals && other.takes(&p) {
			return false
		}
	}
	return true
}

func (a *action) fits(arn string) bool { return a.fit(arn) == exactFit }

// fitsLoosely is for ARNs that do not fit exactly.
func (a *action) fitsLoosely(arn string) bool { return a.fit(arn) != noFit }

// partition is the partition that the event belongs to: that of the caller's
// ARN, else of the region.
func (r *request) partition() string {
	if _, rest, ok := strings.Cut(r.e.IdentityARN, "arn:"); ok {
		if name, _, ok := strings.Cut(rest, ":"); ok && strings.HasPrefix(name, "aws") {
			return name
		}
	}
	return regionPartition(r.e.AWSRegion)
}

func regionPartition(region string) string {
	for _, p := range partitions {
		if strings.HasPrefix(region, p.region) {
			return p.name
		}
	}
	return "aws"
}

var partitions = []struct{ region, name string }{
	{"cn-", "aws-cn"}, {"us-gov-", "aws-us-gov"}, {"us-isob-", "aws-iso-b"}, {"us-isof-", "aws-iso-f"},
	{"us-iso-", "aws-iso"}, {"eu-isoe-", "aws-iso-e"}, {"eusc-", "aws-eusc"},
}
