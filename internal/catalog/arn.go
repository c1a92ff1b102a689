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
	// literals is the number of fixed bytes in tail: the more, the more specific.
	literals  int
	variables int
}

// piece is fixed text, or a variable with the request names that may fill it.
type piece struct {
	text     string
	variable bool
	names    []string // normalised
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
	return t
}

func (t *resourceType) add(p piece) {
	if p.variable && (p.text == "Region" || p.text == "Account" || p.text == "Partition") {
		t.glob += "*"
	} else if p.variable {
		p.names = t.names(p.text)
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
	rest := arn
	for _, want := range t.head {
		have, after, ok := strings.Cut(rest, ":")
		if !ok || want != have && !strings.HasPrefix(want, "${") && want != "*" {
			return false
		}
		rest = after
	}
	return rest != "" && match(t.glob, rest)
}

// fits reports whether arn belongs to a type of a, and no other type of the
// service has a more specific pattern for it: an object's ARN is no bucket's.
func (a *action) fits(arn string) bool {
	if len(a.types) == 0 || !strings.HasPrefix(arn, "arn:") {
		return false
	}
	best := -1
	for _, t := range a.types {
		if t.literals > best && t.fits(arn) {
			best = t.literals
		}
	}
	if best < 0 {
		return false
	}
	for _, t := range a.types[0].service.types {
		if t.literals > best && t.fits(arn) {
			return false
		}
	}
	return true
}

// fitsLoosely reports whether arn matches the pattern of a type of a, though
// another type of the service may match better: an alias of a function, for
// an action on functions.
func (a *action) fitsLoosely(arn string) bool {
	for _, t := range a.types {
		if t.fits(arn) && !(t.service.prefix == "s3" && t.Name == "bucket") {
			return true
		}
	}
	return false
}

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
