package iam

import (
	"cmp"
	"slices"
)

// Trail is one trail with what it logs.
type Trail struct {
	Name         string `json:"name"`
	ARN          string `json:"arn"`
	HomeRegion   string `json:"home_region"`
	MultiRegion  bool   `json:"multi_region"`
	Organization bool   `json:"organization"` // logs every account of the organisation
	GlobalEvents bool   `json:"global_events"`
	Validation   bool   `json:"validation"` // digests are delivered
	Bucket       string `json:"bucket"`
	KMSKey       string `json:"kms_key"`
	LogGroup     string `json:"log_group"` // ARN of the CloudWatch log group
	Custom       bool   `json:"custom"`    // has selectors other than the default
	Logging      *bool  `json:"logging"`   // nil: not asked
	// HasSelectors tells that the event selectors were loaded.
	HasSelectors bool               `json:"has_selectors"`
	Selectors    []EventSelector    `json:"selectors,omitempty"`
	Advanced     []AdvancedSelector `json:"advanced,omitempty"` // in force instead of Selectors where there are any
}

// EventSelector is a basic event selector.
type EventSelector struct {
	ReadWrite  string         `json:"read_write"` // All, ReadOnly or WriteOnly
	Management bool           `json:"management"`
	Excluded   []string       `json:"excluded"` // event sources that management events leave out
	Data       []DataResource `json:"data"`
}

// DataResource is what data events a basic selector logs.
type DataResource struct {
	Type   string   `json:"type"`   // as AWS::S3::Object
	Values []string `json:"values"` // ARN prefixes
}

// AdvancedSelector is an advanced event selector; all of its fields must match.
type AdvancedSelector struct {
	Name   string          `json:"name"`
	Fields []SelectorField `json:"fields"`
}

// SelectorField is one condition; any value of a positive list will do, and
// none of a negative list may match.
type SelectorField struct {
	Field         string   `json:"field"`
	Equals        []string `json:"equals,omitempty"`
	NotEquals     []string `json:"not_equals,omitempty"`
	StartsWith    []string `json:"starts_with,omitempty"`
	NotStartsWith []string `json:"not_starts_with,omitempty"`
	EndsWith      []string `json:"ends_with,omitempty"`
	NotEndsWith   []string `json:"not_ends_with,omitempty"`
}

// Logged is what a trail logs of one category of events.
type Logged struct {
	Type        string // resource type of data events; empty: management events
	Read, Write bool
	// Whole is false where a selector narrows it: to some resources, or by
	// leaving sources or events out.
	Whole bool
}

// Management is what the trail logs of management events; known is false
// where it has selectors of its own that were not loaded.
func (t *Trail) Management() (l Logged, known bool) {
	if !t.HasSelectors && t.Custom {
		return Logged{}, false
	}
	if !t.HasSelectors {
		return Logged{Read: true, Write: true, Whole: true}, true
	}
	for _, l := range t.logged() {
		if l.Type == "" {
			return l, true
		}
	}
	return Logged{}, true
}

// Data is what the trail logs of data events, sorted by type; known is false
// where it has selectors of its own that were not loaded.
func (t *Trail) Data() (list []Logged, known bool) {
	for _, l := range t.logged() {
		if l.Type != "" {
			list = append(list, l)
		}
	}
	return list, t.HasSelectors || !t.Custom
}

// logged joins what the selectors log by type.
func (t *Trail) logged() []Logged {
	var all []Logged
	for _, s := range t.Advanced {
		all = append(all, s.logged()...)
	}
	if len(t.Advanced) == 0 {
		for _, s := range t.Selectors {
			all = append(all, s.logged()...)
		}
	}
	slices.SortStableFunc(all, func(a, b Logged) int { return cmp.Compare(a.Type, b.Type) })
	var out []Logged
	for _, l := range all {
		if n := len(out); n == 0 || out[n-1].Type != l.Type {
			out = append(out, l)
		} else {
			out[n-1] = out[n-1].with(l)
		}
	}
	return out
}

// with joins two selectors of one type. Two narrowed ones stay narrowed,
// though together they may be whole: that would not be seen here.
func (l Logged) with(o Logged) Logged {
	if l.Whole && !o.Whole {
		l, o = o, l
	}
	whole := o.Whole && (l.Whole || o.Read || !l.Read) && (l.Whole || o.Write || !l.Write)
	return Logged{l.Type, l.Read || o.Read, l.Write || o.Write, whole}
}

func (s *EventSelector) logged() []Logged {
	read, write := s.ReadWrite != "WriteOnly", s.ReadWrite != "ReadOnly"
	var out []Logged
	if s.Management {
		out = append(out, Logged{"", read, write, len(s.Excluded) == 0})
	}
	for _, d := range s.Data {
		whole := slices.ContainsFunc(d.Values, allResources)
		out = append(out, Logged{d.Type, read, write, whole})
	}
	return out
}

// allResources tells that an ARN prefix names no resource: arn:aws:s3 or arn:aws:lambda.
func allResources(prefix string) bool {
	colons := 0
	for i := range prefix {
		if prefix[i] == ':' {
			colons++
		}
	}
	return colons <= 2 || slices.Contains([]string{"arn:aws:s3:::", "arn:aws-cn:s3:::", "arn:aws-us-gov:s3:::"}, prefix)
}

func (s *AdvancedSelector) logged() []Logged {
	l := Logged{Read: true, Write: true, Whole: true}
	category, types := "", []string{}
	for _, f := range s.Fields {
		switch f.Field {
		case "eventCategory":
			category = first(f.Equals)
		case "resources.type":
			types = f.Equals
		case "readOnly":
			l.Read, l.Write = slices.Contains(f.Equals, "true"), slices.Contains(f.Equals, "false")
		default:
			l.Whole = false
		}
	}
	switch category {
	case "Management":
		return []Logged{l}
	case "Data":
		var out []Logged
		for _, t := range types {
			out = append(out, Logged{t, l.Read, l.Write, l.Whole})
		}
		return out
	}
	return nil
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}
